"""While she types: a lost connection, an idle lock, a second tab, a power cut; no word is lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bad_days.desk import (
    SECTION,
    STILL_TRYING,
    UNREACHABLE,
    expect_trouble,
    text_of,
)
from tests.browser.people import Therapist


@pytest.mark.once
class TestWhileSheTypes:
    def test_a_lost_connection_costs_nothing(self, dana, provoked):
        provoked |= UNREACHABLE
        dana.write(SECTION, "Before. ")
        dana.sees_saved()
        dana.page.context.set_offline(True)
        text_of(dana).press_sequentially("In the tunnel.")
        expect_trouble(dana, STILL_TRYING)
        dana.page.context.set_offline(False)
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Before. In the tunnel.")

    def test_the_end_of_the_session_asks_in_place(self, dana, server, desk, provoked):
        provoked.add("status of 423")
        dana.write(SECTION, "One two four")
        dana.saves()
        desk.end_sessions(server)
        for _ in "four":
            text_of(dana).press("ArrowLeft")
        text_of(dana).press_sequentially("three ")
        expect(dana.page.get_by_role("dialog")).to_contain_text("What you typed is still here.")
        dana.type("Passphrase", desk.passphrase)
        dana.page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
        dana.sees_saved()
        dana.page.keyboard.type("and ")
        expect(text_of(dana)).to_have_value("One two three and four")
        dana.saves()

    def test_a_second_window_loses_neither_text(self, dana, provoked):
        provoked.add("status of 409")
        other = write_in_two_windows(dana)
        expect(other.page.locator(".conflict")).to_contain_text("From the first window.")
        expect(text_of(other)).to_have_value("From the second window.")
        other.press("Keep both")
        other.sees_saved()
        other.page.reload()
        expect(text_of(other)).to_have_value("From the second window.\n\nFrom the first window.")

    def test_a_second_window_is_left_knowingly(self, dana, provoked):
        provoked.add("status of 409")
        other = write_in_two_windows(dana)
        here = other.page.url
        for go in (
            lambda: other.press("Review and sign"),
            lambda: other.press("Leave as draft"),
            lambda: other.follow("Throw this draft away"),
        ):
            go()
            expect_trouble(other, f"what to keep under “{SECTION}”: if you go without, what you typed there is lost")
            expect(other.page.get_by_role("button", name="Keep mine")).to_be_focused()
            assert other.page.url == here
        other.press("Take the other")
        other.sees_saved()
        other.press("Leave as draft")
        expect(other.page).to_have_url(re.compile(r"/clients/[^/]+/notes/$"))

    def test_three_hundred_kilobytes_are_refused_in_words_and_kept(self, dana, provoked):
        provoked.add("status of 400")
        long = "A long story. " * (300 * 1024 // 14)
        text_of(dana).fill(long)
        dana.page.keyboard.press("Control+s")
        expect_trouble(dana, "A note holds up to 200,000 characters")
        expect(text_of(dana)).to_have_value(long)
        text_of(dana).fill(long[:150_000])
        dana.saves()

    def test_every_script_and_emoji_comes_back(self, dana):
        words = "שלום, כאן 🌿👩🏽\u200d⚕️ ﷽ e\u0301 → é"
        text_of(dana).fill(words)
        dana.saves()
        dana.review()
        dana.sign()
        dana.reads("שלום, כאן 🌿👩🏽\u200d⚕️ ﷽ é → é")

    def test_a_nul_is_named_and_the_rest_kept(self, dana, provoked):
        provoked.add("status of 400")
        text_of(dana).evaluate(
            "field => { field.value = 'ab\\0cd'; field.dispatchEvent(new Event('input', {bubbles: true})); }"
        )
        expect_trouble(dana, "a character that nobody can see and that cannot be stored (NUL), as character 3")
        text_of(dana).fill("abcd")
        dana.saves()


class TestWhatTheDatabaseAnswersFor:
    def test_a_power_cut_costs_nothing_while_the_page_stays(self, dana, server, provoked):
        provoked |= UNREACHABLE
        dana.write(SECTION, "Before. ")
        server.kill()
        text_of(dana).press_sequentially("In the dark.")
        expect_trouble(dana, STILL_TRYING)
        server.start()
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Before. In the dark.")

    def test_signing_twice_makes_one_note(self, dana, server):
        dana.write(SECTION, "Once.")
        dana.review()
        before = server.practice.query("SELECT count(*) FROM notes_note")[0][0]
        dana.page.get_by_role("button", name="Sign and lock").dblclick()
        dana.reads("Signed")
        expect(dana.page).to_have_url(re.compile("/notes/"))
        assert server.practice.query("SELECT count(*) FROM notes_note")[0][0] == before + 1


def write_in_two_windows(dana: Therapist) -> Therapist:
    """Save in one window, and type in a second one that does not know of it yet."""
    other = Therapist(dana.page.context.new_page())
    other.open(dana.page.url)
    dana.write(SECTION, "From the first window.")
    dana.saves()
    other.write(SECTION, "From the second window.")
    other.page.keyboard.press("Control+s")
    expect_trouble(other, "this draft was changed in another window")
    return other
