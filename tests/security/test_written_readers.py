"""Somebody writes the database, together with a certified colleague: nobody becomes a reader by a row.

The statements that they forge are in `test_written_statements`. What cryptography cannot close stands here too
(``TestWhatStaysOpen``), as the threat model says it.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from access.roles import Role
from access.services.people import staff_with
from audit.acts import Act
from audit.models import Entry
from clients.services.covering import Absence, arrange_cover
from clients.services.ending import end_care
from clients.services.handing import hand_over
from clients.services.sharing import recipient_of
from keys.errors import KeyRefused, NoGrant
from keys.models import Grant
from keys.models.readership import Reader, ReaderEnd
from keys.services import (
    VaultKind,
    fingerprint_of_seeds,
    flag_rotation,
    holders_of,
    let_expire,
    make_identity,
    open_with_recovery_codes,
    retire_identity,
    rewrap_mine,
    turn_key,
)
from keys.services.readers import sign_end, sign_reader
from keys.statements import Cause, ReaderLine, read_readers
from practice.doctor import examine
from practice.recovery.renewing import renew
from tests.keys.house import KEK
from tests.security.conftest import refusals
from tests.security.writing import first, give_sam, plant, put_back, rotate, second, update

RECORD = VaultKind.RECORD
A_DAY = timedelta(days=1)


def take_sam_back(case):
    by = case.cast.manager.as_(Role.MANAGER)
    end_care(by=by, client=case.client, therapist_id=case.sam.holder, at=timezone.now())


class TestAPlantedReader:
    def test_is_given_no_later_key_and_is_named(self, case):
        plant(case, case.sam)
        before = refusals()
        assert case.sam.key_id not in rotate(case)
        assert refusals() == before + 1
        entry = Entry.objects.filter(action=Act.KEY_REFUSED).latest("pk")
        assert (entry.obj_type, entry.obj_id) == ("access.user", case.sam.holder)
        assert case.dana.left_out == []
        with pytest.raises(NoGrant):
            case.open(RECORD, by=case.sam)

    def test_is_none_for_whoever_a_hand_over_makes_the_next_holder(self, case):
        case.cast.manager.user.roles_held.create(role=Role.THERAPIST)
        priya = next(user for user in staff_with(Role.THERAPIST) if user.pk == case.cast.manager.user.pk)
        plant(case, case.sam)
        hand_over(by=case.desk.by, client=case.client, seen=recipient_of(priya, None).seen, at=timezone.now())
        given = rotate(case, by=case.cast.manager.as_(Role.THERAPIST))
        assert case.cast.manager.keys.key_id in given
        assert given.isdisjoint({case.sam.key_id, case.dana.key_id})

    def test_is_given_nothing_by_the_printed_sheets(self, case):
        """Sam's keys are renewed by the ceremony: his own client comes back, Robin's record does not."""
        plant(case, case.sam)
        now, founder = timezone.now(), open_with_recovery_codes(dict(enumerate(case.cast.codes[:2], start=1)))
        retire_identity(holder=case.sam.holder, at=now)
        new = make_identity(holder=case.sam.holder, kek=KEK, root_id=case.dana.root_id, at=now)
        before = refusals()
        by = case.cast.manager.as_(Role.MANAGER)
        reach = renew(founder, by=by, user=case.cast.sam.user, seen=fingerprint_of_seeds(new), at=now)
        assert reach.unsigned == (case.place(RECORD),)
        assert case.place(RECORD) in reach.gone
        assert case.cast.noor.client_id in {place.subject for place in reach.back}
        assert not Grant.objects.filter(vault=case.vault(RECORD), grantee=new.key_id).exists()
        assert refusals() == before + 1
        assert new.key_id not in rotate(case)

    def test_is_none_with_new_keys_of_their_own_either(self, case):
        kept = give_sam(case)
        take_sam_back(case)
        put_back(kept)
        retire_identity(holder=case.sam.holder, at=timezone.now())
        new = make_identity(holder=case.sam.holder, kek=KEK, root_id=case.dana.root_id, at=timezone.now())
        assert rewrap_mine(old=case.sam, new=new, at=timezone.now())
        assert new.key_id not in rotate(case)

    def test_passes_nothing_on(self, case):
        """Whoever was put among the readers with a key that opens, but without a signature, gives it to nobody."""
        kept = give_sam(case)
        Reader.objects.all().delete()
        assert kept.wrap
        with pytest.raises(KeyRefused, match="reader_unsigned"):
            case.open(RECORD, by=case.sam).grant(case.vouched(case.cast.manager), at=timezone.now())
        with pytest.raises(KeyRefused, match="reader_unsigned"):
            turn_after_flag(case, by=case.sam)

    def test_stands_apart_on_the_page_of_readers(self, case, signed_in):
        plant(case, case.sam)
        [planted] = [row for row in holders_of(case.place(RECORD), by=case.dana) if not row.is_signed]
        assert planted.holder == case.sam.holder
        page = signed_in(case.cast.dana).get(reverse("clients:browse_readers", args=[case.client.pk])).content.decode()
        assert "<strong>Samuel Okafor</strong> stands in the list of this key, but nobody" in page
        assert page.count("Samuel Okafor") == 1


def turn_after_flag(case, *, by):
    flag_rotation(places=[case.place(RECORD)], at=timezone.now())
    turn_key(by=by, place=case.place(RECORD), at=timezone.now())

    def test_is_found_by_the_doctor(self, case):
        assert "readers" not in {finding.name for finding in examine(at=timezone.now())}
        plant(case, case.sam)
        [found] = [finding for finding in examine(at=timezone.now()) if finding.name == "readers"]
        assert found.says.startswith("Rows alone make somebody a reader (1 in all)")


class TestACover:
    @pytest.fixture
    def until(self, case):
        """Sam covers for a week."""
        now = timezone.now()
        absence = Absence(now, now + 7 * A_DAY)
        seen = frozenset([recipient_of(case.cast.sam.user, case.client).seen])
        arrange_cover(by=case.desk.by, client=case.client, seen=seen, absence=absence, at=now)
        return absence.ends_at

    def test_ends_on_its_day_whatever_the_row_says(self, case, until):
        update(Grant.objects.filter(grantee=case.sam.key_id), expires_at=None)
        assert case.sam.key_id in rotate(case)
        assert Grant.objects.get(vault=case.vault(RECORD), generation=2, grantee=case.sam.key_id).expires_at == until
        [line] = [line for line in read_readers(bytes(second(case).readers)) if line.key_id == case.sam.key_id]
        assert line == ReaderLine(case.sam.key_id, Cause.COVER, until)

    def test_that_was_made_longer_or_for_good_is_none(self, case, until):
        update(Reader.objects.filter(key_id=case.sam.key_id), expires_at=None, cause=Cause.GIVEN)
        update(Grant.objects.filter(grantee=case.sam.key_id), expires_at=None)
        assert case.sam.key_id not in rotate(case)

    def test_passes_nothing_on(self, case, until):
        with pytest.raises(KeyRefused, match="reader_unsigned"):
            case.open(RECORD, by=case.sam).grant(case.vouched(case.cast.manager), at=timezone.now())
        sign_reader(first(case), case.cast.manager.keys.key_id, by=case.sam, at=timezone.now())
        plant(case, case.cast.manager.keys)
        assert case.cast.manager.keys.key_id not in rotate(case)


class TestWhoWasTakenBack:
    def test_is_no_reader_again_by_the_old_row(self, case):
        """Between taking back and the next key, and after it."""
        kept = give_sam(case)
        take_sam_back(case)
        put_back(kept)
        assert not {row.is_signed for row in holders_of(case.place(RECORD)) if row.holder == case.sam.holder}.pop()
        before = refusals()
        assert case.sam.key_id not in rotate(case)
        assert refusals() == before + 1
        plant(case, case.sam, generation=2)
        assert case.sam.key_id not in rotate(case)

    def test_is_none_either_if_the_row_was_hidden_meanwhile(self, case):
        kept = give_sam(case)
        Grant.objects.filter(pk=kept.pk).delete()
        take_sam_back(case)
        put_back(kept)
        assert case.sam.key_id not in rotate(case)

    def test_makes_nobody_else_one_from_then_on(self, case):
        give_sam(case)
        take_sam_back(case)
        sign_reader(first(case), case.cast.manager.keys.key_id, by=case.sam, at=timezone.now())
        plant(case, case.cast.manager.keys)
        assert case.cast.manager.keys.key_id not in rotate(case)

    def test_is_one_again_by_a_later_press(self, case):
        give_sam(case)
        take_sam_back(case)
        give_sam(case)
        assert case.sam.key_id in rotate(case)

    def test_leaves_those_to_whom_they_had_passed_it_on(self, case):
        give_sam(case)
        case.open(RECORD, by=case.sam).grant(case.vouched(case.cast.manager), at=timezone.now())
        take_sam_back(case)
        given = rotate(case)
        assert case.cast.manager.keys.key_id in given
        assert case.sam.key_id not in given

    def test_is_ended_by_no_client_and_no_stranger(self, case):
        give_sam(case)
        for by in (case.cast.robin.person.keys, case.stranger):
            at = timezone.now()
            sign_end(case.vault(RECORD).pk, by=by, holder=case.sam.holder, since=at, at=at)
        assert case.sam.key_id in rotate(case)


class TestWhatStaysOpen:
    def test_rows_put_back_to_before_a_taking_back_make_a_reader_again_until_the_next_key(self, case):
        """All of them, and the signed end deleted: then the database is an older one."""
        kept = give_sam(case)
        take_sam_back(case)
        put_back(kept)
        ReaderEnd.objects.all().delete()
        assert case.sam.key_id in rotate(case)

    def test_a_row_that_lends_for_longer_opens_what_it_opened(self, case):
        """Until the key is replaced: no row opens without the key that they were given."""
        give_sam(case)
        place, then = case.place(RECORD), timezone.now() - A_DAY
        let_expire(by=case.dana, place=place, holder=case.sam.holder, expires_at=then, at=timezone.now())
        with pytest.raises(NoGrant):
            case.open(RECORD, by=case.sam)
        update(Grant.objects.filter(grantee=case.sam.key_id, expires_at=then), expires_at=None)
        case.open(RECORD, by=case.sam)
        assert case.sam.key_id not in rotate(case)

    def test_who_was_taken_back_can_date_a_gift_to_when_they_were_a_reader(self, case):
        """To a colleague whom the practice vouches for, and before the next key is made."""
        give_sam(case)
        before = timezone.now()
        take_sam_back(case)
        sign_reader(first(case), case.cast.manager.keys.key_id, by=case.sam, at=before)
        plant(case, case.cast.manager.keys)
        assert case.cast.manager.keys.key_id in rotate(case)
