"""The client's steps before the signature. Each is kept at once, so that another device can go on."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act
from consent.kinds import DocumentKind, EventKind
from consent.limits import Limit
from consent.models import Event
from consent.record import Check
from consent.services.deciding import current_id
from consent.services.events import Happening, lock_client, write_event
from consent.services.reading import Progress, Reading, progress_of, reading_of

if TYPE_CHECKING:
    from clients.models import Client


class StepRefused(Refusal):
    """A step that is not possible now; the page goes back to where the client stands."""

    act = Act.CONSENT_REFUSED


class StaleText(StepRefused):
    """The form is about another version, or other words, than would be signed now."""

    message = "This form changed while you were reading. Please look at it as it is now."


class ScreenFormsMissing(StepRefused):
    """The client has not said yes to forms on screen."""

    message = "Please say first whether you want this form on screen."


class AlreadySigned(StepRefused):
    """What was signed is not answered again."""

    message = "You have signed this form already. You can take your signature back at any time."


@dataclass(frozen=True)
class Done:
    """One limit, read and answered."""

    version_id: UUID
    code: Limit
    check: Check
    nonce: UUID


@service
@transaction.atomic(durable=True)
def begin_reading(*, by: Actor, client: "Client", at: datetime) -> Progress:
    """Note that the client has opened the text of today, the first time they do.

    :raises NothingPublished: there is none
    """
    lock_client(by=by, client=client)
    progress = progress_of(client=client, at=at)
    if not Event.objects.filter(client=client, kind=EventKind.OPENED, version=progress.text.id).exists():
        opened = Happening(EventKind.OPENED, Act.CONSENT_OPENED, version_id=progress.text.id)
        write_event(by=by, client=client, happening=opened, at=at)
    return progress


@service
@transaction.atomic(durable=True)
def agree_to_screen_forms(*, by: Actor, client: "Client", version_id: UUID, nonce: UUID, at: datetime) -> None:
    """Keep the client's yes to forms on screen, a text with a hash of its own.

    :raises StaleText: the tick was under another version
    """
    if version_id != current_id(kind=DocumentKind.SCREEN_FORMS, at=at):
        raise StaleText(client)
    agreed = Happening(EventKind.ESIGN_CONSENTED, Act.CONSENT_SECTION_DONE, version_id=version_id, nonce=nonce)
    write_event(by=by, client=client, happening=agreed, at=at)


@service
@transaction.atomic(durable=True)
def finish_section(*, by: Actor, client: "Client", done: Done, at: datetime) -> None:
    """Keep that a limit was understood, or that it waits for a talk. Tries are not kept.

    :raises StaleText, ScreenFormsMissing, AlreadySigned: see there
    """
    lock_client(by=by, client=client)
    require_open_text(client=client, reading=reading_of(client=client, at=at), version_id=done.version_id)
    kind = EventKind.SECTION_DONE
    before = Event.objects.filter(client=client, kind=kind, version=done.version_id, section=done.code).count()
    detail = {"check": done.check, "revision": before + 1}
    happening = Happening(kind, Act.CONSENT_SECTION_DONE, done.code, done.version_id, done.nonce, detail)
    write_event(by=by, client=client, happening=happening, at=at)


def require_open_text(*, client: "Client", reading: Reading, version_id: UUID) -> None:
    """Hold a step to the text of today, after the yes to screen forms and before the signature.

    :raises StaleText, ScreenFormsMissing, AlreadySigned: see there
    """
    if version_id != reading.text_id:
        raise StaleText(client)
    if reading.esign_at is None:
        raise ScreenFormsMissing(client)
    if reading.is_signed:
        raise AlreadySigned(client)
