"""Addenda: what is added to a signed note, which itself stays as it was signed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from audit.acts import Act, Purpose
from audit.entries import SealedDetail
from audit.services import record
from clients.services.covers import is_reachable
from clients.services.finding import is_in_care
from consent.services.events import lock_client
from keys.services import require_open
from notes.models import Addendum, Draft, Note
from notes.published import ADDENDUM
from notes.services.basing import basis_of
from notes.services.bodies import seal_and_sign, seal_draft, vault_of
from notes.services.drafting import OpenDraft
from notes.services.finding import drafts_of, find_note


class NotYoursToAmend(Refusal):
    """Somebody else's note, read under cover or after the therapy."""

    act = Act.NOTE_REFUSED
    message = (
        "You can add to the notes of clients in your care, and under cover to your own. After a therapy, take the "
        "client into care again first. Nothing was begun."
    )


class WithdrawnMeanwhile(Refusal):
    """The note was withdrawn while something was written to be added to it."""

    act = Act.NOTE_REFUSED
    message = (
        "The note was withdrawn, because it had been written for another client, and nothing can be added to it. Your "
        "draft is kept; throw it away when you have copied what you need."
    )


@service
@transaction.atomic(durable=True)
def begin_addendum(*, by: Actor, note_id: UUID, at: datetime) -> Draft:
    """Begin an addendum, or go on with the one that was begun. It rests on what its note rests on.

    :raises NoSuchNote: nothing that this person may read
    :raises NotYoursToAmend: see there
    """
    note = find_note(by=by, note_id=note_id)
    if not may_amend(by=by, note=note):
        raise NotYoursToAmend(note)
    lock_client(by=by, client=note.client, under_cover=True)
    known = drafts_of(by).filter(amends=note).first()
    if known is not None:
        return known
    draft = Draft(
        client=note.client,
        author=by.user,
        kind=note.kind,
        format=ADDENDUM.name,
        session_at=note.session_at,
        minutes=note.minutes,
        place=note.place,
        begun_at=at,
        saved_at=at,
        consent_basis_id=note.consent_basis_id,
        consent_override_id=note.consent_override_id,
        amends=note,
    )
    draft.sealed_body = seal_draft(vault_of(by=by, row=draft), draft, {})
    draft.save(force_insert=True)
    record(Act.DRAFT_BEGUN, by=by, target=draft, purpose=Purpose.TREATMENT, basis=basis_of(note).for_log(), at=at)
    return draft


def may_amend(*, by: Actor, note: Note) -> bool:
    """Say whether somebody who may read a note may add to it: in care each note, and under cover their own."""
    if is_in_care(by=by, client=note.client):
        return True
    return note.author_id == by.user.pk and is_reachable(by=by, client=note.client)


def sign_addendum(*, by: Actor, opened: OpenDraft, note_id: UUID, at: datetime) -> Note:
    """Sign what is added to a note. Belongs inside the transaction that ends its draft.

    :returns: the note
    :raises WithdrawnMeanwhile: see there
    """
    # One at a time, so that their numbers follow each other.
    note = Note.objects.select_for_update(of=("self",)).get(pk=note_id)
    if note.is_withdrawn:
        raise WithdrawnMeanwhile(opened.draft)
    addendum = Addendum(
        **opened.draft.facts_to_sign(at=at),
        consent_basis_id=note.consent_basis_id,
        consent_override_id=note.consent_override_id,
        note=note,
        number=note.addenda.count() + 1,
        reason=opened.fields["reason"],
    )
    seal_and_sign(opened.vault, addendum, opened.fields, keyring=require_open(by.keys))
    addendum.save(force_insert=True)
    record(
        Act.NOTE_AMENDED,
        by=by,
        target=addendum,
        purpose=Purpose.TREATMENT,
        basis=basis_of(note).for_log(),
        enc=SealedDetail.of(bytes(addendum.sealed_body), key_name=addendum.key_name),
        revision=addendum.revision,
        fields=[f"addendum_{addendum.number}", addendum.reason],
        at=at,
    )
    return note
