"""What an exported record has of this app: signed notes; and apart from them, its author's own process notes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from clients.exports import Chapter, Gathering, Leaf, Part, Resource, register_part
from clients.fhir import (
    LOINC,
    TERMINOLOGY,
    attachment,
    concept,
    moment,
    refer,
    refer_to_client,
    refer_to_staff,
    resource,
)
from clients.services.exporting import when, why_closed
from keys.errors import KeysError, SealBroken
from keys.services import OpenVault, Trust, require_open
from notes.kinds import NoteKind
from notes.models import Addendum, Note
from notes.models.cosigning import Cosignature
from notes.reasons import AddendumReason
from notes.services.bodies import believe_withdrawal, open_signed, require_sequence, vault_of
from notes.services.cosigned import believe_cosignature
from notes.services.finding import stubs_and_notes_of
from notes.services.formatting import find_format

# The code of a progress note. A process note is none, and has no code of its own.
_PROGRESS_NOTE = "11506-3"
_ADDENDA = Prefetch("addenda", Addendum.objects.select_related("note", "author", "client").order_by("number"))
_COSIGNATURES = Prefetch("cosignatures", Cosignature.objects.select_related("cosigner"))
_WITHDRAWN = "By its author, because it had been written for another client."
# What the author of an imported note put their name to.
WHAT_IS_SIGNED = "That they brought this text in, not that they wrote it."
_ADDENDUM_GONE = "An addendum to this note was removed from the database."


def register() -> None:
    """Declare both parts."""
    register_part(Part("notes", "Notes", 10, gather_notes))
    register_part(Part("process_notes", "Process notes", 10, gather_own_notes, is_own=True))


def gather_notes(gathering: Gathering) -> Chapter:
    """Open every signed note of the record, the oldest session first; drafts and process notes are none of it."""
    return _gather(gathering, ~Q(kind=NoteKind.PROCESS))


def gather_own_notes(gathering: Gathering) -> Chapter:
    """Open the process notes of whoever gathers, and nobody else's."""
    return _gather(gathering, Q(kind=NoteKind.PROCESS, author=gathering.by.user))


def _gather(gathering: Gathering, which: Q) -> Chapter:
    gathering.receipt.covers_client(gathering.client.audit_handle)
    notes = stubs_and_notes_of(gathering.by, gathering.client).filter(which).prefetch_related(_ADDENDA, _COSIGNATURES)
    opened = list(_open(gathering, notes.order_by("session_at", "signed_at")))
    shown = {row.pk for row, leaf in opened if leaf.passages}
    resources = tuple(_document(row, leaf, shown) for row, leaf in opened if leaf.passages)
    return Chapter(tuple(leaf for _, leaf in opened), resources=resources)


def _open(gathering: Gathering, notes: QuerySet[Note]) -> Iterator[tuple[Note | Addendum, Leaf]]:
    """Open notes of one vault, which is opened once, each with what was added to it."""
    reader: _Reader | None = None
    for note in notes:
        if note.is_withdrawn:
            yield note, _stub(gathering, note)
            continue
        reader = reader or _Reader.of(gathering, note)
        addenda = list(note.addenda.all())
        cosigned = {row.text_id: row for row in note.cosignatures.all()}
        leaf = reader.read(note, cosigned.get(note.pk))
        yield note, leaf if _is_whole(addenda) else Leaf(leaf.title, leaf.facts, leaf.passages, problem=_ADDENDUM_GONE)
        for addendum in addenda:
            yield addendum, reader.read(addendum, cosigned.get(addendum.pk))


def _stub(gathering: Gathering, note: Note) -> Leaf:
    """Say that a note was withdrawn, if its author said so: a row alone takes nothing out of a file unnoticed."""
    try:
        believe_withdrawal(note.withdrawal, keyring=require_open(gathering.by.keys))
    except KeysError as error:
        return Leaf(_title(note), _facts(note), problem=why_closed(gathering, error))
    return Leaf(_title(note), (*_facts(note), ("Withdrawn", _WITHDRAWN)))


def _is_whole(addenda: list[Addendum]) -> bool:
    try:
        require_sequence(addenda)
    except SealBroken:
        return False
    return True


@dataclass(frozen=True, repr=False)
class _Reader:
    """An open vault, or why it stays closed, and the keys of authors that were vouched for already."""

    gathering: Gathering
    vault: OpenVault | KeysError
    trust: Trust

    @classmethod
    def of(cls, gathering: Gathering, note: Note) -> "_Reader":
        trust = Trust(require_open(gathering.by.keys).root_id)
        try:
            return cls(gathering, vault_of(by=gathering.by, row=note), trust)
        except KeysError as error:
            return cls(gathering, error, trust)

    def read(self, row: Note | Addendum, cosignature: Cosignature | None) -> Leaf:
        try:
            passages = self._passages(row)
            cosigned = self._cosigned(row, cosignature)
        except KeysError as error:
            return Leaf(_title(row), _facts(row), problem=why_closed(self.gathering, error))
        return Leaf(_title(row), (*_facts(row), *cosigned), passages)

    def _cosigned(self, row: Note | Addendum, cosignature: Cosignature | None) -> tuple[tuple[str, str], ...]:
        if cosignature is None:
            return ()
        keyring = require_open(self.gathering.by.keys)
        believe_cosignature(cosignature, row, keyring=keyring, trust=self.trust)
        return (("Co-signed", f"{cosignature.cosigner.display_name}, {when(cosignature.cosigned_at)}"),)

    def _passages(self, row: Note | Addendum) -> tuple[tuple[str, str], ...]:
        if isinstance(self.vault, KeysError):
            raise self.vault
        keyring, receipt = require_open(self.gathering.by.keys), self.gathering.receipt
        fields = open_signed(self.vault, row, receipt=receipt, keyring=keyring, trust=self.trust)
        sections = find_format(row.format).sections
        return tuple((part.label, part.shown(fields[part.name])) for part in sections if fields.get(part.name))


def _title(row: Note | Addendum) -> str:
    moment_of_note = f"{row.note_kind.label}, {_day(row) if row.is_imported else when(row.session_at)}"
    return f"{row.label} to: {moment_of_note}" if isinstance(row, Addendum) else moment_of_note


def _day(row: Note | Addendum) -> str:
    return date_format(localtime(row.session_at), "j F Y")


def _facts_of_import(note: Note) -> tuple[tuple[str, str], ...]:
    brought = f"{when(note.signed_at)}, by {note.author.display_name}"
    return (("Dated", _day(note)), ("Imported", brought), ("Signed", WHAT_IS_SIGNED), ("Number", str(note.pk)))


def _facts(row: Note | Addendum) -> tuple[tuple[str, str], ...]:
    if isinstance(row, Note) and row.is_imported:
        return _facts_of_import(row)
    length = f", {row.minutes} minutes" if row.minutes else ""
    place = f", {row.place_label.lower()}" if row.place else ""
    late = " (late)" if isinstance(row, Note) and row.is_late else ""
    following = (("Next session", when(row.next_at)),) if isinstance(row, Note) and row.next_at else ()
    facts = (
        ("Dated", _day(row)) if row.is_imported else ("Session", f"{when(row.session_at)}{length}{place}"),
        *following,
        ("Author", row.author.display_name),
        ("Signed", f"{when(row.signed_at)}{late}"),
        ("Number", str(row.pk)),
    )
    return (("Why it was added", AddendumReason(row.reason).label), *facts) if isinstance(row, Addendum) else facts


def _started(row: Note | Addendum) -> str:
    return localtime(row.session_at).date().isoformat() if row.is_imported else moment(row.session_at)


def _document(row: Note | Addendum, leaf: Leaf, shown: Collection[UUID]) -> Resource:
    """Make the document of one text.

    :param shown: what else is in the file: nothing points at what stayed closed
    """
    text = "\n\n".join(f"{heading}\n{words}" for heading, words in leaf.passages)
    is_process, labels = row.note_kind.is_process, [concept(f"{TERMINOLOGY}/v3-Confidentiality", "R")]
    added_to = []
    if isinstance(row, Addendum) and row.note_id in shown:
        added_to = [{"code": "appends", "target": refer("DocumentReference", row.note_id)}]
    is_brought = isinstance(row, Note) and row.is_imported
    return resource(
        "DocumentReference",
        row.pk,
        status="current",
        docStatus="final",
        type=concept(text=row.note_kind.label) if is_process else concept(LOINC, _PROGRESS_NOTE, row.note_kind.label),
        subject=refer_to_client(row.client),
        date=moment(row.signed_at),
        # Whoever brought a past note in did not write it, and answers for it all the same.
        **({"authenticator": refer_to_staff(row.author)} if is_brought else {"author": [refer_to_staff(row.author)]}),
        description=f"Past note, written elsewhere and imported. Signed: {WHAT_IS_SIGNED}" if is_brought else None,
        relatesTo=added_to,
        securityLabel=[*labels, concept(f"{TERMINOLOGY}/v3-ActCode", "PSYTHPN")] if is_process else labels,
        content=[{"attachment": attachment(text.encode(), kind="text/plain; charset=utf-8", title=leaf.title)}],
        context={"period": {"start": _started(row)}},
    )
