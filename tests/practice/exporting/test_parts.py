"""What the parts of a record hold besides what every record has, and what they say when some of it stays closed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Purpose
from audit.services import record_look
from clients.services.caring import start_care
from clients.services.finding import find_client
from consent.kinds import Topic
from consent.record import RecordRefused
from consent.services.talking import Asked, ask_question
from keys.models import Grant
from keys.services import Place, VaultKind, find_vault, flag_rotation, turn_key
from notes.kinds import NoteKind
from practice.exporting.caseload import stream_caseload
from practice.exporting.purposes import Why
from tests.measures.conftest import DONE, Room
from tests.notes.conftest import Desk, done
from tests.practice.exporting.conftest import Full, resources_in, text_in

pytestmark = pytest.mark.usefixtures("no_press")


@pytest.fixture
def unsigned(cast):
    by = cast.dana.as_(Role.THERAPIST)
    return Desk(cast.dana, find_client(by=by, client_id=cast.robin.client_id))


def export(desk):
    return Full.export(Full(None, desk, None, None, None, None))


def forget_the_record(desk):
    """Take the record's key from whoever exports, and no other."""
    vault = find_vault(Place(VaultKind.RECORD, desk.client.pk))
    Grant.objects.filter(vault=vault, grantee=desk.by.keys.key_id).delete()


class TestTheConsents:
    def test_have_emergency_reasons_and_questions_or_say_that_they_stayed_closed(self, cast, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        robin, asked = cast.robin.person.as_(Role.CLIENT), Asked(Topic.OTHER, "May my sister come along?", uuid4())
        ask_question(by=robin, client=unsigned.client, asked=asked, at=timezone.now())
        text = text_in(export(unsigned))
        for words in ("Found in distress.", "Acute crisis", "May my sister come along?", "Question of the client"):
            assert words in text
        forget_the_record(unsigned)
        text = text_in(export(unsigned))
        assert "Found in distress." not in text
        assert "Emergency reasons\n-----------------" in text
        assert "May my sister come along?" in text

    def test_say_so_where_a_record_is_not_what_was_signed(self, full, monkeypatch):
        def refuse(*_, **__):
            raise RecordRefused("It is about somebody else.")

        monkeypatch.setattr("consent.services.records.verify_record", refuse)
        packed = full.export()
        assert "Its seal is broken" in text_in(packed)
        assert not resources_in(packed, "Consent")


class TestTheQuestionnaires:
    def test_tell_what_was_left_out_and_guess_no_sum(self, robin_signed, desk):
        Room(robin_signed, desk.client).together((1, None, *(0,) * 8))
        packed = export(desk)
        assert "Sum: none: a question was left out" in text_in(packed)
        assert not resources_in(packed, "Observation")
        [filled] = resources_in(packed, "QuestionnaireResponse")
        assert ["answer" in item for item in filled["item"]][:3] == [True, False, True]

    def test_are_there_though_what_was_done_stayed_closed(self, full):
        forget_the_record(full.desk)
        text = text_in(full.export())
        assert "Sum: 9, mild" in text
        assert DONE not in text


class TestTheLog:
    def test_is_there_to_its_first_line(self, desk):
        for minute in range(60):
            at = timezone.now() - timedelta(minutes=minute)
            record_look(Act.CLIENT_READ, by=desk.by, target=desk.client, purpose=Purpose.TREATMENT, at=at)
        text = text_in(export(desk))
        assert text.count("opened your page") == 60
        assert "set up your account" in text


class TestAKeyThatAColleagueMade:
    def test_is_recorded_though_the_stream_had_begun(self, cast, desk, log):
        now, place = timezone.now(), Place(VaultKind.RECORD, desk.client.pk)
        manager = cast.manager.as_(Role.MANAGER)
        start_care(by=manager, client=desk.client, therapist_id=cast.sam.user.pk, at=now)
        desk.begin(NoteKind.CALL, confirmed=frozenset([cast.sam.user.pk]))
        desk.sign()
        with transaction.atomic():
            flag_rotation(places=[place], at=now)
            turn_key(by=cast.sam.keys, place=place, at=now)
        heard = log()
        b"".join(stream_caseload(by=desk.by, clients=[desk.client], why=Why.OWN_FILES))
        desk.by.keys.met.clear()
        assert heard.acts == [done(Act.EXPORT_BEGUN), (Act.EXPORT_DONE, "partial"), done(Act.KEY_ACCEPTED)]
