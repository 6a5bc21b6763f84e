"""A lost phone: another app by a code of the old one, or a code that a manager says; neither is a key."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from access.acting import Actor
from access.models import KeySession, Throttle, User
from access.models.devices import STAND_IN_LIFE, BackupCodes, MailedCodeDevice, StandInCode, TotpDevice
from access.roles import Role
from access.services.codes import next_code, next_code_of
from access.services.factors import NotForYou, WrongFactor
from access.services.key_sessions import open_session
from access.services.lost_factors import (
    NoNewApp,
    NoSuchColleague,
    OwnFactor,
    WrongProof,
    begin_new_app,
    change_app,
    find_colleague,
    print_backup_codes,
    remove_factor,
    sets_up_new_app,
)
from access.services.people import roles_of
from access.services.signing_in import Proof, SignInRefused, sign_in
from access.services.throttling import PER_ADDRESS, Throttled
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from audit.services import Filters, browse_log

VISITOR = Nobody(Origin(net="10.0.0.0/24"))


def acting(person, role=Role.THERAPIST):
    return Actor(User.objects.get(pk=person.user.pk), role, person.keys, None, Origin())


def code_of_new(person):
    device = TotpDevice.objects.get(user=person.user, confirmed=False)
    return device.code_for(int(timezone.now().timestamp()) // 30)


def change(person, *, proof=None, code=None):
    proof = next_code(person.user).code if proof is None else proof
    code = code_of_new(person) if code is None else code
    return change_app(by=acting(person), proof=proof, code=code, browser="", at=timezone.now())


def enter(person, code, at=None):
    return sign_in(by=VISITOR, proof=Proof(person.address, person.passphrase, code), at=at or timezone.now())


class TestAnotherApp:
    @pytest.fixture(autouse=True)
    def begun(self, cast):
        begin_new_app(by=acting(cast.dana))

    def test_takes_the_old_ones_place(self, cast):
        old = TotpDevice.objects.get(user=cast.dana.user, confirmed=True)
        _, device = change(cast.dana)
        assert not TotpDevice.objects.filter(pk=old.pk).exists()
        assert TotpDevice.objects.get(user=cast.dana.user) == device
        assert enter(cast.dana, next_code(cast.dana.user).code)

    def test_lets_the_old_one_work_until_then(self, cast):
        assert enter(cast.dana, next_code(cast.dana.user).code)
        with pytest.raises(SignInRefused):
            enter(cast.dana, code_of_new(cast.dana))

    def test_takes_a_backup_code_for_the_old_one(self, cast):
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        change(cast.dana, proof=code)
        assert len(BackupCodes.objects.get(user=cast.dana.user).macs) == 7

    def test_ends_the_sessions_of_a_phone_in_strange_hands(self, cast):
        lost = open_session(user=cast.dana.user, keys=cast.dana.keys, at=timezone.now())
        change(cast.dana)
        assert not KeySession.objects.filter(pk=lost.id).exists()

    def test_stands_in_the_log_and_is_mailed(self, cast, settings):
        settings.DEMO = True
        change(cast.dana)
        assert Entry.objects.latest("pk").action == Act.FACTOR_SET
        assert [sent.to for sent in mail.outbox] == [[cast.dana.address]]

    @pytest.mark.parametrize(
        ("wrong", "refusal"), [({"proof": "000000"}, WrongProof), ({"code": "000000"}, WrongFactor)]
    )
    def test_wants_a_code_of_each(self, cast, wrong, refusal):
        backup = BackupCodes.print_for(cast.dana.user.pk)[0]
        with pytest.raises(refusal):
            change(cast.dana, **{"proof": backup, **wrong})
        assert sets_up_new_app(by=acting(cast.dana))
        # The backup code was not used up by a slip in the other field.
        assert len(BackupCodes.objects.get(user=cast.dana.user).macs) == 8

    def test_does_not_take_the_new_app_for_the_old_one(self, cast):
        with pytest.raises(WrongProof):
            change(cast.dana, proof=code_of_new(cast.dana))

    def test_is_throttled(self, cast):
        Throttle.objects.all().delete()  # codes typed while enrolling
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(WrongFactor):
                change(cast.dana, proof="000000")
        with pytest.raises(Throttled):
            change(cast.dana)

    def test_is_drawn_anew_when_begun_again(self, cast):
        first = TotpDevice.objects.get(user=cast.dana.user, confirmed=False)
        begin_new_app(by=acting(cast.dana))
        assert TotpDevice.objects.get(user=cast.dana.user, confirmed=False) != first

    def test_is_refused_where_none_was_begun(self, cast):
        TotpDevice.objects.filter(user=cast.dana.user, confirmed=False).delete()
        with pytest.raises(NoNewApp):
            change(cast.dana, code="000000")

    def test_takes_a_clients_mailbox_out(self, cast):
        robin = cast.robin.person
        TotpDevice.objects.filter(user=robin.user).delete()
        code = MailedCodeDevice.objects.create(user=robin.user, name="mailbox", confirmed=True).draw()
        begin_new_app(by=acting(robin, Role.CLIENT))
        change(robin, proof=code)
        assert not MailedCodeDevice.objects.filter(user=robin.user).exists()


class TestBackupCodes:
    def test_end_the_ones_before(self, cast):
        [old, *_] = print_backup_codes(by=acting(cast.dana), at=timezone.now())
        [new, *_] = print_backup_codes(by=acting(cast.dana), at=timezone.now())
        with pytest.raises(SignInRefused):
            enter(cast.dana, old)
        assert enter(cast.dana, new.upper())
        with pytest.raises(SignInRefused):
            enter(cast.dana, new)

    def test_are_kept_as_macs_alone(self, cast):
        codes = print_backup_codes(by=acting(cast.dana), at=timezone.now())
        kept = str(BackupCodes.objects.filter(user=cast.dana.user).values_list("macs").get())
        assert not any(code.replace("-", "") in kept for code in codes)

    def test_are_for_staff(self, cast):
        with pytest.raises(NotForYou):
            print_backup_codes(by=acting(cast.robin.person, Role.CLIENT), at=timezone.now())


class TestRemoveFactor:
    @pytest.fixture
    def spoken(self, cast):
        by = cast.manager.as_(Role.MANAGER)
        colleague = find_colleague(by=by, user_id=cast.dana.user.pk)
        return remove_factor(by=by, colleague=colleague, at=timezone.now())

    def test_lets_the_person_in_with_passphrase_and_spoken_code(self, cast, spoken):
        opened, device = enter(cast.dana, spoken.upper())
        assert isinstance(device, StandInCode)
        assert roles_of(opened.user) == {Role.RETURNING}

    def test_leaves_nobody_in_without_the_code(self, cast, spoken):
        for code in ("", "000000", spoken[:-1]):
            with pytest.raises(SignInRefused):
                enter(cast.dana, code)

    def test_gives_nobody_a_key(self, cast, spoken):
        with pytest.raises(SignInRefused):
            sign_in(by=VISITOR, proof=Proof(cast.dana.address, "wrong horse battery", spoken), at=timezone.now())

    def test_survives_a_browser_closed_half_way(self, cast, spoken):
        enter(cast.dana, spoken)
        assert enter(cast.dana, spoken)

    def test_lapses(self, cast, spoken, monkeypatch):
        later = timezone.now() + STAND_IN_LIFE + timedelta(minutes=1)
        monkeypatch.setattr("access.models.devices.timezone.now", lambda: later)
        with pytest.raises(SignInRefused):
            enter(cast.dana, spoken)

    def test_ends_with_the_new_app(self, cast, spoken):
        begin_new_app(by=acting(cast.dana))
        change(cast.dana, proof=spoken)
        assert roles_of(User.objects.get(pk=cast.dana.user.pk)) == {Role.THERAPIST}
        with pytest.raises(SignInRefused):
            enter(cast.dana, spoken)

    def test_ends_sessions_and_old_codes(self, cast):
        opened = open_session(user=cast.dana.user, keys=cast.dana.keys, at=timezone.now())
        backup = BackupCodes.print_for(cast.dana.user.pk)[0]
        by = cast.manager.as_(Role.MANAGER)
        remove_factor(by=by, colleague=find_colleague(by=by, user_id=cast.dana.user.pk), at=timezone.now())
        assert not KeySession.objects.filter(pk=opened.id).exists()
        with pytest.raises(SignInRefused):
            enter(cast.dana, backup)

    def test_names_both_in_the_log(self, cast, spoken):
        [entry] = browse_log(Filters(target_uuid=cast.dana.user.pk), size=1).entries
        assert (entry.action, entry.actor_id) == (Act.FACTOR_REMOVED, f"u_{cast.manager.user.pk}")

    def test_a_second_code_ends_the_first(self, cast, spoken):
        by = cast.manager.as_(Role.MANAGER)
        remove_factor(by=by, colleague=find_colleague(by=by, user_id=cast.dana.user.pk), at=timezone.now())
        with pytest.raises(SignInRefused):
            enter(cast.dana, spoken)

    def test_is_not_for_ones_own_and_is_refused_once(self, cast):
        refused = Entry.objects.filter(action=Act.ACCESS_REFUSED)
        before = refused.count()
        with pytest.raises(OwnFactor):
            find_colleague(by=cast.manager.as_(Role.MANAGER), user_id=cast.manager.user.pk)
        assert refused.count() == before + 1

    def test_knows_no_clients(self, cast):
        with pytest.raises(NoSuchColleague):
            find_colleague(by=cast.manager.as_(Role.MANAGER), user_id=cast.robin.person.user.pk)

    def test_puts_nothing_in_the_database_that_tells_the_code(self, cast, spoken):
        row = StandInCode.objects.get(user=cast.dana.user)
        assert spoken.replace("-", "").encode() not in bytes(row.code_mac)


class TestTheDemosSheet:
    def test_has_no_code_while_there_is_no_app(self, cast):
        assert next_code_of(cast.dana.user.pk)
        TotpDevice.objects.filter(user=cast.dana.user).delete()
        assert next_code_of(cast.dana.user.pk) is None
