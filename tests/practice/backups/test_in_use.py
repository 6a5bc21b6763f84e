"""A restore keeps away from a practice that is being served, and from what was left of one."""

import fcntl
import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from practice.backups.folder import browse_backups
from tests.browser.server import Server
from tests.practice.backups.places import Site
from tests.practice.installation import Keyboard

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are its server's own business")


@contextmanager
def lock_held(site: Site) -> Iterator[None]:
    """Hold the lock as a restore does."""
    with (site.folder / "run/serve.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class TestAServer:
    def test_keeps_a_restore_away_until_it_is_gone_but_no_drill(self, site: Site, backed_up: Site):
        server = Server(site)
        server.start()
        try:
            done = site.run("restore", str(backed_up.backups))
            assert done.returncode == 1
            assert "This practice is being served" in done.stderr
            drill_leaves_an_entry_and_nothing_else(site, backed_up.backups)
        finally:
            server.kill()
        # However it ended: what is in the way now is its database.
        assert "This installation is not empty" in site.run("restore", str(backed_up.backups)).stderr

    @pytest.mark.once
    def test_does_not_start_during_a_restore(self, site: Site):
        with lock_held(site), socket.socket() as taken:
            # Should it pass the lock, it ends at the port instead of serving for ever.
            taken.bind(("127.0.0.1", 0))
            done = site.run("serve", "--port", str(taken.getsockname()[1]))
        assert done.returncode == 1
        assert "A restore is at work here." in done.stderr


def drill_leaves_an_entry_and_nothing_else(site: Site, backups: Path) -> None:
    [backup] = browse_backups(backups)
    said = site.manage("restore", str(backups), "--drill")
    assert f"{backup.stamp} was restored beside the practice, checked, and thrown away again." in said
    rows = site.query("SELECT body FROM audit_entry WHERE action = 'backup:drilled'")
    assert [json.loads(bytes(body))["obj"]["id"] for (body,) in rows] == [str(backup.uid)]
    assert not list(site.folder.rglob(".unfinished*"))
    assert site.query("SELECT 1 FROM keys_heldbundle") == []


@on_sqlite
class TestTheNewestRecords:
    @pytest.fixture
    def crashed(self, site: Site, machine: Site) -> Path:
        """The three files that a crash right after the last entry leaves, on `machine`."""
        source, target = site.folder / "subrosa.sqlite3", machine.folder / "subrosa.sqlite3"
        with closing(sqlite3.connect(source)) as server, server:
            server.execute("CREATE TABLE newest AS SELECT 'the last entry' AS entry")
            server.commit()
            for end in ("", "-wal", "-shm"):
                shutil.copy(f"{source}{end}", f"{target}{end}")
        return target

    def test_are_not_lost_when_the_file_is_moved_without_them(self, machine: Site, crashed: Path):
        log = crashed.with_name("subrosa.sqlite3-wal")
        before = log.read_bytes()
        kept = crashed.rename(crashed.with_name("old.sqlite3"))
        done = machine.run("restore", str(machine.backups))
        assert done.returncode == 1
        assert f"{log} and {crashed}-shm stayed" in done.stderr
        assert "together with its -wal and -shm" in done.stderr
        assert log.read_bytes() == before
        assert not crashed.exists()
        for end in ("-wal", "-shm"):
            Path(f"{crashed}{end}").rename(f"{kept}{end}")
        machine.manage("restore", str(machine.backups))
        with closing(sqlite3.connect(kept)) as old:
            assert old.execute("SELECT entry FROM newest").fetchall() == [("the last entry",)]

    def test_are_not_lost_to_an_empty_file_of_that_name(self, machine: Site, crashed: Path):
        crashed.write_bytes(b"")
        assert "stayed" in machine.run("restore", str(machine.backups)).stderr
        assert Path(f"{crashed}-wal").stat().st_size

    def test_of_another_program_are_not_deleted(self, machine: Site):
        with closing(sqlite3.connect(machine.folder / "subrosa.sqlite3")) as other:
            other.executescript("PRAGMA journal_mode=WAL; CREATE TABLE passing (n); DROP TABLE passing;")
            done = machine.run("restore", str(machine.backups))
            assert "subrosa.sqlite3-wal: another program has the database open. Nothing was restored." in done.stderr
            assert (machine.folder / "subrosa.sqlite3-wal").stat().st_size
        assert machine.is_empty()


@pytest.mark.once
class TestAtTheTerminal:
    @pytest.fixture
    def restored(self, brought_back: tuple[Site, str], tmp_path: Path) -> Iterator[Site]:
        machine = brought_back[0].clone(tmp_path / "restored")
        yield machine
        machine.drop()

    def test_a_manager_confirms(self, restored: Site):
        typed = restored.proof_of("manager")
        person = Keyboard(restored, "confirm_restore", "--all")
        person.answer("A manager's e-mail address: ", typed["address"])
        person.answer("while you type): ", typed["passphrase"])
        person.answer("the app shows now: ", typed["code"])
        assert person.finish() == 0
        assert "5 confirmed.\nNothing is out of reach." in person.screen
        assert typed["passphrase"] not in person.screen

    def test_a_sheet_that_does_not_exist_and_a_second_thought_confirm_nothing(self, restored: Site):
        person = Keyboard(restored, "confirm_restore", "--all", "--with-codes")
        person.answer("The numbers of the sheets you have, such as 1 3: ", "1 3")
        person.answer("Code 1: ", "AAAA-BBBB")
        person.answer("Code 3: ", "CCCC-DDDD")
        assert person.finish() == 1
        assert "There is no code 3: they have the numbers 1 to 1." in person.screen
        person = Keyboard(restored, "confirm_restore", "--all")
        person.answer("A manager's e-mail address: ", "priya@alder.example")
        person.read_until("while you type): ")
        assert person.interrupt() == 1
        assert "Stopped before the end. Nothing was confirmed." in person.screen
        assert restored.query("SELECT count(*) FROM keys_heldbundle") == [(5,)]
