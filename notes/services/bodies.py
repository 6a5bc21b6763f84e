"""Sealing what was written into its row, and opening it: a body moved to another row or revision opens nowhere."""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from access.acting import Actor
from audit.services import Receipt
from clients.services.vaults import process_vault, record_vault
from keys.context import Blob, Field, encode
from keys.errors import KeyRefused, SealBroken
from keys.keyring import Keyring
from keys.prepared import Prepared
from keys.services import OpenVault, Place, Trust, VaultKind, open_vault, require_open
from keys.signing import SIGNATURE, VerifyingKey
from keys.together import climb, grow
from notes.kinds import NoteKind
from notes.models import Addendum, Draft, Note, Signed, Version, Withdrawal, Written
from notes.sealed import bind_addendum, bind_draft, bind_note, bind_version

if TYPE_CHECKING:
    from clients.models import Client

Fields = dict[str, str]
AnySigned = Note | Addendum
_SALT_BYTES = 16
_SIGNED_NOTE = "note-signature/v1"
_SIGNED_ADDENDUM = "addendum-signature/v1"
_SIGNED_WITHDRAWAL = "withdrawal-signature/v1"
_IMPORTED_NOTE, _SIGNED_IMPORT = "imported-note/v1", "import-signature/v1"


def make_or_open(
    *, by: Actor, client: "Client", kind: NoteKind, confirmed: frozenset[UUID], recoverable: bool, at: datetime
) -> OpenVault:
    """Open the vault that a kind of note lies in, or make it with its first draft.

    :param confirmed: colleagues whose names were on the page, where this makes the record
    :param recoverable: whether the practice recovery key may open the author's process notes
    :raises ReadersNotConfirmed: this makes the record, and its readers were not shown
    """
    if kind.is_process:
        return process_vault(by=by, client=client, recoverable=recoverable, at=at)
    return record_vault(by=by, client=client, confirmed=confirmed, at=at)


def vault_of(*, by: Actor, row: Written) -> OpenVault:
    """Open the vault that a draft, note or addendum lies in.

    :raises NoGrant: this reader waits for the key
    """
    if row.note_kind.is_process:
        return open_vault(by=by.keys, place=Place(VaultKind.PROCESS, row.client_id, author=row.author_id))
    return open_vault(by=by.keys, place=Place(VaultKind.RECORD, row.client_id))


def seal_draft(vault: OpenVault, draft: Draft | Version, fields: Fields) -> bytes:
    """Seal what a draft holds at its revision."""
    return vault.seal(json.dumps(fields, ensure_ascii=False), bound_to=_bind_unsigned(draft))


def unseal_draft(vault: OpenVault, draft: Draft | Version, *, receipt: Receipt) -> Fields:
    """Open what a draft holds, or held.

    :raises SealBroken: altered, or moved from another draft, field or revision
    """
    receipt.covers(draft.text_id)
    return fields_of_draft(vault.unseal(draft.sealed_body, bound_to=_bind_unsigned(draft), receipt=receipt))


def seal_and_sign(vault: OpenVault, row: AnySigned, fields: Fields, *, keyring: Keyring) -> None:
    """Seal a text into the row of its note or addendum, and sign its hash with the author's key."""
    text = _seal(vault, row, fields, bound_to=_bind(row))
    row.signed_with = keyring.key_id
    row.signature = keyring.sign(_statement(keyring.root_id, signed_facts(row), text))


def seal_and_sign_together(notes: Sequence[tuple[OpenVault, Note, Fields]], *, keyring: Keyring) -> bytes:
    """Seal past notes into their rows, and sign with one signature that they were brought in.

    Each row gets the signature and its way up to what was signed, so that it is believed or handed out alone.

    :returns: the root that all of them lead to, which commits to every text and to every ciphertext
    """
    statements = [_seal_leaf(keyring.root_id, *note) for note in notes]
    root, ways = grow(statements)
    signature = keyring.sign(_statement_of_import(keyring.root_id, root))
    for (_, note, _), way in zip(notes, ways, strict=True):
        note.signed_with, note.signature = keyring.key_id, signature + way
    return root


def _seal_leaf(root_id: bytes, vault: OpenVault, note: Note, fields: Fields) -> bytes:
    # What both the seal and the signature name is gathered once.
    bound_to = bind_note(note)
    text = _seal(vault, note, fields, bound_to=bound_to)
    return _statement(root_id, _facts_of_imported(note, bound_to), text)


def _seal(vault: OpenVault, row: AnySigned, fields: Fields, *, bound_to: tuple[Field, ...]) -> str:
    # The salt is sealed with the text: else the signature, in the clear, would confirm a guessed text.
    salt = base64.b64encode(os.urandom(_SALT_BYTES)).decode()
    text = json.dumps({"fields": fields, "salt": salt}, ensure_ascii=False)
    row.sealed_body = vault.seal(text, bound_to=bound_to)
    row.ciphertext_sha256 = hashlib.sha256(row.sealed_body).hexdigest()
    return text


def unseal_note(*, by: Actor, note: Note, receipt: Receipt) -> Fields:
    """Open a note and believe it only if its author signed this very text.

    :raises SealBroken: altered, or moved from another note or field, or stored with a hash that is not its own
    :raises KeyRefused: nobody we can vouch for signed it, or somebody else than its author
    """
    receipt.covers(note.id)
    keyring = require_open(by.keys)
    return open_signed(vault_of(by=by, row=note), note, receipt=receipt, keyring=keyring, trust=Trust(keyring.root_id))


def unseal_addenda(*, by: Actor, note: Note, receipt: Receipt) -> list[tuple[Addendum, Fields]]:
    """Open what was added to a note, in order, under the look at the note.

    :raises SealBroken: one of them was altered or moved, or one before another is gone
    :raises KeyRefused: see :func:`unseal_note`
    """
    receipt.covers(note.id)
    addenda = _addenda.all(note=note.id)
    if not addenda:
        return []
    require_sequence(addenda)
    keyring, vault = require_open(by.keys), vault_of(by=by, row=note)
    trust = Trust(keyring.root_id)
    return [(row, open_signed(vault, row, receipt=receipt, keyring=keyring, trust=trust)) for row in addenda]


@Prepared
def _addenda(note: UUID) -> QuerySet[Addendum]:
    return Addendum.objects.filter(note=note).select_related("note", "author").order_by("number")


def open_signed(vault: OpenVault, row: AnySigned, *, receipt: Receipt, keyring: Keyring, trust: Trust) -> Fields:
    """Open one note or addendum of an open vault; that the look covers it is the caller's to hold.

    :raises SealBroken, KeyRefused: see :func:`unseal_note`
    """
    return fields_of_note(open_text(vault, row, receipt=receipt, keyring=keyring, trust=trust))


def open_text(vault: OpenVault, row: AnySigned, *, receipt: Receipt, keyring: Keyring, trust: Trust) -> str:
    """Open the very text that was signed, salt and all, as :func:`open_signed` does."""
    first = row.ciphertext_sha256
    text = vault.unseal(row.sealed_body, bound_to=_bind(row), receipt=receipt, first_hash=first)
    believe(row, text, keyring=keyring, trust=trust)
    return text


def require_sequence(addenda: Sequence[Addendum]) -> None:
    """Hold addenda of one note, in order, to their numbers: none of them is gone.

    :raises SealBroken: one before another is
    """
    if [addendum.number for addendum in addenda] != list(range(1, len(addenda) + 1)):
        raise SealBroken


def believe(row: AnySigned, text: str, *, keyring: Keyring, trust: Trust) -> Fields:
    """Read what an opened note or addendum holds, if its author signed this very text.

    :param trust: remembers whose keys were vouched for, where several are read
    :raises KeyRefused: nobody we can vouch for signed it, or somebody else than its author
    """
    _require_signature(row, _statement(keyring.root_id, signed_facts(row), text), keyring=keyring, trust=trust)
    return fields_of_note(text)


def sign_withdrawal(withdrawal: Withdrawal, *, keyring: Keyring) -> None:
    """Sign with the author's key that a note was written for somebody else."""
    withdrawal.signed_with = keyring.key_id
    withdrawal.signature = keyring.sign(_statement_of_withdrawal(keyring.root_id, withdrawal))


def believe_withdrawal(withdrawal: Withdrawal, *, keyring: Keyring) -> None:
    """Believe that a note was withdrawn only if its author signed that.

    :raises KeyRefused: nobody we can vouch for signed it, or somebody else
    """
    if withdrawal.author_id != withdrawal.note.author_id:
        raise KeyRefused("note_signature")
    statement = _statement_of_withdrawal(keyring.root_id, withdrawal)
    _require_signature(withdrawal, statement, keyring=keyring, trust=Trust(keyring.root_id))


def fields_of_note(text: str) -> Fields:
    """Read the fields of an opened note, whoever wrote them: to look for words in them, not yet to show them."""
    fields: Fields = json.loads(text)["fields"]
    return fields


def fields_of_draft(text: str) -> Fields:
    """Read the fields of an opened draft."""
    fields: Fields = json.loads(text)
    return fields


def _require_signature(row: Signed | Withdrawal, statement: bytes, *, keyring: Keyring, trust: Trust) -> None:
    signature = bytes(row.signature)
    if isinstance(row, Note) and row.is_imported:
        statement = _statement_of_import(keyring.root_id, climb(statement, signature[SIGNATURE:]))
        signature = signature[:SIGNATURE]
    if not key_of_author(row, keyring=keyring, trust=trust).verify(signature, statement):
        raise KeyRefused("note_signature")


def key_of_author(row: Signed | Withdrawal, *, keyring: Keyring, trust: Trust) -> VerifyingKey:
    """Find the key that a row says it was signed with.

    :raises KeyRefused: nobody vouches for it, or it is somebody else's than the author's
    """
    return key_of_signer(row.signed_with, row.author_id, keyring=keyring, trust=trust)


def key_of_signer(signed_with: Blob, holder: UUID, *, keyring: Keyring, trust: Trust) -> VerifyingKey:
    """Find the key by its id, if it is this person's.

    :raises KeyRefused: nobody vouches for it, or it is somebody else's
    """
    key_id = bytes(signed_with)
    if (key_id, holder) == (keyring.key_id, keyring.holder):
        # One's own key is in one's own open bundle; nobody has to vouch for it.
        return keyring.verifying
    signer = trust.vouch(key_id)
    if signer.holder != holder:
        raise KeyRefused("note_signature")
    return signer.verifying


def _statement(root_id: bytes, signed: tuple[Field, ...], text: str) -> bytes:
    label, *facts = signed
    return encode(str(label), root_id, *facts, hashlib.sha256(text.encode()).digest())


def signed_facts(row: AnySigned) -> tuple[Field, ...]:
    """List what a signature covers beside the practice and the text: its label, then the facts in order."""
    if isinstance(row, Addendum):
        # To which very note it was added: another text in its place has another hash.
        return (_SIGNED_ADDENDUM, *bind_addendum(row)[1:], bytes.fromhex(row.note.ciphertext_sha256))
    if row.is_imported:
        return _facts_of_imported(row, bind_note(row))
    return (_SIGNED_NOTE, *bind_note(row)[1:])


def _facts_of_imported(note: Note, bound_to: tuple[Field, ...]) -> tuple[Field, ...]:
    # One signature, and one entry of the log, stand for many: they hold every ciphertext fast as well.
    return (_IMPORTED_NOTE, *bound_to[1:], bytes.fromhex(note.ciphertext_sha256))


def _statement_of_import(root_id: bytes, root: bytes) -> bytes:
    return encode(_SIGNED_IMPORT, root_id, root)


def _statement_of_withdrawal(root_id: bytes, withdrawal: Withdrawal) -> bytes:
    facts = (withdrawal.note_id, withdrawal.client_id, withdrawal.author_id, withdrawal.withdrawn_at)
    return encode(_SIGNED_WITHDRAWAL, root_id, *facts, bytes.fromhex(withdrawal.note.ciphertext_sha256))


def _bind(row: AnySigned) -> tuple[Field, ...]:
    return bind_addendum(row) if isinstance(row, Addendum) else bind_note(row)


def _bind_unsigned(text: Draft | Version) -> tuple[Field, ...]:
    return bind_version(text) if isinstance(text, Version) else bind_draft(text)
