"""What a search costs from the request to the last result, beside two loops over the same rows; and the first result.

One loop reads and opens each of them as the house seals them, and does nothing else: no session, no words, no page.
The other is cipher and database alone: the same columns in plain SQL, as many keys unwrapped, a text of the same
length decrypted for each row, bound to nothing.
"""

import time
from os import urandom
from statistics import median
from uuid import UUID

from django.db import connection
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import record_look
from bench.bare import decrypt, encrypt
from bench.browser import Browser
from bench.caseload import RARE, fill_caseload
from bench.house import House, login_of
from bench.measuring import Side
from bench.rotation import Cost
from clients.models import Care
from keys.services import OpenVault, VaultKind, open_vaults
from keys.wrapping import private_key, unwrap, wrap
from notes.models import Note
from notes.sealed import bind_note

_COLUMNS = (
    *("id", "client_id", "author_id", "kind", "format", "session_at", "minutes", "revision", "consent_basis_id"),
    *("consent_override_id", "place", "next_at", "written_at", "signed_at", "ciphertext_sha256", "sealed_body"),
)


def measure_search(house: House, side: Side) -> tuple[list[Cost], Cost]:
    """Search a caseload in turns with both loops: what it costs, and after which part of it a result is there."""
    records, notes = house.size.records, house.size.searched
    fill_caseload(house.searcher, records=records, notes=notes)
    browser = Browser(side.server.port)
    side.enter(browser, login_of(house.searcher), house.code_of(house.searcher))
    browser.get("/search/")
    turns = []
    for _ in range(1 + house.size.turns):
        first, whole = browser.time_to(b"<mark>", "/search/", {"words": RARE})
        turns.append((whole, _loop(house), _bare(house), first))
    whole, loop, bare, first = (median(column) for column in zip(*turns[1:], strict=True))
    what = f"Search {notes} notes in {records} records"
    costs = [Cost(f"{what}, beside opening them", whole, loop), Cost(f"{what}, beside the primitives", whole, bare)]
    return costs, Cost("First result", first, whole, aim=0.1)


def _loop(house: House) -> float:
    """Read and open the same rows, one after the other."""
    by = house.searcher.as_(Role.THERAPIST)
    receipt = record_look(Act.NOTE_LISTED, by=by, at=timezone.now())
    started = time.perf_counter()
    clients = list(Care.objects.filter(therapist=by.user).values_list("client", flat=True))
    vaults = open_vaults(by=by.keys, kind=VaultKind.RECORD, subjects=clients)
    opened = 0
    for row in Note.objects.filter(author=by.user).values_list(*_COLUMNS, named=True).iterator():
        vault = vaults[row.client_id]
        assert isinstance(vault, OpenVault)
        first = row.ciphertext_sha256
        opened += bool(vault.unseal(row.sealed_body, bound_to=bind_note(row), receipt=receipt, first_hash=first))
    seconds = time.perf_counter() - started
    assert opened == house.size.searched // house.size.records * house.size.records
    return seconds


def _bare(house: House) -> float:
    author, key, (private, public) = house.searcher.user.pk, urandom(32), private_key(urandom(32))
    wrapped, sealed = wrap(key, to=public, info=b""), encrypt(key, bytes(_length(house)))
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrap FROM keys_grant ORDER BY id LIMIT %s", [house.size.records])
        for _ in cursor.fetchall():
            unwrap(wrapped, by=private, info=b"")
        columns = ", ".join(_COLUMNS)
        cursor.execute(f"SELECT {columns} FROM notes_note WHERE author_id = %s", [_as_stored(author)])  # noqa: S608 (ours)
        rows = cursor.fetchall()
        for _ in rows:
            decrypt(key, sealed)
    seconds = time.perf_counter() - started
    assert len(rows) == house.size.searched // house.size.records * house.size.records
    return seconds


def _length(house: House) -> int:
    blob = Note.objects.filter(author=house.searcher.user).values_list("sealed_body", flat=True)[0]
    return len(bytes(blob)) - len(encrypt(bytes(32), b"")) - 6


def _as_stored(author: UUID) -> UUID | str:
    return author if connection.vendor == "postgresql" else author.hex
