from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import Practice, User
from access.models.devices import BackupCodes, MailedCodeDevice, TotpDevice
from access.services.codes import OnlyInTheDemo, next_code, next_code_of
from keys.errors import SealBroken

STEP = 58_000_000


@pytest.fixture
def user(cast):
    return User.objects.get(pk=cast.noor.person.user.pk)


@pytest.fixture
def totp(user, monkeypatch):
    TotpDevice.objects.filter(user=user).delete()
    monkeypatch.setattr("access.totp.time.time", lambda: STEP * 30 + 12.0)
    return TotpDevice.begin(user.pk)


class TestAnAuthenticatorApp:
    def test_counts_only_once_a_code_has_confirmed_it(self, totp):
        assert not totp.confirmed
        assert totp.verify_token(totp.code_for(STEP))
        assert TotpDevice.objects.get(pk=totp.pk).confirmed

    @pytest.mark.parametrize(("drift", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_may_be_one_step_off_either_way(self, totp, drift, accepted):
        assert totp.verify_token(totp.code_for(STEP + drift)) is accepted

    @pytest.mark.parametrize("used", [-1, 0, 1])
    def test_takes_each_code_once_and_none_before_it(self, totp, used):
        assert totp.verify_token(totp.code_for(STEP + used))
        totp.refresh_from_db()
        for step in range(STEP - 1, STEP + used + 1):
            assert not totp.verify_token(totp.code_for(step))

    def test_takes_one_code_once_even_at_the_same_moment(self, totp):
        # Two requests have both read the row before either writes.
        one, other = (TotpDevice.objects.get(pk=totp.pk) for _ in range(2))
        code = totp.code_for(STEP)
        assert [one.verify_token(code), other.verify_token(code)] == [True, False]

    @pytest.mark.parametrize("typed", ["", "é", "１２３４５６", "12345", "1234567"])
    def test_takes_nothing_else(self, totp, typed):
        assert not totp.verify_token(typed)

    def test_has_its_seed_sealed_in_the_row(self, totp):
        assert totp.seed() not in bytes(totp.sealed_seed)
        assert len(totp.seed()) == 20

    def test_does_not_take_a_seed_moved_from_another_device(self, cast, totp):
        mine = TotpDevice.objects.get(user=cast.sam.user)
        totp.sealed_seed = mine.sealed_seed
        with pytest.raises(SealBroken):
            totp.seed()

    def test_does_not_take_a_whole_row_moved_to_another_person(self, cast):
        mine = TotpDevice.objects.get(user=cast.sam.user)
        mine.user = cast.dana.user
        with pytest.raises(SealBroken):
            mine.seed()

    def test_computes_what_rfc_6238_computes(self, totp, monkeypatch):
        # Appendix B, SHA-1: the last six of the eight digits at 59 seconds.
        monkeypatch.setattr(TotpDevice, "seed", lambda _: b"12345678901234567890")
        assert totp.code_for(1) == "287082"

    def test_is_set_up_from_an_otpauth_address(self, totp):
        address = totp.address(label="Dana Whitlock", issuer="Alder Lane")
        assert address.startswith("otpauth://totp/Alder%20Lane:Dana%20Whitlock?secret=")
        assert address.endswith("&issuer=Alder%20Lane")


class TestAMailedCode:
    @pytest.fixture
    def mailbox(self, user):
        return MailedCodeDevice.objects.create(user=user, name="mailbox", confirmed=False)

    def test_is_six_digits_of_which_only_an_hmac_is_kept(self, mailbox):
        code = mailbox.draw()
        assert len(code) == 6
        assert code.encode() not in bytes(MailedCodeDevice.objects.get(pk=mailbox.pk).code_mac)
        assert len(mailbox.code_mac) == 32

    def test_works_once(self, mailbox):
        code = mailbox.draw()
        one, other = (MailedCodeDevice.objects.get(pk=mailbox.pk) for _ in range(2))
        assert [one.verify_token(code), other.verify_token(code)] == [True, False]
        assert not MailedCodeDevice.objects.get(pk=mailbox.pk).verify_token(code)
        assert not MailedCodeDevice.objects.get(pk=mailbox.pk).verify_token("")

    def test_works_for_ten_minutes(self, mailbox):
        code = mailbox.draw()
        assert mailbox.valid_until - timezone.now() <= timedelta(minutes=10)
        mailbox.valid_until = timezone.now() - timedelta(seconds=1)
        mailbox.save()
        assert not mailbox.verify_token(code)

    def test_is_replaced_by_the_next_one(self, mailbox):
        old = mailbox.draw()
        new = mailbox.draw()
        assert old == new or not mailbox.verify_token(old)
        assert mailbox.verify_token(new)

    def test_is_none_before_one_was_drawn(self, mailbox):
        assert not mailbox.verify_token("")

    def test_does_not_serve_another_device(self, cast, mailbox):
        code = mailbox.draw()
        other = MailedCodeDevice.objects.create(user=cast.robin.person.user, name="mailbox", code_mac=mailbox.code_mac)
        other.valid_until = mailbox.valid_until
        assert not other.verify_token(code)


class TestBackupCodes:
    def test_are_eight_that_each_work_once(self, user):
        codes = BackupCodes.print_for(user.pk)
        assert len(set(codes)) == 8
        device = BackupCodes.objects.get(user=user)
        for code in codes:
            assert device.verify_token(code.upper().replace("-", " "))
            assert not BackupCodes.objects.get(user=user).verify_token(code)

    def test_are_kept_as_hmacs_alone(self, user):
        codes = BackupCodes.print_for(user.pk)
        kept = str(BackupCodes.objects.get(user=user).macs)
        assert not any(code.replace("-", "") in kept for code in codes)

    def test_are_replaced_by_the_next_print(self, user):
        [old, *_] = BackupCodes.print_for(user.pk)
        BackupCodes.print_for(user.pk)
        assert not BackupCodes.objects.get(user=user).verify_token(old)

    def test_are_used_once_even_at_the_same_moment(self, user):
        [code, *_] = BackupCodes.print_for(user.pk)
        one, other = (BackupCodes.objects.get(user=user) for _ in range(2))
        assert [one.verify_token(code), other.verify_token(code)] == [True, False]

    def test_of_somebody_else_do_not_work(self, cast, user):
        [code, *_] = BackupCodes.print_for(cast.sam.user.pk)
        BackupCodes.print_for(user.pk)
        assert not BackupCodes.objects.get(user=user).verify_token(code)


class TestNextCode:
    def test_is_one_that_will_be_accepted(self, cast):
        user = User.objects.get(pk=cast.sam.user.pk)
        code = next_code_of(user.pk)
        assert code.valid_from <= timezone.now() + timedelta(seconds=60) < code.valid_until + timedelta(seconds=60)
        assert TotpDevice.objects.get(user=user).verify_token(code.code)

    def test_is_never_told_in_a_real_practice(self, cast):
        Practice.objects.update(demo=False)
        with pytest.raises(OnlyInTheDemo):
            next_code(cast.sam.user)
