"""What whoever writes the database can make of questions and answers: nothing that opens, and nothing half said."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.kinds import EventKind, Topic
from consent.limits import Limit
from consent.models import Event, Version
from keys.errors import SealBroken
from tests.consent import rows
from tests.consent.talking import Room
from tests.consent.tampering import alter


class TestTamperedRows:
    """Whoever writes the database can neither move what was said nor put words into it."""

    def forge(self, sealed: bytes, **changes) -> Event:
        asked = Event.objects.get(kind=EventKind.QUESTION_ASKED)
        forged = rows.event(EventKind.QUESTION_ASKED, client=asked.client, sealed_detail=sealed, **changes)
        forged.save(force_insert=True)
        return forged

    def test_a_question_copied_to_another_row_does_not_open(self, room: Room):
        room.ask()
        self.forge(bytes(Event.objects.get(kind=EventKind.QUESTION_ASKED).sealed_detail or b""))
        with pytest.raises(SealBroken):
            room.talks()

    def test_a_question_does_not_open_as_an_answer(self, room: Room):
        room.ask()
        asked = Event.objects.get(kind=EventKind.QUESTION_ASKED)
        forged = rows.event(
            EventKind.ANSWERED, client=asked.client, sealed_detail=bytes(asked.sealed_detail or b""), question=asked
        )
        forged.save(force_insert=True)
        with pytest.raises(SealBroken):
            room.talks()

    def test_one_changed_bit_is_noticed(self, room: Room):
        room.ask()
        sealed = bytearray(Event.objects.get(kind=EventKind.QUESTION_ASKED).sealed_detail or b"")
        sealed[-1] ^= 1
        self.forge(bytes(sealed))
        with pytest.raises(SealBroken):
            room.talks()

    def test_an_answer_pointed_at_another_question_does_not_open(self, room: Room):
        room.ask(Topic.OTHER, "May I bring my sister?")
        first = Event.objects.get(kind=EventKind.QUESTION_ASKED)
        room.answer("Yes.", question=first.id)
        room.ask(Topic.OTHER, "Do you tell my employer?")
        second = Event.objects.filter(kind=EventKind.QUESTION_ASKED).exclude(pk=first.pk).get()
        alter(Event.objects.filter(kind=EventKind.ANSWERED), question=second)
        with pytest.raises(SealBroken):
            room.talks()

    @pytest.mark.parametrize("column", ["section", "version", "by", "at", "nonce"])
    def test_a_question_does_not_open_once_the_row_around_it_was_altered(self, room: Room, column: str):
        room.ask(Limit.ABUSE)
        later = timezone.now() + timedelta(days=1)
        other = Version.objects.exclude(pk=str(Event.objects.get().version_id)).get()
        to = {"section": Limit.PAYMENT, "version": other, "by": uuid4(), "at": later, "nonce": uuid4()}
        alter(Event.objects.filter(kind=EventKind.QUESTION_ASKED), **{column: to[column]})
        with pytest.raises(SealBroken):
            room.talks()

    def test_a_question_planted_without_words_does_not_open(self, room: Room):
        rows.event(EventKind.QUESTION_ASKED, client=room.client).save(force_insert=True)
        with pytest.raises(SealBroken):
            room.talks()


class TestConstraints:
    @pytest.mark.parametrize(
        ("kind", "changes"),
        [
            (EventKind.ANSWERED, {}),
            (EventKind.SECTION_DONE, {}),
            (EventKind.OPENED, {"section": Limit.PAYMENT}),
            (EventKind.QUESTION_ASKED, {"section": Limit.PAYMENT}),
        ],
    )
    def test_rows_that_say_half_are_refused(self, room: Room, kind: EventKind, changes):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.event(kind, client=room.client, **changes).save(force_insert=True)

    def test_only_an_answer_answers(self, room: Room):
        room.ask()
        asked, version = Event.objects.get(kind=EventKind.QUESTION_ASKED), Version.objects.first()
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.event(EventKind.OPENED, client=room.client, version=version, question=asked).save(force_insert=True)
