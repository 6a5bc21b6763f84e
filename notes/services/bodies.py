"""Sealing what was written into its row, and opening it: a body moved to another row or revision opens nowhere."""

import base64
import hashlib
import json
import os
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor
from audit.services import Receipt
from clients.services.vaults import process_vault, record_vault
from keys.context import encode
from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.services import OpenVault, Place, Trust, VaultKind, open_vault, require_open
from keys.signing import VerifyingKey
from notes.kinds import NoteKind
from notes.models import Draft, Note, Written
from notes.sealed import bind_draft, bind_note

if TYPE_CHECKING:
    from clients.models import Client

Fields = dict[str, str]
_SALT_BYTES = 16
_SIGNED = "note-signature/v1"


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
    """Open the vault that a draft or note lies in.

    :raises NoGrant: this reader waits for the key
    """
    if row.note_kind.is_process:
        return open_vault(by=by.keys, place=Place(VaultKind.PROCESS, row.client_id, author=row.author_id))
    return open_vault(by=by.keys, place=Place(VaultKind.RECORD, row.client_id))


def seal_draft(vault: OpenVault, draft: Draft, fields: Fields) -> bytes:
    """Seal what a draft holds at its revision."""
    return vault.seal(json.dumps(fields, ensure_ascii=False), bound_to=bind_draft(draft))


def unseal_draft(vault: OpenVault, draft: Draft, *, receipt: Receipt) -> Fields:
    """Open what a draft holds.

    :raises SealBroken: altered, or moved from another draft, field or revision
    """
    receipt.covers(draft.id)
    return fields_of_draft(vault.unseal(draft.sealed_body, bound_to=bind_draft(draft), receipt=receipt))


def seal_and_sign(vault: OpenVault, note: Note, fields: Fields, *, keyring: Keyring) -> None:
    """Seal a note's text into its row, and sign its hash with the author's key."""
    # The salt is sealed with the text: else the signature, in the clear, would confirm a guessed text.
    salt = base64.b64encode(os.urandom(_SALT_BYTES)).decode()
    text = json.dumps({"fields": fields, "salt": salt}, ensure_ascii=False)
    note.sealed_body = vault.seal(text, bound_to=bind_note(note))
    note.ciphertext_sha256 = hashlib.sha256(note.sealed_body).hexdigest()
    note.signed_with = keyring.key_id
    note.signature = keyring.sign(_statement(keyring.root_id, note, text))


def unseal_note(*, by: Actor, note: Note, receipt: Receipt) -> Fields:
    """Open a note and believe it only if its author signed this very text.

    :raises SealBroken: altered, or moved from another note or field, or stored with a hash that is not its own
    :raises KeyRefused: nobody we can vouch for signed it, or somebody else than its author
    """
    receipt.covers(note.id)
    vault = vault_of(by=by, row=note)
    first = note.ciphertext_sha256
    text = vault.unseal(note.sealed_body, bound_to=bind_note(note), receipt=receipt, first_hash=first)
    keyring = require_open(by.keys)
    return believe_note(note, text, keyring=keyring, trust=Trust(keyring.root_id))


def believe_note(note: Note, text: str, *, keyring: Keyring, trust: Trust) -> Fields:
    """Read what an opened note holds, if its author signed this very text.

    :param trust: remembers whose keys were vouched for, where several notes are read
    :raises KeyRefused: nobody we can vouch for signed it, or somebody else than its author
    """
    statement = _statement(keyring.root_id, note, text)
    if not _key_of_author(keyring, trust, note).verify(bytes(note.signature), statement):
        raise KeyRefused("note_signature")
    return fields_of_note(text)


def fields_of_note(text: str) -> Fields:
    """Read the fields of an opened note, whoever wrote them: to look for words in them, not yet to show them."""
    fields: Fields = json.loads(text)["fields"]
    return fields


def fields_of_draft(text: str) -> Fields:
    """Read the fields of an opened draft."""
    fields: Fields = json.loads(text)
    return fields


def _key_of_author(reader: Keyring, trust: Trust, note: Note) -> VerifyingKey:
    key_id = bytes(note.signed_with)
    if (key_id, note.author_id) == (reader.key_id, reader.holder):
        # One's own key is in one's own open bundle; nobody has to vouch for it.
        return reader.verifying
    author = trust.vouch(key_id)
    if author.holder != note.author_id:
        raise KeyRefused("note_signature")
    return author.verifying


def _statement(root_id: bytes, note: Note, text: str) -> bytes:
    return encode(_SIGNED, root_id, *bind_note(note)[1:], hashlib.sha256(text.encode()).digest())
