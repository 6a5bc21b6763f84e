"""The pages from the first to the last, forwards and back."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.models.devices import TotpDevice
from access.services.first_run import allow_set_up
from access.services.people import the_practice
from keys.services import draw_code
from practice.first_run.progress import Page
from tests.practice.first_run.begun import (
    NAMES,
    PASSPHRASE,
    STAGES,
    come_to,
    is_founded,
    kept,
    key_files,
    sit_down,
    typed_codes,
)


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
        assert done.cookies[settings.SET_UP_COOKIE_NAME].value == ""
        assert not the_practice().demo
        assert key_files() == ["log.key", "record.key"]
        signed_in = browser.post("/sign-in/", {
            "address": NAMES["address"], "passphrase": PASSPHRASE, "code": progress.app.code_for(step + 1)
        })  # fmt: skip
        assert signed_in.status_code == 302
        assert browser.get("/people/").status_code == 200

    @pytest.mark.parametrize("stage", STAGES)
    def test_cannot_be_skipped_and_can_be_gone_back_to(self, stage):
        browser = sit_down(come_to(stage))
        # Where something is shown, and then typed back, both pages belong together.
        last = {Page.CODE: Page.RETYPE_CODE, Page.PRINT: Page.FINISH}.get(stage, stage)
        order = list(Page)
        for page in order:
            answer = browser.get(reverse(page))
            if order.index(page) <= order.index(last):
                assert answer.status_code == 200
            else:
                assert (answer.status_code, answer["Location"]) == (302, reverse(stage))
                sent = browser.post(reverse(page), typed_codes(come_to(Page.PRINT)))
                assert sent.status_code == 405 or sent["Location"] == reverse(stage)
        assert browser.get("/set-up/")["Location"] == reverse(stage)
        assert not is_founded()

    def test_show_the_same_codes_when_looked_at_again(self):
        browser = sit_down(come_to(Page.PRINT))
        for address in ("/set-up/recovery-code/", "/set-up/sheets/print/", "/set-up/second-factor/"):
            assert codes_on(browser, address) == codes_on(browser, address)
        before = kept(browser).codes
        browser.post("/set-up/sheets/", {"codes": 3, "needed": 2})
        assert kept(browser).codes == before
        browser.post("/set-up/sheets/", {"codes": 3, "needed": 3})
        assert not set(kept(browser).codes) & set(before)

    def test_ask_for_another_passphrase_beside_other_names(self):
        browser = sit_down(come_to(Page.PRINT))
        assert browser.post("/set-up/practice/", NAMES)["Location"] == "/set-up/sheets/print/"
        assert browser.post("/set-up/practice/", NAMES | {"name": "Bo"})["Location"] == "/set-up/passphrase/"
        assert kept(browser).kek == ""

    def test_take_no_passphrase_that_would_soon_be_guessed(self):
        browser = sit_down(come_to(Page.PASSPHRASE))
        about_me = "tamsinquillfeather"
        page = browser.post("/set-up/passphrase/", {"passphrase": about_me, "again": about_me})
        assert "would soon be guessed" in page.content.decode()
        other_words = browser.post("/set-up/passphrase/", {"another": "yes", "shown": "", "passphrase": ""})
        assert "Please fill in" not in other_words.content.decode()
        assert kept(browser).verifier == ""

    @pytest.mark.parametrize("numbers", [{"codes": 1, "needed": 1}, {"codes": 2, "needed": 3}, {"codes": 8}])
    def test_make_no_sheets_that_would_not_do(self, numbers):
        browser = sit_down(come_to(Page.SHEETS))
        assert browser.post("/set-up/sheets/", {"codes": 3, "needed": 2} | numbers).status_code == 200
        assert kept(browser).codes == []

    def test_take_no_other_code_of_the_app_nor_one_twice(self):
        browser = sit_down(come_to(Page.APP))
        progress = kept(browser)
        step = int(timezone.now().timestamp()) // 30
        old = progress.app.code_for(step - 9)
        assert "not what the app shows" in browser.post("/set-up/second-factor/", {"code": old}).content.decode()
        newest = {"code": progress.app.code_for(step)}
        assert browser.post("/set-up/second-factor/", newest).status_code == 302
        assert browser.post("/set-up/second-factor/", newest).status_code == 200

    def test_take_no_other_recovery_code(self):
        browser = sit_down(come_to(Page.CODE))
        page = browser.post("/set-up/recovery-code/typed/", {"typed": draw_code()})
        assert "not the code that was shown" in page.content.decode()
        assert not kept(browser).recovery_code_typed

    def test_print_number_day_and_pepper_and_nobodys_passphrase(self):
        progress = come_to(Page.PRINT)
        page = sit_down(progress).get("/set-up/sheets/print/").content.decode()
        assert page.count('class="card sheet"') == 3
        assert "Linden House: recovery sheet 3 of 3" in page
        assert page.count("dGhlLXBlcHBlci1vZi10aGUtc3VpdGUtMzItYnl0ZXM=") == 3
        assert not [secret for secret in (progress.recovery_code, progress.kek, PASSPHRASE) if secret in page]

    def test_take_the_first_person_without_clients_too(self):
        progress = replace(come_to(Page.PRINT), therapist=False)
        sit_down(progress).post("/set-up/sheets/typed/", typed_codes(progress))
        user = TotpDevice.objects.latest("user__made_at").user
        assert [row.role for row in user.roles_held.all()] == ["manager"]


def codes_on(browser: Browser, address: str) -> object:
    return {name: browser.get(address).context.get(name) for name in ("groups", "backup", "sheets", "secret")}
