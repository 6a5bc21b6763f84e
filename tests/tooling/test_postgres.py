"""The throw-away PostgreSQL: it works, and it leaves nothing behind."""

import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.postgres import run_postgres


@pytest.fixture
def scratch(monkeypatch):
    # Not in pytest's own folders: root's server runs as nobody, who may not walk there.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


class TestRunPostgres:
    def test_serves_and_leaves_nothing_behind(self, scratch):
        with run_postgres() as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert list(scratch.iterdir()) == []
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)

    def test_leaves_nothing_behind_when_its_user_fails(self, scratch):
        with pytest.raises(ZeroDivisionError), run_postgres():
            _ = 1 / 0
        assert list(scratch.iterdir()) == []
