"""Dana asks Robin, who has signed, to fill in a questionnaire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.utils import timezone

from access.roles import Role
from clients.models import Client
from measures.instruments import instruments
from measures.models import Closing, Result, Sheet
from measures.services.asking import Filled, ask_for_measure, fill_in_together
from measures.services.closing import Done, close_measure
from measures.services.filling import keep_answer, send_sheet
from practice.cast import Person
from tests.beginnings import beginning
from tests.cast import Cast
from tests.clients.conftest import Record

PHQ, GAD = instruments()["phq-9"], instruments()["gad-7"]
# Nine items and the one that is never counted; the ninth at "several days".
ALARMING = (1, 2, 0, 3, 0, 1, 1, 0, 1, 2)
CALM = (1, 2, 0, 3, 0, 1, 1, 0, 0, 1)
DONE = "Called at once; plan for the night agreed. Grünspecht-4471"


@dataclass(frozen=True)
class Room(Record):
    """A client, their therapist, and what passes between them."""

    def ask(self, instrument=PHQ) -> Sheet:
        return ask_for_measure(by=self.dana, client=self.client, instrument=instrument, at=timezone.now())

    def fill(self, answers: Sequence[int | None] = ALARMING, *, instrument=PHQ) -> Sheet:
        """Let the client answer, and stop before sending."""
        sheet = self.ask(instrument)
        for number, value in enumerate(answers, start=1):
            self.answer(sheet, number, value)
        return sheet

    def answer(self, sheet: Sheet, number: int, value: int | None) -> None:
        keep_answer(by=self.robin, sheet=sheet, number=number, value=value, at=timezone.now())

    def send(self, answers: Sequence[int | None] = ALARMING, *, instrument=PHQ, at: datetime | None = None) -> Result:
        return send_sheet(by=self.robin, sheet=self.fill(answers, instrument=instrument), at=at or timezone.now())

    def together(self, answers: Sequence[int | None], *, instrument=PHQ, at: datetime | None = None) -> Result:
        filled = Filled(uuid4(), instrument, answers)
        return fill_in_together(by=self.dana, client=self.client, filled=filled, at=at or timezone.now())

    def close(self, measure: Sheet | Result, words: str = DONE, *, by: Person | None = None) -> Closing:
        actor = by.as_(Role.THERAPIST) if by else self.dana
        return close_measure(by=actor, measure=measure, done=Done(words), at=timezone.now())


@beginning
def unsigned(cast: Cast) -> Room:
    return Room(cast, Client.objects.get(pk=cast.robin.client_id))


@beginning
def room(robin_signed: Cast, unsigned: Room) -> Room:
    return unsigned
