"""Two people, a waiting time, the printed sheets: the release of a will, tried by who may not and out of turn."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.acts import Act, Ground
from audit.models import Entry
from audit.services import Filters, browse_log
from clients.kinds import Step, Why
from clients.models.custody import Release
from clients.services.releasing import (
    Because,
    NotAccepted,
    SecondPerson,
    ask_release,
    confirm_release,
    read_reason,
    stop_on_return,
    stop_release,
)
from clients.services.stages import AnotherStep, NotYours, Turn, find_will
from keys.models import Certificate
from practice.cast import enrol_colleague
from practice.custody.leading import confirm_by_sheets
from practice.recovery.ceremony import CodesNotRight
from tests.access.pages.visitors import text_of
from tests.practice.custody.conftest import LINE, House, as_manager


@pytest.fixture
def ruth(cast):
    """A second manager."""
    return enrol_colleague(manager=cast.manager, name="Ruth Adler", address="ruth@alder.example", roles=(Role.MANAGER,))


class TestTwoPeople:
    def test_begin_the_waiting_time_and_give_nothing(self, house):
        house.ask()
        release = house.confirm()
        assert release.free_at == release.confirmed_at + settings.CUSTODY_WAIT
        assert house.stage.turn == Turn.WAIT
        assert house.vaults_of(house.cast.sam) == set()

    def test_may_be_two_managers(self, house, ruth):
        house.ask()
        house.confirm(ruth.as_(Role.MANAGER))
        assert house.stage.turn == Turn.WAIT

    def test_may_begin_with_the_custodian(self, house):
        house.ask(house.sam)
        house.confirm(house.manager)
        assert house.stage.turn == Turn.WAIT

    def test_are_never_one(self, house, refused):
        for by in (house.manager, house.sam):
            release = house.ask(by)
            refused(SecondPerson, lambda by=by: house.confirm(by))
            stop_release(by=by, will=house.will, at=timezone.now())
            assert release.confirmed_by is None

    def test_are_never_one_in_two_roles(self, house, refused):
        """The custodian is a manager too, asks as one and confirms as the other."""
        house.ask(as_manager(house.cast.sam))
        refused(SecondPerson, lambda: house.confirm(house.sam))

    def test_are_two_for_the_database_as_well(self, house):
        release, now = house.ask(), timezone.now()
        confirmed = {"confirmed_by": release.asked_by, "confirmed_at": now, "free_at": now}
        with pytest.raises(IntegrityError, match="two_people_release"), transaction.atomic():
            Release.objects.update(**confirmed)

    def test_are_named_in_the_log_with_what_it_was_about(self, house):
        release = house.ask()
        house.confirm()
        entries = browse_log(Filters(acts=frozenset({Act.CUSTODY_ASKED, Act.CUSTODY_CONFIRMED}))).entries
        assert [entry.target_uuid for entry in entries] == [house.cast.dana.user.pk] * 2
        assert {(entry.basis, entry.basis_id) for entry in entries} == {(Ground.CUSTODY, release.pk)}
        assert LINE.encode() not in b"".join(bytes(row.body) for row in Entry.objects.all())


class TestTheReason:
    def test_is_sealed_for_who_has_a_part_in_it(self, house):
        release = house.ask()
        assert LINE.encode() not in bytes(release.sealed_reason)
        for by in (house.manager, house.sam, house.dana):
            assert read_reason(by=by, release=release, at=timezone.now()) == LINE

    def test_stays_closed_to_others_in_the_practice(self, cast, house):
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.THERAPIST,))
        assert read_reason(by=tom.as_(Role.THERAPIST), release=house.ask(), at=timezone.now()) is None

    def test_is_asked_for_though_the_therapists_new_keys_are_confirmed_by_nobody(self, house):
        Certificate.objects.filter(holder=house.cast.dana.user.pk).delete()
        assert read_reason(by=house.sam, release=house.ask(), at=timezone.now()) == LINE

    @pytest.mark.parametrize("line", ["", " " * 40, "\u3164" * 40, "\u200d" * 40, "too short", "x" * 501])
    def test_that_says_nothing_asks_for_nothing(self, cast, house, signed_in, line):
        sent = {"seen": house.stage.mark, "why": "died", "reason": line}
        assert signed_in(cast.manager).post(f"/people/{cast.dana.user.pk}/custody/", sent).status_code == 200
        assert Release.objects.count() == 0


class TestWhoMay:
    def test_is_neither_the_therapist_nor_a_colleague_nor_an_auditor(self, cast, house, refused):
        ways = [house.dana, as_manager(cast.dana), cast.auditor.as_(Role.AUDITOR)]
        for by in ways:
            refused(NotYours, lambda by=by: house.ask(by))
            refused(NotYours, lambda by=by: find_will(by=by, therapist_id=cast.dana.user.pk))
        house.ask()
        for by in ways:
            refused(NotYours, lambda by=by: house.confirm(by))
            refused(NotYours, lambda by=by: stop_release(by=by, will=house.will, at=timezone.now()))

    def test_is_nobody_where_there_is_no_will(self, cast, refused):
        refused(NotYours, lambda: find_will(by=cast.manager.as_(Role.MANAGER), therapist_id=cast.sam.user.pk))

    def test_is_nobody_whose_account_ended(self, house, refused):
        house.cast.sam.user.state = "ended"
        house.cast.sam.user.save(update_fields=["state"])
        refused(NotYours, lambda: house.ask(house.sam))

    def test_waits_for_the_custodians_yes(self, cast):
        house = House(cast, cast.robin.record)
        house.name()
        before = house.everything()
        with pytest.raises(NotAccepted):
            house.ask()
        assert house.everything() == before


class TestOutOfTurn:
    def test_nothing_is_done_that_the_page_did_not_show(self, house, refused):
        stale = house.stage.mark
        house.ask()
        because = Because(Why.DIED, LINE)
        refused(
            AnotherStep,
            lambda: ask_release(by=house.sam, will=house.will, seen=stale, because=because, at=timezone.now()),
        )
        mark = house.stage.mark
        house.confirm()
        refused(AnotherStep, lambda: confirm_release(by=house.sam, will=house.will, seen=mark, at=timezone.now()))

    def test_a_form_of_a_release_that_was_stopped_confirms_no_later_one(self, house, refused):
        house.ask()
        mark = house.stage.mark
        stop_release(by=house.manager, will=house.will, at=timezone.now())
        house.ask()
        refused(AnotherStep, lambda: confirm_release(by=house.sam, will=house.will, seen=mark, at=timezone.now()))

    def test_a_form_from_before_the_therapist_came_back_asks_for_nothing(self, house, refused):
        stale, because = house.stage.mark, Because(Why.DIED, LINE)
        house.ask()
        assert stop_on_return(by=house.dana, at=timezone.now())
        refused(
            AnotherStep,
            lambda: ask_release(by=house.sam, will=house.will, seen=stale, because=because, at=timezone.now()),
        )
        house.ask(house.sam)

    def test_nothing_is_given_a_moment_before_the_time(self, house, refused):
        house.ask()
        release = house.confirm()
        refused(AnotherStep, house.give)
        for early in (timedelta(microseconds=1), timedelta(hours=1)):
            given = {"given_at": release.free_at - early, "until": release.free_at + early}
            with pytest.raises(IntegrityError, match="nothing_is_given"), transaction.atomic():
                Release.objects.update(given_by=house.cast.sam.user, **given)

    def test_nothing_is_given_unconfirmed_even_by_the_database(self, house):
        house.ask()
        now = timezone.now()
        with pytest.raises(IntegrityError, match="nothing_is_given"), transaction.atomic():
            Release.objects.update(given_by=house.cast.sam.user, given_at=now, until=now + timedelta(1))

    def test_the_notes_are_asked_for_once_the_contact_list_was_given(self, house):
        house.ask()
        house.confirm()
        house.wait()
        assert house.stage.step == Step.CONTACTS
        house.give()
        assert (house.stage.step, house.stage.turn) == (Step.NOTES, Turn.ASK)
        house.ask(house.sam)
        assert house.stage.turn == Turn.CONFIRM


class TestAPracticeOfOne:
    """Nobody manages it but the therapist who cannot act; there is the custodian, and there are the sheets."""

    @pytest.fixture
    def alone(self, cast, house):
        cast.manager.user.roles_held.all().delete()
        as_manager(cast.dana)
        return house

    def confirm(self, house, *numbers):
        codes = {number: house.cast.codes[number - 1] for number in numbers}
        return confirm_by_sheets(by=house.sam, will=house.will, seen=house.stage.mark, codes=codes, at=timezone.now())

    def test_leans_on_the_holders_of_the_sheets(self, alone, refused):
        alone.ask(alone.sam)
        refused(SecondPerson, lambda: alone.confirm(alone.sam))
        release = self.confirm(alone, 1, 3)
        assert (release.by_sheets, alone.stage.turn) == (True, Turn.WAIT)

    def test_takes_as_many_as_were_printed_for_it(self, alone, refused):
        alone.ask(alone.sam)
        refused(CodesNotRight, lambda: self.confirm(alone, 1), act=Act.RECOVERY_REFUSED)

    def test_takes_no_single_sheet_for_a_second_person(self, alone, refused, monkeypatch):
        alone.ask(alone.sam)
        monkeypatch.setattr("practice.custody.leading.recovery_plan", lambda: (1, 1))
        refused(SecondPerson, lambda: self.confirm(alone, 1, 3))

    def test_is_none_while_somebody_is_left_to_ask(self, house, refused):
        house.ask(house.sam)
        refused(SecondPerson, lambda: self.confirm(house, 1, 3))


class TestThePage:
    def path(self, house):
        return f"/people/{house.cast.dana.user.pk}/custody/"

    def test_goes_from_step_to_step(self, cast, house, signed_in):
        manager, sam = signed_in(cast.manager), signed_in(cast.sam)
        sent = {"seen": house.stage.mark, "why": "died", "reason": LINE}
        answer = text_of(manager.post(self.path(house), sent, follow=True))
        assert "Asked. Somebody else confirms it now" in answer
        assert "You asked for this. Somebody else confirms it" in answer
        page = text_of(sam.get(self.path(house)))
        assert LINE in page
        answer = text_of(sam.post(self.path(house), {"seen": house.stage.mark}, follow=True))
        assert "Nothing can be given before" in answer
        answer = text_of(manager.post(f"{self.path(house)}stop/", follow=True))
        assert "Stopped. What the custodian was given is taken back." in answer
        assert "This has moved on" in text_of(manager.post(f"{self.path(house)}stop/", follow=True))

    def test_is_nobodys_own(self, cast, house, signed_in):
        dana = signed_in(cast.dana)
        assert dana.get(self.path(house))["Location"] == "/custody/"
        assert dana.post(f"{self.path(house)}stop/")["Location"] == "/custody/"

    def test_asks_for_the_passphrase_again(self, cast, house, signed_in):
        manager = signed_in(cast.manager)
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(minutes=11))
        sent = {"seen": house.stage.mark, "why": "died", "reason": LINE}
        assert manager.post(self.path(house), sent).status_code == 423
        assert Release.objects.count() == 0

    def test_names_no_client(self, cast, house, signed_in):
        page = text_of(signed_in(cast.manager).get(self.path(house)))
        assert "Robin" not in page
        assert house.client.code not in page

    def test_says_that_the_reason_is_closed_to_a_manager_who_came_later(self, cast, house, signed_in):
        house.ask()
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.MANAGER,))
        assert "you hold no key to the reason" in text_of(signed_in(tom).get(self.path(house)))
