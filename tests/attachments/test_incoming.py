"""A file while it comes in: where it lies, how large it may be, and what is left of it."""

import os
import tracemalloc
from pathlib import Path

import pytest

from access.spool import PIECE
from attachments.incoming import Incoming
from attachments.kinds import Kind
from keys.errors import SealBroken
from keys.services import PassingKey
from tests.attachments.conftest import CANARY, LONG, PDF, incoming

pytestmark = pytest.mark.once


class TestAFileOnItsWay:
    def test_comes_out_as_it_went_in(self):
        for content in (PDF, LONG, LONG[: PIECE * 2], LONG[: PIECE * 2 + 1]):
            taken = incoming(content)
            assert (taken.kind, taken.size) == (Kind.PDF, len(content))
            assert b"".join(taken.read()) == content
            assert taken.pieces == -(-len(content) // PIECE)

    def test_lies_sealed_where_nothing_has_a_name(self, settings, tmp_path):
        settings.RUN_DIR = tmp_path
        taken = incoming(LONG)
        assert not list(tmp_path.iterdir())
        lying = Path(f"/proc/self/fd/{taken._spool._file.fileno()}").read_bytes()
        assert len(lying) > len(LONG)
        assert not any(part in lying for part in (CANARY, b"%PDF", LONG[PIECE : PIECE + 16]))

    def test_has_a_key_of_its_own_for_each_piece_in_its_place(self):
        key = PassingKey()
        sealed = key.seal(b"one", number=1)
        assert key.unseal(sealed, number=1) == b"one"
        for other, number in ((key, 2), (PassingKey(), 1)):
            with pytest.raises(SealBroken):
                other.unseal(sealed, number=number)

    def test_may_be_as_large_as_the_limit_and_not_a_byte_larger(self):
        assert incoming(PDF, limit=len(PDF)).kind is Kind.PDF
        larger = incoming(PDF, limit=len(PDF) - 1)
        assert larger.is_too_large
        assert larger.kind is None

    @pytest.mark.parametrize("content", [LONG, b"MZ\x90\0" + os.urandom(PIECE)])
    def test_is_let_go_as_soon_as_it_cannot_be_taken(self, content):
        taken = Incoming(len(LONG) - 1)
        taken.take(content)
        assert taken._spool._file.closed
        assert not taken._spool._rest
        taken.take(content)
        taken.finish()
        assert (taken.size, taken.kind) == (2 * len(content), None)

    def test_takes_the_same_memory_whatever_its_size(self):
        part = os.urandom(65_536)
        tracemalloc.start()
        taken = incoming(PDF)
        for _ in range(300):
            taken.take(part)
        taken.finish()
        for piece in taken.read():
            assert piece
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # A file of 19 MB.
        assert peak < 3_000_000
