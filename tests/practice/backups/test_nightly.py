"""The clock beside the server: one backup each night, whoever else looks, and nothing once the server is gone."""

import logging
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from audit.actors import System
from audit.acts import Act
from audit.services import record
from practice.backups.folder import browse_backups
from practice.backups.nightly import is_due, look_once
from tests.browser.server import PROJECT, Server
from tests.cast import Cast
from tests.practice.backups.places import Site

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def made_a_backup(*, at: datetime) -> None:
    with transaction.atomic():
        record(Act.BACKUP_MADE, by=System(), at=at)


def wait_for(what, *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "It does not come."
        time.sleep(0.1)


class TestIsDue:
    def test_when_there_was_never_one(self, cast: Cast):
        assert is_due(at=NOON)

    @pytest.mark.parametrize(
        ("made", "now", "due"),
        [
            ("02 02:31", "02 12:00", False),
            ("02 02:29", "02 02:31", True),
            ("01 12:00", "02 02:29", False),
            ("01 12:00", "02 02:30", True),
            ("01 02:00", "02 01:00", True),
        ],
    )
    def test_when_none_was_made_since_half_past_two(self, cast: Cast, made, now, due):
        def moment(text: str) -> datetime:
            return datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)

        made_a_backup(at=moment(made))
        assert is_due(at=moment(now)) is due

    def test_by_the_clock_of_the_practice(self, cast: Cast, settings):
        settings.TIME_ZONE = "America/New_York"  # half past two there is 07:30 UTC in winter
        with timezone.override("America/New_York"):
            made_a_backup(at=NOON.replace(hour=7, minute=0))
            assert not is_due(at=NOON.replace(hour=7, minute=29))
            assert is_due(at=NOON.replace(hour=7, minute=31))


class TestALook:
    def test_that_fails_tells_the_log_in_plain_words(self, cast: Cast, settings, caplog):
        with caplog.at_level(logging.ERROR, logger="practice"):
            assert not look_once(settings.VAR_DIR / "inside", at=NOON)
        [line] = caplog.messages
        assert line.startswith("The nightly backup failed: ")
        assert "beside what it should outlive" in line

    def test_does_nothing_before_its_time(self, cast: Cast, settings, tmp_path):
        made_a_backup(at=NOON)
        assert look_once(tmp_path / "backups", at=NOON + timedelta(hours=1))
        assert not (tmp_path / "backups").exists()


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

    def test_takes_its_clock_along_when_it_is_killed(self, site: Site):
        command = [sys.executable, "manage.py", "backup", str(site.backups), "--nightly-for"]
        # A server that is not its parent any more is gone.
        done = subprocess.run([*command, "1"], cwd=PROJECT, env=site.environment, check=False, timeout=60)
        assert done.returncode == 0
        assert browse_backups(site.backups) == []
