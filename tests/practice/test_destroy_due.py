"""The command that destroys, the night that does it too, and what the database's files keep; and lists of a restore."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from clients.models import Care, Client
from clients.models.retention import Destruction
from clients.services.tombstones import put_back_tombstones
from keys.models import HeldGrant
from keys.services import Standing, held, hold_revived_grants
from practice.backups import making, nightly
from practice.backups.confirming import CannotConfirm, confirmable, describe, numbered
from practice.backups.restoring import _standing_of
from tests.clients.keeping.ending import Ended, a_tombstone_of, end_care


@pytest.fixture
def waiting(cast) -> Ended:
    """A record that was decided on thirty-one days ago."""
    ended = end_care(cast, cast.dana, Client.objects.get(pk=cast.robin.client_id))
    long_ago = timezone.now() - timedelta(days=366 * 11)
    Care.objects.filter(client=ended.client).update(started_at=long_ago, ended_at=long_ago)
    ended.decide(at=timezone.now() - timedelta(days=31))
    return ended


class TestTheCommand:
    def test_names_what_it_destroyed_and_when_that_is_complete(self, waiting, capsys):
        call_command("destroy_due")
        said = capsys.readouterr().out
        assert waiting.client.code in said
        day = timezone.localdate() + timedelta(days=36)
        assert f"complete on {day:%Y-%m-%d}" in said
        assert waiting.is_gone()
        call_command("destroy_due")
        assert "Nothing waits" in capsys.readouterr().out

    def test_does_not_name_a_hidden_record(self, waiting, capsys):
        Client.objects.update(hidden=True)
        call_command("destroy_due")
        assert waiting.client.code not in capsys.readouterr().out

    def test_leaves_alone_what_can_still_be_undone(self, waiting):
        Destruction.objects.update(due_at=timezone.now() + timedelta(minutes=1))
        call_command("destroy_due")
        assert not waiting.is_gone()


class TestTheNight:
    def test_destroys_before_it_makes_the_backup(self, waiting, tmp_path, monkeypatch):
        seen = []
        monkeypatch.setattr(nightly, "make_locked", lambda **_: seen.append(waiting.is_gone()))
        monkeypatch.setattr(nightly, "is_due", lambda **_: True)
        assert nightly.look_once(tmp_path, at=timezone.now())
        assert seen == [True]


class TestTheListsOfARestore:
    @pytest.fixture
    def revived(self, waiting):
        """Every grant held, as after a restore; a later list says that Robin's record was destroyed."""
        put_back_tombstones([a_tombstone_of(waiting)])
        hold_revived_grants(Standing(frozenset(), frozenset()))
        return waiting

    def test_mark_what_was_destroyed_and_let_nobody_confirm_it(self, revived):
        lines = describe(held())
        marked = [line for line in lines if "destroyed after this backup" in line]
        of_robin = HeldGrant.objects.filter(vault__subject=revived.client.pk).count()
        assert len(marked) == of_robin > 0
        assert len(confirmable()) == len(lines) - of_robin > 0
        with pytest.raises(CannotConfirm, match="destroyed after this backup"):
            numbered([lines.index(marked[0]) + 1])
        call_command("destroy_due")
        assert not [line for line in describe(held()) if "destroyed" in line]

    def test_of_a_backup_name_every_tombstone(self, revived, tmp_path):
        (tmp_path / "standing.json").write_text(making._standing())

        class Folder:
            keys = tmp_path

        standing, destroyed = _standing_of(Folder())
        assert standing == Standing(frozenset(), standing.bundles)
        assert [row["client_id"] for row in destroyed] == [str(revived.client.pk)]

    def test_of_an_older_version_name_none(self, tmp_path):
        (tmp_path / "standing.json").write_text(json.dumps({"grants": [], "bundles": []}))

        class Folder:
            keys = tmp_path

        assert _standing_of(Folder())[1] == []
