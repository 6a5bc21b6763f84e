"""How long a record is kept, and who sees it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from access.services.people import change_settings
from audit.acts import Act
from audit.models import Entry
from audit.services import record_look
from clients.models import Care
from clients.models.retention import Hold
from clients.services.answering import NotYoursToDecide, answered_for, find_kept
from clients.services.finding import NoSuchClient, find_client
from clients.services.holding import (
    DecidedToDestroy,
    NoSuchHold,
    NotLonger,
    browse_reasons,
    keep_longer,
    lift_hold,
    set_hold,
)
from clients.services.keeping import KeepingState, keeping_of, years_after
from tests.cast import sign_consent
from tests.clients.keeping.ending import A_DAY, a_reason, hide
from tests.notes.conftest import Desk


def state(ended, at=None):
    return keeping_of(ended.client, at=at or ended.due_at).state


class TestTheDate:
    def test_is_none_while_somebody_cares(self, cast, ended):
        Care.objects.create(client=ended.client, therapist=cast.sam.user, started_at=timezone.now())
        keeping = keeping_of(ended.client, at=ended.due_at)
        assert (keeping.state, keeping.keep_until, keeping.ended_at) == (KeepingState.IN_CARE, None, None)

    def test_is_the_practicesyears_after_the_end_of_care(self, ended):
        keeping = keeping_of(ended.client, at=ended.due_at)
        last = timezone.localdate(ended.ended_at)
        assert keeping.keep_until == years_after(last, 10)
        assert keeping.state is KeepingState.DUE

    def test_is_over_only_after_its_last_day(self, ended):
        last_day = ended.due_at - A_DAY
        assert timezone.localdate(last_day) == keeping_of(ended.client, at=last_day).keep_until
        assert state(ended, last_day) is KeepingState.KEPT
        assert state(ended) is KeepingState.DUE

    def test_moves_with_the_setting(self, cast, ended):
        change_settings(by=cast.manager.as_(Role.MANAGER), changes={"keep_years": 11}, at=timezone.now())
        assert state(ended) is KeepingState.KEPT

    def test_counts_from_the_last_note_where_that_is_later(self, cast, ended):
        """A note that was signed in the days after the end: the two times count, whichever is later."""
        sign_consent(cast.robin)
        Care.objects.filter(client=ended.client).update(ended_at=None, keeps_record=False)
        note = Desk(cast.dana, ended.client).sign()
        written = timezone.localdate(note.signed_at)
        for days in (30, -30):
            end = note.signed_at - timedelta(days=days)
            Care.objects.filter(client=ended.client).update(ended_at=end, started_at=end - A_DAY)
            later = max(written, timezone.localdate(end))
            assert keeping_of(ended.client, at=ended.due_at).keep_until == years_after(later, 10)

    @pytest.mark.parametrize("years", [0, 51])
    def test_has_bounds(self, cast, years):
        with pytest.raises(IntegrityError), transaction.atomic():
            Practice.objects.update(keep_years=years)

    def test_keeps_what_ended_on_a_leap_day_a_day_longer(self):
        assert years_after(date(2028, 2, 29), 10) == date(2038, 3, 1)
        assert years_after(date(2028, 2, 29), 4) == date(2032, 2, 29)


class TestKeepLonger:
    def test_moves_the_date_and_seals_why(self, ended):
        until = timezone.localdate(ended.due_at) + timedelta(days=400)
        keep_longer(by=ended.manager, client=ended.client, until=until, reason=a_reason("A bill."), at=ended.due_at)
        assert keeping_of(ended.client, at=ended.due_at).keep_until == until
        receipt = record_look(Act.CLIENT_READ, by=ended.manager, target=ended.client, at=ended.due_at)
        [kept] = browse_reasons(by=ended.manager, client=ended.client, receipt=receipt)
        assert kept.text == "A bill."
        assert b"A bill." not in bytes(kept.row.sealed_reason)

    def test_is_refused_when_it_is_no_longer_than_the_practices_own_time(self, ended):
        until = keeping_of(ended.client, at=ended.due_at).keep_until
        with pytest.raises(NotLonger):
            keep_longer(by=ended.manager, client=ended.client, until=until, reason=a_reason(), at=ended.due_at)

    def test_is_refused_beside_a_decision_to_destroy(self, ended):
        ended.decide()
        until = timezone.localdate(ended.due_at) + timedelta(days=400)
        with pytest.raises(DecidedToDestroy):
            keep_longer(by=ended.manager, client=ended.client, until=until, reason=a_reason(), at=ended.due_at)


class TestHold:
    def test_stands_until_a_manager_lifts_it(self, ended):
        hold = ended.hold()
        assert state(ended) is KeepingState.HELD
        lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at)
        assert state(ended) is KeepingState.DUE
        with pytest.raises(NoSuchHold):
            lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at)

    def test_is_one_of_several(self, ended):
        first, _ = ended.hold(text="One."), ended.hold(text="Two.")
        lift_hold(by=ended.manager, client=ended.client, hold_id=first.pk, at=ended.due_at)
        assert state(ended) is KeepingState.HELD

    def test_of_a_form_sent_twice_is_set_once(self, ended):
        reason = a_reason()
        for _ in range(2):
            set_hold(by=ended.manager, client=ended.client, reason=reason, at=ended.due_at)
        assert Hold.objects.count() == 1
        assert Entry.objects.filter(action=Act.HOLD_SET).count() == 1

    def test_may_be_set_by_a_therapist_in_care_and_not_lifted(self, cast):
        dana = cast.dana.as_(Role.THERAPIST)
        client = find_kept(by=dana, client_id=cast.robin.client_id)

        hold = set_hold(by=dana, client=client, reason=a_reason(), at=timezone.now())
        with pytest.raises(NotYoursToDecide):
            lift_hold(by=dana, client=client, hold_id=hold.pk, at=timezone.now())
        hold.refresh_from_db()
        assert hold.lifted_at is None

    def test_is_lifted_by_somebody(self, ended):
        hold = ended.hold()
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.filter(pk=hold.pk).update(lifted_at=timezone.now())


class TestWhoAnswers:
    def test_a_manager_does_for_all_but_hidden_records(self, ended):
        assert ended.client in answered_for(ended.manager)
        hide(ended)
        assert ended.client not in answered_for(ended.manager)
        with pytest.raises(NoSuchClient):
            find_kept(by=ended.manager, client_id=ended.client.pk)

    def test_the_therapist_who_cared_last_does_for_a_hidden_one(self, cast, ended):
        dana, sam = cast.dana.as_(Role.THERAPIST), cast.sam.as_(Role.THERAPIST)
        assert ended.client not in answered_for(dana)
        hide(ended)
        assert ended.client in answered_for(dana)
        assert ended.client not in answered_for(sam)

    @pytest.mark.parametrize("later", [True, False])
    def test_an_earlier_therapist_does_not(self, cast, ended, later):
        hide(ended)
        now = timezone.now()
        Care.objects.create(
            client=ended.client, therapist=cast.sam.user, started_at=now, ended_at=now + A_DAY if later else None
        )
        assert ended.client not in answered_for(cast.dana.as_(Role.THERAPIST))
        assert ended.client in answered_for(cast.sam.as_(Role.THERAPIST))

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLIENT])
    def test_nobody_else_does(self, cast, ended, role):
        person = cast.auditor if role is Role.AUDITOR else cast.robin.person
        with pytest.raises(NoSuchClient):
            find_kept(by=person.as_(role), client_id=ended.client.pk)


class TestAClosedRecord:
    def test_is_found_by_nobody_but_who_answers_for_it_and_the_client(self, cast, ended):
        ended.decide()
        with pytest.raises(NoSuchClient):
            find_client(by=ended.manager, client_id=ended.client.pk)
        assert find_kept(by=ended.manager, client_id=ended.client.pk) == ended.client
        assert find_client(by=cast.robin.person.as_(Role.CLIENT), client_id=ended.client.pk) == ended.client
