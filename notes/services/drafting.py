"""Drafts: begun through the gate, saved while they are typed, opened again, thrown away."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from access.acting import Actor, service
from access.roles import Role
from audit.acts import Act, Purpose
from audit.services import Receipt, record, record_look
from consent.services.events import lock_client
from keys.prepared import Changes, Prepared, PreparedUpdate
from keys.services import OpenVault, Place, VaultKind, find_vault
from notes.formats import Format
from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.basing import find_basis, require_kind
from notes.services.bodies import Fields, make_or_open, seal_draft, unseal_draft, vault_of
from notes.services.finding import draft_to_write, drafts_at, drafts_of
from notes.services.formatting import find_format, fitting_format
from notes.services.versions import is_due, keep_version, set_aside

if TYPE_CHECKING:
    from clients.models import Client


@dataclass(frozen=True)
class Plan:
    """What somebody is about to write.

    :param minutes: how long the session took
    :param place: of :mod:`notes.places`; empty where nobody said
    :param next_at: when the client comes again; a process note says nothing of it
    :param format: its name; what does not fit the kind counts as none, and then the kind has its own
    :param confirmed: colleagues whose names were on the page, where this makes the record
    :param recoverable: whether the practice recovery key may open the author's process notes
    """

    kind: NoteKind
    session_at: datetime
    minutes: int | None = None
    place: str = ""
    next_at: datetime | None = None
    format: str = ""
    confirmed: frozenset[UUID] = frozenset()
    recoverable: bool = False


@dataclass(frozen=True, repr=False)
class OpenDraft:
    """A draft with its text, after the look was recorded."""

    draft: Draft
    fields: Fields
    receipt: Receipt
    vault: OpenVault

    @property
    def format(self) -> Format:
        return find_format(self.draft.format)

    @property
    def texts(self) -> Fields:
        """Every section with what it holds, empty ones too."""
        return {section.name: self.fields.get(section.name, "") for section in self.format.sections}


@dataclass(frozen=True)
class Saved:
    """Where a draft stands after a save."""

    revision: int
    saved_at: datetime


@dataclass(frozen=True)
class Sent:
    """How a text came.

    :param window: a number that the page drew for itself; None where it came as an ordinary form
    :param turn: how many texts this page has sent, this one included
    :param gone: how many characters of the text before are not in this one; None where nobody counted
    :param typed: whether somebody typed it here; else it still stands where it came from
    """

    window: UUID | None = None
    turn: int = 0
    gone: int | None = None
    typed: bool = True


BY_HAND = Sent()


class DraftConflict(Exception):
    """Another window saved a text meanwhile; `theirs` is that text, and nothing was overwritten."""

    def __init__(self, theirs: OpenDraft) -> None:
        super().__init__(theirs.draft.revision)
        self.theirs = theirs


@service
@transaction.atomic(durable=True)
def begin_draft(*, by: Actor, client: "Client", plan: Plan, at: datetime) -> Draft:
    """Begin a note, or go on with the one that was begun about the same session.

    :raises ConsentMissing, ConsentRefused: the gate says no
    :raises ReadersNotConfirmed: this makes the record, and its readers were not shown
    :raises NotUnderCover, NoRecordYet: a colleague who covers may not write this, or has nothing to write in
    """
    return begin_here(by=by, client=client, plan=plan, at=at)


def begin_here(*, by: Actor, client: "Client", plan: Plan, at: datetime) -> Draft:
    """Begin a note as :func:`begin_draft` does. Belongs inside the caller's transaction."""
    lock_client(by=by, client=client, under_cover=True)
    require_kind(by=by, client=client, kind=plan.kind)
    known = drafts_of(by).filter(client=client, kind=plan.kind, session_at=plan.session_at, amends=None).first()
    if known is not None:
        return known
    basis = find_basis(by=by, client=client, kind=plan.kind, session_at=plan.session_at, at=at)
    draft = Draft(
        client=client,
        author=by.user,
        kind=plan.kind,
        format=fitting_format(plan.kind, plan.format, by=by).name,
        session_at=plan.session_at,
        minutes=plan.minutes,
        place=plan.place,
        next_at=plan.next_at,
        begun_at=at,
        saved_at=at,
        consent_basis_id=basis.consent,
        consent_override_id=basis.override,
    )
    vault = make_or_open(
        by=by, client=client, kind=plan.kind, confirmed=plan.confirmed, recoverable=plan.recoverable, at=at
    )
    draft.sealed_body = seal_draft(vault, draft, {})
    draft.save(force_insert=True)
    record(Act.DRAFT_BEGUN, by=by, target=draft, purpose=Purpose.TREATMENT, basis=basis.for_log(), at=at)
    return draft


@service
def save_draft(*, by: Actor, draft: Draft, revision: int, fields: Fields, at: datetime, sent: Sent = BY_HAND) -> Saved:
    """Seal a new text into a draft. The text of another window is never overwritten: that window's revision differs.

    :param draft: as :func:`notes.services.finding.find_draft` found it
    :param revision: the one that this text was written upon
    :raises DraftConflict: the draft has moved on; the look at its text is in the log, and this text is set aside
    :raises AlreadySigned, NoSuchNote: it is not a draft any more, or never was this person's
    """
    if draft.is_untouched and not any(fields.values()):
        # Nothing was typed, and lists go on saying so.
        return Saved(draft.revision, draft.saved_at)
    return _save(by, draft, revision, fields, sent, at)


def _save(by: Actor, draft: Draft, revision: int, fields: Fields, sent: Sent, at: datetime) -> Saved:
    # A copy, because the caller's own stays as it was found where this is refused.
    after = copy(draft)
    after.revision = revision + 1
    sealed = seal_draft(vault_of(by=by, row=draft), after, fields)
    if _store(by, draft, after.revision, sealed, sent, at):
        return Saved(after.revision, at)
    now = draft_to_write(by=by, draft_id=draft.pk)
    if now.window is None or now.window != sent.window or now.revision == revision:
        raise DraftConflict(_meet(by, draft, fields, sent, at))
    if now.turn >= sent.turn:
        # Overtaken on the way by a later text of the same page.
        return Saved(now.revision, now.saved_at)
    # The page itself saved last, and the answer did not reach it.
    return _save(by, now, now.revision, fields, sent, at)


def _store(by: Actor, draft: Draft, revision: int, sealed: bytes, sent: Sent, at: datetime) -> bool:
    """Put the new text in the place of the revision before it, if it is still there, and keep that where it is time."""
    if by.role != Role.THERAPIST:
        return False
    change = partial(
        _put.run,
        author=by.user.pk,
        draft=draft.pk,
        upon=revision - 1,
        revision=revision,
        body=sealed,
        window=sent.window,
        turn=sent.turn,
        at=at,
        now=timezone.now(),
    )
    if draft.revision != revision - 1 or not is_due(draft, gone=sent.gone, at=at):
        return bool(change(kept_at=draft.kept_at))
    with transaction.atomic(durable=True):
        stored = bool(change(kept_at=at))
        if stored:
            keep_version(draft, at=at)
    return stored


@PreparedUpdate
def _put(
    author: UUID,
    draft: UUID,
    upon: int,
    revision: int,
    body: bytes,
    window: UUID | None,
    turn: int,
    at: datetime,
    kept_at: datetime | None,
    now: datetime,
) -> tuple[QuerySet[Draft], Changes]:
    # One statement that compares and stores: no second save comes between.
    current = drafts_at(author, now).filter(pk=draft, revision=upon)
    changes = {"revision": revision, "sealed_body": body, "saved_at": at, "kept_at": kept_at}
    return current, {**changes, "window": window, "turn": turn}


def _meet(by: Actor, draft: Draft, fields: Fields, sent: Sent, at: datetime) -> OpenDraft:
    theirs = open_to_write(by=by, draft_id=draft.pk, at=at)
    if sent.typed and any(fields.values()) and fields != theirs.texts:
        set_aside(theirs.vault, theirs.draft, fields, receipt=theirs.receipt, at=at)
    return theirs


@service
def open_draft(*, by: Actor, draft_id: UUID, at: datetime) -> OpenDraft:
    """Record the look, then open a draft.

    :raises AlreadySigned, NoSuchNote: it is not a draft any more, or never was this person's
    :raises SealBroken: its text was altered, or moved here
    """
    return open_to_write(by=by, draft_id=draft_id, at=at)


def open_to_write(*, by: Actor, draft_id: UUID, at: datetime) -> OpenDraft:
    """Record the look and open a draft, for a service, which records the refusal itself."""
    draft = draft_to_write(by=by, draft_id=draft_id)
    receipt = record_look(Act.DRAFT_OPENED, by=by, target=draft, purpose=Purpose.TREATMENT, at=at)
    vault = vault_of(by=by, row=draft)
    return OpenDraft(draft, unseal_draft(vault, draft, receipt=receipt), receipt, vault)


@service
@transaction.atomic(durable=True)
def discard_draft(*, by: Actor, draft_id: UUID, at: datetime) -> "Client":
    """Throw a draft away. What was written in it can be brought back for a while.

    :returns: whom it was about
    """
    draft = draft_to_write(by=by, draft_id=draft_id)
    if not draft.is_untouched:
        keep_version(draft, discarded=True, at=at)
    drafts_of(by).filter(pk=draft_id).delete()
    record(Act.DRAFT_DISCARDED, by=by, target=draft, purpose=Purpose.TREATMENT, at=at)
    return draft.client


def list_unfinished(*, by: Actor, client: "Client | None" = None) -> list[Draft]:
    """List this person's drafts, the oldest session first. Nothing is opened."""
    drafts = drafts_of(by).filter(client=client) if client else drafts_of(by)
    return list(drafts.defer("sealed_body").order_by("session_at", "begun_at"))


def count_unfinished(*, by: Actor) -> int:
    """Count this person's drafts."""
    return (_count.first(author=by.user.pk, now=timezone.now()) or 0) if by.role == Role.THERAPIST else 0


@Prepared
def _count(author: UUID, now: datetime) -> QuerySet[Draft, int]:
    return drafts_at(author, now).values("author").annotate(count=Count("pk")).values_list("count", flat=True)


def may_choose_recovery(*, by: Actor, client: "Client") -> bool:
    """Say whether the author has still to choose if the practice recovery key may open these process notes."""
    return find_vault(Place(VaultKind.PROCESS, client.pk, author=by.user.pk)) is None
