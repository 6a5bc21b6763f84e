"""What bringing past notes in costs, beside sealing and inserting as many rows in plain SQL.

The primitives encrypt a text of the same length behind as many bytes as a note is bound to, hash what comes out as a
note's row has it, and insert it with as long a signature, into the same table and its guards. What stands around them
is ours: whose care it is, keys, what each text is bound to, the tree of hashes with its one signature, and the log.
"""

import hashlib
import time
from datetime import date, timedelta
from os import urandom
from statistics import median
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from access.roles import Role
from bench.bare import encrypt
from bench.house import House
from bench.rotation import Cost
from bench.scene import FIELDS
from notes.models import Note
from notes.services.importing import Haul, PastNote, import_notes

# Three kilobytes, as a search goes through.
_TEXT = (str(FIELDS) * 20)[:3_000]
_CONTEXT = bytes(340)


def measure_import(house: House) -> Cost:
    """Bring as many notes into as many records as the first therapist has, in turns with the primitives; all stay."""
    clients = [UUID(client.id) for client in house.scene.clients]
    # The first turn makes the records, which is no part of what is compared.
    turns = [(_ours(house, clients), _bare(house)) for _ in range(1 + house.size.turns)]
    ours, bare = (median(column) for column in zip(*turns[1:], strict=True))
    return Cost(f"Import {house.size.notes} notes", ours, bare, aim=3.0)


def _ours(house: House, clients: list[UUID]) -> float:
    by, first = house.staff[0].as_(Role.THERAPIST), date(2020, 1, 1)
    # In one turn it is another text than in the others, as notes are.
    text = f"{uuid4()} {_TEXT}"
    notes = [
        PastNote(clients[number % len(clients)], first + timedelta(days=number), text, "Dr. Before", f"{number}.txt")
        for number in range(house.size.notes)
    ]
    haul = Haul(notes, uuid4())
    started = time.perf_counter()
    brought = import_notes(by=by, haul=haul, at=timezone.now())
    seconds = time.perf_counter() - started
    assert len(brought) == len(notes)
    return seconds


def _bare(house: House) -> float:
    note = Note.objects.filter(kind="imported", author=house.staff[0].user).first()
    assert note is not None
    fields = Note._meta.concrete_fields
    row: dict[str, object] = {
        str(field.column): field.get_db_prep_save(getattr(note, field.attname), connection) for field in fields
    }
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    key, text = urandom(32), bytes(len(bytes(note.sealed_body)))
    ids = [Note._meta.pk.get_db_prep_save(uuid4(), connection) for _ in range(house.size.notes)]
    started = time.perf_counter()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        rows = [tuple({**row, **_sealed(key, text), "id": one}.values()) for one in ids]
        cursor.executemany(f"INSERT INTO notes_note ({names}) VALUES ({marks})", rows)  # noqa: S608 (ours)
    return time.perf_counter() - started


def _sealed(key: bytes, text: bytes) -> dict[str, object]:
    body = encrypt(key, text, context=_CONTEXT)
    return {"sealed_body": body, "ciphertext_sha256": hashlib.sha256(body).hexdigest()}
