"""The server's half of an open session, and the browser's, which only open together."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import KeySession, User
from access.services.key_sessions import (
    absolute_left,
    close_session,
    find_open,
    freshen,
    idle_left,
    is_fresh,
    open_keys,
    open_session,
    touch,
)


@pytest.fixture
def at():
    return timezone.now()


@pytest.fixture
def opened(cast, at):
    return open_session(user=User.objects.get(pk=cast.dana.user.pk), keys=cast.dana.keys, at=at)


class TestAKeySession:
    def test_opens_with_row_and_cookie_together(self, cast, opened):
        assert open_keys(opened.row, cookie=opened.cookie).seeds == cast.dana.keys.seeds

    @pytest.mark.parametrize("cookie", ["", "short", "é", "A" * 44, urlsafe_b64encode(bytes(32)).decode()])
    def test_stays_closed_to_another_cookie(self, opened, cookie):
        assert open_keys(opened.row, cookie=cookie) is None

    def test_stays_closed_with_the_row_of_another_session(self, cast, opened, at):
        other = open_session(user=opened.user, keys=cast.dana.keys, at=at)
        assert open_keys(other.row, cookie=opened.cookie) is None

    def test_has_no_key_in_its_row(self, opened):
        blob = bytes(opened.row.sealed_bundle)
        for seed in (opened.keys.seeds.xwing, opened.keys.seeds.mldsa, opened.keys.seeds.ed25519):
            assert seed not in blob

    def test_is_found_for_its_own_person_only(self, cast, opened, at):
        assert find_open(user=opened.user, unlock_id=opened.id, at=at) == opened.row
        assert find_open(user=cast.sam.user, unlock_id=opened.id, at=at) is None
        assert find_open(user=opened.user, unlock_id=uuid4(), at=at) is None

    @pytest.mark.parametrize("limit", ["IDLE_STAFF", "ABSOLUTE_SESSION"])
    def test_is_gone_when_it_was_idle_or_open_too_long(self, opened, at, limit, settings):
        life = timedelta(seconds=getattr(settings, limit))
        KeySession.objects.update(seen_at=at if limit == "IDLE_STAFF" else at + life)
        assert find_open(user=opened.user, unlock_id=opened.id, at=at + life - timedelta(seconds=1))
        assert find_open(user=opened.user, unlock_id=opened.id, at=at + life) is None
        assert not KeySession.objects.exists()

    def test_has_a_clock_of_its_own_for_clients(self, cast, at, settings):
        settings.IDLE_CLIENT = 60
        client = open_session(user=User.objects.get(pk=cast.robin.person.user.pk), keys=cast.robin.person.keys, at=at)
        assert idle_left(client.row, at=at) == timedelta(seconds=60)
        assert absolute_left(client.row, at=at) == timedelta(hours=12)

    def test_notes_activity_once_a_minute(self, opened, at):
        touch(opened.row, at=at + timedelta(seconds=59))
        assert KeySession.objects.get().seen_at == at
        touch(opened.row, at=at + timedelta(seconds=60))
        assert KeySession.objects.get().seen_at == at + timedelta(seconds=60)

    def test_is_fresh_for_ten_minutes_after_the_passphrase(self, opened, at):
        assert is_fresh(opened.row, at=at + timedelta(minutes=10))
        assert not is_fresh(opened.row, at=at + timedelta(minutes=10, seconds=1))
        freshen(opened.id, at=at + timedelta(minutes=11))
        assert is_fresh(KeySession.objects.get(), at=at + timedelta(minutes=20))

    def test_can_be_closed(self, opened):
        close_session(opened.id)
        assert not KeySession.objects.exists()

    def test_clears_away_what_closed_browsers_left(self, cast, opened, at):
        open_session(user=opened.user, keys=cast.dana.keys, at=at + timedelta(hours=11))
        open_session(user=opened.user, keys=cast.dana.keys, at=at + timedelta(hours=13))
        assert KeySession.objects.count() == 2
        assert not KeySession.objects.filter(pk=opened.id).exists()
