"""The clock beside the server: one backup each night, whoever else looks, and nothing once the server is gone."""

import subprocess
import sys
import time

import pytest

from practice.backups.folder import browse_backups
from tests.browser.server import PROJECT, Server
from tests.practice.backups.places import Site


def wait_for(what, *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "It does not come."
        time.sleep(0.1)


class Nightly(Site):
    """A practice whose folder for backups is set."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "BACKUP_DIR": str(self.backups)}


class TestTheServer:
    def test_makes_one_backup_by_itself_and_tidies_up(self, site: Site):
        site.execute("UPDATE django_session SET expire_date = '2026-01-01 00:00:00+00'")
        server = Server(Nightly(**vars(site)))
        server.start()
        try:
            wait_for(lambda: browse_backups(site.backups))
            wait_for(lambda: site.query("SELECT 1 FROM django_session") == [])
        finally:
            server.stop()
        assert len(site.query("SELECT 1 FROM audit_entry WHERE action = 'backup:made'")) == 1

    def test_shares_the_night_with_another(self, site: Site):
        # Two clocks that look at the very same moment, as two servers on one folder would.
        code = (
            "import django; django.setup(); from pathlib import Path; from django.utils import timezone; "
            f"from practice.backups.nightly import look_once; assert look_once(Path({str(site.backups)!r}), "
            "at=timezone.now())"
        )
        looks = [subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, env=site.environment) for _ in range(3)]
        assert [look.wait() for look in looks] == [0, 0, 0]
        assert len(browse_backups(site.backups)) == 1

    @pytest.mark.once
    def test_takes_its_clock_along_when_it_is_killed(self, site: Site):
        command = [sys.executable, "manage.py", "backup", str(site.backups), "--nightly-for"]
        # A server that is not its parent any more is gone.
        done = subprocess.run([*command, "1"], cwd=PROJECT, env=site.environment, check=False, timeout=60)
        assert done.returncode == 0
        assert browse_backups(site.backups) == []
