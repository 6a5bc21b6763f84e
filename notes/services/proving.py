"""A signed note with what a stranger needs to check its author's signature: docs/verify-note.md is followed with it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from access.acting import Actor, Refusal, service
from audit.acts import Act, Purpose
from audit.services import Receipt, record_look
from clients.services.covers import opened_until
from keys.context import Field, raw_of
from keys.keyring import Keyring
from keys.services import Trust, require_open
from keys.signing import SIGNATURE
from keys.together import steps
from notes.models import Addendum, Note
from notes.services.bodies import (
    AnySigned,
    key_of_author,
    key_of_signer,
    open_text,
    require_sequence,
    signed_facts,
    vault_of,
)
from notes.services.cosigned import believe_cosignatures, cosigned_facts
from notes.services.finding import find_note

_FORMAT = "subrosa-note-proof/1"
_COMMON = (
    "note client author kind format session_at minutes revision consent_basis consent_override written_at signed_at"
)
_NAMES = tuple(_COMMON.split())
_FACTS_OF_COSIGNATURE = "cosigns note client author cosigner cosigned_at sealed_sha256 signature_sha256"
_NAMES_OF_COSIGNATURE = tuple(_FACTS_OF_COSIGNATURE.split())
_NAMES_OF_ADDENDUM = ("addendum", *_NAMES[1:], "note", "number", "reason")


class NotToTakeOut(Refusal):
    """What must not leave the practice like this; `message` says why."""

    act = Act.NOTE_REFUSED
    message = (
        "Under cover nothing is taken out of a record, and a process note leaves only by its author, on a page of its "
        "own. Nothing was opened."
    )


@dataclass(frozen=True, repr=False)
class Proof:
    """A file to hand out: `content` is JSON, with the note in the clear."""

    name: str
    content: bytes


@service
def prove_note(*, by: Actor, note_id: UUID, at: datetime) -> Proof:
    """Record the look, then put a note and its addenda into a file with their signatures.

    :raises NoSuchNote: nothing that this person may read
    :raises NotToTakeOut: see there
    :raises SealBroken, KeyRefused: see :func:`notes.services.reading.read_note`
    """
    note = find_note(by=by, note_id=note_id)
    if not may_prove(by=by, note=note):
        raise NotToTakeOut(note)
    receipt = record_look(Act.NOTE_PROVEN, by=by, target=note, purpose=Purpose.OPERATIONS, at=at)
    receipt.covers(note.pk)
    addenda = list(note.addenda.select_related("note", "author").order_by("number"))
    require_sequence(addenda)
    rows: list[AnySigned] = [note, *addenda]
    signed = [_prove(by, row, receipt) for row in rows]
    signed += _prove_cosignatures(by, rows)
    content = json.dumps({"type": _FORMAT, "signed": signed}, ensure_ascii=False, indent=1)
    return Proof(f"{note.client.code}-note-{note.pk}.json", content.encode())


def may_prove(*, by: Actor, note: Note) -> bool:
    """Say whether whoever reads a note may take it out of the practice like this."""
    return not note.note_kind.is_process and not opened_until(by=by, client=note.client)


def _prove(by: Actor, row: AnySigned, receipt: Receipt) -> dict[str, object]:
    keyring = require_open(by.keys)
    trust = Trust(keyring.root_id)
    text = open_text(vault_of(by=by, row=row), row, receipt=receipt, keyring=keyring, trust=trust)
    return {
        "author": row.author.display_name,
        "author_key": key_of_author(row, keyring=keyring, trust=trust).raw.hex(),
        "facts": _facts(row, keyring),
        "text": text,
        "signature": base64.b64encode(bytes(row.signature)[:SIGNATURE]).decode(),
        # Of a note that was signed together with others, how its hash leads up to what was signed.
        "way": [[side.hex(), neighbour.hex()] for side, neighbour in steps(bytes(row.signature)[SIGNATURE:])],
        "sealed_sha256": row.ciphertext_sha256,
    }


def _prove_cosignatures(by: Actor, rows: Sequence[AnySigned]) -> list[dict[str, object]]:
    """Put each co-signature beside what it co-signs: it covers the author's signature, and so has no text of its own.

    :raises KeyRefused: see :func:`notes.services.cosigned.believe_cosignatures`
    """
    keyring = require_open(by.keys)
    trust = Trust(keyring.root_id)
    texts = {row.pk: row for row in rows}
    found = believe_cosignatures(rows, keyring=keyring, trust=trust).values()
    return [
        {
            "author": row.cosigner.display_name,
            "author_key": key_of_signer(row.signed_with, row.cosigner_id, keyring=keyring, trust=trust).raw.hex(),
            "facts": _named(_NAMES_OF_COSIGNATURE, cosigned_facts(row, texts[row.text_id]), keyring),
            "signature": base64.b64encode(bytes(row.signature)).decode(),
        }
        for row in found
    ]


def _facts(row: AnySigned, keyring: Keyring) -> list[list[str]]:
    names = _NAMES_OF_ADDENDUM if isinstance(row, Addendum) else _NAMES
    return _named(names, signed_facts(row), keyring)


def _named(names: Sequence[str], covered: Sequence[Field], keyring: Keyring) -> list[list[str]]:
    """List what a signature covers, in order: name, how it is written in bytes, and the value."""
    label, *facts = covered
    named = zip_longest(names, facts, fillvalue="further")
    first = [["label", "text", str(label)], ["practice", "hex", keyring.root_id.hex()]]
    return first + [[str(name), *_written(value)] for name, value in named]


def _written(value: Field) -> tuple[str, str]:
    if isinstance(value, str | datetime):
        return "text", raw_of(value).decode()
    if isinstance(value, int):
        return "number", str(value)
    return "hex", raw_of(value).hex()
