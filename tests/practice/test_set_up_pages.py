"""The set-up of a new practice in a browser: one browser, one code, and nothing before the last step."""

import fcntl
import hmac
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings as live
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.devices import TotpDevice
from access.services import first_run
from access.services.first_run import SET_UP_TRIES, Ceremony, NotTheCode, NotYours, allow_set_up, begin_set_up
from access.services.passphrases import Chosen
from access.services.people import the_practice
from access.services.throttling import Throttled
from keys.errors import SealBroken
from keys.services import draw_code, open_for_ceremony
from practice import cast as founding
from practice.first_run.progress import Page, Progress
from practice.policy import POLICY
from tests.at_rest import dump, spellings

PASSPHRASE = "seven quiet herons over water"
NAMES = {
    "practice_name": "Linden House",
    "name": "Tamsin Quillfeather",
    "address": "ann@linden.example",
    "therapist": "on",
}
ADDRESSES = [reverse(name) for name, row in POLICY.items() if row.first_run]
STAGES = (Page.NAMES, Page.PASSPHRASE, Page.APP, Page.CODE, Page.SHEETS, Page.PRINT)
SetUp = apps.get_model("access.SetUp")


@cache
def chosen() -> Chosen:
    return Chosen.derive(PASSPHRASE)


def stages() -> dict[Page, Progress]:
    """What a set-up has come to when its next page is this one."""
    begun = Progress.fresh()
    named = begun.with_names({**NAMES, "therapist": True})
    sealed = named.with_passphrase(chosen())
    with_app = replace(sealed, app_step=5)
    typed = replace(with_app, recovery_code_typed=True)
    drawn = typed.with_sheets(count=3, needed=2)
    return dict(zip(STAGES, (begun, named, sealed, with_app, typed, drawn), strict=True))


@pytest.fixture(autouse=True)
def empty(db: None, settings, tmp_path: Path) -> None:
    """An installation without a practice, also where the suite's cast has one."""
    settings.KEY_DIR = str(tmp_path / "keys")
    for name in ("access.Practice", "keys.Root", "keys.RecoveryShare", "keys.SheetProof"):
        apps.get_model(name).objects.all().delete()


def sit_down(progress: Progress | None = None) -> Browser:
    """Begin in a browser of one's own, as far along as this."""
    browser, code = Browser(), allow_set_up(at=timezone.now())
    raw = (progress or Progress.fresh()).to_bytes()
    browser.cookies[live.SET_UP_COOKIE_NAME] = begin_set_up(code=code, progress=raw, at=timezone.now())
    return browser


def everything() -> dict[str, int]:
    """Count the rows of every table but those that say what was tried."""
    models = [model for model in apps.get_models() if model._meta.label != "access.Throttle"]
    return {model._meta.label: model._base_manager.count() for model in models}


def key_files() -> list[str]:
    return sorted(file.name for file in Path(live.KEY_DIR).glob("*"))


def typed_codes(progress: Progress) -> dict[str, str]:
    return {f"typed_{number}": progress.codes[number - 1].lower() for number in range(1, progress.needed + 1)}


class TestTheCode:
    def test_begins_once(self):
        code, first, second = allow_set_up(at=timezone.now()), Browser(), Browser()
        assert first.post("/set-up/", {"code": code.upper().replace("-", " ")})["Location"] == "/set-up/practice/"
        again = second.post("/set-up/", {"code": code})
        assert again.status_code == 409
        assert "Another browser" in again.content.decode()
        assert not again.cookies.get(live.SET_UP_COOKIE_NAME)
        assert bytes(SetUp.objects.get().code_mac) == b""

    def test_of_two_browsers_at_once_lets_one_in(self, monkeypatch):
        code = allow_set_up(at=timezone.now())
        compare = hmac.compare_digest

        def overtaken(one: bytes, other: bytes) -> bool:
            monkeypatch.setattr(hmac, "compare_digest", compare)
            begin_set_up(code=code, progress=b"the quicker one's", at=timezone.now())
            return compare(one, other)

        monkeypatch.setattr(hmac, "compare_digest", overtaken)
        with pytest.raises(NotTheCode):
            begin_set_up(code=code, progress=b"the slower one's", at=timezone.now())

    def test_that_is_wrong_leaves_nothing(self):
        allow_set_up(at=timezone.now())
        before, browser = everything(), Browser()
        page = browser.post("/set-up/", {"code": "aaaaa-aaaaa"})
        assert "That is not the code" in page.content.decode()
        assert not browser.cookies.get(live.SET_UP_COOKIE_NAME)
        assert everything() == before
        assert SetUp.objects.get().ceremony is None

    def test_dies_after_an_hour(self):
        code = allow_set_up(at=timezone.now() - timedelta(hours=1))
        with pytest.raises(NotTheCode):
            begin_set_up(code=code, progress=b"", at=timezone.now())
        assert Browser().post("/set-up/", {"code": code}).status_code == 409
        assert not SetUp.objects.exists()

    def test_is_not_guessed_in_a_hurry(self):
        code = allow_set_up(at=timezone.now())
        for _ in range(SET_UP_TRIES.tries):
            with pytest.raises(NotTheCode):
                begin_set_up(code="aaaaa-aaaaa", progress=b"", at=timezone.now())
        with pytest.raises(Throttled):
            begin_set_up(code=code, progress=b"", at=timezone.now())
        assert "too many tries" in Browser().post("/set-up/", {"code": code}).content.decode()

    def test_lies_nowhere_in_the_clear(self):
        code = allow_set_up(at=timezone.now())
        plain = [code, code.replace("-", ""), code.upper()]
        at_rest = dump()
        assert not [text for word in plain for text in spellings(word.encode()) if text in at_rest]

    def test_of_later_ends_what_was_begun(self):
        browser = sit_down(stages()[Page.PRINT])
        allow_set_up(at=timezone.now())
        # The page of the set-up is for whoever has the new code.
        assert browser.get("/set-up/sheets/print/").status_code == 409
        assert "One-time code" in browser.get("/set-up/").content.decode()

    def test_is_asked_for_only_where_one_waits(self):
        assert Browser().get("/set-up/").status_code == 409


class TestThePages:
    def test_lead_to_a_practice_that_its_first_person_can_sign_in_to(self):
        browser, code = Browser(), allow_set_up(at=timezone.now())
        assert "One-time code" in browser.get("/set-up/").content.decode()
        browser.post("/set-up/", {"code": code})
        assert browser.post("/set-up/practice/", NAMES)["Location"] == "/set-up/passphrase/"
        twice = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
        assert browser.post("/set-up/passphrase/", twice)["Location"] == "/set-up/second-factor/"
        progress = kept(browser)
        step = int(timezone.now().timestamp()) // 30
        answer = browser.post("/set-up/second-factor/", {"code": progress.app.code_for(step)})
        assert answer["Location"] == "/set-up/recovery-code/"
        assert progress.backup_codes[7] in browser.get("/set-up/recovery-code/").content.decode()
        answer = browser.post("/set-up/recovery-code/typed/", {"typed": progress.recovery_code.lower()})
        assert answer["Location"] == "/set-up/sheets/"
        assert browser.post("/set-up/sheets/", {"codes": 5, "needed": 3})["Location"] == "/set-up/sheets/print/"
        progress = kept(browser)
        done = browser.post("/set-up/sheets/typed/", typed_codes(progress))
        assert "Linden House is set up" in done.content.decode()
        assert done.cookies[live.SET_UP_COOKIE_NAME].value == ""
        assert not the_practice().demo
        assert key_files() == ["log.key", "record.key"]
        signed_in = browser.post("/sign-in/", {
            "address": NAMES["address"], "passphrase": PASSPHRASE, "code": progress.app.code_for(step + 1)
        })  # fmt: skip
        assert signed_in.status_code == 302
        assert browser.get("/people/").status_code == 200

    @pytest.mark.parametrize("stage", STAGES)
    def test_cannot_be_skipped_and_can_be_gone_back_to(self, stage):
        browser = sit_down(stages()[stage])
        # Where something is shown, and then typed back, both pages belong together.
        last = {Page.CODE: Page.RETYPE_CODE, Page.PRINT: Page.FINISH}.get(stage, stage)
        order = list(Page)
        for page in order:
            answer = browser.get(reverse(page))
            if order.index(page) <= order.index(last):
                assert answer.status_code == 200
            else:
                assert (answer.status_code, answer["Location"]) == (302, reverse(stage))
                sent = browser.post(reverse(page), typed_codes(stages()[Page.PRINT]))
                assert sent.status_code == 405 or sent["Location"] == reverse(stage)
        assert browser.get("/set-up/")["Location"] == reverse(stage)
        assert not apps.get_model("access.Practice").objects.exists()

    def test_show_the_same_codes_when_looked_at_again(self):
        browser = sit_down(stages()[Page.PRINT])
        for address in ("/set-up/recovery-code/", "/set-up/sheets/print/", "/set-up/second-factor/"):
            assert codes_on(browser, address) == codes_on(browser, address)
        before = kept(browser).codes
        browser.post("/set-up/sheets/", {"codes": 3, "needed": 2})
        assert kept(browser).codes == before
        browser.post("/set-up/sheets/", {"codes": 3, "needed": 3})
        assert not set(kept(browser).codes) & set(before)

    def test_ask_for_another_passphrase_beside_other_names(self):
        browser = sit_down(stages()[Page.PRINT])
        assert browser.post("/set-up/practice/", NAMES)["Location"] == "/set-up/sheets/print/"
        assert browser.post("/set-up/practice/", NAMES | {"name": "Bo"})["Location"] == "/set-up/passphrase/"
        assert kept(browser).kek == ""

    def test_take_no_passphrase_that_would_soon_be_guessed(self):
        browser = sit_down(stages()[Page.PASSPHRASE])
        about_me = "tamsinquillfeather"
        page = browser.post("/set-up/passphrase/", {"passphrase": about_me, "again": about_me})
        assert "would soon be guessed" in page.content.decode()
        other_words = browser.post("/set-up/passphrase/", {"another": "yes", "shown": "", "passphrase": ""})
        assert "Please fill in" not in other_words.content.decode()
        assert kept(browser).verifier == ""

    @pytest.mark.parametrize("numbers", [{"codes": 1, "needed": 1}, {"codes": 2, "needed": 3}, {"codes": 8}])
    def test_make_no_sheets_that_would_not_do(self, numbers):
        browser = sit_down(stages()[Page.SHEETS])
        assert browser.post("/set-up/sheets/", {"codes": 3, "needed": 2} | numbers).status_code == 200
        assert kept(browser).codes == []

    def test_take_no_other_code_of_the_app_nor_one_twice(self):
        browser, progress = sit_down(stages()[Page.APP]), stages()[Page.APP]
        progress = kept(browser)
        step = int(timezone.now().timestamp()) // 30
        old = progress.app.code_for(step - 9)
        assert "not what the app shows" in browser.post("/set-up/second-factor/", {"code": old}).content.decode()
        newest = {"code": progress.app.code_for(step)}
        assert browser.post("/set-up/second-factor/", newest).status_code == 302
        assert browser.post("/set-up/second-factor/", newest).status_code == 200

    def test_take_no_other_recovery_code(self):
        browser = sit_down(stages()[Page.CODE])
        page = browser.post("/set-up/recovery-code/typed/", {"typed": draw_code()})
        assert "not the code that was shown" in page.content.decode()
        assert not kept(browser).recovery_code_typed

    def test_print_number_day_and_pepper_and_nobodys_passphrase(self):
        progress = stages()[Page.PRINT]
        page = sit_down(progress).get("/set-up/sheets/print/").content.decode()
        assert page.count('class="card sheet"') == 3
        assert "Linden House: recovery sheet 3 of 3" in page
        assert page.count("dGhlLXBlcHBlci1vZi10aGUtc3VpdGUtMzItYnl0ZXM=") == 3
        assert not [secret for secret in (progress.recovery_code, progress.kek, PASSPHRASE) if secret in page]

    def test_take_the_first_person_without_clients_too(self):
        progress = replace(stages()[Page.PRINT], therapist=False)
        sit_down(progress).post("/set-up/sheets/typed/", typed_codes(progress))
        user = TotpDevice.objects.latest("user__made_at").user
        assert [row.role for row in user.roles_held.all()] == ["manager"]


class TestAnotherBrowser:
    @pytest.mark.parametrize("cookie", ["", "not base64!", "A" * 43 + "="])
    def test_is_refused_in_words_and_shown_nothing(self, cookie):
        progress = stages()[Page.PRINT]
        mine, other = sit_down(progress), Browser()
        other.cookies[live.SET_UP_COOKIE_NAME] = cookie
        for address in ADDRESSES:
            for answer in (other.get(address), other.post(address, typed_codes(progress))):
                assert answer.status_code in {405, 409}
                assert "Linden House" not in answer.content.decode()
        assert "Another browser is setting this practice up" in other.get("/set-up/sheets/").content.decode()
        assert mine.get("/set-up/sheets/print/").status_code == 200

    def test_of_an_earlier_set_up_is_as_good_as_none(self):
        earlier = sit_down(stages()[Page.PRINT])
        sit_down()
        assert earlier.get("/set-up/practice/").status_code == 409

    def test_comes_too_late_after_three_hours(self):
        browser = sit_down(stages()[Page.PRINT])
        SetUp.objects.update(valid_until=timezone.now())
        assert browser.get("/set-up/sheets/print/").status_code == 409
        assert not SetUp.objects.exists()


class TestAStolenDatabase:
    def test_between_the_steps_holds_nothing_that_opens(self):
        progress = stages()[Page.PRINT]
        sit_down(progress)
        secrets = [progress.recovery_code, *progress.backup_codes, *progress.codes, PASSPHRASE]
        secrets += [NAMES[name] for name in ("practice_name", "name", "address")]
        raw = [bytes.fromhex(progress.kek), bytes.fromhex(progress.app_seed)]
        at_rest = dump()
        wanted = [text for secret in secrets for text in spellings(secret.encode())]
        wanted += [text for secret in raw for text in spellings(secret)]
        assert not [text for text in wanted if text in at_rest]
        assert progress.verifier.encode() not in at_rest

    def test_opens_with_no_key_of_the_server(self):
        sit_down(stages()[Page.PRINT])
        row = SetUp.objects.get()
        for key in (live.SERVICE_KEY, live.PEPPER, bytes(32)):
            with pytest.raises(SealBroken):
                open_for_ceremony(row.sealed_progress, browser_key=key, ceremony=row.ceremony)

    def test_put_into_another_set_up_opens_nothing(self):
        browser = sit_down(stages()[Page.PRINT])
        SetUp.objects.update(ceremony=uuid4())
        assert browser.get("/set-up/sheets/print/").status_code == 409

    def test_keeps_neither_seed_nor_passphrase_even_sealed(self):
        fields = set(vars(stages()[Page.PRINT]))
        assert fields == {
            "app_seed", "recovery_code", "backup_codes", "practice_name", "name", "address", "therapist", "verifier",
            "kek", "app_step", "recovery_code_typed", "codes", "needed",
        }  # fmt: skip
        assert PASSPHRASE.encode() not in stages()[Page.PRINT].to_bytes()


class TestBrokenOff:
    @pytest.mark.parametrize("stage", STAGES)
    def test_in_any_step_leaves_nothing(self, stage):
        before = everything()
        browser = sit_down(stages()[stage])
        page = browser.post("/set-up/stop/")
        assert "Nothing was kept" in page.content.decode()
        assert everything() == before
        assert key_files() == []
        assert browser.get(reverse(stage)).status_code == 409

    def test_by_codes_that_do_not_open_leaves_nothing_and_goes_on(self):
        progress = stages()[Page.PRINT]
        browser, typed = sit_down(progress), typed_codes(progress)
        before = everything()
        for wrong in ({"typed_1": progress.codes[1]}, {"typed_1": progress.codes[2]}, {"typed_2": draw_code()},
                      {"typed_1": "AAAA"}):  # fmt: skip
            page = browser.post("/set-up/sheets/typed/", typed | wrong)
            assert "There is a problem" in page.content.decode()
            assert everything() == before
            assert key_files() == []
        assert "is set up" in browser.post("/set-up/sheets/typed/", typed).content.decode()

    def test_by_a_failure_in_the_last_moment_leaves_nothing(self, monkeypatch):
        progress = stages()[Page.PRINT]
        browser, before = sit_down(progress), everything()

        def fail(**_: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patched:
            patched.setattr(founding, "load_model_text", fail)
            with pytest.raises(RuntimeError):
                browser.post("/set-up/sheets/typed/", typed_codes(progress))
        assert everything() | {"access.SetUp": 1} == before | {"access.SetUp": 1}
        assert key_files() == []

    def test_meanwhile_elsewhere_founds_nothing(self):
        progress = stages()[Page.PRINT]
        browser = sit_down(progress)
        raw = browser.cookies[live.SET_UP_COOKIE_NAME].value
        ceremony = first_run.open_set_up(cookie=raw, at=timezone.now())
        allow_set_up(at=timezone.now())
        for act in (lambda: first_run.use_up(ceremony), lambda: first_run.keep_progress(ceremony, b"")):
            with pytest.raises(NotYours):
                act()
        assert browser.post("/set-up/sheets/typed/", typed_codes(progress)).status_code == 409
        assert not apps.get_model("access.Practice").objects.exists()


class TestAfterTheEnd:
    def test_every_address_is_closed_for_everybody(self):
        progress = stages()[Page.PRINT]
        browser = sit_down(progress)
        cookie = browser.cookies[live.SET_UP_COOKIE_NAME].value
        browser.post("/set-up/sheets/typed/", typed_codes(progress))
        # Even where a code was drawn, a row put back or a cookie kept.
        code = allow_set_up(at=timezone.now())
        browser.cookies[live.SET_UP_COOKIE_NAME] = cookie
        assert len(ADDRESSES) == 10
        for address in ADDRESSES:
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                assert browser.generic(method, address).status_code == 404
            assert browser.post(address, {"code": code}).status_code == 404
        assert not SetUp.objects.exclude(ceremony=None).exists()

    def test_leaves_no_set_up_behind(self):
        progress = stages()[Page.PRINT]
        sit_down(progress).post("/set-up/sheets/typed/", typed_codes(progress))
        assert not SetUp.objects.exists()

    def test_is_never_reached_in_a_demo(self, settings):
        browser = sit_down(stages()[Page.PRINT])
        settings.DEMO = True
        assert {browser.get(address).status_code for address in ADDRESSES} == {404}


class TestTwoAtOnce:
    def test_the_later_one_is_refused_and_takes_nothing_of_the_earlier_away(self):
        progress = stages()[Page.PRINT]
        browser = sit_down(progress)
        Path(live.KEY_DIR).mkdir()
        with (live.RUN_DIR / "set-up.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (Path(live.KEY_DIR) / "record.key").write_text("the earlier one's, a moment before its end")
            page = browser.post("/set-up/sheets/typed/", typed_codes(progress))
        assert "at this very moment" in page.content.decode()
        assert key_files() == ["record.key"]
        assert SetUp.objects.filter(ceremony__isnull=False).exists()


def kept(browser: Browser) -> Progress:
    """Open what a browser's set-up has come to, with its cookie."""
    cookie = browser.cookies[live.SET_UP_COOKIE_NAME].value
    ceremony: Ceremony = first_run.open_set_up(cookie=cookie, at=timezone.now())
    return Progress.from_bytes(ceremony.progress)


def codes_on(browser: Browser, address: str) -> object:
    return {name: browser.get(address).context.get(name) for name in ("groups", "backup", "sheets", "secret")}
