"""From one note to the next with the keys that pages show: last time stands beside it, and goes into it marked."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import See, Therapist
from tests.browser.server import Server

# The services behind these pages are tested on both databases.
pytestmark = pytest.mark.once

OpenPage = Callable[..., Page]
TEXT = "She rang about the ladder."


def test_a_note_is_begun_carried_into_and_signed_with_keys(server: Server, open_page: OpenPage, see: See) -> None:
    dana = Therapist(open_page(), see)
    dana.sign_in(server.practice, "therapist")
    notes = dana.find_client("Robin Marlowe")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    dana.open(f"{notes}begin/?kind=call&session_at={yesterday:%Y-%m-%dT%H:%M}")
    keys = dana.page.keyboard
    keys.press("Control+Enter")
    dana.type("What happened", TEXT)
    keys.press("Control+Enter")
    dana.reads("Sign and lock")
    # Going on does not sign, however often.
    keys.press("Control+Enter")
    dana.reads("Sign and lock")
    keys.press("Control+Shift+Enter")
    dana.reads("The author’s signature holds")
    goal = _plans(dana, notes.replace("/notes/", "/plan/"))
    dana.open(notes)
    keys.press("Control+Enter")
    dana.choose("Call")
    keys.press("Control+Enter")
    field, beside = dana.field("What happened"), dana.page.locator(".beside")
    expect(beside.locator(".part")).to_contain_text(TEXT)
    field.fill("Rang back.")
    keys.press("F2")
    carried = re.compile(rf"^Rang back\.\n\n\[Carried forward from: Call, .+\]\n{re.escape(TEXT)}\n\[Carried .+\]$")
    expect(field).to_have_value(carried)
    keys.press("F2")
    expect(beside.get_by_role("status")).to_contain_text("Already carried forward into “What happened”.")
    expect(field).to_have_value(carried)
    _refers_to_a_goal(dana, goal)
    dana.sees_saved()
    dana.look("write-beside")
    _is_folded_on_a_phone(open_page(phone=True, cookies=dana.page.context.storage_state()), dana.page.url)


def _plans(dana: Therapist, plan: str) -> str:
    goal = "Sleeps through five nights of seven."
    dana.open(plan)
    dana.page.keyboard.press("Control+Enter")
    dana.type("Goal 1", goal)
    dana.page.keyboard.press("Control+Enter")
    dana.reads("Version 1")
    return goal


def _refers_to_a_goal(dana: Therapist, goal: str) -> None:
    field, status = dana.field("What happened"), dana.page.locator(".beside").get_by_role("status")
    field.focus()
    dana.page.keyboard.press("F4")
    expect(field).to_have_value(re.compile(rf"\n\n\[Goal: {re.escape(goal)}\]$"))
    dana.page.keyboard.press("F4")
    expect(status).to_contain_text("This note refers to each goal already.")


def _is_folded_on_a_phone(phone: Page, draft: str) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/beside/" in request.url else None)
    phone.goto(draft)
    fold = phone.locator(".beside summary").first
    expect(fold).to_be_visible()
    expect(phone.locator(".beside .part")).to_have_count(0)
    assert not asked
    for _ in range(3):
        fold.click()
    expect(phone.locator(".beside .part")).to_contain_text(TEXT)
    assert len(asked) == 1
