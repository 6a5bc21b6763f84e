"""What a restore brings back although it had been taken away, and what it does not bring back."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from practice.backups.folder import Backup, browse_backups
from tests.practice.backups.places import CANARY, Site

THE_RECORD = "SELECT id FROM keys_vault WHERE kind = 'record'"


@dataclass(frozen=True)
class Away:
    """A machine beside a copy of two backups, between which something was taken away."""

    machine: Site
    old: Backup
    new: Backup


def take_away(site: Site) -> None:
    """Make a backup, take a colleague's grant away and replace a passphrase, and make another backup."""
    site.back_up()
    # The grants of the record but the practice's own recovery key's: those of people, who have bundles.
    people = "SELECT key_id FROM keys_identity WHERE length(sealed_bundle) > 0"
    site.execute(f"DELETE FROM keys_grant WHERE vault_id IN ({THE_RECORD}) AND grantee IN ({people})")  # noqa: S608
    # As a change of passphrase leaves it: another epoch. The bundle under the new one is none of this test's business.
    site.execute(
        "UPDATE keys_identity SET epoch = 2 WHERE holder IN (SELECT user_id FROM access_roleheld "
        "WHERE role = 'auditor')"
    )
    time.sleep(1)  # a name is a second
    site.back_up()


@pytest.fixture(scope="module")
def two_nights(worked: Site, tmp_path_factory) -> Iterator[Site]:
    site = worked.clone(tmp_path_factory.mktemp("two-nights") / "practice")
    take_away(site)
    yield site
    site.drop()


@pytest.fixture
def away(two_nights: Site, tmp_path) -> Iterator[Away]:
    machine = two_nights.beside(str(tmp_path / "machine"))
    shutil.copytree(two_nights.backups, machine.backups)
    yield Away(machine, *browse_backups(machine.backups))
    machine.drop()


class TestWhatWasTakenAway:
    def test_stays_out_of_reach_until_a_manager_confirms(self, away: Away):
        machine = away.machine
        said = machine.manage("restore", str(machine.backups), "--of", away.old.stamp, "--nothing-since")
        listed = [line.split(maxsplit=1)[1] for line in said.splitlines() if line.startswith("  ")]
        assert listed[0] == "Lena Fischer: the whole account"
        assert listed[1].startswith("Dana Whitlock: the record vault of client ")
        assert len(listed) == 2
        # Dana comes in, and her grant is as gone as it was.
        assert machine.come_in("therapist") == {"refused": "NoGrant"}
        assert machine.confirm("manager", "2").returncode == 0
        assert machine.come_in("therapist") == {"texts": [CANARY]}
        assert machine.manage("confirm_restore").count("\n  ") == 1
        assert machine.confirm("manager", "7").stderr == "CommandError: There are only the numbers 1 to 1.\n"

    def test_is_not_in_the_newest_backup_at_all(self, away: Away):
        machine = away.machine
        said = machine.manage("restore", str(machine.backups), "--nothing-since")
        assert "out of reach" not in said
        assert machine.come_in("therapist") == {"refused": "NoGrant"}

    def test_is_compared_with_the_newest_list_that_is_not_damaged(self, away: Away):
        (away.new.keys / "standing.json").write_text("{}")
        said = away.machine.manage("restore", str(away.machine.backups), "--of", away.old.stamp)
        assert f"Compared with what stood at {away.old.stamp}." in said


class TestADestroyedVault:
    def test_does_not_open_from_an_old_backup_once_its_keys_expired(self, away: Away):
        machine, old = away.machine, away.old
        shutil.rmtree(old.keys)  # as the command does once their time is over
        said = machine.manage("restore", str(machine.backups), "--of", old.stamp)
        assert f"Restored {old.stamp} with the keys of {away.new.stamp}." in said
        machine.confirm("manager", "--all")
        # The text of then is there, the person comes in with her passphrase, and nothing opens it.
        assert machine.query("SELECT count(*) FROM notes_note") == [(1,)]
        assert machine.come_in("therapist") == {"refused": "NoGrant"}

    def test_does_not_open_when_no_keys_are_left(self, machine: Site):
        [backup] = browse_backups(machine.backups)
        shutil.rmtree(backup.keys)
        done = machine.run("restore", str(machine.backups))
        assert done.returncode == 1
        assert f"The keys of {backup.stamp} and of all later backups are gone" in done.stderr
        assert machine.is_empty()
