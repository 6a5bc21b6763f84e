"""A client who asks, and a therapist who answers."""

from uuid import uuid4

from django.utils import timezone

from access.roles import Role
from consent.kinds import EventKind, Topic
from consent.models import Event
from consent.services.deciding import state_of
from consent.services.talking import Answering, Asked, Talk, answer_question, ask_question, look_at_talks
from tests.cast import Cast


class Room:
    """A client who asks, a therapist who answers."""

    def __init__(self, cast: Cast) -> None:
        self.robin = cast.robin.person.as_(Role.CLIENT)
        self.dana = cast.dana.as_(Role.THERAPIST)
        self.client = cast.robin.record

    def ask(self, about=Topic.OTHER, text="Who types the notes?", *, nonce=None, at=None) -> None:
        asked = Asked(about, text, nonce or uuid4())
        ask_question(by=self.robin, client=self.client, asked=asked, at=at or timezone.now())

    def answer(self, text="I do.", *, question=None, client=None) -> None:
        question = question or Event.objects.get(kind=EventKind.QUESTION_ASKED).id
        answer = Answering(question, text, uuid4())
        answer_question(by=self.dana, client=client or self.client, answer=answer, at=timezone.now())

    def talks(self, *, at=None) -> tuple[Talk, ...]:
        return look_at_talks(by=self.robin, client=self.client, at=at or timezone.now())

    @property
    def waiting(self) -> int:
        return state_of(client=self.client, at=timezone.now()).unanswered
