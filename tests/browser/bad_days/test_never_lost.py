"""A tab that closes too early, a second device, and what stays behind in the browser's own folder."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.bad_days.desk import CANARY, SECTION, expect_trouble, text_of
from tests.browser.conftest import CHROMIUM_FLAGS, find_chromium
from tests.browser.people import Therapist
from tests.browser.remains import forms_of

pytestmark = pytest.mark.once

STORED = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie,
  (await indexedDB.databases()).map(({name}) => name), await caches.keys(), history.state,
])"""


class TestATabThatCloses:
    def test_sends_its_last_words_also_while_a_save_is_under_way(self, dana, sit_down):
        address = dana.page.url
        text_of(dana).fill("Under way")
        # The save leaves now, and the next words come before its answer can.
        text_of(dana).evaluate(
            """field => {
                field.form.dispatchEvent(new FocusEvent("focusout"));
                field.value += ", and the last words.";
            }"""
        )
        dana.page.close(run_before_unload=False)
        again = sit_down()
        again.page.wait_for_timeout(500)
        again.open(address)
        expect(text_of(again)).to_have_value("Under way, and the last words.")


class TestASecondDevice:
    def test_is_asked_and_both_texts_are_kept_when_it_goes_without_an_answer(self, dana, sit_down, provoked):
        provoked.add("status of 409")
        address = dana.page.url
        phone = sit_down()
        phone.open(address)
        dana.write(SECTION, "At the desk.")
        dana.saves()
        phone.write(SECTION, "On the phone.")
        phone.page.keyboard.press("Control+s")
        expect_trouble(phone, "this draft was changed in another window")
        expect(phone.page.locator(".conflict")).to_contain_text("At the desk.")
        phone.page.close(run_before_unload=False)
        dana.page.reload()
        expect(text_of(dana)).to_have_value("At the desk.")
        dana.follow("Earlier versions")
        dana.reads("On the phone.")


class TestTheBrowsersFolder:
    def test_holds_nothing_that_was_typed(self, chromium: Browser, server, tmp_path, desk):
        with_folder = chromium.browser_type.launch_persistent_context(
            tmp_path, executable_path=find_chromium(), args=CHROMIUM_FLAGS, base_url=server.address, locale="en-US"
        )
        try:
            dana = Therapist(with_folder.pages[0])
            dana.sign_in(server.practice, "therapist")
            dana.begin_note(dana.find_client("Robin Marlowe"), "Message", at=desk.next_moment())
            dana.write(SECTION, CANARY)
            dana.saves()
            assert CANARY not in dana.page.evaluate(STORED)
            assert dana.page.evaluate(STORED) == '[{},{},"",[],[],null]'
            dana.page.reload()
            dana.page.go_back()
        finally:
            with_folder.close()
        files = [file for file in Path(tmp_path).rglob("*") if file.is_file()]
        # That there is a folder at all, and that the search finds what lies there.
        assert finds(files, "127.0.0.1")
        assert not finds(files, CANARY)


def finds(files: list[Path], word: str) -> list[str]:
    return [f"{file}: {form!r}" for file in files for form in forms_of(word) if form in file.read_bytes()]
