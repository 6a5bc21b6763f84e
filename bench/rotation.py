"""What replacing keys costs beside the bare primitives: grants wrapped anew, and a vault of notes sealed anew.

The primitives are those of cryptography and database: read as many rows of the same table in plain SQL, open and wrap
(or open, hash and seal) what each of them holds, and write it back, in the same process; for a vault's next key also
the signatures that it takes. What stands around them is ours: whom and what to believe, what a text is bound to (the
primitives are given as many bytes ready-made), and that nobody's newer text is overwritten.
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
from keys.signing import SigningKey, VerifyingKey
from keys.wrapping import private_key, unwrap, wrap
from notes.kinds import NoteKind
from notes.models import Note
from notes.sealed import bind_note

if TYPE_CHECKING:
    from access.models import User

_TEXT = str(FIELDS) * 4
_READ = "SELECT id, sealed_body FROM notes_note ORDER BY id LIMIT %s"
_WRITE = "UPDATE notes_note SET sealed_body = %s WHERE id = %s"
# As long as what a note is bound to: the cipher reads that too. Writing it down is ours.
_CONTEXT = bytes(340)
_SIGNATURES, _READERS = 4, 2
# Heads of later generations, which the table's guard asks for.
_HEADS = [b"\1\1" + number.to_bytes(4, "big") for number in (2**31, 2**31 + 1)]


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
    old, new, text, turn = urandom(32), urandom(32), bytes(-len(_TEXT) % 1024 + len(_TEXT)), _BareTurn()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_READ, [notes])
        cursor.executemany(
            _WRITE, [(_HEADS[0] + encrypt(old, text, context=_CONTEXT), row) for row, _ in cursor.fetchall()]
        )
        started = time.perf_counter()
        turn()
        cursor.execute(_READ, [notes])
        rows = [(_bare_anew(sealed, old, new), row) for row, sealed in cursor.fetchall()]
        cursor.executemany(_WRITE, rows)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    assert len(rows) == notes
    return seconds


def _bare_anew(sealed: bytes, old: bytes, new: bytes) -> bytes:
    # As a note's row and the log have it.
    hashlib.sha256(sealed).hexdigest()
    return _HEADS[1] + encrypt(new, decrypt(old, sealed[6:], context=_CONTEXT), context=_CONTEXT)


class _BareTurn:
    """What a vault's next key asks of the algorithms.

    The key before is unwrapped; its signature, and the certificates of its maker and readers up to the root, are
    verified; the next one is signed, and wrapped to each reader.
    """

    def __init__(self) -> None:
        self._seed, signer = urandom(32), SigningKey(mldsa_seed=urandom(32), ed25519_seed=urandom(32))
        self._signer, self._public, self._signed = signer, signer.public.raw, signer.sign(_CONTEXT)
        self._wrapped = wrap(urandom(32), to=private_key(self._seed)[1], info=_CONTEXT)

    def __call__(self) -> None:
        private, public = private_key(self._seed)
        key = unwrap(self._wrapped, by=private, info=_CONTEXT)
        for _ in range(_SIGNATURES):
            assert VerifyingKey(self._public).verify(self._signed, _CONTEXT)
        self._signer.sign(_CONTEXT)
        for _ in range(_READERS):
            wrap(key, to=public, info=_CONTEXT)
