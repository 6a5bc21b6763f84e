"""What replacing keys costs beside the bare primitives: grants wrapped anew, and a vault of notes sealed anew.

The primitives are those of cryptography and database: read as many rows of the same table in plain SQL, open and wrap
(or open and seal) texts of the same size, and write them back, in the same process. What stands around them is ours:
whom and what to believe, what a text is bound to, and that nobody's newer text is overwritten.
"""

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from os import urandom
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from access.roles import Role
from bench.bare import decrypt, encrypt
from bench.house import House
from bench.scene import FIELDS
from clients.services.finding import find_client
from clients.services.vaults import record_vault
from keys.keyring import Keyring
from keys.models import Grant
from keys.seeds import Seeds
from keys.services import (
    OpenVault,
    Place,
    VaultKind,
    flag_rotation,
    make_vault,
    open_vault,
    rewrap_mine,
    seal_slice,
    turn_key,
)
from keys.wrapping import private_key, unwrap, wrap
from notes.kinds import NoteKind
from notes.models import Note
from notes.sealed import bind_note

if TYPE_CHECKING:
    from access.models import User

_TEXT = str(FIELDS) * 4


@dataclass(frozen=True)
class Cost:
    """What one job cost, ours and the primitives alone, in seconds: medians of turns taken by both."""

    name: str
    ours: float
    bare: float
    aim: float = 2.0

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def measure_rotation(house: House) -> list[Cost]:
    """Measure both jobs on the practice's own database; each turn is rolled back."""
    grants, notes = house.size.grants, house.size.notes
    jobs = {
        f"Wrap {grants} grants anew": (_rewrapping(house, grants), partial(_bare_wraps, grants)),
        f"Seal {notes} notes anew": (_resealing(house, notes), partial(_bare_seals, notes)),
    }
    return [_compare(name, *job, turns=house.size.turns) for name, job in jobs.items()]


def _compare(name: str, ours: Callable[[], float], bare: Callable[[], float], *, turns: int) -> Cost:
    both = [(ours(), bare()) for _ in range(turns)]
    return Cost(name, *(statistics.median(column) for column in zip(*both, strict=True)))


def _rewrapping(house: House, grants: int) -> Callable[[], float]:
    old = house.staff[1].keys
    for _ in range(grants - Grant.objects.filter(grantee=old.key_id).count()):
        place = Place(VaultKind.RECORD, uuid4())
        with transaction.atomic():
            make_vault(by=old, place=place, at=timezone.now())
            # As every key that was used before: verified in full once, and marked.
            open_vault(by=old, place=place)
    new = Keyring(old.holder, Seeds.fresh(old.root_id))

    def turn() -> float:
        with transaction.atomic():
            started = time.perf_counter()
            assert rewrap_mine(old=old, new=new, at=timezone.now()) == grants
            seconds = time.perf_counter() - started
            transaction.set_rollback(True)
        return seconds

    return turn


def _resealing(house: House, notes: int) -> Callable[[], float]:
    vault = _fill(house, notes)
    place, keys = vault.place, house.staff[0].keys

    def turn() -> float:
        with transaction.atomic():
            flag_rotation(places=[place], at=timezone.now())
            started = time.perf_counter()
            sealed = seal_slice(vault=turn_key(by=keys, place=place, at=timezone.now()), limit=2 * notes)
            seconds = time.perf_counter() - started
            assert sealed >= notes
            transaction.set_rollback(True)
        return seconds / sealed * notes

    return turn


def _fill(house: House, notes: int) -> OpenVault:
    by, now = house.staff[0].as_(Role.THERAPIST), timezone.now()
    client = find_client(by=by, client_id=UUID(house.scene.clients[0].id))
    with transaction.atomic():
        vault = record_vault(by=by, client=client, confirmed=frozenset(), at=now)
        Note.objects.bulk_create(_note(vault, by.user, now - timedelta(hours=number + 1)) for number in range(notes))
    return vault


def _note(vault: OpenVault, author: "User", at: datetime) -> Note:
    note = Note(
        client_id=vault.place.subject,
        author=author,
        kind=NoteKind.CALL,
        format="plain",
        session_at=at,
        revision=1,
        written_at=at,
        signed_at=at,
        signature=b"",
        signed_with=bytes(16),
    )
    note.sealed_body = vault.seal(_TEXT, bound_to=bind_note(note))
    note.ciphertext_sha256 = hashlib.sha256(note.sealed_body).hexdigest()
    return note


def _bare_wraps(grants: int) -> float:
    key, (private, public) = urandom(32), private_key(urandom(32))
    wrapped = wrap(key, to=public, info=b"")
    with transaction.atomic(), connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute("SELECT id, wrap FROM keys_grant ORDER BY id LIMIT %s", [grants])
        rows = [(wrap(unwrap(wrapped, by=private, info=b""), to=public, info=b""), row) for row, _ in cursor.fetchall()]
        cursor.executemany("UPDATE keys_grant SET wrap = %s WHERE id = %s", rows)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    assert len(rows) == grants
    return seconds


def _bare_seals(notes: int) -> float:
    old, new, text = urandom(32), urandom(32), bytes(-len(_TEXT) % 1024 + len(_TEXT))
    sealed = encrypt(old, text)
    with transaction.atomic(), connection.cursor() as cursor:
        # The head of a later generation, which the table's guard asks for.
        head = b"\1\1" + (2**31).to_bytes(4, "big")
        started = time.perf_counter()
        cursor.execute("SELECT id, sealed_body FROM notes_note LIMIT %s", [notes])
        rows = [(head + encrypt(new, decrypt(old, sealed)), row) for row, _ in cursor.fetchall()]
        cursor.executemany("UPDATE notes_note SET sealed_body = %s WHERE id = %s", rows)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    assert len(rows) == notes
    return seconds
