"""What stands on a therapist's first page: above all an answer that says that somebody may need help."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from keys.errors import KeyRefused, SealBroken
from keys.models import Grant
from measures.models import Answer, Closing, Result
from measures.services.closing import LONGEST, AlreadyClosed, SentMeanwhile, WordsMissing
from measures.services.reading import look_at_measure, look_at_measures
from measures.services.waiting import Urgency, count_open, look_for_waiting
from notes.services.desk import overview_of, today_of
from tests.consent.tampering import alter
from tests.measures.conftest import ALARMING, CALM, DONE, GAD


def waiting(room):
    return look_for_waiting(by=room.dana, clients=[room.client], at=timezone.now())


def urgencies(room) -> list[Urgency]:
    return [one.urgency for one in waiting(room)]


def read(room, measure):
    return look_at_measure(by=room.dana, measure=measure, at=timezone.now())[1]


def checks() -> int:
    return Entry.objects.filter(action=Act.MEASURE_CHECKED).count()


def lose_key(kind: str) -> None:
    Grant.objects.filter(vault__kind=kind).delete()


class TestWaiting:
    def test_has_what_cannot_wait_first_then_the_oldest(self, room):
        now = timezone.now()
        calm = room.send(CALM, at=now)
        room.send(CALM[:7], instrument=GAD, at=now + timedelta(minutes=1))
        alarming = room.send(ALARMING, at=now + timedelta(minutes=2))
        assert [one.measure for one in waiting(room)][:2] == [alarming, calm]
        assert urgencies(room) == [Urgency.ALARM, Urgency.NEW, Urgency.NEW]

    def test_does_not_wait_for_the_sending(self, room):
        sheet = room.fill(ALARMING[:9])
        [one] = waiting(room)
        assert (one.measure, one.urgency, one.since) == (sheet, Urgency.ALARM, sheet.asked_at)

    def test_leaves_other_sheets_to_their_client(self, room):
        room.fill(CALM)
        room.fill(CALM[:7], instrument=GAD)
        assert waiting(room) == []

    def test_follows_the_client_who_takes_an_answer_back(self, room):
        sheet = room.fill(ALARMING)
        room.answer(sheet, 9, 0)
        assert waiting(room) == []

    def test_records_one_look_and_none_where_nothing_is_opened(self, room):
        waiting(room)
        room.send(CALM[:7], instrument=GAD)
        waiting(room)
        assert checks() == 0
        room.send(CALM)
        room.fill(ALARMING)
        waiting(room)
        assert checks() == 1

    @pytest.mark.parametrize("sent", [True, False])
    def test_is_not_hidden_by_an_altered_answer(self, room, sent):
        room.send(ALARMING)
        alter(Result.objects.all(), way="together")
        if not sent:
            room.fill(ALARMING)
            Answer.objects.filter(number=9).update(sealed_answer=b"\x01\x01" + b"0" * 90)
        assert urgencies(room) == [Urgency.BROKEN] * (1 if sent else 2)

    def test_says_what_this_therapist_holds_no_key_to(self, room):
        room.send(ALARMING)
        lose_key("shared")
        [one] = waiting(room)
        assert (one.is_locked, one.is_alarm, one.is_first) == (True, False, False)
        seen = look_at_measures(by=room.dana, client=room.client, at=timezone.now())
        assert (seen.lacks_key, seen.series) == (True, [])

    def test_is_loud_where_the_key_is_not_one_we_can_vouch_for(self, room, monkeypatch):
        room.send(ALARMING)
        monkeypatch.setattr("measures.services.waiting.open_vaults", lambda **_: {room.client.pk: KeyRefused("forged")})
        assert urgencies(room) == [Urgency.BROKEN]


class TestToday:
    def test_has_it_before_everything_else_until_it_is_closed(self, room):
        result = room.send(ALARMING)
        page = today_of(by=room.dana, at=timezone.now())
        assert [(one.label, one.waiting.measure) for one in page.urgent] == [("Robin Marlowe", result)]
        assert page.measures == []
        assert overview_of(by=room.dana, client=room.client, at=timezone.now()).to_read == 1
        room.close(result)
        page = today_of(by=room.dana, at=timezone.now())
        assert (page.urgent, page.measures) == ([], [])
        assert count_open(client=room.client) == 0

    def test_has_the_others_among_what_is_to_read(self, room):
        room.send(CALM)
        page = today_of(by=room.dana, at=timezone.now())
        assert (page.urgent, [one.label for one in page.measures]) == ([], ["Robin Marlowe"])

    def test_is_no_colleagues(self, cast, room):
        room.send(ALARMING)
        page = today_of(by=cast.sam.as_(Role.THERAPIST), at=timezone.now())
        assert (page.urgent, page.measures) == ([], [])


class TestClose:
    def test_keeps_what_was_done(self, room):
        result = room.send(ALARMING)
        room.close(result)
        opened = read(room, result)
        assert (opened.words, opened.closing.closed_by) == (DONE, room.cast.dana.user)
        assert Entry.objects.filter(action=Act.MEASURE_CLOSED, obj_id=result.pk, outcome="ok").count() == 1

    @pytest.mark.parametrize("sent", [True, False])
    def test_is_refused_without_a_word_where_item_nine_is_above_zero(self, room, sent):
        measure = room.send(ALARMING) if sent else room.fill(ALARMING)
        with pytest.raises(WordsMissing):
            room.close(measure, "")
        # A refusal in the log would say what only such an answer can say.
        assert not Entry.objects.filter(outcome="denied").exists()
        assert not Closing.objects.exists()
        assert urgencies(room) == [Urgency.ALARM]
        assert Result.objects.exists() is sent

    def test_needs_no_word_elsewhere(self, room):
        result = room.send(CALM)
        room.close(result, "")
        assert read(room, result).words == ""

    def test_takes_a_sheet_as_it_stands(self, room):
        room.close(room.fill(ALARMING[:9]))
        opened = read(room, Result.objects.get())
        assert (opened.measure.way, opened.total, opened.answers[9]) == ("as_it_stood", 9, None)

    def test_happens_once(self, room):
        result = room.send(ALARMING)
        room.close(result)
        with pytest.raises(AlreadyClosed):
            room.close(result, "Something else")
        assert read(room, result).words == DONE

    def test_is_not_of_what_was_sent_meanwhile(self, room):
        sheet = room.fill(ALARMING)
        room.send(ALARMING)
        with pytest.raises(SentMeanwhile):
            room.close(sheet)
        assert not Closing.objects.exists()

    def test_looks_the_same_however_much_was_said(self, room):
        for words in ("", "Called.", "“" * LONGEST, '\n\\"' * (LONGEST // 3)):
            room.close(room.send(CALM), words)
        assert len({len(closing.sealed_words) for closing in Closing.objects.all()}) == 1

    def test_opens_with_its_own_result_alone(self, room):
        results = [room.send(ALARMING), room.send(CALM)]
        for result in results:
            room.close(result)
        # The whole of the other row but whose it is.
        other = Closing.objects.get(result=results[1])
        columns = {"sealed_words": bytes(other.sealed_words), "closed_at": other.closed_at}
        alter(Closing.objects.filter(result=results[0]), **columns)
        with pytest.raises(SealBroken):
            read(room, results[0])

    def test_is_read_by_who_holds_the_record(self, room):
        result = room.send(ALARMING)
        room.close(result)
        lose_key("record")
        opened = read(room, result)
        assert (opened.closing is not None, opened.words) == (True, None)


class TestRead:
    def test_has_all_results_over_time_and_how_they_changed(self, room):
        for total in (3, 1, 0):
            room.together([total] * 10)
        room.together([1] * 8, instrument=GAD)
        seen = look_at_measures(by=room.dana, client=room.client, at=timezone.now())
        phq, gad = seen.series
        assert [one.total for one in phq.results] == [0, 9, 27]
        assert [one.band for one in phq.results] == ["minimal", "mild", "severe"]
        assert (phq.since_first.words, phq.since_last.words) == ("27 points lower", "9 points lower")
        assert [point.total for point in phq.chart.points] == [27, 9, 0]
        assert (gad.since_first, len(gad.chart.points)) == (None, 1)

    def test_draws_no_sum_with_a_gap_and_none_that_does_not_open(self, room):
        room.send(ALARMING[:4])
        broken = room.send(ALARMING)
        alter(Result.objects.filter(pk=broken.pk), way="together")
        [series] = look_at_measures(by=room.dana, client=room.client, at=timezone.now()).series
        assert series.chart is None
        assert [(one.answers is None, one.total, one.band, one.rows == []) for one in series.results] == [
            (True, None, "", True),
            (False, None, "", False),
        ]
        assert not series.results[0].is_alarm

    def test_of_a_sheet_has_what_was_answered_so_far(self, room):
        opened = read(room, room.fill(ALARMING[:2]))
        assert (opened.answers[:3], opened.total, opened.closing) == ([1, 2, None], None, None)

    def test_of_nobody_who_filled_one_in_is_empty(self, unsigned):
        seen = look_at_measures(by=unsigned.dana, client=unsigned.client, at=timezone.now())
        assert (seen.series, seen.sheets, seen.lacks_key) == ([], [], False)

    def test_of_somebody_without_an_account_is_empty_too(self, cast):
        new = NewClient(Contact("Ada Quist", "ada@post.example"), cast.dana.user.pk)
        client, _ = invite_client(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())
        seen = look_at_measures(by=cast.dana.as_(Role.THERAPIST), client=client, at=timezone.now())
        assert (seen.label, seen.series, seen.lacks_key) == ("Ada Quist", [], False)

    @pytest.mark.parametrize("act", [Act.MEASURE_READ, Act.CLIENT_READ])
    def test_says_in_the_log_what_was_opened(self, room, act):
        if act is Act.MEASURE_READ:
            room.send(CALM)
        before = Entry.objects.filter(action=act).count()
        look_at_measures(by=room.dana, client=room.client, at=timezone.now())
        assert Entry.objects.filter(action=act).count() == before + 1
