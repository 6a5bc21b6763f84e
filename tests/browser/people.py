"""People at browsers, in the words of what they do. The journey, the bad days and the pictures are made of these."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.codes import code_at, wait_until
from tests.browser.server import PROJECT, DemoPractice

_LIMITS = (PROJECT / "content/consent/confidentiality/en-US.md").read_text()
_RIGHT_ANSWERS = re.findall(r"^\+ (.+)$", _LIMITS, re.MULTILINE)
_RIGHT_ANSWER = re.compile(rf"^\s*({'|'.join(map(re.escape, _RIGHT_ANSWERS))})\s*$")
TALK = "I’d like to talk about this first"
# A retry comes at most fifteen seconds after the one before.
SECONDS_TO_SAVE = 20

See = Callable[[Page, str], None]


def walk_by(page: Page, name: str) -> None:
    """Look at a page no closer than everybody does."""


@dataclass
class Person:
    """Somebody at a browser. Each page they come to is shown to `see` under its name."""

    page: Page
    see: See = walk_by

    def look(self, name: str) -> None:
        """Let the page be looked at, once it stands there whole."""
        self.page.wait_for_load_state()
        self.see(self.page, name)

    def open(self, address: str) -> None:
        self.page.goto(address)

    def press(self, name: str) -> None:
        """Press the one button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the one link of this name."""
        self.page.get_by_role("link", name=name, exact=True).click()

    def type(self, label: str, words: str) -> None:
        self.field(label).fill(words)

    def field(self, label: str) -> Locator:
        """Find the field of this label; pages hold others of that name in closed dialogs."""
        return self.page.get_by_label(label, exact=True).filter(visible=True)

    def choose(self, *words: str) -> None:
        """Choose the answers whose labels begin so."""
        for beginning in words:
            self.choice(beginning).click()

    def choice(self, beginning: str) -> Locator:
        """Find the answer whose label begins so."""
        return self.page.locator("label.choice", has_text=re.compile(rf"^\s*{re.escape(beginning)}"))

    def reads(self, words: str) -> None:
        """Fail unless these words stand on the page, or come to stand there."""
        expect(self.page.locator("body")).to_contain_text(words)

    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def sign_in(self, practice: DemoPractice, key: str) -> None:
        """Sign in as one person of the sheet."""
        self.open("/sign-in/")
        self.look("sign-in")
        self.prove(practice.proof_of(key))
        self.press("Sign in")
        expect(self.page.get_by_role("button", name="Sign out").first).to_be_visible()

    def prove(self, proof: dict[str, str]) -> None:
        """Type address, passphrase and code where they are asked for."""
        self.type("E-mail address", proof["address"])
        self.type("Passphrase", proof["passphrase"])
        self.type("Six-digit code", proof["code"])


@dataclass(frozen=True)
class Letter:
    """What an inviter hands over."""

    link: str
    code: str
    client_url: str


@dataclass
class Manager(Person):
    """Invites, sees who is in whose care, and reads the log."""

    def invite(self, *, name: str, address: str, therapist: str) -> Letter:
        """Invite a client into a therapist's care."""
        self.open("/clients/invite/")
        self.look("invite")
        self.type("Name", name)
        self.type("E-mail address", address)
        self.field("Therapist").select_option(label=therapist)
        self.press("Make the invitation")
        self.look("letter")
        link = self.page.locator("#invitation-link").input_value()
        client_url = self.page.get_by_role("link", name="To the client’s page").get_attribute("href") or ""
        return Letter(link, self.page.locator(".code-display").inner_text(), client_url)

    def choose_text(self, *, state: str) -> None:
        """Make the practice's choices, as they are proposed, and look at the whole text."""
        self.open("/limits/choose/")
        self.field("Which state is your practice in?").select_option(label=state)
        for group in self.page.get_by_role("group").all():
            group.locator("label.choice").first.click()
        self.press("Show the whole text")
        self.reads("The text as it would be")

    def publish_text(self) -> None:
        """Publish what is on the page, honestly as not reviewed."""
        self.choose("They are asked to sign it")
        self.type("Type “reviewed” or “not reviewed”, whichever is true of this text", "not reviewed")
        self.press("Publish this text")
        self.reads("The text is published")

    def read_log(self, **chosen: str) -> list[str]:
        """Open the access log, narrowed by the labels of its fields, and return its lines."""
        self.open("/log/")
        for label, option in chosen.items():
            field = self.field(label.replace("_", " "))
            field.select_option(label=option) if option in field.inner_text() else field.fill(option)
        if chosen:
            with self.page.expect_navigation():
                self.press("Show")
        return self.page.locator("tbody tr:not(.day)").all_inner_texts()


@dataclass
class Therapist(Person):
    """Writes."""

    def find_client(self, name: str) -> str:
        """Return the address of a client's notes."""
        self.open("/today/")
        return self.page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""

    def attach(self, name: str, content: bytes, words: str = "") -> None:
        """Choose a file on the page that attaches one, and send it."""
        file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.field("The file").set_input_files(file)
        self.type("What it is", words)
        self.press("Attach it")

    def begin_note(self, notes_url: str, kind: str, *, at: datetime | None = None) -> None:
        """Ask for a new note about a client; the page then says no, or is the draft."""
        self.open(f"{notes_url}begin/")
        self.choose(kind)
        if at is not None:
            self.type("When was it?", at.strftime("%Y-%m-%dT%H:%M"))
        self.press("Begin")

    def write(self, label: str, words: str) -> Locator:
        """Type into one section, key by key, as the save bar is used to."""
        field = self.field(label)
        field.click()
        field.press_sequentially(words, delay=2)
        return field

    def write_session(self, brought: str, *, together: str = "We looked at it calmly.") -> None:
        """Fill in all that a session note needs."""
        self.write("What the client brought", brought)
        self.type("What we did together", together)
        self.choose("No new concern today")

    def write_emergency(self, happened: str) -> None:
        """Fill in all that an emergency note needs."""
        self.write("What happened, and when", happened)
        for label in ("The risk as you saw it", "What was done", "Who was informed"):
            self.type(label, "As said on the phone.")
        self.type("What was agreed, and the next step", "She calls at nine.")

    def sees_saved(self) -> str:
        """Wait for "Saved 14:02:07" about what stands there now, and return the words."""
        deadline = time.monotonic() + SECONDS_TO_SAVE
        # The page holds the browser back from leaving as long as something is not stored.
        while not self.page.evaluate("dispatchEvent(new Event('beforeunload', { cancelable: true }))"):
            assert time.monotonic() < deadline, self.page.locator("[data-save-status]").inner_text()
            self.page.wait_for_timeout(50)
        bar = self.page.locator("[data-save-status][data-state=saved]")
        expect(bar).to_contain_text(re.compile(r"Saved\s+\d\d:\d\d:\d\d"))
        return " ".join(bar.inner_text().split())

    def saves(self) -> str:
        """Save by the keys for it, without waiting for a pause in the typing or for the next try."""
        self.page.keyboard.press("Control+s")
        return self.sees_saved()

    def review(self) -> None:
        self.press("Review and sign")
        expect(self.page).to_have_url(re.compile("/review/$"))

    def sign(self) -> str:
        """Sign what was reviewed and return the note's address."""
        self.press("Sign and lock")
        self.reads("Signed and locked.")
        return self.page.url


@dataclass
class ClientOnPhone(Person):
    """Comes in by a letter, and signs."""

    passphrase: str = ""
    secret: str = ""
    last_step: int = 0

    def open_letter(self, letter: Letter) -> None:
        """Open the link, type the short code, and keep the six words that are drawn."""
        self.open(letter.link)
        self.look("invitation")
        self.type("Short code", letter.code)
        self.press("Continue")
        self.look("passphrase")
        self.passphrase = " ".join(self.page.locator("#proposal").inner_text().split())
        self.type("Your new passphrase", self.passphrase)
        self.type("The same passphrase again", self.passphrase)
        self.press("Continue")

    def set_up_app(self) -> None:
        """Let an app read the key, and type what it shows."""
        self.look("second-factor")
        self.secret = self.page.locator("#secret").input_value()
        self.type("Six-digit code", self.code())
        self.press("Finish")
        expect(self.page).to_have_url(re.compile("/my/$"))

    def code(self) -> str:
        """Say what the app shows, waiting for the next digits where these were used."""
        step = max(int(time.time()) // 30, self.last_step + 1)
        # The step before is accepted too, so half a minute's wait is never needed twice.
        wait_until(datetime.fromtimestamp((step - 1) * 30, UTC))
        self.last_step = step
        return code_at(self.secret, step)

    def agree_to_screen_forms(self) -> None:
        self.open("/my/")
        self.follow("Read and sign")
        self.look("consent-begin")
        self.choose("I can read the sample file")
        self.press("Go on")

    def answer_rightly(self) -> None:
        """Choose the right answer, wherever it was shuffled to, and go on."""
        self.page.locator("label.choice").filter(has_text=_RIGHT_ANSWER).click()
        self.go_on()

    def answer_wrongly(self) -> None:
        """Choose an answer that is not right, and stay on the page."""
        answers = self.page.locator("label.choice").filter(has_not_text=TALK)
        answers.filter(has_not_text=_RIGHT_ANSWER).first.click()
        self.go_on()

    def go_on(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Go on", exact=True).click()

    def ask(self, question: str) -> None:
        """Pin a question to the limit on the page."""
        self.page.get_by_text("Ask my therapist").click()
        self.type("Your question", question)
        self.press("Send the question")
        self.reads("Your question was sent.")

    def sign_limits(self, name: str) -> None:
        """Type name and passphrase under what is signed."""
        self.follow("Go on to the signature")
        self.look("consent-sign")
        self.type("Your full name", name)
        self.type("Your passphrase", self.passphrase)
        self.press("Sign")
        expect(self.page).to_have_url(re.compile("/forms/[0-9a-f-]{36}/receipt/$"))
        self.look("receipt")

    def download_copy(self, folder: Path) -> Path:
        """Keep the signed record as a file."""
        with self.page.expect_download() as waiting:
            self.follow("Download your copy")
        file = folder / "consent.json"
        waiting.value.save_as(file)
        return file
