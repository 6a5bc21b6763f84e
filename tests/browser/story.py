"""Who takes part in the journey, and the words by which what they typed is found again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import APIResponse, Page

from tests.browser.people import ClientOnPhone, Letter, Manager, Person, See, Therapist
from tests.browser.server import Server

OpenPage = Callable[..., Page]

# Words that nobody else would ever write, one for each place that people type into.
NAME = "Tamsin Quillfeather"
QUESTION = "zanzibarquestion"
CONTACT_NOTE = "marzipancall"
EMERGENCY_REASON = "velvetlightning"
MANAGER_LINE = "obsidianheadline"
EMERGENCY_NOTE = "pumpernickelnight"
DRAFT = "gossamerdraft"
NOTE = "hollyhocknote"
ANSWER = "turmericanswer"
PROCESS = "labyrinthprocess"
CANARIES = ["Quillfeather", QUESTION, CONTACT_NOTE, EMERGENCY_REASON, MANAGER_LINE, EMERGENCY_NOTE]
CANARIES += [DRAFT, NOTE, ANSWER, PROCESS]


@dataclass
class Story:
    """Who takes part, and what was learnt on the way."""

    server: Server
    open_page: OpenPage
    provoked: set[str]
    folder: Path
    see: See
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.manager = Manager(self.open_page(), self.see)
        self.dana = Therapist(self.open_page(), self.see)
        self.samuel = Therapist(self.open_page(dark=True), self.see)
        self.client = ClientOnPhone(self.open_page(phone=True), self.see)
        self.letter = Letter("", "", "")

    @property
    def notes_url(self) -> str:
        return f"{self.letter.client_url}notes/"

    def fetch(self, person: Person, address: str) -> APIResponse:
        """Ask for an address in somebody's name, as a script of theirs would."""
        return person.page.request.get(address, max_redirects=0)
