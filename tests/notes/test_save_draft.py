"""Saving while somebody types: sealed, without a trace in the log, and never over another window's text."""

import pytest
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry
from audit.services import AuditUnavailable
from notes.models import Draft
from notes.services.drafting import DraftConflict, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote
from notes.services.signing import sign_note
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, denied, done


def save(desk, draft, *, revision, brought="from this window"):
    fields = {**FIELDS, "brought": brought}
    return save_draft(by=desk.by, draft=draft, revision=revision, fields=fields, at=timezone.now())


class TestSaveDraft:
    def test_seals_and_counts_without_an_entry(self, desk, log):
        draft, heard = desk.begin(), log()
        assert [save(desk, draft, revision=revision, brought=CANARY).revision for revision in (0, 1, 2)] == [1, 2, 3]
        assert heard.acts == []
        assert CANARY.encode() not in bytes(Draft.objects.get().sealed_body)

    def test_never_overwrites_another_window(self, desk, log):
        draft = desk.begin()
        save(desk, draft, revision=0, brought="from the other window")
        heard = log()
        with pytest.raises(DraftConflict) as conflict:
            save(desk, draft, revision=0)
        assert conflict.value.theirs.texts["brought"] == "from the other window"
        assert conflict.value.theirs.draft.revision == 1
        assert heard.acts == [done(Act.DRAFT_OPENED)]
        assert Draft.objects.get().revision == 1

    @pytest.mark.parametrize("revision", [1, 7])
    def test_refuses_a_revision_that_is_still_to_come(self, desk, revision):
        draft = desk.begin()
        with pytest.raises(DraftConflict):
            save(desk, draft, revision=revision)

    def test_opens_nothing_where_the_look_cannot_be_recorded(self, desk):
        draft = desk.begin()
        save(desk, draft, revision=0, brought="from the other window")
        entries = Entry.objects.count()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            save(desk, draft, revision=0)
        assert Entry.objects.count() == entries

    def test_is_for_the_author_alone(self, shared_desk, desk, log):
        draft, heard = desk.begin(), log()
        with pytest.raises(NoSuchNote):
            save(shared_desk, draft, revision=0)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]
        assert Draft.objects.get(pk=draft.pk).revision == 0

    def test_comes_too_late_for_a_signed_note(self, desk):
        draft = desk.write()
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        with pytest.raises(AlreadySigned) as signed:
            save(desk, draft, revision=1)
        assert signed.value.note == note
        assert "signed in another window" in str(signed.value)


class TestText:
    @pytest.mark.parametrize("text", ["שלום, מה שלומך", "مرحبا بك", "🧠👩‍👧‍👦🏳️‍🌈", "a\n\n  b\t", "x" * 200_000])
    def test_comes_back_as_it_was_typed(self, desk, text):
        draft = desk.begin()
        save(desk, draft, revision=0, brought=text)
        assert open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()).fields["brought"] == text
