"""`manage.py backup`: whole and sealed, or nothing that looks like a backup."""

import json
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from practice.backups.folder import KEYS, RECORDS, Backup, browse_backups
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


class TestABackup:
    def test_says_what_it_is_and_what_must_be_kept_elsewhere(self, site: Site):
        said = site.manage("backup", str(site.backups))
        [backup] = browse_backups(site.backups)
        assert f"Backup {backup.stamp} is whole." in said
        assert f"the file .env and the folder {site.folder}/keys" in said
        until = (backup.made_at + timedelta(days=35)).strftime("%Y-%m-%d")
        assert f"removed after {until}" in said

    def test_vouches_for_each_of_its_files(self, site: Site):
        backup = site.back_up()
        named = {str(Path(name)) for name in backup.manifest["files"]}
        lying = {
            f"{place.parent.name}/{file.name}" for place in (backup.records, backup.keys) for file in place.iterdir()
        }
        assert lying - named == {"records/manifest.json"}
        backup.verify(RECORDS, KEYS)

    def test_is_for_its_owner_alone(self, site: Site):
        site.back_up()
        for place in [site.backups, *site.backups.rglob("*")]:
            assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0

    def test_is_in_the_log_by_the_hash_of_its_manifest(self, site: Site):
        backup = site.back_up()
        rows = site.query("SELECT body FROM audit_entry WHERE action = 'backup:made'")
        [entry] = [json.loads(bytes(body)) for (body,) in rows]
        assert entry["obj"]["id"] == str(backup.uid)
        assert entry["actor"]["role"] == "system"

    def test_leaves_nothing_unfinished_behind(self, site: Site):
        site.back_up()
        assert sorted(place.name for place in site.backups.iterdir()) == [".lock", "keys", "records"]
        assert not list((site.folder / "run").glob(".unfinished*"))


class TestWhatItHolds:
    def test_is_ciphertext_only(self, site: Site):
        backup = site.back_up()
        whole = readable(backup.records, site) + readable(backup.keys, site)
        assert b"Alder Lane Practice" in whole  # what is no secret is found by the same search
        people = site.read_sheet()
        secrets = [CANARY, *(line["passphrase"] for line in people), *(line["address"] for line in people)]
        secrets += [line["name"] for line in people if line["role"] == "client"]
        secrets += [site.environment[name] for name in ("SECRET_KEY", "PEPPER", "SERVICE_KEY")]
        secrets += [file.read_text() for file in (site.folder / "keys").iterdir()]
        assert [secret for secret in secrets if holds(whole, secret.encode())] == []

    def test_leaves_halves_of_sessions_where_they_are(self, site: Site):
        halves = column(site, "SELECT sealed_bundle FROM access_keysession")
        [(session,)] = site.query("SELECT session_key FROM django_session")
        backup = site.back_up()
        whole = readable(backup.records, site) + readable(backup.keys, site)
        assert halves
        assert not any(holds(whole, secret) for secret in [*halves, session.encode()])

    def test_keeps_keys_in_their_own_stream(self, site: Site):
        keys = column(site, "SELECT wrap FROM keys_grant")
        keys += column(site, "SELECT sealed_bundle FROM keys_identity WHERE length(sealed_bundle) > 0")
        keys += column(site, "SELECT sealed_seed FROM keys_recoveryshare")
        backup = site.back_up()
        records, stream = readable(backup.records, site), readable(backup.keys, site)
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
    def test_that_burns_with_the_practice_is_refused(self, site: Site):
        done = site.run("backup", str(site.folder / "backups"))
        assert done.returncode == 1
        assert "beside what it should outlive" in done.stderr
        assert not (site.folder / "backups").exists()

    def test_that_cannot_be_written_is_named(self, site: Site):
        done = site.run("backup", "/proc/nowhere")
        assert done.returncode == 1
        assert re.search(r"/proc/nowhere: .*\. No backup was made\.", done.stderr)

    def test_must_be_named_or_set(self, site: Site):
        assert "Name a folder, or set BACKUP_DIR" in site.run("backup").stderr
        assert site.run("backup", BACKUP_DIR=str(site.backups)).returncode == 0

    def test_is_not_touched_where_there_is_no_practice(self, elsewhere):
        empty = elsewhere()
        empty.manage("migrate")
        assert "There is no practice here yet" in empty.run("backup", str(empty.backups)).stderr
        assert not empty.backups.exists()

    @pytest.mark.parametrize("bytes_left", [33_000, 60_000])
    def test_without_room_holds_nothing_that_looks_whole(self, site: Site, bytes_left):
        def leave_no_room() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, resource.RLIM_INFINITY))

        done = subprocess.run(
            [sys.executable, "manage.py", "backup", str(site.backups)],
            cwd=PROJECT,
            env=site.environment,
            preexec_fn=leave_no_room,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "No backup was made." in done.stderr
        assert "Traceback" not in done.stderr
        assert browse_backups(site.backups) == []
        assert site.query("SELECT 1 FROM audit_entry WHERE action = 'backup:made'") == []
        site.back_up()

    @pytest.mark.parametrize("milliseconds", [0, 15, 40, 80])
    def test_after_a_kill_holds_whole_backups_only(self, site: Site, milliseconds):
        command = [sys.executable, "manage.py", "backup", str(site.backups)]
        process = subprocess.Popen(command, cwd=PROJECT, env=site.environment, stdout=subprocess.DEVNULL)
        while process.poll() is None and not list(site.backups.glob(".unfinished*")):
            time.sleep(0.001)
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for backup in browse_backups(site.backups):
            backup.verify(RECORDS, KEYS)
        time.sleep(1)  # a name is a second
        site.back_up()
        assert not list(site.backups.glob(".unfinished*"))


class TestAfterAMonth:
    def age(self, backup: Backup, days: int) -> Backup:
        """Make a backup look as old as that."""
        older = Backup.of(backup.folder, backup.made_at - timedelta(days=days))
        backup.records.rename(older.records)
        backup.keys.rename(older.keys)
        return older

    def test_keys_go_and_the_command_says_which(self, site: Site):
        old = self.age(site.back_up(), 36)
        young = self.age(site.back_up(), 34)
        said = site.manage("backup", str(site.backups))
        assert f"Keys older than 35 days were removed: {old.stamp}." in said
        assert not old.keys.exists()
        assert young.has_keys

    def test_keys_without_records_go_too(self, site: Site):
        old = self.age(site.back_up(), 36)
        shutil.rmtree(old.records)
        site.back_up()
        assert not old.keys.exists()

    def test_the_first_records_of_a_month_stay(self, site: Site):
        made = site.back_up()
        first, later = (Backup(site.backups, f"2025-03-{day}T023000Z") for day in ("02", "20"))
        for old in (first, later):
            shutil.copytree(made.records, old.records)
            shutil.copytree(made.keys, old.keys)
        time.sleep(1)  # a name is a second
        site.back_up()
        assert first.records.exists()
        assert not later.records.exists()
        assert not first.has_keys
        assert not later.has_keys
        assert datetime.now(UTC) - made.made_at < timedelta(days=1)
        assert made.records.exists()
