"""Every way by which Django would set a password apart from the keys: each raises, and the keys still open."""

import asyncio

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.utils import timezone

from access.backend import PassphraseBackend
from access.errors import PassphraseNeedsKeys
from access.hasher import SplitHasher
from access.models import User
from access.services.signing_in import reopen
from access.states import State
from audit.actors import Nobody, Origin


@pytest.fixture
def user(cast):
    return User.objects.get(pk=cast.dana.user.pk)


@pytest.fixture(autouse=True)
def the_keys_still_open(cast):
    yield
    now = timezone.now()
    stored = User.objects.get(pk=cast.dana.user.pk)
    opened = reopen(by=Nobody(Origin()), user=stored, passphrase=cast.dana.passphrase, opened_at=now, at=now)
    assert opened.keys.seeds == cast.dana.keys.seeds


class TestDjangosOwnWays:
    def test_to_set_a_password_raise(self, user):
        with pytest.raises(PassphraseNeedsKeys):
            user.set_password("anything at all")

    def test_to_check_a_password_raise(self, cast, user):
        with pytest.raises(PassphraseNeedsKeys):
            user.check_password(cast.dana.passphrase)
        with pytest.raises(PassphraseNeedsKeys):
            asyncio.run(user.acheck_password(cast.dana.passphrase))
        with pytest.raises(PassphraseNeedsKeys):
            check_password(cast.dana.passphrase, user.password)

    def test_to_make_a_verifier_raise(self):
        with pytest.raises(PassphraseNeedsKeys):
            make_password("anything at all")

    def test_by_the_command_raise(self, user, monkeypatch):
        monkeypatch.setattr("getpass.getpass", lambda **_: "anything at all, twice")
        with pytest.raises(PassphraseNeedsKeys):
            call_command("changepassword", str(user.pk))

    def test_never_upgrade_a_verifier(self, user):
        assert not SplitHasher().must_update(user.password)

    def test_sign_nobody_in(self, cast):
        assert authenticate(username=str(cast.dana.user.pk), password=cast.dana.passphrase) is None


class TestTheBackend:
    def test_loads_people_who_have_not_left(self, user):
        assert PassphraseBackend().get_user(user.pk) == user
        state = user.state
        User.objects.filter(pk=user.pk).update(state=State.ENDED)
        assert PassphraseBackend().get_user(user.pk) is None
        User.objects.filter(pk=user.pk).update(state=state)

    def test_knows_nobody_else(self):
        assert PassphraseBackend().get_user(None) is None
