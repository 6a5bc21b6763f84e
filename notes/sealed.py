"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, register_sealed
from keys.context import Field
from keys.statements import VaultKind
from notes.kinds import NoteKind

if TYPE_CHECKING:
    from keys.services import Place
    from notes.models import Addendum, Draft, Note, Written

DRAFT = "notes-draft/v1"
NOTE = "notes-note/v1"
ADDENDUM = "notes-addendum/v1"


def register() -> None:
    """Declare them."""
    # Which of the two depends on the kind: process notes and their drafts lie in their author's own vault.
    kinds = ("record", "process")
    drafts, notes = Texts(_at, bind_draft), Texts(_at, bind_note, first_hash="ciphertext_sha256")
    addenda = Texts(_at, bind_addendum, first_hash="ciphertext_sha256")
    register_sealed("notes.Draft", "sealed_body", purpose=DRAFT, opened_by=kinds, texts=drafts)
    register_sealed("notes.Note", "sealed_body", purpose=NOTE, opened_by=kinds, texts=notes)
    register_sealed("notes.Addendum", "sealed_body", purpose=ADDENDUM, opened_by=kinds, texts=addenda)


def bind_draft(draft: "Draft") -> tuple[Field, ...]:
    """Bind a draft to every column that says what it is, and to its revision."""
    # Most drafts amend nothing, and were sealed before one could: they bind no field for it.
    amends = (draft.amends_id,) if draft.amends_id else ()
    return (*_bind(DRAFT, draft), *amends, *bind_later(draft.place))


def bind_later(place: str) -> tuple[Field, ...]:
    """Bind the columns that came later, each behind its name and only where it says something.

    So what was sealed before there was such a column opens as ever, and with nothing else in it.
    """
    return ("place", place) if place else ()


def bind_note(note: "Note") -> tuple[Field, ...]:
    """Bind a note to the same, and to when it was written and signed."""
    return (*_bind(NOTE, note), note.written_at, note.signed_at, *bind_later(note.place))


def bind_addendum(addendum: "Addendum") -> tuple[Field, ...]:
    """Bind an addendum to the same, and to its note, number and reason."""
    when = (addendum.written_at, addendum.signed_at)
    where_added = (addendum.note_id, addendum.number, addendum.reason)
    return (*_bind(ADDENDUM, addendum), *when, *where_added, *bind_later(addendum.place))


def _at(place: "Place") -> Q:
    process = [kind.value for kind in NoteKind if kind.is_process]
    if place.kind == VaultKind.PROCESS:
        return Q(client=place.subject, author=place.author, kind__in=process)
    return Q(client=place.subject) & ~Q(kind__in=process)


def _bind(purpose: str, row: "Written") -> tuple[Field, ...]:
    return (
        purpose,
        row.id,
        row.client_id,
        row.author_id,
        row.kind,
        row.format,
        row.session_at,
        row.minutes,
        row.revision,
        row.consent_basis_id,
        row.consent_override_id,
    )
