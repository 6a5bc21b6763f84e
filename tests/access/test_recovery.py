"""Coming back with the recovery code: the second factor gates, the code dies, and nothing tells who has an account."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from access.acting import Actor
from access.models import KeySession, User
from access.models.devices import BackupCodes, StandInCode, TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.key_sessions import open_session
from access.services.lost_factors import remove_factor
from access.services.passphrases import PassphraseTooWeak
from access.services.people import roles_of
from access.services.recovering import RecoveryRefused, Typed, recover
from access.services.recovery_codes import (
    NoRecoveryCode,
    WrongRecoveryCode,
    is_asked,
    prove_recovery_code,
    renew_recovery_code,
)
from access.services.signing_in import KeysRefused, Proof, SignInRefused, sign_in
from access.services.throttling import PER_ADDRESS, Throttled
from access.states import State
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from keys.models import Identity
from keys.services import draw_code, draw_recovery_code, is_on_a_sheet, split

VISITOR = Nobody(Origin(net="10.0.0.0/24"))
NEW = "seven quiet herons over water"


@pytest.fixture
def typed(cast):
    """What Dana types, all of it right."""
    code = draw_recovery_code(cast.dana.keys)
    return Typed(cast.dana.address, code, next_code(cast.dana.user).code, NEW)


def come_back(typed, at=None):
    return recover(by=VISITOR, typed=typed, at=at or timezone.now())


def dana(cast):
    return User.objects.get(pk=cast.dana.user.pk)


def standing(user):
    """Return everything that a recovery would change."""
    identity = Identity.objects.get(holder=user.pk, retired_at=None)
    return (
        User.objects.filter(pk=user.pk).values_list("password", "recovery_ask_at", "factor_removed_at").get(),
        (identity.epoch, identity.recovery_serial, bytes(identity.sealed_bundle)),
        TotpDevice.objects.filter(user=user).values_list("last_step").get(),
        BackupCodes.objects.filter(user=user).values_list("macs").get(),
        KeySession.objects.filter(user=user).count(),
    )


class TestRecover:
    def test_opens_the_same_keys_under_the_new_passphrase(self, cast, typed):
        opened, device = come_back(typed)
        assert opened.keys.seeds == cast.dana.keys.seeds
        assert device.user == cast.dana.user
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        again, _ = sign_in(by=VISITOR, proof=Proof(typed.address, NEW, code), at=timezone.now())
        assert again.keys.seeds == cast.dana.keys.seeds
        with pytest.raises(SignInRefused):
            sign_in(by=VISITOR, proof=Proof(typed.address, cast.dana.passphrase, code), at=timezone.now())

    def test_ends_every_session_of_before(self, cast, typed):
        old = open_session(user=dana(cast), keys=cast.dana.keys, at=timezone.now())
        come_back(typed)
        assert not KeySession.objects.filter(pk=old.id).exists()

    def test_uses_the_code_up(self, cast, typed):
        come_back(typed)
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        with pytest.raises(RecoveryRefused):
            come_back(replace(typed, factor=code, passphrase="six slow barges under bridges"))

    def test_lets_the_person_do_nothing_before_a_new_code_is_typed_back(self, cast, typed):
        opened, _ = come_back(typed)
        assert roles_of(dana(cast)) == {Role.RETURNING}
        by = Actor(dana(cast), Role.RETURNING, opened.keys, opened.id, Origin())
        code = renew_recovery_code(by=by, at=timezone.now())
        assert roles_of(dana(cast)) == {Role.RETURNING}
        prove_recovery_code(by=by, typed=code, at=timezone.now())
        assert roles_of(dana(cast)) == {Role.THERAPIST}

    def test_survives_a_browser_that_is_closed_before_the_new_code_is_shown(self, cast, typed):
        come_back(typed)
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        opened, _ = sign_in(by=VISITOR, proof=Proof(typed.address, NEW, code), at=timezone.now())
        assert opened.user.is_returning

    def test_stands_in_the_log_and_is_mailed(self, cast, typed, settings):
        settings.DEMO = True
        come_back(typed)
        assert Entry.objects.latest("pk").action == Act.RECOVERED
        assert [sent.to for sent in mail.outbox] == [[cast.dana.address]]

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"address": "nobody@alder.example"}, RecoveryRefused),
            ({"address": "sam@alder.example"}, RecoveryRefused),
            ({"recovery_code": "AAAA-" * 8 + "AAAA"}, RecoveryRefused),
            ({"recovery_code": "no code at all"}, RecoveryRefused),
            ({"factor": "000000"}, RecoveryRefused),
            ({"factor": ""}, RecoveryRefused),
            ({"passphrase": "too short"}, PassphraseTooWeak),
            ({"passphrase": "danawhitlockalder"}, PassphraseTooWeak),
        ],
    )
    def test_leaves_everything_as_it_was_if_one_thing_is_wrong(self, cast, typed, wrong, refusal):
        before = standing(cast.dana.user)
        with pytest.raises(refusal):
            come_back(replace(typed, **wrong))
        assert standing(cast.dana.user) == before

    def test_gives_a_backup_code_back_if_the_passphrase_is_too_weak(self, cast, typed):
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        with pytest.raises(PassphraseTooWeak):
            come_back(replace(typed, factor=code, passphrase="danawhitlockalder"))
        assert come_back(replace(typed, factor=code))

    def test_knows_no_clients(self, cast):
        robin = cast.robin.person
        code = draw_recovery_code(robin.keys)
        with pytest.raises(RecoveryRefused):
            come_back(Typed(robin.address, code, next_code(robin.user).code, NEW))

    def test_knows_nobody_who_has_left(self, cast, typed):
        User.objects.filter(pk=cast.dana.user.pk).update(state=State.ENDED)
        with pytest.raises(RecoveryRefused):
            come_back(typed)

    def test_refuses_a_public_key_that_was_put_in_the_place_of_ones_own(self, cast, typed):
        other = Identity.objects.get(holder=cast.sam.user.pk)
        rows = Identity.objects.filter(holder=cast.dana.user.pk)
        rows.update(kem_public=other.kem_public)
        with pytest.raises(KeysRefused):
            come_back(typed)

    def test_refuses_a_code_that_a_restore_put_out_of_reach(self, cast, typed):
        Identity.objects.filter(holder=cast.dana.user.pk).update(sealed_bundle=b"", sealed_recovery=b"")
        with pytest.raises(RecoveryRefused):
            come_back(typed)


class TestWhatAStrangerLearns:
    def test_every_address_costs_one_derivation(self, cast, typed, monkeypatch):
        derived = []

        def count(*args):
            derived.append(args)
            return split(*args)

        monkeypatch.setattr("access.services.passphrases.split", count)
        for address in ("nobody@alder.example", cast.dana.address, cast.robin.person.address):
            with pytest.raises(RecoveryRefused):
                come_back(replace(typed, address=address, recovery_code=draw_code()))
        assert len(derived) == 3

    def test_every_address_is_answered_alike(self, cast, typed):
        wrong = draw_code()
        said = set()
        for address in ("nobody@alder.example", cast.dana.address, cast.robin.person.address):
            with pytest.raises(RecoveryRefused) as caught:
                come_back(replace(typed, address=address, recovery_code=wrong))
            said.add(str(caught.value))
        assert len(said) == 1

    def test_a_right_code_with_a_wrong_second_factor_is_answered_like_a_wrong_code(self, typed):
        with pytest.raises(RecoveryRefused) as of_the_factor:
            come_back(replace(typed, factor="000000"))
        with pytest.raises(RecoveryRefused) as of_the_code:
            come_back(replace(typed, recovery_code=draw_code()))
        assert str(of_the_factor.value) == str(of_the_code.value)

    def test_is_throttled_with_sign_in_and_before_anything_is_derived(self, cast, typed, settings):
        for _ in range(PER_ADDRESS.tries // 2):
            with pytest.raises(RecoveryRefused):
                come_back(replace(typed, factor="000000"))
            with pytest.raises(SignInRefused):
                sign_in(by=VISITOR, proof=Proof(typed.address, "wrong horse battery", "000000"), at=timezone.now())
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(Throttled):
            come_back(typed)


class TestARecoverySheet:
    """The practice's printed codes, of which one alone opens nothing."""

    @pytest.fixture
    def alone(self, cast):
        """Priya, who manages alone and lost phone and backup codes."""
        code = draw_recovery_code(cast.manager.keys)
        return Typed(cast.manager.address, code, cast.codes[0], NEW)

    def test_stands_in_for_the_only_manager(self, cast, alone):
        opened, device = come_back(alone)
        assert opened.keys.seeds == cast.manager.keys.seeds
        assert isinstance(device, StandInCode)
        assert opened.user.factor_removed_at
        assert not TotpDevice.objects.filter(user=opened.user).exists()

    def test_lets_in_again_until_a_new_app_is_set_up(self, alone):
        come_back(alone)
        proof = Proof(alone.address, NEW, alone.factor.lower().replace("-", " "))
        assert sign_in(by=VISITOR, proof=proof, at=timezone.now())

    def test_is_no_factor_while_there_is_another_manager(self, cast, alone):
        cast.dana.user.roles_held.create(role=Role.MANAGER)
        with pytest.raises(RecoveryRefused):
            come_back(alone)

    def test_is_no_factor_for_somebody_who_is_no_manager(self, cast, typed):
        with pytest.raises(RecoveryRefused):
            come_back(replace(typed, factor=cast.codes[0]))

    def test_is_no_recovery_code(self, cast, alone):
        with pytest.raises(RecoveryRefused):
            come_back(replace(alone, recovery_code=cast.codes[1]))

    def test_is_told_from_any_other_code(self, cast):
        assert all(is_on_a_sheet(code) for code in cast.codes)
        assert not is_on_a_sheet(draw_code())
        assert not is_on_a_sheet("slip of the pen")


class TestTypingTheCodeOnceMore:
    def test_asks_in_a_month_and_then_in_a_year(self, cast):
        by, now = cast.dana.as_(Role.THERAPIST), timezone.now()
        assert not is_asked(by.user, at=now)
        assert is_asked(dana(cast), at=now + timedelta(days=30))
        code = draw_recovery_code(cast.dana.keys)
        prove_recovery_code(by=by, typed=code, at=now)
        assert not is_asked(dana(cast), at=now + timedelta(days=364))
        assert is_asked(dana(cast), at=now + timedelta(days=365))

    def test_does_not_use_it_up(self, cast, typed):
        prove_recovery_code(by=cast.dana.as_(Role.THERAPIST), typed=typed.recovery_code, at=timezone.now())
        assert come_back(typed)

    def test_with_another_code_changes_nothing(self, cast):
        before = dana(cast).recovery_ask_at
        with pytest.raises(WrongRecoveryCode):
            prove_recovery_code(by=cast.dana.as_(Role.THERAPIST), typed=draw_code(), at=timezone.now())
        assert dana(cast).recovery_ask_at == before

    def test_is_throttled(self, cast):
        by = cast.dana.as_(Role.THERAPIST)
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(WrongRecoveryCode):
                prove_recovery_code(by=by, typed=draw_code(), at=timezone.now())
        with pytest.raises(Throttled):
            prove_recovery_code(by=by, typed=draw_code(), at=timezone.now())

    def test_a_new_code_ends_the_one_before(self, cast, typed):
        renew_recovery_code(by=cast.dana.as_(Role.THERAPIST), at=timezone.now())
        with pytest.raises(RecoveryRefused):
            come_back(typed)

    def test_clients_have_none(self, cast):
        with pytest.raises(NoRecoveryCode):
            renew_recovery_code(by=cast.robin.person.as_(Role.CLIENT), at=timezone.now())


class TestAfterAManagerRemovedTheFactor:
    def test_the_spoken_code_is_a_second_factor_here_too(self, cast, typed):
        spoken = remove_factor(by=cast.manager.as_(Role.MANAGER), colleague=dana(cast), at=timezone.now())
        opened, device = come_back(replace(typed, factor=spoken))
        assert isinstance(device, StandInCode)
        assert opened.user.factor_removed_at
