"""Writing what happened between a client and a text, and opening what was said with it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from access.acting import Actor
from audit.actors import Named
from audit.acts import Act
from audit.entries import Details, SealedDetail
from audit.services import Receipt, record
from clients.services.covers import no_such, reachable_by
from clients.services.finding import NoSuchClient, clients_of
from clients.services.purposes import purpose_of
from clients.services.vaults import shared_vault
from consent.kinds import SECTION_EVENTS, EventKind
from consent.models import Event
from consent.sealed import bind_detail
from keys.errors import SealBroken
from keys.services import OpenVault

if TYPE_CHECKING:
    from clients.models import Client

Detail = dict[str, Any]


class NoSuchForm(NoSuchClient):
    """A form that was sent before, for another record or another act: at this address there is none."""


@dataclass(frozen=True)
class Happening:
    """One thing to write down. `nonce` is the form's own number: the same form sent twice is one event."""

    kind: EventKind
    act: Act
    section: str = ""
    version_id: UUID | None = None
    nonce: UUID = field(default_factory=uuid4)
    detail: Detail | None = None
    question_id: UUID | None = None


def write_event(*, by: Actor, client: "Client", happening: Happening, at: datetime) -> Event:
    """Store an event with its entry, once for each form. Belongs inside the caller's transaction.

    What is about one section carries only the minute, here and in the log, so that nobody can see how fast
    somebody reads.
    """
    known = Event.objects.filter(nonce=happening.nonce, client=client, kind=happening.kind).first()
    if known is not None:
        return known
    if happening.kind in SECTION_EVENTS:
        at = at.replace(second=0, microsecond=0)
    event = store_event(by=by, client=client, happening=happening, at=at)
    record(happening.act, by=by, target=event, at=at, **_facts(by, event))
    return event


def store_event(*, by: Actor, client: "Client", happening: Happening, at: datetime) -> Event:
    """Store an event, its detail sealed in `shared`, for an act whose entry the caller writes.

    :raises NoSuchForm: the form's number was used elsewhere
    """
    if Event.objects.filter(nonce=happening.nonce).exists():
        raise NoSuchForm(client)
    event = Event(
        client=client,
        kind=happening.kind,
        section=happening.section,
        version_id=happening.version_id,
        nonce=happening.nonce,
        question_id=happening.question_id,
        by=by.user.pk,
        at=at,
    )
    if happening.detail is not None:
        vault = shared_vault(by=by, client=client)
        event.sealed_detail = vault.seal(json.dumps(happening.detail), bound_to=bind_detail(event))
    event.save(force_insert=True)
    return event


def open_detail(vault: OpenVault, event: Event, *, receipt: Receipt) -> Detail:
    """Open what was said with an event; empty where nothing was.

    :raises SealBroken: altered, moved here from another event, or the row around it was altered
    """
    if event.sealed_detail is None:
        if event.kind in SECTION_EVENTS:
            # These always say something: a row without it was planted, or its words were taken away.
            raise SealBroken
        return {}
    detail: Detail = json.loads(vault.unseal(event.sealed_detail, bound_to=bind_detail(event), receipt=receipt))
    return detail


def lock_client(*, by: Actor, client: "Client", under_cover: bool = False) -> None:
    """Let one request at a time decide about this client. Belongs inside the caller's transaction.

    :param under_cover: let a colleague in who has opened the record under cover
    :raises NoSuchClient: no longer theirs, though it was when the page was asked for
    """
    theirs = reachable_by(by) if under_cover else clients_of(by)
    if theirs.select_for_update().filter(pk=client.pk).first() is None:
        raise no_such(by=by, client_id=client.pk, asked=Named("clients.client", client.pk))


def _facts(by: Actor, event: Event) -> Details:
    facts: Details = {"purpose": purpose_of(by)}
    if event.section:
        facts["fields"] = [event.section]
    if event.sealed_detail is not None:
        facts["enc"] = SealedDetail.of(bytes(event.sealed_detail), key_name="shared")
    return facts
