"""A therapist asks, takes back, or fills in with the client: about their own, and once the limits are signed."""

from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.services.finding import NoSuchClient
from consent.kinds import EventKind
from consent.services.attesting import SignatureUnproven
from consent.services.deciding import current_version
from measures.models import Answer, Result, Sheet
from measures.services.asking import (
    Begun,
    Filled,
    LimitsNotSigned,
    ask_for_measure,
    fill_in_together,
    take_measure_back,
)
from measures.services.finding import AlreadySent, find_measure, find_sheet, waiting_sheets
from tests.consent import rows
from tests.measures.conftest import ALARMING, CALM, GAD, PHQ


def take_back(room, sheet):
    take_measure_back(by=room.dana, sheet=sheet, at=timezone.now())


def entries(act: Act, outcome: str = "ok") -> int:
    return Entry.objects.filter(action=act, outcome=outcome).count()


class TestAsk:
    def test_puts_it_on_the_clients_page(self, room):
        sheet = room.ask()
        assert waiting_sheets(room.client) == [sheet]
        assert entries(Act.MEASURE_ASKED) == 1

    def test_twice_is_asked_once_and_each_questionnaire_by_itself(self, room):
        assert room.ask() == room.ask()
        room.ask(GAD)
        assert [sheet.instrument for sheet in waiting_sheets(room.client)] == ["phq-9", "gad-7"]
        assert entries(Act.MEASURE_ASKED) == 2

    @pytest.mark.parametrize("how", ["ask", "together"])
    def test_waits_for_the_limits(self, unsigned, how):
        with pytest.raises(LimitsNotSigned):
            unsigned.ask() if how == "ask" else unsigned.together(CALM)
        assert not Sheet.objects.exists()
        assert not Result.objects.exists()
        assert entries(Act.MEASURE_REFUSED, "denied") == 1

    def test_is_not_opened_by_a_signature_that_nobody_gave(self, unsigned):
        version = current_version(at=timezone.now())
        rows.event(EventKind.SIGNED, client=unsigned.client, version=version, at=timezone.now()).save(force_insert=True)
        with pytest.raises(SignatureUnproven):
            unsigned.ask()
        assert not Sheet.objects.exists()

    @pytest.mark.parametrize("who", ["sam", "manager", "auditor"])
    def test_is_for_who_cares_for_the_client(self, cast, room, who):
        role = {"sam": Role.THERAPIST, "manager": Role.MANAGER, "auditor": Role.AUDITOR}[who]
        sheet = room.ask()
        by = getattr(cast, who).as_(role)
        for find in (find_measure, find_sheet):
            with pytest.raises(NoSuchClient):
                find(by=by, client_id=room.client.pk, measure_id=sheet.pk)
        if role is Role.THERAPIST:
            with pytest.raises(NoSuchClient):
                ask_for_measure(by=by, client=room.client, instrument=GAD, at=timezone.now())
        assert Sheet.objects.count() == 1

    def test_is_found_under_its_own_client_alone(self, cast, room):
        sheet = room.ask()
        for find in (find_measure, find_sheet):
            with pytest.raises(NoSuchClient):
                find(by=cast.noor.person.as_(Role.CLIENT), client_id=cast.noor.client_id, measure_id=sheet.pk)
            with pytest.raises(NoSuchClient):
                find(by=room.robin, client_id=room.client.pk, measure_id=uuid4())


class TestTakeBack:
    def test_asks_no_longer(self, room):
        take_back(room, room.ask())
        assert not Sheet.objects.exists()
        assert entries(Act.MEASURE_TAKEN_BACK) == 1

    def test_throws_no_answer_away(self, room):
        sheet = room.fill(ALARMING)
        with pytest.raises(Begun):
            take_back(room, sheet)
        assert Answer.objects.filter(sheet=sheet).count() == 10

    def test_comes_too_late_for_what_was_sent(self, room):
        sheet = room.fill(CALM)
        room.send(CALM)
        with pytest.raises(AlreadySent):
            take_back(room, sheet)


class TestTogether:
    def test_is_a_result_at_once(self, room):
        result = room.together(CALM)
        assert (result.way, result.finished_by) == ("together", room.cast.dana.user)
        assert entries(Act.MEASURE_FINISHED) == 1

    def test_meets_what_waited(self, room):
        room.ask()
        room.ask(GAD)
        room.together(CALM)
        assert [sheet.instrument for sheet in waiting_sheets(room.client)] == ["gad-7"]

    def test_writes_over_nothing_that_the_client_answered(self, room):
        room.fill(ALARMING[:1])
        with pytest.raises(Begun):
            room.together(CALM)
        assert not Result.objects.exists()

    def test_sent_twice_is_one_result(self, room):
        filled = Filled(uuid4(), PHQ, CALM)
        kept = [fill_in_together(by=room.dana, client=room.client, filled=filled, at=timezone.now()) for _ in range(2)]
        assert kept[0] == kept[1]
        assert Result.objects.count() == 1
