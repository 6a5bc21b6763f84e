"""Dana's desk beside a press that gives back the very page it was to print: what stands on paper, without layout."""

import pytest

from access.roles import Role
from clients.services.finding import find_client
from practice.paper import printing
from tests.beginnings import beginning
from tests.cast import Cast
from tests.notes.conftest import Desk
from tests.practice.exporting.conftest import log

_ECHO = """
import sys
source, target = sys.stdin.buffer, sys.stdout.buffer
while len(length := source.read(8)) == 8:
    target.write(length + source.read(int.from_bytes(length, "big")))
    target.flush()
"""


@pytest.fixture
def echo(tmp_path, monkeypatch):
    program = tmp_path / "echo.py"
    program.write_text(_ECHO)
    monkeypatch.setattr(printing, "_PROGRAM", program)
    return program


@beginning
def desk(robin_signed: Cast) -> Desk:
    by = robin_signed.dana.as_(Role.THERAPIST)
    return Desk(robin_signed.dana, find_client(by=by, client_id=robin_signed.robin.client_id))


__all__ = ["log"]
