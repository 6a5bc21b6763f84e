"""Questions to the care team and their answers, sealed for both, before a signature and after it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, service
from audit.acts import Act
from audit.services import Receipt, count_since_look, record_look
from clients.services.finding import NoSuchClient
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.kinds import EventKind, Topic
from consent.limits import Limit
from consent.models import Event
from consent.services.deciding import current_id, current_version
from consent.services.events import Detail, Happening, lock_client, open_detail, write_event
from consent.services.publishing import published

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from clients.models import Client

About = Limit | Topic
# The order in which they are offered.
TOPIC_WORDS: Mapping[About, str] = {Topic.OTHER: "Something else", Topic.LOOK: "Who opened the record"}
_TALKS = (EventKind.QUESTION_ASKED, EventKind.ANSWERED)


class NoSuchQuestion(NoSuchClient):
    """No question of this client has this id, or no text of today has this part: as unknown as a client may be."""


@dataclass(frozen=True, repr=False)
class Asked:
    """What a client asks. `nonce` is the form's own number."""

    about: About
    text: str
    nonce: UUID


@dataclass(frozen=True, repr=False)
class Answering:
    """What a therapist answers to one question."""

    question: UUID
    text: str
    nonce: UUID


@dataclass(frozen=True)
class Answer:
    """What a therapist answered."""

    text: str
    at: datetime


@dataclass(frozen=True)
class Talk:
    """A question to the care team, the part or topic it belongs to, and what came back."""

    id: UUID
    about: About
    title: str
    question: str
    at: datetime
    answers: tuple[Answer, ...]


def titles_at(at: datetime) -> dict[About, str]:
    """Name everything that a client may ask about now: the parts of the text in force, then the topics."""
    version = current_version(at=at)
    screens = published(version).screens if version else ()
    parts: dict[About, str] = {screen.code: f"Part {screen.number}: {screen.title}" for screen in screens}
    return {**parts, **TOPIC_WORDS}


@service
@transaction.atomic(durable=True)
def ask_question(*, by: Actor, client: "Client", asked: Asked, at: datetime) -> None:
    """Pin a question to a limit or a topic, sealed for client and care team.

    :raises NoSuchQuestion: it is about a limit, and no text is in force
    :raises NoVault: the client has not finished enrolling
    """
    lock_client(by=by, client=client)
    about, detail = asked.about, {"text": asked.text}
    if isinstance(about, Topic):
        # A limit stands in the clear, as answers to it do; what else somebody wonders about does not.
        happening = Happening(
            EventKind.QUESTION_ASKED, Act.CONSENT_ASKED, nonce=asked.nonce, detail={**detail, "about": about}
        )
    else:
        version_id = current_id(at=at)
        if version_id is None:
            raise NoSuchQuestion(client)
        happening = Happening(EventKind.QUESTION_ASKED, Act.CONSENT_ASKED, about, version_id, asked.nonce, detail)
    write_event(by=by, client=client, happening=happening, at=at)


@service
@transaction.atomic(durable=True)
def answer_question(*, by: Actor, client: "Client", answer: Answering, at: datetime) -> None:
    """Answer a client's question, or add to an answer; it stands where the question was asked.

    :raises NoSuchQuestion: this client asked no such question
    """
    lock_client(by=by, client=client)
    asked = Event.objects.filter(pk=answer.question, client=client, kind=EventKind.QUESTION_ASKED).first()
    if asked is None:
        raise NoSuchQuestion(client)
    happening = Happening(
        EventKind.ANSWERED,
        Act.CONSENT_ANSWERED,
        asked.section,
        asked.version_id,
        answer.nonce,
        {"text": answer.text},
        asked.id,
    )
    write_event(by=by, client=client, happening=happening, at=at)


def look_at_talks(*, by: Actor, client: "Client", at: datetime) -> tuple[Talk, ...]:
    """Record the look, then open a client's questions in the order they were asked.

    :raises NoVault, NoGrant: the client has not enrolled, or this reader waits for the key
    """
    if not has_talks(client):
        return ()
    receipt = record_look(Act.CONSENT_ANSWERS_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    return open_talks(by=by, client=client, receipt=receipt, at=at)


def count_new_answers(*, by: Actor, client: "Client") -> int:
    """Count what was answered since this person last opened the questions; nothing sealed is opened for it."""
    answered = Event.objects.filter(client=client, kind=EventKind.ANSWERED).values_list("pk", flat=True)
    look = Act.CONSENT_ANSWERS_READ
    return count_since_look(Act.CONSENT_ANSWERED, targets=answered, look=look, target=client.pk, actor_id=by.audit_id)


def has_talks(client: "Client") -> bool:
    """Say whether there is a question to open."""
    return _talk_events(client).exists()


def open_talks(*, by: Actor, client: "Client", receipt: Receipt, at: datetime) -> tuple[Talk, ...]:
    """Open a client's questions, each with its answers, in the order they were asked.

    :raises NoVault, NoGrant: the client has not enrolled, or this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    vault, titles = shared_vault(by=by, client=client), titles_at(at)
    opened = [(event, open_detail(vault, event, receipt=receipt)) for event in _talk_events(client)]
    answers: dict[UUID | None, list[Answer]] = defaultdict(list)
    for event, detail in opened:
        if event.kind == EventKind.ANSWERED:
            answers[event.question_id].append(Answer(str(detail["text"]), event.at))
    return tuple(
        _talk(event, detail, titles, answers[event.id])
        for event, detail in opened
        if event.kind == EventKind.QUESTION_ASKED
    )


def _talk_events(client: "Client") -> "QuerySet[Event]":
    return Event.objects.filter(client=client, kind__in=_TALKS).order_by("at")


def _talk(event: Event, detail: Detail, titles: Mapping[About, str], answers: list[Answer]) -> Talk:
    about: About = Limit(event.section) if event.section else Topic(detail["about"])
    # A part that the text of today no longer has goes by its code.
    title = titles.get(about, about)
    return Talk(event.id, about, title, str(detail["text"]), event.at, tuple(answers))
