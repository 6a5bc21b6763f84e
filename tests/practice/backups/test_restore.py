"""`manage.py restore`: a practice that works again, or an installation as empty as before."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from practice.backups.folder import Backup, BackupDamaged, browse_backups, new_backup
from practice.backups.restoring import CannotRestore, Chosen, choose, require_fit
from tests.practice.backups.places import CANARY, Site

FIRST = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def restored(brought_back: tuple[Site, str], tmp_path_factory) -> Iterator[tuple[Site, str]]:
    """A restored practice and what the command said; the tests on it follow each other, as days do."""
    template, said = brought_back
    machine = template.clone(tmp_path_factory.mktemp("restored") / "machine")
    yield machine, said
    machine.drop()


def only_backup(machine: Site) -> Backup:
    [backup] = browse_backups(machine.backups)
    return backup


class TestARestoredPractice:
    def test_lets_nobody_but_managers_in_before_one_confirms(self, restored: tuple[Site, str]):
        machine, said = restored
        assert "Dana Whitlock: the whole account" in said
        assert said.count("client ") == 2
        assert "Priya Nair" not in said
        assert "waits for a manager" in machine.come_in("therapist")["refused"]

    def test_is_confirmed_by_managers_only(self, restored: tuple[Site, str]):
        machine, _ = restored
        assert machine.confirm("therapist", "--all").returncode == 1
        assert "Dana Whitlock" in machine.manage("confirm_restore")

    def test_opens_its_notes_with_passphrase_and_code_once_confirmed(self, restored: tuple[Site, str]):
        machine, _ = restored
        done = machine.confirm("manager", "--all")
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == ["5 confirmed.", "Nothing is out of reach."]
        assert machine.come_in("therapist") == {"texts": [CANARY]}

    def test_goes_on_writing(self, restored: tuple[Site, str]):
        machine, _ = restored
        assert machine.come_in("therapist", text="The day after.")["texts"] == ["The day after.", CANARY]

    def test_has_its_log_and_the_log_its_guards(self, restored: tuple[Site, str], backed_up: Site):
        machine, _ = restored
        machine.manage("check", "--database", "default")
        with pytest.raises(Exception, match="append-only"):
            machine.execute("DELETE FROM audit_entry")
        acts = [act for (act,) in machine.query("SELECT action FROM audit_entry ORDER BY id")]
        assert acts.count("backup:confirmed") == 5
        assert acts.count("backup:restored") == 1
        # What happened up to the backup, and nothing of it twice.
        before = [act for (act,) in backed_up.query("SELECT action FROM audit_entry ORDER BY id")]
        assert acts[: acts.index("backup:restored")] == before[: before.index("backup:made")]

    def test_is_not_restored_over(self, restored: tuple[Site, str], backed_up: Site):
        machine, _ = restored
        done = machine.run("restore", str(backed_up.backups))
        assert done.returncode == 1
        assert "This installation is not empty" in done.stderr
        assert machine.query("SELECT count(*) FROM notes_note") == [(2,)]


class TestRefuses:
    @pytest.mark.parametrize("which", [0, 1, 2, 3])
    def test_a_changed_byte_and_names_its_file(self, machine: Site, which):
        backup = only_backup(machine)
        file = sorted([*backup.records.iterdir(), *backup.keys.iterdir()])[which]
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        says = "was changed" if file.name == "manifest.json" else "as it was written"
        with pytest.raises(BackupDamaged, match=f"^{re.escape(str(file))} .*{says}"):
            choose(machine.backups)

    @pytest.mark.parametrize("which", [0, 1, 3])
    def test_a_missing_file_and_names_it(self, machine: Site, which):
        backup = only_backup(machine)
        file = sorted([*backup.records.iterdir(), *backup.keys.iterdir()])[which]
        file.unlink()
        with pytest.raises(BackupDamaged, match=f"^{re.escape(str(file))} is missing"):
            choose(machine.backups)

    def test_a_folder_without_a_manifest(self, machine: Site):
        (only_backup(machine).records / "manifest.json").unlink()
        with pytest.raises(CannotRestore, match=f"There is no whole backup in {machine.backups}."):
            choose(machine.backups)

    def test_a_manifest_that_is_none(self, machine: Site):
        (only_backup(machine).records / "manifest.json").write_text("{}")
        self.refused(machine, "manifest.json is not as it was written.")

    @pytest.mark.once
    @pytest.mark.parametrize("name", ["PEPPER", "SERVICE_KEY"])
    def test_secrets_of_another_practice(self, machine: Site, name):
        self.refused(
            machine, "SERVICE_KEY or PEPPER of .env are not", **{name: "b3RoZXItc2VjcmV0LW9mLTMyLWJ5dGVzLWV4YWN0bHk="}
        )

    def test_a_name_that_is_no_backup(self, machine: Site):
        with pytest.raises(CannotRestore, match="There is no whole backup 2020-01-01T000000Z"):
            choose(machine.backups, "2020-01-01T000000Z")

    @pytest.mark.once
    def test_no_folder_at_all(self, machine: Site):
        assert "Name a folder, or set BACKUP_DIR" in machine.run("restore").stderr

    def test_keys_that_do_not_fit_and_stays_empty(self, machine: Site):
        backup = only_backup(machine)
        facts = {name: backup.manifest[name] for name in ("database", "migrations")}
        good = {place.name: place.read_bytes() for place in [*backup.records.iterdir(), *backup.keys.iterdir()]}
        shutil.rmtree(machine.backups)
        machine.backups.mkdir()
        # Vouched for, and still no keys: as if a disk had lied while they were written.
        with new_backup(machine.backups, facts=facts, at=backup.made_at) as (records, keys):
            for name, content in good.items():
                if name != "manifest.json":
                    place = records if name.startswith("records") else keys
                    (place / name).write_bytes(content if not name.startswith("keys") else content[:5000])
        self.refused(machine, "Nothing was restored.")

    def refused(self, machine: Site, *says: str, **changes: str) -> None:
        done = machine.run("restore", str(machine.backups), **changes)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert not [words for words in says if words not in done.stderr], done.stderr
        assert machine.is_empty()


class TestABackupOfAnother:
    def pretend(self, folder: Path, **facts: object) -> Chosen:
        backup = Backup.of(folder, FIRST)
        with new_backup(folder, facts={"database": connection.vendor, "migrations": []} | facts, at=FIRST):
            pass
        return Chosen(backup, backup, backup)

    def test_kind_of_database_is_refused(self, tmp_path):
        with pytest.raises(CannotRestore, match="This is a backup of oracle"):
            require_fit(self.pretend(tmp_path, database="oracle"))

    def test_newer_version_is_refused(self, tmp_path):
        with pytest.raises(CannotRestore, match=r"made by a newer Subrosa \(keys.9999_later\)"):
            require_fit(self.pretend(tmp_path, migrations=["keys.0001_initial", "keys.9999_later"]))


class TestADrill:
    # One that goes well is in test_in_use.py: beside a server.
    def test_that_fails_says_so_and_is_not_in_the_log(self, second_day: Site):
        site, backup = second_day, only_backup(second_day)
        shutil.rmtree(backup.keys)
        done = site.run("restore", str(site.backups), "--drill")
        assert done.returncode == 1
        assert "are gone from" in done.stderr
        assert site.query("SELECT 1 FROM audit_entry WHERE action = 'backup:drilled'") == []
