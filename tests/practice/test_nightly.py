"""When the nightly backup is due, and what a look at the clock does."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from access.roles import Role
from audit.actors import System
from audit.acts import Act
from audit.services import record
from clients.services.finding import find_client
from notes.kinds import NoteKind
from notes.models import Version
from practice.backups.nightly import is_due, look_once
from tests.cast import Cast
from tests.notes.conftest import Desk

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def made_a_backup(*, at: datetime) -> None:
    with transaction.atomic():
        record(Act.BACKUP_MADE, by=System(), at=at)


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

    def test_removes_versions_of_drafts_whose_time_is_over_at_any_hour(self, cast: Cast, tmp_path, monkeypatch):
        # The test's own transaction lives in the connection that a look closes.
        monkeypatch.setattr(connection, "close", lambda: None)
        now = timezone.now()
        client = find_client(by=cast.dana.as_(Role.THERAPIST), client_id=cast.robin.client_id)
        desk = Desk(cast.dana, client)
        desk.write_on(desk.write(NoteKind.CALL))
        made_a_backup(at=now)
        assert look_once(tmp_path / "backups", at=now + timedelta(minutes=1))
        assert Version.objects.count() == 1
        made_a_backup(at=now + timedelta(days=61))
        assert look_once(tmp_path / "backups", at=now + timedelta(days=61))
        assert not Version.objects.exists()

    def test_does_nothing_before_its_time(self, cast: Cast, settings, tmp_path):
        made_a_backup(at=NOON)
        assert look_once(tmp_path / "backups", at=NOON + timedelta(hours=1))
        assert not (tmp_path / "backups").exists()
