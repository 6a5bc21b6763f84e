"""A caseload to search in: many records of one therapist, filled without the pages, which would take an hour."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from os import urandom
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from bench.scene import TEXT
from clients.models import Care, Client
from clients.services.contacts import Contact, seal_contact
from keys.services import OpenVault, Place, VaultKind, make_vault, open_vaults
from notes.kinds import NoteKind
from notes.models import Note
from notes.sealed import bind_note
from notes.services.bodies import seal_and_sign
from practice.cast import Person

# In one note of a hundred, and nowhere else.
RARE = "Zaunkönig"
_EVERY = 100
# As pasted from a word processor: one note in three has a sentence in five of this.
_ACCENTED = TEXT * 4 + TEXT.replace("Slept badly", "Didn’t sleep – “again”").replace("conversation", "tête-à-tête")
_LENGTH = 3000


@transaction.atomic
def fill_caseload(person: Person, *, records: int, notes: int) -> None:
    """Give a therapist clients with notes, as many in each record, and open each key once, as somebody at work has."""
    clients = [_client(person, number) for number in range(records)]
    texts = _texts()
    for client in clients:
        vault = make_vault(by=person.keys, place=Place(VaultKind.RECORD, client.pk), at=timezone.now())
        Note.objects.bulk_create(_note(vault, person, next(texts), hour) for hour in range(notes // records))
    for kind in (VaultKind.RECORD, VaultKind.CONTACT):
        opened = open_vaults(by=person.keys, kind=kind, subjects=[client.pk for client in clients])
        assert all(isinstance(vault, OpenVault) for vault in opened.values())


def _client(person: Person, number: int) -> Client:
    now = timezone.now()
    client = Client(id=uuid4(), sealed_contact=b"", made_at=now)
    vault = make_vault(by=person.keys, place=Place(VaultKind.CONTACT, client.pk), at=now)
    client.sealed_contact = seal_contact(vault, client, Contact(f"Searched {number:03}", f"s{number}@bench.example"))
    client.save(force_insert=True)
    Care.objects.create(client=client, therapist=person.user, started_at=now)
    return client


def _texts() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        text = ((_ACCENTED if number % 3 == 0 else TEXT) * 20)[: _LENGTH - len(RARE) - 2]
        yield f"{text} {RARE}." if number % _EVERY == 1 else text


def _note(vault: OpenVault, person: Person, text: str, hour: int) -> Note:
    at = timezone.now() - timedelta(hours=hour + 1)
    note = Note(
        client_id=vault.place.subject,
        author=person.user,
        kind=NoteKind.CALL,
        format="plain/1",
        session_at=at,
        minutes=50,
        revision=1,
        written_at=at,
        signed_at=at,
    )
    seal_and_sign(vault, note, {"text": text}, keyring=person.keys) if RARE in text else _only_seal(vault, note, text)
    return note


def _only_seal(vault: OpenVault, note: Note, text: str) -> None:
    """Seal without the author's signature, whose 2 ms nobody asks for: it is verified where a passage is shown."""
    salt = urandom(16).hex()[:24]
    note.sealed_body = vault.seal(
        json.dumps({"fields": {"text": text}, "salt": salt}, ensure_ascii=False), bound_to=bind_note(note)
    )
    note.ciphertext_sha256 = hashlib.sha256(note.sealed_body).hexdigest()
    note.signature, note.signed_with = urandom(3373), bytes(16)
