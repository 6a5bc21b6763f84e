"""The client's answers: kept at once, sealed, changed until they are sent, and then never again."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry
from keys.errors import KeysError, SealBroken
from measures.models import Answer, Result, Sheet
from measures.services.filling import NothingAnswered, keep_answer, look_at_filling, look_at_own_result, send_sheet
from measures.services.finding import AlreadySent, find_sheet, sent_results
from measures.services.lasting import latest_results
from tests.consent.tampering import alter
from tests.measures.conftest import ALARMING, CALM, GAD


def look(room, sheet, **options):
    return look_at_filling(by=room.robin, sheet=sheet, at=timezone.now(), **options)


def looks() -> list[datetime]:
    return list(Entry.objects.filter(action=Act.MEASURE_OPENED).values_list("at", flat=True))


class TestKeep:
    def test_is_there_on_another_device(self, room):
        sheet = room.fill(ALARMING[:3])
        filling = look(room, sheet)
        assert filling.given == {1: 1, 2: 2, 3: 0}
        assert filling.next_number == 4
        assert [words for *_, words in filling.rows][2:4] == ["Not at all", "Not answered yet"]

    def test_takes_the_last_word(self, room):
        sheet = room.fill(ALARMING)
        room.answer(sheet, 9, 0)
        room.answer(sheet, 1, None)
        filling = look(room, sheet)
        assert (filling.given[9], filling.given[1], filling.next_number) == (0, None, None)
        assert filling.rows[0][2] == "Left out"
        assert Answer.objects.count() == 10

    @pytest.mark.parametrize(("answers", "says"), [(ALARMING, True), (CALM, False), (CALM[:3], False)])
    def test_says_at_once_whether_somebody_should_be_called(self, room, answers, says):
        assert look(room, room.fill(answers), numbers=(1, 9)).is_alarm is says

    def test_leaves_no_entry_and_no_look_on_the_way_there(self, room):
        before = Entry.objects.count()
        sheet = room.fill(ALARMING[:2])
        assert look(room, sheet, numbers=(3, 9)).given == {}
        assert look(room, sheet, numbers=()).answered == {1, 2}
        # Only the asking.
        assert Entry.objects.count() == before + 1

    def test_shows_in_the_log_only_the_minute(self, room):
        look(room, room.fill(ALARMING[:1]))
        [at] = looks()
        assert (at.second, at.microsecond) == (0, 0)

    def test_comes_too_late_for_what_was_sent(self, room):
        sheet = room.fill(CALM)
        room.send(CALM)
        with pytest.raises(AlreadySent):
            keep_answer(by=room.robin, sheet=sheet, number=1, value=3, at=timezone.now())
        assert not Answer.objects.exists()

    @pytest.mark.parametrize("change", ["number", "sheet", "text"])
    def test_opens_nowhere_else(self, room, change):
        sheet, other = room.fill(ALARMING[:1]), room.ask(GAD)
        rows = Answer.objects.filter(sheet=sheet)
        changes = {
            "number": {"number": 9},
            "sheet": {"sheet": other},
            "text": {"sealed_answer": b"\x01\x01" + b"0" * 90},
        }
        rows.update(**changes[change])
        with pytest.raises(KeysError):
            look(room, other if change == "sheet" else sheet)


class TestSend:
    def test_makes_one_result_of_it_and_leaves_nothing_else(self, room):
        result = room.send(ALARMING)
        assert (result.way, result.finished_by_id, result.client) == ("alone", room.robin.user.pk, room.client)
        assert not Sheet.objects.exists()
        assert not Answer.objects.exists()
        assert sent_results(room.client) == [result]
        own = look_at_own_result(by=room.robin, result=result, at=timezone.now())
        assert own.answers == ALARMING
        assert own.is_alarm
        assert own.rows[8][1:] == (result.questionnaire.items[8].text, "Several days")

    def test_may_have_gaps(self, room):
        result = room.send((None, 2, 1))
        own = look_at_own_result(by=room.robin, result=result, at=timezone.now())
        assert own.answers == (None, 2, 1, *[None] * 7)
        assert own.rows[0][2] == "Left out"

    def test_is_not_done_with_nothing(self, room):
        with pytest.raises(NothingAnswered):
            send_sheet(by=room.robin, sheet=room.ask(), at=timezone.now())
        assert Sheet.objects.count() == 1
        assert not Result.objects.exists()

    def test_twice_is_sent_once(self, room):
        sheet = room.fill(CALM)
        result = room.send(CALM)
        with pytest.raises(AlreadySent) as sent:
            send_sheet(by=room.robin, sheet=sheet, at=timezone.now())
        assert sent.value.result == result
        with pytest.raises(AlreadySent):
            find_sheet(by=room.robin, client_id=room.client.pk, measure_id=sheet.pk)

    def test_is_asked_for_anew_afterwards(self, room):
        first = room.send(CALM)
        assert room.ask().pk != first.pk

    def test_is_the_last_that_was_written(self, room):
        at = timezone.now() + timedelta(days=3)
        room.send(CALM)
        room.send(CALM, at=at)
        assert list(latest_results([room.client.pk])) == [(room.client.pk, at)]

    @pytest.mark.parametrize(
        "change", [{"instrument": "gad-7"}, {"way": "together"}, {"finished_at": timezone.now() - timedelta(days=9)}]
    )
    def test_opens_only_as_it_was_sent(self, room, change):
        result = room.send(ALARMING)
        alter(Result.objects.filter(pk=result.pk), **change)
        with pytest.raises(SealBroken):
            look_at_own_result(by=room.robin, result=Result.objects.get(), at=timezone.now())

    def test_moves_to_no_other_result(self, room):
        old, new = room.send(ALARMING), room.send(CALM)
        alter(Result.objects.filter(pk=old.pk), sealed_answers=bytes(new.sealed_answers))
        with pytest.raises(SealBroken):
            look_at_own_result(by=room.robin, result=Result.objects.get(pk=old.pk), at=timezone.now())


class TestInTheClear:
    """What somebody with the whole database sees of an answer: nothing."""

    CLEAR = ("instrument", "way", "asked_by", "finished_by", "client")

    def columns(self, result):
        row = Result.objects.filter(pk=result.pk).values(*self.CLEAR).get()
        return {**row, "size": len(Result.objects.get(pk=result.pk).sealed_answers)}

    def test_stands_the_same_whatever_was_answered(self, room):
        sent = [room.send(answers) for answers in (ALARMING, CALM, [None] * 10, [3] * 10)]
        assert len({tuple(self.columns(result).items()) for result in sent}) == 1

    def test_so_do_answers_that_were_not_sent(self, room):
        room.fill(ALARMING)
        assert len({len(answer.sealed_answer) for answer in Answer.objects.all()}) == 1

    def test_so_do_the_entries_of_the_log(self, room):
        def acts():
            return list(Entry.objects.filter(pk__gt=last).order_by("pk").values_list("action", "outcome"))

        seen = []
        for answers in (ALARMING, CALM):
            last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
            result = room.send(answers)
            room.close(result)
            seen.append([act for act in acts() if act[0] != Act.VAULT_MADE])
        assert seen[0] == seen[1]
