"""Naming a custodian: sealed, answered, changed and withdrawn, and nobody holds a key by it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models.custody import Will
from clients.services.leaving import end_account
from clients.services.sharing import RecipientChanged
from clients.services.wills import NoSuchWill, Wishes, answer_will, name_custodian, read_own_wishes, withdraw_will
from keys.errors import KeyRefused
from keys.models import Certificate, Grant, Vault
from keys.services import Place, VaultKind, browse_waiting, flag_rotation, generation_of_text
from practice.cast import enrol_colleague
from tests.access.pages.visitors import text_of
from tests.notes.rotation.conftest import steps_of
from tests.practice.custody.conftest import WORDS, House
from tests.stored import require_bound_alike

ADDRESS = "/account/custodian/"


@pytest.fixture
def tom(cast):
    return enrol_colleague(
        manager=cast.manager, name="Tom Becker", address="tom@alder.example", roles=(Role.THERAPIST,)
    )


def readers_of_will():
    return Grant.objects.filter(vault__kind=VaultKind.WILL).count()


class TestNaming:
    def test_gives_the_custodian_no_key(self, house):
        assert house.vaults_of(house.cast.sam) == set()
        assert readers_of_will() == 2  # Dana, and the practice recovery key

    def test_seals_what_was_laid_down(self, house):
        assert WORDS.encode() not in bytes(house.will.sealed_wishes)
        assert WORDS.encode() not in b"".join(bytes(row.body) for row in Entry.objects.all())
        assert read_own_wishes(by=house.dana, at=timezone.now()) == Wishes(WORDS)

    def test_reads_it_only_after_an_entry(self, house):
        read_own_wishes(by=house.dana, at=timezone.now())
        assert house.entries(Act.CUSTODY_WISHES_READ) == 1

    def test_of_the_same_colleague_changes_the_wishes_and_keeps_the_answer(self, house):
        before = house.will
        house.name(hidden_too=True)
        assert (house.will.pk, house.will.accepted_at) == (before.pk, before.accepted_at)
        assert (house.entries(Act.CUSTODY_NAMED), house.entries(Act.CUSTODY_CHANGED)) == (1, 1)

    def test_of_another_ends_the_one_before_and_asks_anew(self, house, tom):
        before = house.will
        house.name(tom)
        assert (house.will.custodian, house.will.accepted_at) == (tom.user, None)
        before.refresh_from_db()
        assert (before.ended_at is not None, bytes(before.sealed_wishes)) == (True, b"")

    def test_asks_the_colleague_and_tells_the_therapist_of_the_answer_by_mail(
        self, cast, settings, django_capture_on_commit_callbacks
    ):
        settings.EMAIL_CONFIGURED, house = True, House(cast, cast.robin.record)
        with django_capture_on_commit_callbacks(execute=True):
            house.name()
            house.accept()
        assert [message.to for message in mail.outbox] == [[cast.sam.address], [cast.dana.address]]
        assert not [message for message in mail.outbox if "Dana" in message.body or "custodian" in message.body]


class TestNewKeys:
    def test_seal_the_wishes_anew_and_open_them_as_before(self, house):
        place = Place(VaultKind.WILL, house.cast.dana.user.pk)
        assert flag_rotation(places=[place], at=timezone.now()) == require_bound_alike(place) == 1
        steps_of(house.dana)
        assert generation_of_text(house.will.sealed_wishes) == 2
        assert read_own_wishes(by=house.dana, at=timezone.now()) == Wishes(WORDS)
        assert readers_of_will() == 4  # Dana and the practice recovery key, under both keys
        assert browse_waiting() == []


class TestIsRefused:
    def test_for_who_was_not_shown(self, house, refused):
        refused(
            RecipientChanged,
            lambda: name_custodian(by=house.dana, seen="0" * 64, wishes=Wishes(WORDS), at=timezone.now()),
            act=Act.KEY_REFUSED,
        )

    def test_for_keys_that_nobody_certified(self, house):
        Certificate.objects.filter(holder=house.cast.sam.user.pk).update(signature=b"\0" * 64)
        before = house.everything()
        with pytest.raises(KeyRefused):
            house.name()
        assert house.everything() == before

    def test_by_the_database_for_oneself_and_for_two_at_a_time(self, house):
        same = {"sealed_wishes": b"x", "named_at": timezone.now(), "changed_at": timezone.now()}
        for therapist, custodian in ((house.cast.sam, house.cast.sam), (house.cast.dana, house.cast.auditor)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Will.objects.create(therapist=therapist.user, custodian=custodian.user, **same)
        assert Will.objects.count() == 1

    @pytest.mark.parametrize("accepts", [True, False])
    def test_to_answer_for_somebody_else(self, house, refused, accepts):
        will_id = house.will.pk
        for by in (house.manager, house.dana):
            refused(NoSuchWill, lambda by=by: answer_will(by=by, will_id=will_id, accepts=accepts, at=timezone.now()))

    def test_to_say_yes_twice_or_after_it_was_withdrawn(self, house, refused):
        will_id = house.will.pk
        refused(NoSuchWill, house.accept)
        withdraw_will(by=house.dana, at=timezone.now())
        refused(NoSuchWill, lambda: answer_will(by=house.sam, will_id=will_id, accepts=True, at=timezone.now()))
        refused(NoSuchWill, lambda: withdraw_will(by=house.dana, at=timezone.now()))


class TestTheEnd:
    def test_by_the_therapist_leaves_no_word(self, house):
        withdraw_will(by=house.dana, at=timezone.now())
        assert [bytes(will.sealed_wishes) for will in Will.objects.all()] == [b""]
        assert house.entries(Act.CUSTODY_WITHDRAWN) == 1

    def test_by_the_custodian_who_no_longer_wants(self, house):
        answer_will(by=house.sam, will_id=house.will.pk, accepts=False, at=timezone.now())
        assert not Will.objects.filter(ended_at=None).exists()
        assert house.entries(Act.CUSTODY_DECLINED) == 1

    def test_by_the_custodian_who_leaves_tells_the_therapist(
        self, cast, settings, tom, django_capture_on_commit_callbacks
    ):
        settings.EMAIL_CONFIGURED, house = True, House(cast, cast.robin.record)
        house.name(tom)
        with django_capture_on_commit_callbacks(execute=True):
            end_account(by=house.manager, user_id=tom.user.pk, at=timezone.now())
        assert not Will.objects.filter(ended_at=None).exists()
        assert [cast.dana.address] in [message.to for message in mail.outbox]
        assert house.entries(Act.CUSTODY_LAPSED) == 1

    def test_of_a_therapist_who_leaves_stands_in_nobodys_way(self, house, tom):
        """Their own vault is no client's record: that nobody else holds its key shuts nothing."""
        name_custodian(
            by=tom.as_(Role.THERAPIST), seen=house.mark(house.cast.sam), wishes=Wishes(WORDS), at=timezone.now()
        )
        end_account(by=house.manager, user_id=tom.user.pk, at=timezone.now())
        assert not Will.objects.filter(therapist=tom.user, ended_at=None).exists()
        assert not Vault.objects.exclude(pk__in=Grant.objects.values("vault")).exists()


class TestPages:
    def test_say_and_log_that_a_colleague_is_not_who_was_shown(self, house, signed_in):
        dana = signed_in(house.cast.dana)
        before, denied = house.everything(), house.entries(Act.KEY_REFUSED, "denied")
        answer = dana.post(ADDRESS, {"custodian": "0" * 64, "instructions": WORDS})
        assert "changed since the page was shown" in text_of(answer)
        assert house.everything() == before
        assert house.entries(Act.KEY_REFUSED, "denied") == denied + 1

    def test_name_seal_and_show_it_again(self, cast, signed_in, db):
        dana, house = signed_in(cast.dana), House(cast, cast.robin.record)
        sent = {"custodian": house.mark(cast.sam), "instructions": WORDS}
        answer = dana.post(ADDRESS, sent, follow=True)
        assert "Kept. Samuel Okafor is told, and reads none of it now." in text_of(answer)
        assert "Samuel Okafor, who has not answered yet" in text_of(dana.get("/account/"))
        assert WORDS in dana.get(ADDRESS).content.decode()

    def test_say_how_long_a_release_waits(self, cast, signed_in, settings):
        hours = settings.CUSTODY_WAIT // timedelta(hours=1)
        assert f"{hours} hours pass." in text_of(signed_in(cast.dana).get(ADDRESS))

    def test_tick_nobody_beforehand(self, cast, signed_in):
        assert b" checked" not in signed_in(cast.dana).get(ADDRESS).content

    def test_ask_the_colleague_on_the_first_page_until_they_answer(self, cast, signed_in, db):
        house, sam = House(cast, cast.robin.record), signed_in(cast.sam)
        will = house.name()
        assert "asks you to be their custodian" in text_of(sam.get("/today/"))
        answer = sam.post("/custody/answer/", {"will": will.pk, "answer": "yes"}, follow=True)
        assert "You are now the custodian of Dana Whitlock" in text_of(answer)
        assert "asks you to be their custodian" not in text_of(sam.get("/today/"))
        assert "agreed" in text_of(signed_in(cast.dana).get(ADDRESS))
        answer = sam.post("/custody/answer/", {"will": will.pk, "answer": "no"}, follow=True)
        assert "Nobody named you" in text_of(answer)
        assert "There is no such custody any more" in text_of(
            sam.post("/custody/answer/", {"will": will.pk, "answer": "yes"}, follow=True)
        )

    def test_withdraw_it(self, house, signed_in):
        dana = signed_in(house.cast.dana)
        assert "You have no custodian now" in text_of(dana.post(f"{ADDRESS}withdraw/", follow=True))
        assert "There is no such custody any more" in text_of(dana.post(f"{ADDRESS}withdraw/", follow=True))

    def test_want_a_fresh_passphrase(self, house, signed_in):
        dana = signed_in(house.cast.dana)
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(minutes=11))
        assert dana.post(f"{ADDRESS}withdraw/").status_code == 423
        assert Will.objects.filter(ended_at=None).exists()

    def test_give_a_manager_a_calm_hint(self, cast, house, signed_in):
        page = text_of(signed_in(cast.manager).get("/people/"))
        assert "Samuel Okafor is custodian" in page
        assert "no custodian yet" in page

    def test_tell_the_client_who_may_reach_them(self, cast, house, signed_in):
        page = text_of(signed_in(cast.robin.person).get(f"/my/{house.client.pk}/readers/"))
        assert "If Dana Whitlock cannot work" in page
        assert "Samuel Okafor may be given your name and how to reach you" in page
