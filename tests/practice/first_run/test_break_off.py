"""What lies in the database before the end of a set-up: nothing that opens, and in the end nothing at all."""

import fcntl
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from access.services import first_run
from access.services.first_run import NotYours, allow_set_up
from keys.errors import SealBroken
from keys.services import draw_code, open_for_ceremony
from practice import cast as founding
from practice.first_run.progress import Page
from tests.at_rest import dump, spellings
from tests.practice.first_run.begun import (
    NAMES,
    PASSPHRASE,
    STAGES,
    SetUp,
    come_to,
    everything,
    is_founded,
    key_files,
    sit_down,
    typed_codes,
)


class TestAStolenDatabase:
    def test_between_the_steps_holds_nothing_that_opens(self):
        progress = come_to(Page.PRINT)
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
        sit_down(come_to(Page.PRINT))
        row = SetUp.objects.get()
        for key in (settings.SERVICE_KEY, settings.PEPPER, bytes(32)):
            with pytest.raises(SealBroken):
                open_for_ceremony(row.sealed_progress, browser_key=key, ceremony=row.ceremony)

    def test_put_into_another_set_up_opens_nothing(self):
        browser = sit_down(come_to(Page.PRINT))
        SetUp.objects.update(ceremony=uuid4())
        assert browser.get("/set-up/sheets/print/").status_code == 409

    def test_keeps_neither_seed_nor_passphrase_even_sealed(self):
        fields = set(vars(come_to(Page.PRINT)))
        assert fields == {
            "app_seed", "recovery_code", "backup_codes", "practice_name", "name", "address", "therapist", "verifier",
            "kek", "app_step", "recovery_code_typed", "codes", "needed",
        }  # fmt: skip
        assert PASSPHRASE.encode() not in come_to(Page.PRINT).to_bytes()


class TestBrokenOff:
    @pytest.mark.parametrize("stage", STAGES)
    def test_in_any_step_leaves_nothing(self, stage):
        before = everything()
        browser = sit_down(come_to(stage))
        page = browser.post("/set-up/stop/")
        assert "Nothing was kept" in page.content.decode()
        assert everything() == before
        assert key_files() == []
        assert browser.get(reverse(stage)).status_code == 409

    def test_by_codes_that_do_not_open_leaves_nothing_and_goes_on(self):
        progress = come_to(Page.PRINT)
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
        progress = come_to(Page.PRINT)
        browser, before = sit_down(progress), everything()

        def fail(**_: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patched:
            patched.setattr(founding, "load_model_text", fail)
            with pytest.raises(RuntimeError):
                browser.post("/set-up/sheets/typed/", typed_codes(progress))
        assert everything() == before
        assert key_files() == []

    def test_meanwhile_elsewhere_founds_nothing(self):
        progress = come_to(Page.PRINT)
        browser = sit_down(progress)
        raw = browser.cookies[settings.SET_UP_COOKIE_NAME].value
        ceremony = first_run.open_set_up(cookie=raw, at=timezone.now())
        allow_set_up(at=timezone.now())
        for act in (lambda: first_run.use_up(ceremony), lambda: first_run.keep_progress(ceremony, b"")):
            with pytest.raises(NotYours):
                act()
        assert browser.post("/set-up/sheets/typed/", typed_codes(progress)).status_code == 409
        assert not is_founded()


class TestTwoAtOnce:
    def test_the_later_one_is_refused_and_takes_nothing_of_the_earlier_away(self):
        progress = come_to(Page.PRINT)
        browser = sit_down(progress)
        Path(settings.KEY_DIR).mkdir()
        with (settings.RUN_DIR / "set-up.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (Path(settings.KEY_DIR) / "record.key").write_text("the earlier one's, a moment before its end")
            page = browser.post("/set-up/sheets/typed/", typed_codes(progress))
        assert "at this very moment" in page.content.decode()
        assert key_files() == ["record.key"]
        assert SetUp.objects.filter(ceremony__isnull=False).exists()
