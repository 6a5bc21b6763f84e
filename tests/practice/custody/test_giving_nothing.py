"""A release that gives nothing: with too few sheets, and to whoever wrote the database for it."""

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.kinds import Step, Why
from clients.models.custody import Handed, Release, Will
from clients.services.giving import LASTS, NotTheirWill
from clients.services.sharing import RecipientChanged
from keys.errors import KeyRefused
from keys.models import Certificate
from notes.models import Note
from practice.cast import enrol_colleague
from practice.recovery.ceremony import CodesNotRight
from tests.access.pages.visitors import text_of


class TestTheSheets:
    @pytest.mark.parametrize("numbers", [(), (1,)])
    def test_are_refused_when_too_few_and_leave_nothing(self, waited, refused, numbers):
        codes = {number: waited.cast.codes[number - 1] for number in numbers}
        refused(CodesNotRight, lambda: waited.give(codes=codes), act=Act.RECOVERY_REFUSED)
        assert waited.entries(Act.CUSTODY_BEGUN) == 0


class TestSomebodyWhoWritesTheDatabase:
    """Each would be given the keys of Dana's clients."""

    def test_and_puts_themself_in_as_custodian_is_given_nothing(self, cast, waited, refused):
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.THERAPIST,))
        Will.objects.update(custodian=tom.user)
        refused(NotTheirWill, waited.give, act=Act.KEY_REFUSED)
        assert waited.vaults_of(tom) == set()

    def test_and_swaps_the_sealed_wishes_is_given_nothing(self, waited, refused):
        other = bytes(Release.objects.get().sealed_reason)
        Will.objects.update(sealed_wishes=other)
        refused(NotTheirWill, waited.give, act=Act.KEY_REFUSED)

    def test_and_swaps_the_custodians_keys_is_given_nothing(self, waited):
        Certificate.objects.filter(holder=waited.cast.sam.user.pk).update(signature=b"\0" * 64)
        before = waited.everything()
        with pytest.raises(KeyRefused):
            waited.give()
        assert waited.everything() == before

    def test_and_changes_the_keys_after_the_page_was_shown_is_given_nothing(self, waited, refused):
        refused(RecipientChanged, lambda: waited.give(keys_seen="0" * 64), act=Act.KEY_REFUSED)

    def test_and_plants_a_release_that_nobody_asked_for_reads_nothing(self, written, signed_in):
        now = timezone.now()
        people = {"asked_by": written.cast.manager.user, "confirmed_by": written.cast.sam.user}
        times = {"asked_at": now, "confirmed_at": now, "free_at": now, "given_at": now, "until": now + LASTS}
        for step in Step:
            row = {"will": written.will, "step": step, "why": Why.DIED, "sealed_reason": b"x"}
            release = Release.objects.create(**row, **people, **times, given_by=written.cast.sam.user)
            Handed.objects.create(release=release, client=written.client, given_at=now)
        sam = signed_in(written.cast.sam)
        page = text_of(sam.get(f"/custody/{written.will.pk}/"))
        assert "This does not open" in page
        assert "Robin" not in page
        assert sam.get(f"/custody/notes/{Note.objects.get().pk}/").status_code == 403
