"""A therapist's desk: what stands there for whom, and which look in the log stands behind it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from audit.services import AuditUnavailable
from clients.services.caring import start_care
from clients.services.finding import find_client
from consent.limits import Limit
from keys.models import Grant
from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.desk import desk_of, name_client, overview_of, today_of
from notes.services.drafting import open_draft
from tests.audit.sql import plant
from tests.cast import sign_consent
from tests.notes.conftest import CANARY, Desk, done, end_care


def desk_beside(desk, draft):
    now = timezone.now()
    return desk_of(by=desk.by, opened=open_draft(by=desk.by, draft_id=draft.pk, at=now), at=now)


def overview(desk):
    return overview_of(by=desk.by, client=desk.client, at=timezone.now())


@pytest.fixture
def second_client(cast, desk):
    """Noor, whom Sam and Dana both look after now."""
    manager = cast.manager.as_(Role.MANAGER)
    noor = find_client(by=manager, client_id=cast.noor.client_id)
    start_care(by=manager, client=noor, therapist_id=cast.dana.user.pk, at=timezone.now())
    return Desk(cast.dana, noor)


class TestWhomItIsAbout:
    def test_is_said_by_name_after_a_look(self, desk, log):
        heard = log()
        about = name_client(by=desk.by, client=desk.client, at=timezone.now())
        assert (about.label, about.care_has_ended) == ("Robin Marlowe", False)
        assert heard.acts == [done(Act.CLIENT_READ)]

    def test_is_said_by_code_while_the_key_is_awaited(self, desk):
        Grant.objects.filter(vault__kind="contact", vault__subject=desk.client.pk).delete()
        assert name_client(by=desk.by, client=desk.client, at=timezone.now()).label == desk.client.code

    def test_is_not_said_where_the_look_cannot_be_recorded(self, desk):
        plant("audit_entry", swallow=True)
        entries = Entry.objects.count()
        with pytest.raises(AuditUnavailable):
            name_client(by=desk.by, client=desk.client, at=timezone.now())
        assert Entry.objects.count() == entries


class TestBesideADraft:
    def test_stands_the_note_on_the_session_before(self, desk):
        now = timezone.now().replace(microsecond=0)
        older = desk.sign(NoteKind.CALL, session_at=now - timedelta(days=9))
        newer = desk.sign(NoteKind.CALL, session_at=now - timedelta(days=2))
        draft = desk.begin(NoteKind.CALL, session_at=now)
        assert desk_beside(desk, draft).last == newer
        between = desk.begin(NoteKind.CALL, session_at=now - timedelta(days=5))
        assert desk_beside(desk, between).last == older

    def test_stands_no_note_of_the_same_moment_or_a_later_one(self, desk):
        draft = desk.begin()
        desk.sign(NoteKind.CALL, session_at=draft.session_at)
        desk.sign(NoteKind.CALL, session_at=draft.session_at + timedelta(minutes=1))
        assert desk_beside(desk, draft).last is None

    def test_stands_no_process_note_of_a_colleague(self, desk, shared_desk):
        desk.sign(NoteKind.PROCESS)
        draft = shared_desk.begin(NoteKind.CALL, session_at=timezone.now() + timedelta(minutes=5))
        assert desk_beside(shared_desk, draft).last is None

    @pytest.mark.parametrize(("kind", "talks"), [(NoteKind.SESSION, 1), (NoteKind.PROCESS, 1), (NoteKind.CALL, 0)])
    def test_stands_what_is_to_be_talked_about_before_a_note_that_waits(self, cast, unsigned, kind, talks):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        assert len(desk_beside(unsigned, unsigned.write(kind)).unclear) == talks

    def test_stands_what_was_marked_after_a_look_of_its_own(self, cast, unsigned, log):
        sign_consent(cast.robin, unclear=frozenset([Limit.ABUSE]))
        session, call = unsigned.write(), unsigned.write(NoteKind.CALL)
        for draft, looks in ((session, [done(Act.CONSENT_ANSWERS_READ)]), (call, [])):
            heard = log()
            desk_beside(unsigned, draft)
            assert heard.acts == [done(Act.DRAFT_OPENED), *looks]

    def test_stands_that_the_care_has_ended(self, desk):
        draft = desk.write()
        assert not desk_beside(desk, draft).about.care_has_ended
        end_care(desk)
        assert desk_beside(desk, draft).about.care_has_ended


class TestAClientsPage:
    def test_has_ones_own_drafts_and_everybodys_notes(self, desk, shared_desk):
        mine, theirs = desk.write(), shared_desk.write(NoteKind.SAFETY)
        note = shared_desk.sign(NoteKind.MESSAGE)
        page = overview(desk)
        shown = [row.draft for row in page.drafts]
        assert mine in shown
        assert theirs not in shown
        assert page.notes == [note]

    def test_has_the_newest_session_first_and_drafts_the_oldest(self, desk):
        now = timezone.now().replace(microsecond=0)
        moments = [now - timedelta(days=days) for days in (3, 8, 1)]
        notes = [desk.sign(NoteKind.CALL, session_at=moment) for moment in moments]
        drafts = [desk.begin(NoteKind.CALL, session_at=moment) for moment in moments]
        page = overview(desk)
        assert page.notes == [notes[2], notes[0], notes[1]]
        assert [row.draft for row in page.drafts] == [drafts[1], drafts[0], drafts[2]]

    def test_opens_no_text(self, desk):
        desk.sign()
        desk.write(NoteKind.CALL)
        page = overview(desk)
        assert CANARY not in repr(page)
        assert "sealed_body" not in page.notes[0].__dict__

    def test_stands_behind_a_look_at_each_thing_that_is_opened(self, cast, unsigned, log):
        sign_consent(cast.robin, unclear=frozenset([Limit.ABUSE]))
        heard = log()
        assert [screen.code for screen in overview(unsigned).unclear] == [Limit.ABUSE]
        assert heard.acts == [done(Act.CLIENT_READ), done(Act.NOTE_LISTED), done(Act.CONSENT_ANSWERS_READ)]

    def test_stands_behind_no_look_at_answers_where_there_are_none(self, unsigned, log):
        heard = log()
        overview(unsigned)
        assert heard.acts == [done(Act.CLIENT_READ), done(Act.NOTE_LISTED)]


class TestTheDay:
    def test_has_no_look_at_answers_where_nothing_was_asked_or_marked(self, unsigned, log):
        heard = log()
        today_of(by=unsigned.by, at=timezone.now())
        assert heard.acts == [done(Act.CLIENT_LISTED)]

    def test_names_each_draft_by_its_client(self, cast, desk, second_client):
        first = desk.write(NoteKind.CALL, session_at=timezone.now() - timedelta(hours=2))
        second = second_client.write(NoteKind.CALL, confirmed=frozenset([cast.sam.user.pk]))
        today = today_of(by=desk.by, at=timezone.now())
        assert [(row.draft, row.label) for row in today.unfinished] == [
            (first, "Robin Marlowe"),
            (second, "Noor Haddad"),
        ]
        assert [row.label for row in today.clients] == ["Noor Haddad", "Robin Marlowe"]

    def test_keeps_a_draft_of_a_client_who_is_gone_from_the_list(self, cast, desk, second_client):
        draft = second_client.write(NoteKind.CALL, confirmed=frozenset([cast.sam.user.pk]))
        end_care(second_client)
        today = today_of(by=desk.by, at=timezone.now())
        assert [row.label for row in today.clients] == ["Robin Marlowe"]
        assert [(row.draft, row.label, row.care_has_ended) for row in today.unfinished] == [
            (draft, second_client.client.code, True)
        ]

    def test_has_no_draft_of_a_colleague(self, desk, shared_desk):
        Draft.objects.all().delete()
        desk.write(NoteKind.SAFETY)
        assert today_of(by=shared_desk.by, at=timezone.now()).unfinished == []

    def test_has_a_debt_until_it_is_answered(self, cast, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        assert [row.label for row in today_of(by=unsigned.by, at=timezone.now()).debts] == ["Robin Marlowe"]
        sign_consent(cast.robin)
        assert today_of(by=unsigned.by, at=timezone.now()).debts == []
