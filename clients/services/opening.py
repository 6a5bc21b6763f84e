"""Breaking the glass: a colleague who covers opens a record for some hours, with a reason that others read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.actors import Named
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis, SealedDetail
from audit.services import Receipt, record
from clients.kinds import OpeningCode
from clients.models import Client
from clients.models.cover import Cover, Opening
from clients.sealed import bind_opening
from clients.services.covers import no_such, running_covers, standing_covers
from clients.services.finding import NoSuchClient, clients_of, in_care_of
from clients.services.letters import write_letter
from clients.services.parting import look_at_each
from clients.services.purposes import purpose_of
from keys.errors import KeysError, NoGrant
from keys.services import OpenVault, Place, VaultKind, find_vault, holds_key, open_vault, open_vaults, require_open

WINDOW = timedelta(hours=12)
# How long the therapist's first page tells of an opening.
TOLD = timedelta(days=14)


class NoKeyUnderCover(Refusal):
    """A cover without keys opens nothing, whoever wrote it into the database."""

    act = Act.KEY_REFUSED
    message = (
        "You do not hold the keys to this record. Whoever arranged the cover has to name you anew. Nothing opened."
    )


@dataclass(frozen=True, repr=False)
class Because:
    """Why a record cannot wait for its therapist.

    :param line: one line, for the care team and the manager
    :param nonce: the form's own number
    """

    code: OpeningCode
    line: str
    nonce: UUID


@dataclass(frozen=True)
class Told:
    """An opening, as therapist and manager are told of it. `line` is what was typed; None without its key.

    `label` names the client: by code, where the page that tells it does not know better.
    """

    id: UUID
    client: Client
    label: str
    colleague: str
    covered: str
    words: str
    line: str | None
    at: datetime
    until: datetime


@service
def find_cover(*, by: Actor, client_id: UUID, at: datetime) -> Cover:
    """Find the cover under which this person may open a client's record now.

    :raises NoSuchClient, CoverClosed: there is none; the address as asked is in the log
    """
    return _cover_now(by, client_id, at)


def browse_covers(*, by: Actor, at: datetime) -> list[Cover]:
    """List for whom this person covers, or will, by code: nothing is opened, and no name is known."""
    return list(standing_covers(at=at).filter(colleague=by.user).order_by("starts_at", "client__code"))


@service
@transaction.atomic(durable=True)
def open_record(*, by: Actor, cover: Cover, because: Because, at: datetime) -> Opening:
    """Open a record under cover for some hours, never beyond the cover. Never made longer: a new one is a new reason.

    :raises NoSuchClient, CoverClosed: the cover ended meanwhile
    :raises NoKeyUnderCover: it gave no key
    """
    Client.objects.select_for_update().get(pk=cover.client_id)
    cover = _cover_now(by, cover.client_id, at)
    known = Opening.objects.filter(nonce=because.nonce, cover=cover).first()
    if known is not None:
        return known
    vault = _contact_of(by, cover.client)
    opening = Opening(cover=cover, nonce=because.nonce, code=because.code, opened_at=at)
    opening.until = min(at + WINDOW, cover.ends_at)
    opening.sealed_reason = vault.seal(because.line, bound_to=bind_opening(opening))
    opening.save(force_insert=True)
    record(
        Act.COVER_OPENED,
        by=by,
        target=opening,
        purpose=Purpose.EMERGENCY_TREATMENT,
        basis=Basis(Ground.COVER, cover.pk),
        enc=SealedDetail.of(opening.sealed_reason, key_name="contact"),
        fields=[because.code],
        at=at,
    )
    write_letter(by=by, client=cover.client, text=_letter(opening), at=at)
    return opening


def openings_to_review(*, by: Actor, at: datetime) -> QuerySet[Opening]:
    """Say which openings a manager may know of and nobody has looked into. One's own are not one's own to judge."""
    if by.role != Role.MANAGER:
        return Opening.objects.none()
    openings = Opening.objects.filter(reviewed_at=None, opened_at__lte=at, cover__client__in=clients_of(by))
    return openings.exclude(cover__colleague=by.user)


def openings_to_tell(*, by: Actor, at: datetime) -> QuerySet[Opening]:
    """Say which openings a therapist is told of: of late, of records in their care."""
    openings = Opening.objects.filter(cover__client__in=in_care_of(by), opened_at__gt=at - TOLD)
    return openings.exclude(cover__colleague=by.user)


def tell_of(openings: QuerySet[Opening], *, by: Actor, at: datetime) -> list[Told]:
    """Record the look at all of them, then open their reasons, the newest first; no look at none."""
    rows = list(openings.select_related("cover__client", "cover__colleague", "cover__given_by").order_by("-opened_at"))
    clients = [row.cover.client for row in rows]
    receipts = look_at_each(Act.COVER_REASON_READ, by=by, clients=clients, purpose=purpose_of(by), at=at)
    if not receipts:
        return []
    vaults = open_vaults(by=by.keys, kind=VaultKind.CONTACT, subjects=list(receipts))
    return [_told(row, vaults[row.cover.client_id], receipts[row.cover.client_id]) for row in rows]


@service
@transaction.atomic(durable=True)
def review_opening(*, by: Actor, opening_id: UUID, at: datetime) -> None:
    """Note that a manager has looked into an opening. Noted twice, the first stays.

    :raises NoSuchClient: none that this manager may know of
    """
    opening = Opening.objects.filter(pk=opening_id, cover__client__in=clients_of(by)).exclude(cover__colleague=by.user)
    found = opening.select_for_update(of=("self",)).first()
    if found is None:
        raise NoSuchClient(Named("clients.opening", opening_id))
    if found.reviewed_at is None:
        opening.update(reviewed_by=by.user, reviewed_at=at)
        record(Act.COVER_REVIEWED, by=by, target=found, purpose=purpose_of(by), at=at)


def _cover_now(by: Actor, client_id: UUID, at: datetime) -> Cover:
    cover = running_covers(at=at).filter(colleague=by.user, client=client_id).first()
    if cover is None:
        raise no_such(by=by, client_id=client_id, asked=Named("clients.client", client_id))
    return cover


def _contact_of(by: Actor, client: Client) -> OpenVault:
    """Open the contact; whoever covers holds the record's key too, if there is a record."""
    key_id, contact = require_open(by.keys).key_id, Place(VaultKind.CONTACT, client.pk)
    written = Place(VaultKind.RECORD, client.pk)
    if find_vault(written) and not holds_key(key_id=key_id, place=written):
        raise NoKeyUnderCover(client)
    try:
        return open_vault(by=by.keys, place=contact)
    except NoGrant as error:
        raise NoKeyUnderCover(client) from error


def _letter(opening: Opening) -> str:
    cover, until = opening.cover, date_format(localtime(opening.until), "j F, H:i")
    return (
        f"{cover.colleague.display_name} opened your record, covering for {cover.given_by.display_name}. "
        f"The reason: {OpeningCode(opening.code).words.lower()}. It closes by itself on {until}."
    )


def _told(row: Opening, vault: OpenVault | KeysError, receipt: Receipt) -> Told:
    cover, line = row.cover, None
    if not isinstance(vault, KeysError):
        line = vault.unseal(row.sealed_reason, bound_to=bind_opening(row), receipt=receipt)
    return Told(
        id=row.pk,
        client=cover.client,
        label=cover.client.code,
        colleague=cover.colleague.display_name,
        covered=cover.given_by.display_name,
        words=OpeningCode(row.code).words,
        line=line,
        at=row.opened_at,
        until=row.until,
    )
