"""What goes on paper: one look with its purpose, then the page, then the press."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.template.loader import render_to_string

from access.acting import Actor, service
from access.services.people import name_of_practice
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.contacts import label_of
from consent.kinds import DocumentKind
from consent.services.publishing import current_text
from consent.services.records import find_record, open_record
from notes.services.finding import NoSuchNote, find_note
from notes.services.reading import open_note
from practice.exporting.archive import write_page
from practice.exporting.gathering import find_exportable, gather, require_release
from practice.paper.printing import print_page
from practice.printing.purposes import PRINT_WORDS, PrintWhy

if TYPE_CHECKING:
    from clients.models import Client
    from notes.models import Note


@dataclass(frozen=True)
class Printing:
    """What the paper is for, and whether the client wants the practice named on what they take home.

    :param all_agreed: each of those who belong to a couple, family or group has said yes in writing
    """

    why: PrintWhy
    named: bool = False
    all_agreed: bool = False

    @property
    def foot(self) -> str:
        """Give what stands at the foot of each page, beside its number."""
        goes_home = self.why is PrintWhy.CLIENTS_HAND
        return "" if goes_home and not self.named else name_of_practice()

    @property
    def goes_home(self) -> bool:
        return self.why is PrintWhy.CLIENTS_HAND


def find_printable(*, by: Actor, note_id: UUID) -> "Note":
    """Find a note that this person may print: of a client in care, or of a record that they keep.

    A process note is printed from the file in which its author hands it out, with what allows that.

    :raises NoSuchNote, NoSuchClient: see there
    """
    note = _progress_note(by=by, note_id=note_id)
    find_exportable(by=by, client_id=note.client_id)
    return note


@service
def print_note(*, by: Actor, note: "Note", printing: Printing, at: datetime) -> bytes:
    """Record the look, then print a note with what was added to it; for the client's hand only what it says.

    :raises NotAllAgreed: it is about several people, and nobody said that each of them agreed
    :raises NoPaper: no press runs here; that it was asked for stands in the log
    :raises SealBroken, KeyRefused: see :func:`notes.services.reading.read_note`
    """
    require_release(note.client, all_agreed=printing.all_agreed)
    receipt = _look(Act.NOTE_PRINTED, by, note, printing, at)
    opened = open_note(by=by, note=note, receipt=receipt)
    label = label_of(by=by, client=note.client, receipt=receipt)
    return _print("note", printing, {"opened": opened, "note": note, "label": label})


@service
def print_record(*, by: Actor, client: "Client", printing: Printing, at: datetime) -> bytes:
    """Record the look, then print all that a file of the record would have.

    :raises NotAllAgreed, NoPaper: as :func:`print_note`
    """
    require_release(client, all_agreed=printing.all_agreed)
    receipt = _look(Act.RECORD_PRINTED, by, client, printing, at)
    why = PRINT_WORDS[printing.why].partition("\n")[0]
    return print_page(write_page(gather(by=by, client=client, receipt=receipt, why=why, at=at), foot=printing.foot))


def print_form(*, by: Actor, client: "Client", printing: Printing, at: datetime) -> bytes:
    """Record it, then print the limits of confidentiality as they are in force, with room to sign on paper.

    :raises NothingPublished: there is no text
    :raises NoPaper: as :func:`print_note`
    """
    text = current_text(DocumentKind.CONFIDENTIALITY, at=at)
    _look(Act.CONSENT_FORM_PRINTED, by, client, printing, at)
    return _print("consent", printing, {"text": text, "signed": None})


def print_consent(*, by: Actor, client: "Client", printing: Printing, at: datetime) -> bytes:
    """Record the look, then print the newest signed consent.

    :raises NoRecord: nothing was signed
    :raises NoPaper: as :func:`print_note`
    """
    row = find_record(client)
    receipt = _look(Act.CONSENT_PRINTED, by, client, printing, at)
    signed = open_record(by=by, client=client, row=row, receipt=receipt)
    return _print("consent", printing, {"text": signed.text, "signed": signed})


@service
def _progress_note(*, by: Actor, note_id: UUID) -> "Note":
    note = find_note(by=by, note_id=note_id)
    if note.note_kind.is_process:
        raise NoSuchNote(note)
    return note


def _look(act: Act, by: Actor, target: "Client | Note", printing: Printing, at: datetime) -> Receipt:
    return record_look(act, by=by, target=target, purpose=printing.why.purpose, fields=[printing.why.value], at=at)


def _print(page: str, printing: Printing, context: dict[str, Any]) -> bytes:
    context = {**context, "foot": printing.foot, "goes_home": printing.goes_home}
    return print_page(render_to_string(f"paper/{page}.html", context))
