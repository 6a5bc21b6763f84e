"""Handing over in one go: a colleague's care, every key, the end of one's own; or nothing at all."""

import pytest
from django.utils import timezone

from access.models import User
from audit.acts import Act
from clients.models import Care, CareLetter
from clients.services.finding import NoSuchClient
from clients.services.handing import hand_over
from clients.services.looks import browse_looks
from clients.services.sharing import NoKeyToShare, RecipientChanged
from keys.errors import KeyRefused
from keys.models import Certificate, Grant
from keys.services import VaultKind, make_identity, retire_identity
from tests.access.pages.visitors import text_of

EVERYTHING = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


def hand(by, record, mark):
    return hand_over(by=by, client=record.client, seen=mark, at=timezone.now())


class TestHandOver:
    def test_is_care_keys_and_the_end_of_ones_own(self, cast, record):
        hand(record.dana, record, record.mark(cast.sam))
        assert record.carers() == {cast.sam.user.pk}
        assert record.kinds_of(cast.sam) == EVERYTHING
        assert record.kinds_of(cast.dana) == set()

    def test_is_one_entry_and_one_letter(self, cast, record):
        hand(record.dana, record, record.mark(cast.sam))
        assert record.entries(Act.CARE_HANDED_OVER) == 1
        assert CareLetter.objects.filter(client=record.client).count() == 1

    def test_goes_to_a_colleague_who_waits_already(self, cast, waiting):
        hand(waiting.dana, waiting, waiting.mark(cast.sam))
        assert waiting.kinds_of(cast.sam) == EVERYTHING
        assert Care.objects.filter(client=waiting.client, therapist=cast.sam.user).count() == 1

    def test_is_told_to_the_client_by_name(self, cast, record):
        hand(record.dana, record, record.mark(cast.sam))
        looks = browse_looks(by=record.robin, client=record.client, before=None, at=timezone.now()).looks
        assert ("Dana Whitlock", "passed your care on to Samuel Okafor") in [(look.who, look.what) for look in looks]


class TestIsRefused:
    def test_to_somebody_who_waits_for_the_key(self, cast, waiting, refused_and_unchanged):
        cast.manager.user.roles_held.create(role="therapist")
        mark = waiting.mark(cast.manager)
        refused_and_unchanged(NoKeyToShare, lambda: hand(waiting.sam, waiting, mark))

    def test_to_somebody_without_care(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.dana)
        refused_and_unchanged(NoSuchClient, lambda: hand(record.sam, record, mark))

    def test_to_a_manager(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.sam)
        refused_and_unchanged(NoSuchClient, lambda: hand(record.manager, record, mark))

    @pytest.mark.parametrize("who", ["manager", "auditor", "dana"])
    def test_for_whom_no_other_therapist_is(self, cast, record, refused_and_unchanged, who):
        mark = record.mark(getattr(cast, who))
        refused_and_unchanged(RecipientChanged, lambda: hand(record.dana, record, mark), act=Act.KEY_REFUSED)

    def test_when_the_colleague_was_swapped_after_the_page(self, cast, record, refused_and_unchanged):
        mark, holder, now = record.mark(cast.sam), cast.sam.user.pk, timezone.now()
        retire_identity(holder=holder, at=now)
        make_identity(holder=holder, kek=bytes(32), root_id=cast.sam.keys.root_id, at=now)
        refused_and_unchanged(RecipientChanged, lambda: hand(record.dana, record, mark), act=Act.KEY_REFUSED)

    def test_when_the_colleague_has_left_since_the_page(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.sam)
        User.objects.filter(pk=cast.sam.user.pk).update(state="ended")
        refused_and_unchanged(RecipientChanged, lambda: hand(record.dana, record, mark), act=Act.KEY_REFUSED)

    def test_for_a_forged_certificate(self, cast, record):
        Certificate.objects.filter(holder=cast.sam.user.pk).update(signature=b"\0" * 64)
        before = record.state()
        with pytest.raises(KeyRefused):
            hand(record.dana, record, record.mark(cast.sam))
        assert record.state() == before

    def test_when_one_key_is_missing_though_the_others_are_there(self, cast, record, refused_and_unchanged):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.dana.keys.key_id).delete()
        mark = record.mark(cast.sam)
        refused_and_unchanged(NoKeyToShare, lambda: hand(record.dana, record, mark))

    def test_in_a_second_window(self, cast, record, refused_and_unchanged):
        mark = record.mark(cast.sam)
        hand(record.dana, record, mark)
        refused_and_unchanged(NoSuchClient, lambda: hand(record.dana, record, mark))


class TestHandOverPage:
    def path(self, record):
        return f"/clients/{record.client.pk}/hand-over/"

    def test_hands_over(self, cast, signed_in, record):
        answer = signed_in(cast.dana).post(self.path(record), {"to": record.mark(cast.sam)}, follow=True)
        assert "Handed over. Samuel Okafor cares for Robin Marlowe from now on." in text_of(answer)
        page = text_of(signed_in(cast.sam).get(f"/clients/{record.client.pk}/notes/"))
        assert "Robin Marlowe" in page

    def test_chooses_nobody_beforehand(self, cast, signed_in, record):
        assert " checked>" not in signed_in(cast.dana).get(self.path(record)).content.decode()
        assert "Please choose a colleague." in text_of(signed_in(cast.dana).post(self.path(record)))

    def test_says_what_stopped_it(self, cast, signed_in, record):
        answer = signed_in(cast.dana).post(self.path(record), {"to": "0" * 64})
        assert "Nothing was shared. Please look again." in text_of(answer)

    def test_in_a_practice_of_one_says_so(self, cast, signed_in, record):
        User.objects.filter(pk=cast.sam.user.pk).update(state="ended")
        assert "There is no other therapist in the practice yet." in text_of(
            signed_in(cast.dana).get(self.path(record))
        )
