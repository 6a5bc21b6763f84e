"""What a search costs beside the bare primitives, from the request to the last result, and when the first one comes.

The primitives read the same columns of the same rows in plain SQL, unwrap the keys of the same records, and decrypt a
text of the same length for each row. What stands around them is ours: session, gate and log, whose record it is, what
each text is bound to, the words, the signatures of what is shown, and the page.
"""

import time
from os import urandom
from statistics import median
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from django.db import connection

from bench.browser import Browser
from bench.caseload import RARE, fill_caseload
from bench.house import House, login_of
from bench.measuring import Side
from bench.rotation import Cost
from keys.wrapping import private_key, unwrap, wrap
from notes.models import Note

_COLUMNS = (
    "id, client_id, author_id, kind, format, session_at, minutes, revision, consent_basis_id, consent_override_id, "
    "written_at, signed_at, ciphertext_sha256, sealed_body"
)


def measure_search(house: House, side: Side) -> tuple[Cost, Cost]:
    """Search a caseload in turns with the primitives: what it costs, and after which part of it a result is there."""
    records, notes = house.size.records, house.size.searched
    fill_caseload(house.searcher, records=records, notes=notes)
    browser = Browser(side.server.port)
    side.enter(browser, login_of(house.searcher), house.code_of(house.searcher))
    browser.get("/search/")
    turns = []
    for _ in range(1 + house.size.turns):
        first, whole = browser.time_to(b"<mark>", "/search/", {"words": RARE})
        turns.append((whole, _bare(house), first))
    whole, bare, first = (median(column) for column in zip(*turns[1:], strict=True))
    return Cost(f"Search {notes} notes in {records} records", whole, bare), Cost("First result", first, whole, aim=0.1)


def _bare(house: House) -> float:
    author, key, (private, public) = house.searcher.user.pk, urandom(32), private_key(urandom(32))
    wrapped, sealed = wrap(key, to=public, info=b""), _encrypt(key, bytes(_length(house)))
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT wrap FROM keys_grant ORDER BY id LIMIT %s", [house.size.records])
        for _ in cursor.fetchall():
            unwrap(wrapped, by=private, info=b"")
        cursor.execute(f"SELECT {_COLUMNS} FROM notes_note WHERE author_id = %s", [_as_stored(author)])  # noqa: S608 (our own columns)
        rows = cursor.fetchall()
        for _ in rows:
            decryptor = Cobblestone256Decryptor(key, context=b"")
            decryptor.update(sealed) + decryptor.finalize()
    seconds = time.perf_counter() - started
    assert len(rows) == house.size.searched // house.size.records * house.size.records
    return seconds


def _length(house: House) -> int:
    blob = Note.objects.filter(author=house.searcher.user).values_list("sealed_body", flat=True)[0]
    return len(bytes(blob)) - len(_encrypt(bytes(32), b"")) - 6


def _as_stored(author: UUID) -> UUID | str:
    return author if connection.vendor == "postgresql" else author.hex


def _encrypt(key: bytes, text: bytes) -> bytes:
    encryptor = Cobblestone256Encryptor(key, context=b"")
    return encryptor.update(text) + encryptor.finalize()
