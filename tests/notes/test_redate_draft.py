"""Changing when it was: the gate judges the new moment, and the text goes along."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from consent.services.refusing import withdraw
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.published import FREE, SOAP
from notes.services.amending import begin_addendum
from notes.services.basing import ConsentMissing, ConsentRefused
from notes.services.drafting import DraftConflict, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote
from notes.services.redating import (
    FormatStays,
    Moment,
    MomentTaken,
    SavedMeanwhile,
    _redate,
    redate_draft,
    reformat_draft,
)
from notes.services.signing import sign_note
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, denied, done


def redate(desk, draft, session_at, *, minutes=None, at=None):
    moment = Moment(session_at, minutes)
    redate_draft(by=desk.by, draft_id=draft.pk, moment=moment, at=at or timezone.now())
    return Draft.objects.get(pk=draft.pk)


def facts_of(draft):
    row = Draft.objects.filter(pk=draft.pk).values().get()
    return {**row, "sealed_body": bytes(row["sealed_body"])}


class TestRedateDraft:
    def test_takes_the_text_along(self, desk, log):
        draft = desk.write()
        moment, heard = draft.session_at + timedelta(minutes=5), log()
        changed = redate(desk, draft, moment, minutes=45)
        assert (changed.session_at, changed.minutes, changed.revision) == (moment, 45, 2)
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.DRAFT_REDATED)]
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields == FIELDS
        assert CANARY.encode() not in bytes(changed.sealed_body)

    def test_is_what_the_signed_note_says(self, desk):
        draft = desk.write(NoteKind.CALL)
        moment = draft.session_at - timedelta(days=4)
        changed = redate(desk, draft, moment)
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=changed.revision, at=timezone.now())
        assert note.session_at == moment
        assert note.is_late

    @pytest.mark.parametrize("minutes", [None, 1, 600])
    def test_changes_the_length_alone_whatever_the_gate_says_by_now(self, cast, desk, minutes):
        draft, later = desk.write(minutes=50), timezone.now() + timedelta(hours=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=later)
        changed = redate(desk, draft, draft.session_at, minutes=minutes, at=later + timedelta(days=1))
        assert changed.minutes == minutes
        assert changed.consent_basis_id == draft.consent_basis_id

    def test_changes_the_place(self, desk):
        draft = desk.write(place="room")
        redate_draft(by=desk.by, draft_id=draft.pk, moment=Moment(draft.session_at, 50, "phone"), at=timezone.now())
        changed = open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        assert (changed.draft.place, changed.fields) == ("phone", FIELDS)

    def test_makes_a_window_upon_the_old_moment_come_again(self, desk):
        draft = desk.write()
        redate(desk, draft, draft.session_at + timedelta(minutes=5))
        with pytest.raises(DraftConflict) as conflict:
            save_draft(by=desk.by, draft=draft, revision=1, fields=FIELDS, at=timezone.now())
        assert conflict.value.theirs.fields == FIELDS


class TestReformatDraft:
    def reformat(self, desk, draft, format_):
        reformat_draft(by=desk.by, draft_id=draft.pk, name=format_.name, at=timezone.now())
        return open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())

    def test_gives_an_untouched_draft_other_sections(self, desk, log):
        draft, heard = desk.begin(), log()
        opened = self.reformat(desk, draft, SOAP)
        assert list(opened.texts) == ["subjective", "objective", "assessment", "plan", "safety", "follow_up"]
        assert (opened.draft.revision, opened.draft.is_untouched) == (1, True)
        assert heard.acts == [done(Act.DRAFT_OPENED), done(Act.DRAFT_REFORMATTED), done(Act.DRAFT_OPENED)]

    def test_makes_a_window_upon_the_old_format_come_again(self, desk):
        draft = desk.begin()
        self.reformat(desk, draft, SOAP)
        with pytest.raises(DraftConflict):
            save_draft(by=desk.by, draft=draft, revision=0, fields=FIELDS, at=timezone.now())

    def test_leaves_alone_what_is_written(self, desk, log):
        draft = desk.write()
        before, heard = facts_of(draft), log()
        with pytest.raises(FormatStays):
            self.reformat(desk, draft, SOAP)
        assert facts_of(draft) == before
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]

    @pytest.mark.parametrize(("kind", "format_"), [(NoteKind.CALL, SOAP), (NoteKind.PROCESS, FREE)])
    def test_gives_no_kind_a_format_of_another(self, desk, kind, format_):
        draft = desk.begin(kind)
        with pytest.raises(FormatStays):
            self.reformat(desk, draft, format_)
        assert Draft.objects.get(pk=draft.pk).format == draft.format

    def test_leaves_an_addendum_what_it_is(self, desk):
        draft = begin_addendum(by=desk.by, note_id=desk.sign().pk, at=timezone.now())
        with pytest.raises(FormatStays):
            self.reformat(desk, draft, SOAP)
        assert Draft.objects.get(pk=draft.pk).format == draft.format

    def test_is_nothing_for_a_colleague(self, desk, shared_desk):
        draft = desk.begin()
        with pytest.raises(NoSuchNote):
            self.reformat(shared_desk, draft, SOAP)
        assert Draft.objects.get(pk=draft.pk).format == draft.format


class TestTheGate:
    def refused(self, desk, draft, moment, refusal, *, at=None):
        before = facts_of(draft)
        with pytest.raises(refusal):
            redate(desk, draft, moment, at=at)
        assert facts_of(draft) == before

    def test_lets_no_session_slip_before_the_signature(self, desk, log):
        draft, heard = desk.write(), log()
        self.refused(desk, draft, draft.session_at - timedelta(days=2), ConsentMissing)
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]

    def test_lets_no_session_slip_behind_a_withdrawal(self, cast, desk):
        draft, friday = desk.write(), timezone.now() + timedelta(hours=1)
        withdraw(by=cast.robin.person.as_(Role.CLIENT), client=desk.client, reason="", nonce=uuid4(), at=friday)
        sunday = friday + timedelta(days=2)
        self.refused(desk, draft, friday + timedelta(minutes=1), ConsentRefused, at=sunday)
        assert redate(desk, draft, friday - timedelta(minutes=1), at=sunday).consent_basis_id == draft.consent_basis_id

    def test_ends_the_same_visit_after_twelve_hours(self, desk):
        draft = desk.write()
        signed_at = draft.consent_basis.at
        self.refused(desk, draft, signed_at - timedelta(hours=12, seconds=1), ConsentMissing)
        assert redate(desk, draft, signed_at - timedelta(hours=12)).consent_basis_id == draft.consent_basis_id

    def test_gives_an_emergency_note_the_signature_where_there_is_one(self, cast, unsigned, desk):
        # `desk` has signed after `unsigned` gave the reason: the note moves from the one to the other.
        unsigned.give_emergency_reason(at=timezone.now())
        draft = unsigned.write(NoteKind.EMERGENCY, session_at=timezone.now() - timedelta(days=2))
        assert draft.consent_override_id is not None
        changed = redate(desk, draft, timezone.now())
        assert changed.consent_override_id is None
        assert changed.consent_basis.kind == "signed"

    @pytest.mark.parametrize("kind", [NoteKind.CALL, NoteKind.SAFETY, NoteKind.REFUSAL])
    def test_lets_what_never_waits_be_of_any_day(self, unsigned, kind):
        draft = unsigned.write(kind)
        moment = draft.session_at - timedelta(days=20)
        assert redate(unsigned, draft, moment).session_at == moment


class TestARefusal:
    def test_keeps_two_drafts_of_one_kind_apart(self, desk, log):
        first, second = desk.write(), desk.write(session_at=timezone.now() - timedelta(minutes=3))
        before, heard = facts_of(second), log()
        with pytest.raises(MomentTaken, match="another draft of this kind"):
            redate(desk, second, first.session_at)
        assert facts_of(second) == before
        assert heard.acts == [done(Act.DRAFT_OPENED), denied(Act.NOTE_REFUSED)]

    def test_keeps_the_draft_where_the_entry_fails(self, desk):
        draft = desk.write()
        before = facts_of(draft)
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            redate(desk, draft, draft.session_at + timedelta(minutes=5))
        assert facts_of(draft) == before

    def test_is_all_that_a_colleague_gets(self, desk, shared_desk, log):
        draft = desk.write()
        before, heard = facts_of(draft), log()
        with pytest.raises(NoSuchNote):
            redate(shared_desk, draft, draft.session_at + timedelta(minutes=5))
        assert facts_of(draft) == before
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]

    def test_comes_with_the_note_once_it_is_signed(self, desk):
        note = desk.sign()
        with pytest.raises(AlreadySigned) as signed:
            redate_draft(by=desk.by, draft_id=note.pk, moment=Moment(timezone.now(), None), at=timezone.now())
        assert signed.value.note == note


class TestTwoRequestsAtOnce:
    """The draft was opened to be sealed anew, and something else happens before that."""

    @pytest.fixture
    def opened(self, desk):
        return open_draft(by=desk.by, draft_id=desk.write().pk, at=timezone.now())

    def test_never_lose_what_was_saved_meanwhile(self, desk, opened):
        newer = {**FIELDS, "plan": "Ring the sister."}
        save_draft(by=desk.by, draft=opened.draft, revision=1, fields=newer, at=timezone.now())
        with pytest.raises(SavedMeanwhile):
            _redate(desk.by, opened, Moment(timezone.now(), None), timezone.now())
        assert open_draft(by=desk.by, draft_id=opened.draft.pk, at=timezone.now()).fields == newer

    def test_never_touch_what_was_signed_meanwhile(self, desk, opened):
        note = sign_note(by=desk.by, draft_id=opened.draft.pk, revision=1, at=timezone.now())
        with pytest.raises(AlreadySigned):
            _redate(desk.by, opened, Moment(timezone.now(), None), timezone.now())
        assert Note.objects.get().session_at == note.session_at
