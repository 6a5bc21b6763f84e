"""Changing what a draft says about itself: when and where it was, which the gate judges, and its format."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act, Purpose
from audit.services import record
from clients.services.covers import is_reachable
from clients.services.finding import end_of_care
from notes.models import Draft
from notes.services.basing import NotAllowedYet, NoteBasis, basis_of, find_basis
from notes.services.bodies import seal_draft, vault_of
from notes.services.drafting import OpenDraft, open_to_write
from notes.services.finding import draft_to_write, drafts_of
from notes.services.formatting import other_formats


@dataclass(frozen=True)
class Moment:
    """When a session began, how many minutes it took, where, and when the next one is; an empty place says nothing."""

    session_at: datetime
    minutes: int | None
    place: str = ""
    next_at: datetime | None = None


class NotRedated(Refusal):
    """The draft stays as it was; `message` says why."""

    act = Act.NOTE_REFUSED


class MomentTaken(NotRedated):
    """The author has another draft of this kind about that moment."""

    message = "You have another draft of this kind about that moment. Finish one of them first, or throw it away."


class MomentOfNote(NotRedated):
    """An addendum is about the moment that its note is about."""

    message = "An addendum is about the same moment as its note, which stays as it was signed."


class SavedMeanwhile(NotRedated):
    """The text was saved while its seal was renewed."""

    message = "This draft was saved in another window just now. Please try once more."


class CareHasEnded(NotRedated):
    """The author's care ended, and left this moment open to them no more; the same words whatever the client did."""

    message = (
        "This client is no longer in your care. The draft can keep its moment, or take one from the time of your care "
        "at which you could have written it."
    )


class FormatStays(NotRedated):
    """Something is written, and another format would have no place for it; or the kind has no such format."""

    message = (
        "The format stays: it can be changed only while nothing is written, and only to one that fits this kind of "
        "note. What you typed is kept. To write it in another format, begin another note and throw this draft away."
    )


@service
def redate_draft(*, by: Actor, draft_id: UUID, moment: Moment, at: datetime) -> None:
    """Change when a draft says that it was. Its text is sealed anew, because the seal binds the moment.

    :raises ConsentMissing, ConsentRefused: the gate says no to the new moment; the draft keeps its own
    :raises CareHasEnded, MomentOfNote, MomentTaken, SavedMeanwhile: see there
    :raises AlreadySigned, NoSuchNote: it is not a draft any more, or never was this person's
    """
    opened = open_to_write(by=by, draft_id=draft_id, at=at)
    if opened.draft.amends_id:
        raise MomentOfNote(opened.draft)
    try:
        _redate(by, opened, moment, at)
    except IntegrityError as taken:
        raise MomentTaken(opened.draft) from taken


@transaction.atomic(durable=True)
def _redate(by: Actor, opened: OpenDraft, moment: Moment, at: datetime) -> None:
    basis = _basis(by, opened.draft, moment, at)
    consent = {"consent_basis_id": basis.consent, "consent_override_id": basis.override}
    _seal_anew(by, opened, **vars(moment), **consent)
    record(Act.DRAFT_REDATED, by=by, target=opened.draft, purpose=Purpose.TREATMENT, basis=basis.for_log(), at=at)


def say_next(*, by: Actor, draft: Draft, next_at: datetime | None, at: datetime) -> None:
    """Let a draft name the next session that was typed, where it was begun before with another or none.

    :raises SavedMeanwhile: see there
    """
    if next_at and draft.next_at != next_at:
        moment = Moment(draft.session_at, draft.minutes, draft.place, next_at)
        redate_draft(by=by, draft_id=draft.pk, moment=moment, at=at)


@service
def reformat_draft(*, by: Actor, draft_id: UUID, name: str, at: datetime) -> None:
    """Give a draft in which nothing is written yet another format.

    :param name: of one that its kind may be written in
    :raises FormatStays, SavedMeanwhile: see there
    :raises AlreadySigned, NoSuchNote: it is not a draft any more, or never was this person's
    """
    opened = open_to_write(by=by, draft_id=draft_id, at=at)
    if name not in {format_.name for format_ in other_formats(opened.draft, by=by)}:
        raise FormatStays(opened.draft)
    _reformat(by, opened, name, at)


@transaction.atomic(durable=True)
def _reformat(by: Actor, opened: OpenDraft, name: str, at: datetime) -> None:
    _seal_anew(by, opened, format=name)
    record(Act.DRAFT_REFORMATTED, by=by, target=opened.draft, purpose=Purpose.TREATMENT, at=at)


def _seal_anew(by: Actor, opened: OpenDraft, **changed: Any) -> None:
    draft, revision = opened.draft, opened.draft.revision
    # Whoever saves upon the revision before has sealed under what stood there, and has to come again.
    changed |= {"revision": revision + 1, "window": None}
    for name, value in changed.items():
        setattr(draft, name, value)
    sealed = seal_draft(vault_of(by=by, row=draft), draft, opened.fields)
    if not drafts_of(by).filter(pk=draft.pk, revision=revision).update(**changed, sealed_body=sealed):
        draft_to_write(by=by, draft_id=draft.pk)
        raise SavedMeanwhile(draft)


def _basis(by: Actor, draft: Draft, moment: Moment, at: datetime) -> NoteBasis:
    if moment.session_at == draft.session_at:
        # What was begun while it was allowed keeps what it began with.
        return basis_of(draft)
    if is_reachable(by=by, client=draft.client):
        return find_basis(by=by, client=draft.client, kind=draft.note_kind, session_at=moment.session_at, at=at)
    return _basis_of_then(by, draft, moment)


def _basis_of_then(by: Actor, draft: Draft, moment: Moment) -> NoteBasis:
    ended_at = end_of_care(by=by, client=draft.client, covering=moment.session_at)
    if ended_at is None:
        raise CareHasEnded(draft)
    try:
        # As the gate stood when the care ended: what the client did since is not this author's to learn.
        return find_basis(by=by, client=draft.client, kind=draft.note_kind, session_at=moment.session_at, at=ended_at)
    except NotAllowedYet as refused:
        raise CareHasEnded(draft) from refused
