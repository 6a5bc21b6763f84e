"""`manage.py backup`: whole and sealed, or nothing that looks like a backup."""

import errno
import json
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from practice.backups.folder import KEYS, RECORDS, Backup, browse_backups
from practice.backups.postgresql import find
from practice.backups.streams import StreamFailed, plain_words
from tests.browser.outages import stopped_log
from tests.browser.server import PROJECT
from tests.practice.backups.places import CANARY, Site


def readable(place: Path, site: Site) -> bytes:
    """Read every byte of a stream, with what PostgreSQL's archives hold compressed."""
    parts = [file.read_bytes() for file in place.iterdir()]
    for archive in place.glob("*.dump"):
        command = ["pg_restore", "--file=-", str(archive)]
        parts.append(subprocess.run(command, env=site.environment, capture_output=True, check=True).stdout)
    return b"\0".join(parts)


def spellings(secret: bytes) -> list[bytes]:
    return [secret, secret.hex().encode()]


def holds(text: bytes, secret: bytes) -> bool:
    return any(spelling in text for spelling in spellings(secret))


def column(site: Site, statement: str) -> list[bytes]:
    return [bytes(value) for (value,) in site.query(statement)]


@dataclass(frozen=True)
class Made:
    """One backup, and the practice it is of."""

    site: Site
    said: str
    backup: Backup

    @property
    def bytes(self) -> bytes:
        return readable(self.backup.records, self.site) + readable(self.backup.keys, self.site)


@pytest.fixture(scope="module")
def made(worked: Site, tmp_path_factory) -> Iterator[Made]:
    site = worked.clone(tmp_path_factory.mktemp("made") / "practice")
    said = site.manage("backup", str(site.backups))
    [backup] = browse_backups(site.backups)
    yield Made(site, said, backup)
    site.drop()


class TestABackup:
    def test_says_what_it_is_and_what_must_be_kept_elsewhere(self, made: Made):
        assert f"Backup {made.backup.stamp} is whole." in made.said
        assert f"the file .env and the folder {made.site.folder}/keys" in made.said
        until = (made.backup.made_at + timedelta(days=35)).strftime("%Y-%m-%d")
        assert f"removed after {until}" in made.said

    def test_vouches_for_each_of_its_files(self, made: Made):
        files = [file for place in (made.backup.records, made.backup.keys) for file in place.iterdir()]
        lying = {f"{file.parent.parent.name}/{file.name}" for file in files}
        assert lying - made.backup.manifest["files"].keys() == {"records/manifest.json"}
        made.backup.verify(RECORDS, KEYS)

    def test_is_for_its_owner_alone(self, made: Made):
        places = [made.site.backups, *made.site.backups.rglob("*")]
        assert len(places) > 6
        assert not [place for place in places if stat.S_IMODE(place.stat().st_mode) & 0o077]

    def test_is_in_the_log_by_the_hash_of_its_manifest(self, made: Made):
        rows = made.site.query("SELECT body FROM audit_entry WHERE action = 'backup:made'")
        [entry] = [json.loads(bytes(body)) for (body,) in rows]
        assert entry["obj"]["id"] == str(made.backup.uid)
        assert entry["actor"]["role"] == "system"

    def test_leaves_nothing_unfinished_behind(self, made: Made):
        assert sorted(place.name for place in made.site.backups.iterdir()) == [".lock", "keys", "records"]
        assert not list((made.site.folder / "run").glob(".unfinished*"))


class TestWhatItHolds:
    def test_is_ciphertext_only(self, made: Made):
        assert b"Alder Lane Practice" in made.bytes  # what is no secret is found by the same search
        people = made.site.people.values()
        secrets = [CANARY, *(line["passphrase"] for line in people), *(line["address"] for line in people)]
        secrets += [line["name"] for line in people if line["role"] == "client"]
        secrets += [made.site.environment[name] for name in ("SECRET_KEY", "PEPPER", "SERVICE_KEY")]
        secrets += [file.read_text() for file in (made.site.folder / "keys").iterdir()]
        assert [secret for secret in secrets if holds(made.bytes, secret.encode())] == []

    def test_leaves_halves_of_sessions_where_they_are(self, made: Made):
        halves = column(made.site, "SELECT sealed_bundle FROM access_keysession")
        [(session,)] = made.site.query("SELECT session_key FROM django_session")
        assert halves
        assert not any(holds(made.bytes, secret) for secret in [*halves, session.encode()])

    def test_keeps_keys_in_their_own_stream(self, made: Made):
        keys = column(made.site, "SELECT wrap FROM keys_grant")
        keys += column(made.site, "SELECT sealed_bundle FROM keys_identity WHERE length(sealed_bundle) > 0")
        keys += column(made.site, "SELECT sealed_seed FROM keys_recoveryshare")
        records, stream = readable(made.backup.records, made.site), readable(made.backup.keys, made.site)
        assert len(keys) > 10
        assert all(holds(stream, key) for key in keys)
        assert not any(holds(records, key) for key in keys)

    def test_is_of_one_moment_while_somebody_writes(self, site: Site, elsewhere):
        stop, failed = threading.Event(), []

        def write() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                pair = ", ".join(f"({half}{number:08x}', '2026-01-01', 1)" for half in mark_of(site))
                try:
                    site.execute(f"INSERT INTO access_throttle (key, window_from, tries) VALUES {pair}")  # noqa: S608
                except Exception as error:  # noqa: BLE001 (any failure of a writer is the finding)
                    failed.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        site.back_up()
        stop.set()
        writer.join()
        assert failed == []
        restored = elsewhere()
        restored.manage("restore", str(site.backups))
        count = "SELECT count(*) FROM access_throttle WHERE tries = 1 AND window_from < '2026-06-01'"
        [(then,)], [(now,)] = restored.query(count), site.query(count)
        assert 0 < then < now
        assert then % 2 == 0


def mark_of(site: Site) -> tuple[str, str]:
    """Begin the literals of two binary values in the database's own spelling."""
    return ("X'aa", "X'bb") if site.database_url.startswith("sqlite") else ("'\\xaa", "'\\xbb")


class TestAFolder:
    @pytest.mark.once
    def test_that_burns_with_the_practice_is_refused(self, site: Site):
        done = site.run("backup", str(site.folder / "backups"))
        assert done.returncode == 1
        assert "beside what it should outlive" in done.stderr
        assert not (site.folder / "backups").exists()

    @pytest.mark.once
    def test_that_cannot_be_written_is_named(self, site: Site):
        done = site.run("backup", "/proc/nowhere")
        assert done.returncode == 1
        assert re.search(r"/proc/nowhere: .*\. No backup was made\.", done.stderr)

    @pytest.mark.once
    def test_must_be_named_or_set(self, site: Site):
        assert "Name a folder, or set BACKUP_DIR" in site.run("backup").stderr
        assert site.run("backup", BACKUP_DIR=str(site.backups)).returncode == 0

    def test_is_not_touched_where_there_is_no_practice(self, elsewhere):
        empty = elsewhere()
        empty.manage("migrate")
        assert "There is no practice here yet" in empty.run("backup", str(empty.backups)).stderr
        assert not empty.backups.exists()

    def test_holds_a_whole_backup_even_when_the_log_takes_no_entry(self, site: Site):
        with stopped_log(site):
            done = site.run("backup", str(site.backups))
        assert done.returncode == 1
        assert "The backup is whole, but the access log takes no entries" in done.stderr
        [backup] = browse_backups(site.backups)
        backup.verify(RECORDS, KEYS)

    def test_without_room_holds_nothing_that_looks_whole(self, site: Site):
        for bytes_left in (33_000, 60_000):
            done = back_up_in(site, bytes_left)
            assert done.returncode == 1
            assert "No backup was made." in done.stderr
            assert "Traceback" not in done.stderr
            assert browse_backups(site.backups) == []
            assert site.query("SELECT 1 FROM audit_entry WHERE action = 'backup:made'") == []
        site.back_up()

    def test_after_a_kill_holds_whole_backups_only(self, site: Site):
        for milliseconds in (0, 30, 80):
            kill_a_backup(site, after=milliseconds / 1000)
            for backup in browse_backups(site.backups):
                backup.verify(RECORDS, KEYS)
            time.sleep(1 if browse_backups(site.backups) else 0)  # a name is a second
        site.back_up()
        assert not list(site.backups.glob(".unfinished*"))


def back_up_in(site: Site, bytes_left: int) -> subprocess.CompletedProcess[str]:
    """Make a backup where no file may be longer than that."""

    def leave_no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "manage.py", "backup", str(site.backups)],
        cwd=PROJECT,
        env=site.environment,
        preexec_fn=leave_no_room,
        capture_output=True,
        text=True,
        check=False,
    )


def kill_a_backup(site: Site, *, after: float) -> None:
    """Begin a backup, and end it so many seconds after its first file."""
    begun = set(site.backups.glob(".unfinished*"))
    command = [sys.executable, "manage.py", "backup", str(site.backups)]
    process = subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=subprocess.DEVNULL)
    while process.poll() is None and not set(site.backups.glob(".unfinished*")) - begun:
        time.sleep(0.001)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()


class TestWhatGoesWrong:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (OSError(errno.ENOSPC, "No space left on device"), "There is no room left for /mnt/backups."),
            (PermissionError(errno.EACCES, "Permission denied", "/mnt/backups/keys"), "/mnt/backups/keys: Permission"),
            (sqlite3.OperationalError("disk I/O error"), "The database says: disk I/O error. Is there room left"),
        ],
    )
    def test_is_said_in_plain_words(self, error, words):
        with pytest.raises(StreamFailed, match=f"^{words}"), plain_words(Path("/mnt/backups")):
            raise error

    def test_may_be_a_missing_program(self, monkeypatch):
        monkeypatch.setattr("shutil.which", lambda _: None)
        with pytest.raises(StreamFailed, match="pg_dump is not on this machine"), plain_words(Path("/mnt/backups")):
            find("pg_dump")


class TestAfterAMonth:
    def age(self, backup: Backup, days: int) -> Backup:
        """Make a backup look as old as that."""
        older = Backup.of(backup.folder, backup.made_at - timedelta(days=days))
        backup.records.rename(older.records)
        backup.keys.rename(older.keys)
        return older

    def test_keys_go_and_the_command_says_which(self, second_day: Site):
        site, [made] = second_day, browse_backups(second_day.backups)
        young = self.age(site.back_up(), 34)
        old = self.age(made, 36)
        said = site.manage("backup", str(site.backups))
        assert f"Keys older than 35 days were removed: {old.stamp}." in said
        assert not old.keys.exists()
        assert young.has_keys

    def test_keys_without_records_go_too(self, second_day: Site):
        [made] = browse_backups(second_day.backups)
        old = self.age(made, 36)
        shutil.rmtree(old.records)
        second_day.back_up()
        assert not old.keys.exists()

    def test_the_first_records_of_a_month_stay(self, second_day: Site):
        site, [made] = second_day, browse_backups(second_day.backups)
        first, later = (Backup(site.backups, f"2025-03-{day}T023000Z") for day in ("02", "20"))
        for old in (first, later):
            shutil.copytree(made.records, old.records)
            shutil.copytree(made.keys, old.keys)
        site.back_up()
        assert first.records.exists()
        assert not later.records.exists()
        assert not first.has_keys
        assert not later.has_keys
        assert datetime.now(UTC) - made.made_at < timedelta(days=1)
        assert made.records.exists()
