"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Later, Texts, bind, register_sealed
from keys.context import Field
from keys.statements import VaultKind
from notes.kinds import NoteKind

if TYPE_CHECKING:
    from keys.services import Place
    from notes.models import Addendum, Draft, Note, Version
    from notes.models.cosigning import Wish

DRAFT = "notes-draft/v1"
NOTE = "notes-note/v1"
ADDENDUM = "notes-addendum/v1"
WISH = "notes-wish/v1"
# Every column that says what a text is, and its revision.
_FACTS = (
    *("client_id", "author_id", "kind", "format", "session_at", "minutes", "revision"),
    *("consent_basis_id", "consent_override_id"),
)
_WRITTEN = ("id", *_FACTS)
_PLACE, _NEXT = Later("place"), Later("next_at")
# Most drafts amend nothing, and were sealed before one could.
_AMENDS = Later("amends_id", named=False)
_DRAFT = (*_WRITTEN, _AMENDS, _PLACE, _NEXT)
_VERSION = ("draft_id", *_FACTS, _AMENDS, _PLACE, _NEXT, Later("aside"))
_SIGNED = (*_WRITTEN, "written_at", "signed_at")
_NOTE = (*_SIGNED, _PLACE, _NEXT)
_ADDENDUM = (*_SIGNED, "note_id", "number", "reason", _PLACE)
_WISH = ("id", "client_id", "note_id", "asked_by_id", "asked_at")


def register() -> None:
    """Declare them."""
    # Which of the two depends on the kind: process notes and their drafts lie in their author's own vault.
    kinds = ("record", "process")
    drafts, notes = Texts(_at, _DRAFT), Texts(_at, _NOTE, first_hash="ciphertext_sha256")
    versions = Texts(_at, _VERSION)
    addenda = Texts(_at, _ADDENDUM, first_hash="ciphertext_sha256")
    register_sealed("notes.Draft", "sealed_body", purpose=DRAFT, opened_by=kinds, texts=drafts)
    register_sealed("notes.Version", "sealed_body", purpose=DRAFT, opened_by=kinds, texts=versions)
    register_sealed("notes.Note", "sealed_body", purpose=NOTE, opened_by=kinds, texts=notes)
    register_sealed("notes.Addendum", "sealed_body", purpose=ADDENDUM, opened_by=kinds, texts=addenda)
    # What a supervisor asks for is asked about the record alone.
    wishes = Texts(_of_client, _WISH)
    register_sealed("notes.Wish", "sealed_text", purpose=WISH, opened_by=("record",), texts=wishes)


def bind_draft(draft: "Draft") -> tuple[Field, ...]:
    """Bind a draft to every column that says what it is, and to its revision."""
    return bind(DRAFT, draft, _DRAFT)


def bind_version(version: "Version") -> tuple[Field, ...]:
    """Bind what a draft held as the draft bound it, because it lies as it lay; what it never held, apart from that."""
    return bind(DRAFT, version, _VERSION)


def bind_note(note: "Note") -> tuple[Field, ...]:
    """Bind a note to the same, and to when it was written and signed."""
    return bind(NOTE, note, _NOTE)


def bind_addendum(addendum: "Addendum") -> tuple[Field, ...]:
    """Bind an addendum to the same, and to its note, number and reason."""
    return bind(ADDENDUM, addendum, _ADDENDUM)


def bind_wish(wish: "Wish") -> tuple[Field, ...]:
    """Bind what a supervisor asks for to the row, the note, and who asked when."""
    return bind(WISH, wish, _WISH)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _at(place: "Place") -> Q:
    process = [kind.value for kind in NoteKind if kind.is_process]
    if place.kind == VaultKind.PROCESS:
        return Q(client=place.subject, author=place.author, kind__in=process)
    return Q(client=place.subject) & ~Q(kind__in=process)
