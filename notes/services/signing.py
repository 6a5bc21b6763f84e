"""Signing: the draft becomes a note, or is added to one, and nobody changes it any more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.acts import Act, Purpose
from audit.entries import SealedDetail
from audit.services import record
from audit.words import LATE_ENTRY
from clients.services.finding import is_in_care
from consent.publication import Screen
from consent.services.deciding import signature_of
from consent.services.discussing import TalkMissing, look_at_marks, mark_discussed
from keys.prepared import Prepared, PreparedDelete
from keys.services import require_open
from notes.kinds import NEEDS_NOTHING, NoteKind
from notes.models import Draft, Note
from notes.services.amending import sign_addendum
from notes.services.basing import basis_to_finish
from notes.services.bodies import seal_and_sign
from notes.services.drafting import OpenDraft, open_to_write
from notes.services.finding import AlreadySigned, draft_to_write, drafts_at
from notes.services.versions import forget_versions


class NotAsReviewed(Refusal):
    """The draft cannot be signed as it was sent; the page of the review says why."""

    act = Act.NOTE_REFUSED


class DraftChanged(NotAsReviewed):
    """The draft is not the one that was reviewed."""

    message = "This draft was changed in another window after you reviewed it. Please look through it again."


class NoteIncomplete(NotAsReviewed):
    """A section that this kind of note needs is empty, or contradicts another."""

    message = "This note is not ready to be signed: look for what is marked below."


@service
def sign_note(*, by: Actor, draft_id: UUID, revision: int, talked: bool = False, at: datetime) -> Note:
    """Seal and sign a draft as it was reviewed; the draft is gone then. Signing twice gives the same note.

    :param revision: the one that was reviewed
    :param talked: the author ticked that what had stayed unclear to the client was talked about
    :returns: the note, also where the draft was added to one
    :raises DraftChanged, NoteIncomplete: see there
    :raises TalkMissing: something stayed unclear, and nobody has ticked the talk about it
    :raises WithdrawnMeanwhile: see :func:`notes.services.amending.sign_addendum`
    :raises NoSuchNote: not this person's draft, or none
    """
    try:
        opened = open_to_write(by=by, draft_id=draft_id, at=at)
    except AlreadySigned as signed:
        return signed.note
    if opened.draft.revision != revision:
        raise DraftChanged(opened.draft)
    if opened.format.problems(opened.fields):
        raise NoteIncomplete(opened.draft)
    if unclear_before(by=by, opened=opened, at=at):
        if not talked:
            raise TalkMissing(opened.draft)
        mark_discussed(by=by, client=opened.draft.client, at=at)
    return _sign(by, opened, at)


def unclear_before(*, by: Actor, opened: OpenDraft, at: datetime) -> tuple[Screen, ...]:
    """List what has to be talked about before this note is signed, after a look of its own where marks are opened.

    Nothing before addenda and notes that never wait, and nothing once the client withdrew: there is no more talk to be
    had then.
    Nothing after the author's first session note on this signature either, because the talk came before that one, and
    nothing once the care has ended: what was begun is finished without one.
    """
    draft = opened.draft
    if draft.amends_id or draft.note_kind in NEEDS_NOTHING or not is_in_care(by=by, client=draft.client):
        return ()
    signature = signature_of(client=draft.client, at=at)
    if signature is None or _wrote_upon(signature.id, by=by):
        return ()
    return look_at_marks(by=by, client=draft.client, at=at)


def _wrote_upon(signature_id: UUID, *, by: Actor) -> bool:
    # What a signed record says does not change, so it need not be opened and verified for every note.
    return _sessions_upon.any(author=by.user.pk, signature=signature_id)


@Prepared
def _sessions_upon(author: UUID, signature: UUID) -> QuerySet[Note, UUID]:
    notes = Note.objects.filter(author=author, kind=NoteKind.SESSION, consent_basis=signature, withdrawal=None)
    return notes.values_list("pk", flat=True)[:1]


@transaction.atomic(durable=True)
def _sign(by: Actor, opened: OpenDraft, at: datetime) -> Note:
    draft = opened.draft
    # Deleting first lets one request win; the others wait here, then find the note.
    if not _remove(by, draft):
        return _signed_meanwhile(by, draft)
    forget_versions(draft)
    if draft.amends_id:
        return sign_addendum(by=by, opened=opened, note_id=draft.amends_id, at=at)
    return _lock(by, opened, at)


def _lock(by: Actor, opened: OpenDraft, at: datetime) -> Note:
    draft = opened.draft
    basis = basis_to_finish(draft, by=by, at=at)
    note = Note(
        **draft.facts_to_sign(at=at),
        next_at=draft.next_at,
        consent_basis_id=basis.consent,
        consent_override_id=basis.override,
    )
    seal_and_sign(opened.vault, note, opened.fields, keyring=require_open(by.keys))
    note.save(force_insert=True)
    record(
        Act.NOTE_WRITTEN,
        by=by,
        target=note,
        purpose=Purpose.TREATMENT,
        basis=basis.for_log(),
        enc=SealedDetail.of(bytes(note.sealed_body), key_name=note.key_name),
        revision=note.revision,
        fields=[LATE_ENTRY] if note.is_late else [],
        at=at,
    )
    return note


def _remove(by: Actor, draft: Draft) -> bool:
    if by.role != Role.THERAPIST:
        return False
    now = timezone.now()
    return bool(_as_reviewed.run(author=by.user.pk, draft=draft.pk, revision=draft.revision, now=now))


@PreparedDelete
def _as_reviewed(author: UUID, draft: UUID, revision: int, now: datetime) -> QuerySet[Draft]:
    return drafts_at(author, now).filter(pk=draft, revision=revision)


def _signed_meanwhile(by: Actor, draft: Draft) -> Note:
    try:
        draft_to_write(by=by, draft_id=draft.id)
    except AlreadySigned as signed:
        return signed.note
    raise DraftChanged(draft)
