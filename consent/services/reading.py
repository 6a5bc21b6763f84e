"""How far a client got, and what was said on the way."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.kinds import DocumentKind, EventKind
from consent.limits import Limit
from consent.models import Event
from consent.publication import Screen
from consent.record import Check, SectionFacts
from consent.services.deciding import current_id
from consent.services.events import open_detail
from consent.services.publishing import NothingPublished, Published, current_text
from consent.services.superseding import FOR_THE_GATE, steps_by_client
from consent.services.talking import Talk, open_talks
from consent.timeline import State, Status, state_at

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class Reading:
    """How far a client got with the texts of today, as the clear columns tell; answers stay sealed.

    :param esign_at: when the client said yes to screen forms, if they did
    :param signed_version: the text of the signature in force, if there is one
    """

    text_id: UUID
    screen_forms_id: UUID
    state: State
    signed_version: UUID | None
    esign_at: datetime | None
    done: frozenset[Limit]

    @property
    def is_signed(self) -> bool:
        """Whether there is nothing to sign: no version since the signature asks for another."""
        return self.state.status is Status.SIGNED


@dataclass(frozen=True)
class Progress(Reading):
    """The same beside the texts themselves, for whoever reads them."""

    text: Published
    screen_forms: Published

    @property
    def next_screen(self) -> Screen | None:
        """The first limit that is not done yet."""
        return next((screen for screen in self.text.screens if screen.code not in self.done), None)

    def next_after(self, number: int) -> Screen | None:
        """Find the limit to go on with: the next one that is not done, and after the last one those left out before."""
        later = (screen for screen in self.text.screens[number:] if screen.code not in self.done)
        return next(later, self.next_screen)


@dataclass(frozen=True)
class Said:
    """What a client did with each limit, opened: `sections` by code, questions in the order they were asked."""

    sections: dict[Limit, SectionFacts]
    talks: tuple[Talk, ...]

    @property
    def to_discuss(self) -> frozenset[Limit]:
        return frozenset(code for code, facts in self.sections.items() if facts.check is Check.TO_DISCUSS)

    def talks_on(self, code: Limit) -> list[Talk]:
        """List the questions that are pinned to one limit."""
        return [talk for talk in self.talks if talk.about is code]


NOTHING_SAID = Said({}, ())


def progress_of(*, client: "Client", at: datetime) -> Progress:
    """Say how far a client got, and open the texts.

    :raises NothingPublished: there is nothing to read
    """
    text = current_text(DocumentKind.CONFIDENTIALITY, at=at)
    screen_forms = current_text(DocumentKind.SCREEN_FORMS, at=at)
    reading = _reading(client, text.id, screen_forms.id, at)
    return Progress(**vars(reading), text=text, screen_forms=screen_forms)


def reading_of(*, client: "Client", at: datetime) -> Reading:
    """Say how far a client got, without a word of what they read.

    :raises NothingPublished: there is nothing to read
    """
    text_id, screen_forms_id = current_id(at=at), current_id(at=at, kind=DocumentKind.SCREEN_FORMS)
    if text_id is None or screen_forms_id is None:
        raise NothingPublished
    return _reading(client, text_id, screen_forms_id, at)


def _reading(client: "Client", text_id: UUID, screen_forms_id: UUID, at: datetime) -> Reading:
    events = list(Event.objects.filter(client=client).only(*FOR_THE_GATE, "section"))
    state = state_at(steps_by_client(events)[client.pk], at)
    agreed = [event.at for event in events if _is(event, EventKind.ESIGN_CONSENTED, screen_forms_id)]
    return Reading(
        text_id=text_id,
        screen_forms_id=screen_forms_id,
        state=state,
        signed_version=next((event.version_id for event in events if event.id == _signature(state)), None),
        esign_at=min(agreed, default=None),
        done=frozenset(Limit(event.section) for event in events if _is(event, EventKind.SECTION_DONE, text_id)),
    )


def _is(event: Event, kind: EventKind, version_id: UUID) -> bool:
    return event.kind == kind and event.version_id == version_id


def _signature(state: State) -> UUID | None:
    return state.signature.id if state.signature else None


def look_at_section(*, by: Actor, client: "Client", text: Published, code: Limit, at: datetime) -> Said:
    """Open what was said on one limit; without a look, and without an entry, where nothing was."""
    if not Event.objects.filter(client=client, section=code).exists():
        return NOTHING_SAID
    return look_at_answers(by=by, client=client, text=text, at=at)


def look_at_answers(*, by: Actor, client: "Client", text: Published, at: datetime) -> Said:
    """Record the client's own look, then open all that was said."""
    receipt = record_look(Act.CONSENT_OPENED, by=by, target=client, purpose=purpose_of(by), at=at)
    return open_answers(by=by, client=client, text=text, receipt=receipt, at=at)


def open_answers(*, by: Actor, client: "Client", text: Published, receipt: Receipt, at: datetime) -> Said:
    """Open what was said on the limits of one text, and every question.

    :raises NoVault, NoGrant: the client has not enrolled, or this reader waits for the key
    """
    sections = open_sections(by=by, client=client, text=text, receipt=receipt)
    return Said(sections, open_talks(by=by, client=client, receipt=receipt, at=at))


def open_sections(*, by: Actor, client: "Client", text: Published, receipt: Receipt) -> dict[Limit, SectionFacts]:
    """Open how each limit of one text was answered, the last time it was.

    :raises NoVault, NoGrant: the client has not enrolled, or this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    vault = shared_vault(by=by, client=client)
    events = Event.objects.filter(client=client, kind=EventKind.SECTION_DONE, version=text.id)
    done = [(event, open_detail(vault, event, receipt=receipt)) for event in events.order_by("at")]
    # Events of one minute have one time: their sealed revision tells which came last.
    done.sort(key=lambda pair: int(str(pair[1]["revision"])))
    last = {Limit(event.section): (event, Check(str(detail["check"]))) for event, detail in done}
    return {
        screen.code: SectionFacts.done(screen.code, screen.kind, at=event.at, check=check)
        for screen in text.screens
        for event, check in [last.get(screen.code, (None, None))]
        if event is not None and check is not None
    }
