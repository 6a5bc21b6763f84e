"""Answers as part of a record: kept, passed on to new keys, guarded, and destroyed with it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from clients.lasting import last_written
from clients.models.retention import Tombstone
from keys.columns import columns_of_vault
from keys.services import Place, VaultKind, flag_rotation, generation_of_text
from measures.models import Answer, Closing, Result, Sheet
from measures.services.filling import look_at_filling, look_at_own_result
from measures.services.reading import look_at_measure
from tests.audit.sql import run
from tests.beginnings import beginning
from tests.clients.keeping.ending import end_care
from tests.measures.conftest import ALARMING, CALM, DONE, GAD, Room
from tests.notes.rotation.conftest import steps_of
from tests.stored import require_bound_alike

A_MONTH = timedelta(days=31)


@beginning
def full(room: Room) -> Room:
    """One of everything: a result that is closed, and a sheet that was begun."""
    room.close(room.send(ALARMING))
    room.fill(CALM[:3], instrument=GAD)
    return room


def texts_of(room: Room, kind: VaultKind) -> list[bytes]:
    place = Place(kind, room.client.pk)
    return [
        bytes(getattr(row, column.column))
        for column in columns_of_vault(kind)
        if column.model.startswith("measures.")
        for row in column.rows_at(place)
    ]


class TestNewKeys:
    def test_seal_what_is_bound_as_a_page_binds_it(self, full):
        kinds = (VaultKind.SHARED, VaultKind.RECORD)
        assert sum(require_bound_alike(Place(kind, full.client.pk)) for kind in kinds) >= 5

    def test_seal_everything_anew_and_open_it_as_before(self, full):
        places = [Place(kind, full.client.pk) for kind in (VaultKind.SHARED, VaultKind.RECORD)]
        flag_rotation(places=places, at=timezone.now())
        steps_of(full.dana)
        texts = [text for place in places for text in texts_of(full, place.kind)]
        assert [generation_of_text(text) for text in texts] == [2] * 5
        result, sheet, now = Result.objects.get(), Sheet.objects.get(), timezone.now()
        assert look_at_own_result(by=full.robin, result=result, at=now).answers == ALARMING
        assert look_at_filling(by=full.robin, sheet=sheet, at=now).given == {1: 1, 2: 2, 3: 0}
        assert look_at_measure(by=full.dana, measure=result, at=now)[1].words == DONE


class TestTheEnd:
    def test_counts_from_the_last_result(self, full):
        result = Result.objects.get()
        assert last_written([full.client.pk])[full.client.pk] >= result.finished_at

    def test_destroys_everything(self, full):
        ended = end_care(full.cast, full.cast.dana, full.client)
        tombstone = ended.destroy()
        assert tombstone.texts >= 5
        assert not any(model.objects.exists() for model in (Sheet, Answer, Result, Closing))


class TestTheGuards:
    @pytest.mark.parametrize(
        "change",
        [
            "DELETE FROM measures_result",
            "DELETE FROM measures_closing",
            "UPDATE measures_result SET way = 'together'",
            "UPDATE measures_closing SET closed_at = '2026-01-01'",
        ],
    )
    def test_refuse_to_change_what_came_in(self, full, change):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(change)

    def test_let_go_what_has_a_tombstone_and_nobody_elses(self, cast, full):
        day = timezone.now()
        facts = {"code": "AAAAAA", "hidden": False, "decided_by": cast.manager.user.pk, "fingerprint": "0" * 64}
        facts |= {"decided_at": day - A_MONTH, "destroyed_at": day, "complete_at": day + A_MONTH}
        facts |= dict.fromkeys(("vaults", "grants", "texts"), 0)
        Tombstone.objects.create(client_id=cast.noor.client_id, **facts)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run("DELETE FROM measures_closing")
        Tombstone.objects.create(client_id=full.client.pk, **facts)
        run("DELETE FROM measures_closing", "DELETE FROM measures_result")
        assert not Result.objects.exists()


class TestTheRows:
    def test_ask_once_answer_once_and_know_three_ways(self, full):
        sheet, answer = Sheet.objects.get(), Answer.objects.first()
        doubles = [
            Sheet(client=sheet.client, instrument=sheet.instrument, asked_by=sheet.asked_by, asked_at=sheet.asked_at),
            Answer(sheet=answer.sheet, number=answer.number, sealed_answer=b"x"),
            Result(
                client=sheet.client,
                instrument="phq-9",
                asked_by=sheet.asked_by,
                asked_at=sheet.asked_at,
                finished_by=sheet.asked_by,
                finished_at=sheet.asked_at,
                way="guessed",
                sealed_answers=b"x",
            ),
        ]
        for double in doubles:
            with pytest.raises(IntegrityError), transaction.atomic():
                double.save(force_insert=True)

    def test_say_who_they_are_and_nobodys_name(self, full):
        sheet, result = Sheet.objects.get(), Result.objects.get()
        assert [str(sheet), str(result), str(result.closing)] == [str(sheet.pk), str(result.pk), str(result.pk)]
        assert str(sheet.answers.order_by("number").first()) == f"{sheet.pk}/1"
