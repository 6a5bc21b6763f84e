"""Earlier notes beside a draft: which, for whom, and opened only with a look."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from clients.services.caring import start_care
from notes.kinds import NoteKind
from notes.models import Note
from notes.services.amending import begin_addendum
from notes.services.beside import name_beside, read_beside
from notes.services.finding import NoSuchNote
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, denied, done, end_care


def ago(days):
    return timezone.now().replace(microsecond=0) - timedelta(days=days)


def beside(desk, draft):
    return name_beside(by=desk.by, draft=draft)


def read(desk, draft, note):
    return read_beside(by=desk.by, draft=draft, note_id=note.pk, at=timezone.now())


class TestWhatStandsBeside:
    def test_is_the_last_session_the_last_note_and_the_safety_plan(self, desk, log):
        session = desk.sign(session_at=timezone.now() - timedelta(minutes=9))
        plan = desk.sign(NoteKind.SAFETY_PLAN, session_at=ago(30))
        desk.sign(NoteKind.SAFETY_PLAN, session_at=ago(60))
        desk.sign(NoteKind.CALL, session_at=ago(3))
        call = desk.sign(NoteKind.CALL, session_at=timezone.now() - timedelta(minutes=2))
        draft, heard = desk.begin(), log()
        assert beside(desk, draft) == [session, call, plan]
        assert heard.acts == []

    def test_is_each_once(self, desk):
        plan = desk.sign(NoteKind.SAFETY_PLAN, session_at=ago(1))
        assert beside(desk, desk.begin()) == [plan]

    def test_is_nothing_of_later(self, desk):
        desk.sign(NoteKind.CALL, session_at=ago(1))
        assert beside(desk, desk.begin(NoteKind.CALL, session_at=ago(2))) == []

    def test_is_no_process_note_beside_a_progress_note(self, desk):
        process = desk.sign(NoteKind.PROCESS, session_at=timezone.now() - timedelta(minutes=5))
        assert beside(desk, desk.begin()) == []
        assert beside(desk, desk.begin(NoteKind.PROCESS)) == [process]

    def test_is_nothing_beside_an_addendum(self, desk):
        desk.sign(NoteKind.CALL, session_at=ago(9))
        addendum = begin_addendum(by=desk.by, note_id=desk.sign(NoteKind.CALL).pk, at=timezone.now())
        assert beside(desk, addendum) == []

    def test_is_nothing_once_the_care_has_ended(self, desk):
        desk.sign(NoteKind.CALL, session_at=ago(9))
        draft = desk.begin()
        end_care(desk)
        assert beside(desk, draft) == []


class TestReadBeside:
    def test_opens_after_a_look(self, desk, log):
        note, draft, heard = desk.sign(NoteKind.CALL, session_at=ago(1)), desk.begin(), log()
        [part] = read(desk, draft, note).parts
        assert CANARY in part.text
        assert part.carried.splitlines()[1] == part.text
        assert heard.acts == [done(Act.NOTE_READ)]

    def test_carries_no_answer_on_safety(self, desk):
        note, draft = desk.sign(session_at=timezone.now() - timedelta(minutes=5)), desk.begin()
        shown = read(desk, draft, note)
        assert {part.section.name: bool(part.carried) for part in shown.parts} == {
            "brought": True,
            "together": True,
            "safety": False,
        }
        assert shown.carried("brought").startswith("[Carried forward from: Session, ")
        assert shown.carried("safety") == shown.carried("subjective") == ""

    def test_opens_nothing_where_the_look_cannot_be_recorded(self, desk, monkeypatch):
        note, draft = desk.sign(NoteKind.CALL, session_at=ago(1)), desk.begin()
        monkeypatch.setattr("notes.services.beside.open_note", lambda **_: pytest.fail("opened without a look"))
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            read(desk, draft, note)

    def test_opens_no_process_note_into_the_record(self, desk, log):
        note, draft, heard = desk.sign(NoteKind.PROCESS), desk.begin(NoteKind.CALL), log()
        with pytest.raises(NoSuchNote):
            read(desk, draft, note)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]

    def test_opens_nothing_about_another_client(self, cast, desk, sams_desk):
        draft, note = desk.begin(), sams_desk.sign(NoteKind.CALL)
        with pytest.raises(NoSuchNote):
            read(desk, draft, note)
        # Not even about one whom the same therapist looks after too.
        by = cast.manager.as_(Role.MANAGER)
        start_care(by=by, client=sams_desk.client, therapist_id=cast.dana.user.pk, at=timezone.now())
        with pytest.raises(NoSuchNote):
            read(desk, draft, note)
        with pytest.raises(NoSuchNote):
            read(desk, draft, Note())
