from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from access.acting import Actor
from access.models import KeySession, RoleHeld, User
from access.models.devices import TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.signing_in import (
    KeysRefused,
    PassphraseRefused,
    Proof,
    SignInRefused,
    acting_role,
    reauthenticate,
    reopen,
    sign_in,
    sign_out,
)
from access.services.throttling import PER_ADDRESS, PER_NETWORK, Throttled, count_try
from access.states import State
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from keys.errors import TooBusy
from keys.models import Identity

VISITOR = Nobody(Origin(net="10.0.0.0/24"))


def argon2_is_reached(secret, parameters):
    raise AssertionError("derived")


def argon2_is_busy(secret, parameters):
    raise TooBusy


@pytest.fixture
def proof(cast):
    user = User.objects.get(pk=cast.dana.user.pk)
    return Proof(cast.dana.address, cast.dana.passphrase, next_code(user).code)


def enter(proof, at=None):
    return sign_in(by=VISITOR, proof=proof, at=at or timezone.now())


def acts():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


class TestSignIn:
    def test_opens_the_persons_own_keys(self, cast, proof):
        opened, device = enter(proof)
        assert opened.keys.seeds == cast.dana.keys.seeds
        assert device.user == opened.user == cast.dana.user
        assert acts()[-1] == Act.SIGNED_IN

    def test_takes_an_address_in_any_case(self, proof):
        enter(replace(proof, address=f" {proof.address.upper()} "))

    @pytest.mark.parametrize(
        "changed",
        [
            {"passphrase": "wrong horse battery staple"},
            {"code": "000000"},
            {"code": ""},
            {"code": "１２３４５６"},
            {"code": "é"},
            {"address": "nobody@alder.example"},
            {"passphrase": ""},
        ],
    )
    def test_leaves_nothing_open_if_one_thing_is_wrong(self, proof, changed):
        with pytest.raises(SignInRefused) as caught:
            enter(replace(proof, **changed))
        assert type(caught.value) is SignInRefused
        assert not KeySession.objects.exists()
        assert acts()[-1] == Act.SIGN_IN_FAILED

    def test_says_the_same_whatever_was_wrong(self, proof):
        said = set()
        for changed in ({"passphrase": "wrong"}, {"code": "000000"}, {"address": "nobody@alder.example"}):
            with pytest.raises(SignInRefused) as caught:
                enter(replace(proof, **changed))
            said.add(str(caught.value))
        assert len(said) == 1

    def test_never_asks_for_the_second_factor_of_a_wrong_passphrase(self, proof):
        # Else its code would be used up by whoever guesses.
        with pytest.raises(SignInRefused):
            enter(replace(proof, passphrase="wrong"))
        enter(proof)

    def test_takes_a_code_once(self, proof):
        enter(proof)
        with pytest.raises(SignInRefused):
            enter(proof)

    def test_refuses_somebody_who_has_left(self, cast, proof):
        User.objects.filter(pk=cast.dana.user.pk).update(state=State.ENDED)
        with pytest.raises(SignInRefused):
            enter(proof)

    def test_refuses_the_code_of_somebody_else(self, cast, proof):
        other = next_code(User.objects.get(pk=cast.sam.user.pk)).code
        with pytest.raises(SignInRefused):
            enter(replace(proof, code=other))

    def test_refuses_a_factor_that_was_never_confirmed(self, cast, proof):
        TotpDevice.objects.filter(user=cast.dana.user).update(confirmed=False)
        with pytest.raises(SignInRefused):
            enter(proof)

    def test_passes_on_that_many_are_signing_in(self, proof, settings):
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_busy"
        with pytest.raises(TooBusy):
            enter(proof)


class TestRowsThatSomebodyChanged:
    @pytest.fixture(autouse=True)
    def nothing_opens(self, cast):
        yield
        assert not KeySession.objects.exists()
        assert acts()[-1] == Act.KEY_REFUSED

    def test_to_a_verifier_of_their_own_open_nothing(self, cast, proof):
        User.objects.filter(pk=cast.dana.user.pk).update(password=cast.sam.user.password)
        with pytest.raises(KeysRefused):
            enter(replace(proof, passphrase=cast.sam.passphrase))

    def test_to_a_bundle_of_their_own_open_nothing(self, cast, proof):
        mine = Identity.objects.get(holder=cast.sam.user.pk)
        Identity.objects.filter(holder=cast.dana.user.pk).update(sealed_bundle=mine.sealed_bundle)
        User.objects.filter(pk=cast.dana.user.pk).update(password=cast.sam.user.password)
        with pytest.raises(KeysRefused):
            enter(replace(proof, passphrase=cast.sam.passphrase))

    def test_to_another_public_key_open_nothing(self, cast, proof):
        other = Identity.objects.get(holder=cast.sam.user.pk)
        Identity.objects.filter(holder=cast.dana.user.pk).update(kem_public=other.kem_public)
        with pytest.raises(KeysRefused):
            enter(proof)

    @pytest.mark.parametrize("stored", ["!", "split1$8$1$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"])
    def test_to_a_verifier_that_is_none_or_too_cheap_open_nothing(self, cast, proof, settings, stored):
        User.objects.filter(pk=cast.dana.user.pk).update(password=stored)
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(KeysRefused):
            enter(proof)


class TestTheThrottle:
    def test_answers_before_argon2(self, proof, settings):
        at = timezone.now()
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(SignInRefused):
                enter(replace(proof, passphrase="wrong"), at)
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(Throttled) as caught:
            enter(proof, at)
        assert caught.value.until == at + PER_ADDRESS.window
        assert timezone.localtime(caught.value.until).strftime("%H:%M") in str(caught.value)
        assert acts()[-1] == Act.SIGN_IN_THROTTLED

    def test_counts_every_spelling_of_an_address_as_one(self, proof):
        at = timezone.now()
        for n in range(PER_ADDRESS.tries):
            with pytest.raises(SignInRefused):
                enter(replace(proof, passphrase="wrong", address=" " * n + proof.address.title()), at)
        with pytest.raises(Throttled):
            enter(proof, at)

    def test_lets_in_again_when_the_window_closes(self, proof):
        at = timezone.now()
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(SignInRefused):
                enter(replace(proof, passphrase="wrong"), at)
        enter(proof, at + PER_ADDRESS.window)

    def test_starts_over_after_a_success(self, cast, proof):
        at = timezone.now()
        for _ in range(PER_ADDRESS.tries - 1):
            with pytest.raises(SignInRefused):
                enter(replace(proof, passphrase="wrong"), at)
        enter(replace(proof, address=proof.address.upper()), at)
        with pytest.raises(SignInRefused):
            enter(replace(proof, passphrase="wrong"), at)

    def test_counts_a_network_over_all_addresses(self, cast, settings):
        at = timezone.now()
        for _ in range(PER_NETWORK.tries):
            count_try(PER_NETWORK, VISITOR.origin.net, at=at)
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(Throttled):
            enter(Proof("somebody@alder.example", "any", "000000"), at)


class TestReopen:
    def test_takes_the_passphrase_alone_and_keeps_the_first_hour(self, cast):
        now = timezone.now()
        first = now - timedelta(hours=3)
        opened = reopen(by=VISITOR, user=cast.dana.user, passphrase=cast.dana.passphrase, opened_at=first, at=now)
        assert opened.keys.seeds == cast.dana.keys.seeds
        assert (opened.row.opened_at, opened.row.seen_at) == (first, now)
        assert acts()[-1] == Act.REOPENED

    def test_refuses_another_passphrase(self, cast):
        now = timezone.now()
        with pytest.raises(PassphraseRefused):
            reopen(by=VISITOR, user=cast.dana.user, passphrase="wrong", opened_at=now, at=now)
        assert not KeySession.objects.exists()

    def test_is_throttled_per_person(self, cast, settings):
        now = timezone.now()
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(PassphraseRefused):
                reopen(by=VISITOR, user=cast.dana.user, passphrase="wrong", opened_at=now, at=now)
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(Throttled):
            reopen(by=VISITOR, user=cast.dana.user, passphrase=cast.dana.passphrase, opened_at=now, at=now)


class TestReauthenticate:
    def actor(self, cast, at):
        opened = reopen(by=VISITOR, user=cast.dana.user, passphrase=cast.dana.passphrase, opened_at=at, at=at)
        return Actor(cast.dana.user, Role.THERAPIST, opened.keys, opened.id, Origin())

    def test_makes_the_session_fresh(self, cast):
        at = timezone.now()
        by = self.actor(cast, at)
        later = at + timedelta(minutes=12)
        reauthenticate(by=by, passphrase=cast.dana.passphrase, at=later)
        assert KeySession.objects.get(pk=by.session).fresh_at == later
        assert acts()[-1] == Act.REAUTHENTICATED

    def test_works_where_no_session_is_open(self, cast):
        reauthenticate(by=cast.dana.as_(Role.THERAPIST), passphrase=cast.dana.passphrase, at=timezone.now())

    def test_leaves_the_session_stale_for_another_passphrase(self, cast):
        at = timezone.now()
        by = self.actor(cast, at)
        with pytest.raises(PassphraseRefused):
            reauthenticate(by=by, passphrase="wrong", at=at + timedelta(minutes=12))
        assert KeySession.objects.get(pk=by.session).fresh_at == at


class TestSignOut:
    def test_forgets_the_servers_half(self, cast, proof):
        opened, _ = enter(proof)
        sign_out(by=Actor(opened.user, Role.THERAPIST, opened.keys, opened.id, Origin()), at=timezone.now())
        assert not KeySession.objects.exists()
        assert acts()[-1] == Act.SIGNED_OUT


class TestActingRole:
    def test_is_the_first_one_held(self, cast):
        RoleHeld.objects.create(user=cast.manager.user, role=Role.THERAPIST)
        assert acting_role(User.objects.get(pk=cast.manager.user.pk)) == Role.THERAPIST

    @pytest.mark.parametrize("state", [State.ENROLLING, State.WAITING])
    def test_is_the_state_of_an_unfinished_account(self, cast, state):
        user = User.objects.get(pk=cast.manager.user.pk)
        user.state = state
        assert acting_role(user) == Role(state)
