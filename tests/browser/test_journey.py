"""The whole path once, by four people at real browsers: invited, informed, signed, written, refused, looked up."""

import re
import shutil
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse

from tests.browser.people import TALK, See
from tests.browser.remains import find_in_the_clear
from tests.browser.server import PROJECT, Server
from tests.browser.story import (
    ANSWER,
    CANARIES,
    CONTACT_NOTE,
    DRAFT,
    EMERGENCY_NOTE,
    EMERGENCY_REASON,
    MANAGER_LINE,
    NAME,
    NOTE,
    PROCESS,
    QUESTION,
    OpenPage,
    Story,
)

# What is in the clear on purpose: the search has to find it, or it finds nothing at all.
CONTROL = "Alder Lane Practice"

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
VERIFY_STEPS = re.findall(
    r"^```sh\n(.*?)^```$", (PROJECT / "docs/verify-consent.md").read_text(), re.MULTILINE | re.DOTALL
)


@pytest.fixture
def story(server: Server, open_page: OpenPage, see: See, provoked: set[str], tmp_path: Path) -> Story:
    return Story(server, open_page, provoked, tmp_path, see)


def test_a_practice_could_keep_its_first_records(story: Story) -> None:
    manager_invites(story)
    client_comes_in(story)
    therapist_waits_for_the_signature(story)
    emergency_does_not_wait(story)
    client_reads_and_signs(story)
    therapist_writes(story)
    other_therapist_cannot_tell(story)
    manager_reads_the_log_and_no_note(story)
    client_reads_who_looked(story)
    nothing_lies_around(story)


def manager_invites(story: Story) -> None:
    manager = story.manager
    manager.sign_in(story.server.practice, "manager")
    manager.look("people")
    story.letter = manager.invite(name=NAME, address="tamsin@post.example", therapist="Dana Whitlock")
    manager.open("/clients/")
    manager.look("clients")
    manager.reads(NAME)
    manager.open(story.letter.client_url)
    manager.look("client-contact")
    manager.reads("Invited.")


def client_comes_in(story: Story) -> None:
    client = story.client
    client.open(story.letter.link)
    shown = client.page.content()
    for secret in (NAME, "Tamsin", "Dana", CONTROL, story.letter.code):
        assert secret not in shown, f"the link alone shows {secret}"
    client.open_letter(story.letter)
    client.set_up_app()
    client.look("my-page")


def therapist_waits_for_the_signature(story: Story) -> None:
    dana = story.dana
    dana.sign_in(story.server.practice, "therapist")
    dana.look("today")
    dana.follow(NAME)
    dana.look("client")
    dana.begin_note(story.notes_url, "Session")
    dana.look("begin-note-refused")
    dana.reads("This client has not signed the limits of confidentiality. They can sign on their phone")
    dana.begin_note(story.notes_url, "Call")
    dana.write("What happened", CONTACT_NOTE)
    dana.sees_saved()
    dana.look("contact-note")
    story.addresses.append(dana.page.url)
    dana.review()
    story.addresses.append(dana.sign())


def emergency_does_not_wait(story: Story) -> None:
    dana = story.dana
    dana.begin_note(story.notes_url, "Emergency note")
    dana.reads("emergency reason")
    dana.follow("Give an emergency reason")
    dana.look("emergency")
    dana.choose("The client cannot sign now")
    dana.type("What happened, in one line", EMERGENCY_REASON)
    dana.type("One line for the manager", MANAGER_LINE)
    dana.press("Open emergency notes for 72 hours")
    dana.reads("You can write an emergency note now")
    dana.press("Begin")
    dana.write_emergency(EMERGENCY_NOTE)
    dana.review()
    dana.sign()
    dana.open(story.notes_url)
    dana.look("client-with-debt")
    dana.reads("no signature has answered it yet")
    story.manager.open("/emergency-reasons/")
    story.manager.look("emergency-reasons")
    story.manager.reads(MANAGER_LINE)


def client_reads_and_signs(story: Story) -> None:
    client = story.client
    client.agree_to_screen_forms()
    client.look("consent-section")
    client.ask(f"Does my sister hear of it? {QUESTION}")
    client.answer_rightly()
    client.answer_wrongly()
    client.reads("Not quite.")
    client.look("consent-explained")
    client.answer_rightly()
    client.choose(TALK)
    client.go_on()
    client.reads("We’ll talk about that one.")
    while re.search(r"/forms/[^/]+/\d+/$", client.page.url):
        client.look("consent-limit")
        client.answer_rightly()
    client.look("consent-check")
    client.reads("We will talk about this")
    client.sign_limits(NAME)
    client.page.get_by_text("How a stranger can check your copy").click()
    copy_verifies(story)


def copy_verifies(story: Story) -> None:
    """Follow the printed instructions, with openssl and the numbers of the receipt."""
    sha256, client_key, practice_key, _ = story.client.page.locator(".hash").all_inner_texts()
    story.client.download_copy(story.folder)
    (story.folder / "client.key").write_text(client_key)
    (story.folder / "practice.key").write_text(practice_key)
    assert shutil.which("openssl"), "openssl is missing"
    script = "set -e\n" + "\n".join(f"( {step} )" for step in VERIFY_STEPS[:4])
    done = subprocess.run(
        ["sh", "-c", script], cwd=story.folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert sha256.strip() in done.stdout
    # The copy is the client's to keep, wherever they like; it is no part of the practice.
    (story.folder / "record.json").unlink()


def therapist_writes(story: Story) -> None:
    dana, after = story.dana, datetime.now(UTC) + timedelta(minutes=1)
    dana.open(f"{story.letter.client_url}consent/")
    dana.look("consent-read")
    dana.reads(QUESTION)
    dana.open(f"{story.letter.client_url}questions/")
    dana.look("consent-questions")
    dana.type("Your answer", ANSWER)
    dana.press("Answer")
    dana.begin_note(story.notes_url, "Session", at=after)
    dana.write("What the client brought", f"{DRAFT} ")
    dana.saves()
    dana.type("What the client brought", "")
    dana.write_session(NOTE)
    assert re.fullmatch(r"Saved \d\d:\d\d:\d\d", dana.saves())
    dana.look("write-note")
    story.addresses.append(dana.page.url)
    dana.review()
    dana.look("review-note")
    dana.press("Sign and lock")
    dana.reads("talk")
    dana.choose("We talked about it")
    story.addresses.append(dana.sign())
    dana.look("read-note")
    dana.reads(NOTE)
    therapist_thinks(story, after)


def therapist_thinks(story: Story, at: datetime) -> None:
    dana = story.dana
    dana.begin_note(story.notes_url, "Process note", at=at)
    dana.write("Your own thoughts", PROCESS)
    dana.saves()
    dana.look("process-note")
    dana.review()
    story.addresses.append(dana.sign())
    dana.begin_note(story.notes_url, "Safety note")
    dana.write("The concern", f"{DRAFT} unfinished")
    dana.saves()
    story.addresses.append(dana.page.url)
    dana.open("/today/")
    dana.look("today-with-a-draft")


def other_therapist_cannot_tell(story: Story) -> None:
    samuel = story.samuel
    samuel.sign_in(story.server.practice, "other_therapist")
    for place in ("/today/", "/clients/"):
        samuel.open(place)
        samuel.look("nobody")
        assert "Quillfeather" not in samuel.page.content()
    [client_id] = re.findall(r"[0-9a-f-]{36}", story.letter.client_url)
    addresses = {story.letter.client_url, story.notes_url, f"{story.letter.client_url}consent/", *story.addresses}
    for address in addresses:
        [known] = re.findall(r"[0-9a-f-]{36}", address)
        assert nothing_of(story.fetch(samuel, address)) == nothing_of(
            story.fetch(samuel, address.replace(known, str(uuid.uuid4())))
        ), address
    assert story.fetch(samuel, f"/log/?about={client_id}").status == 403
    story.provoked.add("status of 404")
    samuel.open(story.notes_url)
    samuel.look("not-found")
    samuel.reads("We say the same in each case.")


def nothing_of(answer: APIResponse) -> tuple[int, str, list[str]]:
    """Return all that an answer lets anybody tell; the form token is drawn anew each time."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "set-cookie"}}
    assert answer.status == 404, answer.url
    return answer.status, TOKEN.sub("", answer.text()), sorted(f"{name}: {value}" for name, value in headers.items())


def manager_reads_the_log_and_no_note(story: Story) -> None:
    manager = story.manager
    for address in [*story.addresses, story.notes_url, f"{story.letter.client_url}consent/"]:
        answer = story.fetch(manager, address)
        assert answer.status in {403, 404}, address
        assert not any(canary in answer.text() for canary in CANARIES), address
    story.provoked.add("status of 403")
    manager.open(story.addresses[-1])
    manager.look("not-allowed")
    log = "\n".join(manager.read_log())
    manager.look("log")
    for act in ("Signed a progress note", "Was refused a page", "Opened a draft of a process note"):
        assert act in log, act
    for canary in CANARIES:
        assert canary not in log, canary
    filters_narrow(story)


def filters_narrow(story: Story) -> None:
    manager = story.manager
    signed = manager.read_log(Who="Dana Whitlock", What_happened="Notes")
    assert signed
    assert all("Dana Whitlock" in line for line in signed)
    asserted = "\n".join(signed)
    for act in ("Signed a progress note", "Signed a process note", "Threw", "Was not allowed to write"):
        assert (act in asserted) == (act != "Threw"), act
    refused = manager.read_log(Who="Samuel Okafor", How_it_ended="Refused")
    assert len(refused) >= len(story.addresses)
    assert any("Signed the limits" in line for line in manager.read_log(What_happened="Limits of confidentiality"))
    emergencies = "\n".join(manager.read_log(What_happened="Notes", Role="Therapist"))
    assert "Gave an emergency reason to write before a signature" in emergencies
    signature = manager.page.get_by_role("row").filter(has_text="Signed a progress note").first
    signature.get_by_role("link", name=re.compile("^Details")).click()
    manager.look("log-entry")
    manager.reads("Why it was allowed")


def client_reads_who_looked(story: Story) -> None:
    client = story.client
    client.open("/my/")
    client.follow("See who, when and why")
    client.look("my-looks")
    told = client.page.locator("body").text_content() or ""
    while (older := client.page.get_by_role("link", name="Show older ones")).count():
        with client.page.expect_navigation():
            older.click()
        told += client.page.locator("body").text_content() or ""
    told = " ".join(told.split())
    for words in (
        "Dana Whitlock (therapist) signed one of your notes, to look after you.",
        "Dana Whitlock (therapist) gave an emergency reason to write before you had signed",
        "You signed the limits of confidentiality",
        "Priya Nair (manager of the practice) sent your invitation",
    ):
        assert words in told, words
    assert "Samuel" not in told


def nothing_lies_around(story: Story) -> None:
    practice = story.server.practice
    assert find_in_the_clear(practice, [CONTROL]), "the search finds nothing at all"
    assert find_in_the_clear(practice, CANARIES) == []
