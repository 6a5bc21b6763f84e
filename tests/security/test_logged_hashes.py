"""Hashes in the log, and anywhere at rest: none is of a text alone, which whoever guesses the text would recognise."""

import hashlib
import json
from base64 import b64encode

import pytest

from audit.acts import Act
from audit.models import Entry
from keys.columns import columns_of_vault
from keys.statements import VaultKind
from notes.kinds import NoteKind
from tests.at_rest import dump
from tests.keys.house import SEEN
from tests.notes.conftest import fields_of

HASHES = ("md5", "sha1", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")


@pytest.fixture
def guesses(full):
    """Everything that was sealed, whole as it was sealed and in the parts that somebody typed."""
    texts = [
        full.open(kind).unseal(getattr(row, column.column), bound_to=column.bind(row), receipt=SEEN)
        for kind in VaultKind
        for column in columns_of_vault(kind)
        for row in column.rows_at(full.place(kind))
    ]
    typed = [part for kind in (NoteKind.SESSION, NoteKind.CALL) for part in fields_of(kind).values()]
    fields = [json.dumps(fields_of(kind), ensure_ascii=plain) for kind in NoteKind for plain in (True, False)]
    return [text.encode() for text in {*texts, *typed, *fields, full.cast.robin.name} if text]


def spelled(name, guess):
    digest = hashlib.new(name, guess).digest()
    return (digest, digest.hex().encode(), digest.hex().upper().encode(), b64encode(digest), digest[:16])


def test_no_entry_and_no_row_has_an_unsalted_hash_of_a_text(guesses):
    log = b"\0".join(bytes(body) for body in Entry.objects.values_list("body", flat=True))
    assert len(guesses) > 20
    assert Act.NOTE_WRITTEN.encode() in log
    everything = log + b"\0" + dump()
    found = [name for name in HASHES for guess in guesses if any(text in everything for text in spelled(name, guess))]
    assert not found
