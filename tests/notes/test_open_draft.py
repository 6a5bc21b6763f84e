"""Opening a draft again, throwing it away, and drafts that were moved about in the database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import AuditUnavailable
from keys.errors import SealBroken
from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.drafting import discard_draft, list_unfinished, open_draft, save_draft
from notes.services.finding import NoSuchNote
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, denied, done


def reopen(desk, draft):
    return open_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())


class TestOpenDraft:
    def test_records_the_look_then_opens(self, desk, log):
        draft, heard = desk.write(), log()
        assert reopen(desk, draft).fields == FIELDS
        assert heard.acts == [done(Act.DRAFT_OPENED)]

    def test_opens_nothing_without_its_entry(self, desk):
        draft = desk.write()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            reopen(desk, draft)

    def test_is_for_the_author_alone(self, shared_desk, desk, log):
        draft, heard = desk.write(), log()
        with pytest.raises(NoSuchNote):
            reopen(shared_desk, draft)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]
        assert shared_desk.by.user != draft.author
        assert list_unfinished(by=shared_desk.by) == []

    def test_is_for_therapists_whatever_the_gate_let_through(self, cast, desk):
        draft = desk.write()
        with pytest.raises(NoSuchNote):
            open_draft(by=cast.manager.as_(Role.MANAGER), draft_id=draft.pk, at=timezone.now())


class TestAMovedDraft:
    """Somebody who writes the database moves a sealed body, or changes what it is said to be."""

    def test_from_another_draft_stays_closed(self, desk):
        draft, other = desk.write(), desk.write(session_at=timezone.now() - timedelta(seconds=90))
        Draft.objects.filter(pk=draft.pk).update(sealed_body=other.sealed_body)
        with pytest.raises(SealBroken):
            reopen(desk, draft)

    def test_from_an_earlier_revision_stays_closed(self, desk):
        draft = desk.write()
        save_draft(by=desk.by, draft=draft, revision=1, fields=FIELDS, at=timezone.now())
        Draft.objects.filter(pk=draft.pk).update(sealed_body=draft.sealed_body)
        with pytest.raises(SealBroken):
            reopen(desk, draft)

    @pytest.mark.parametrize(
        "change",
        [
            {"kind": NoteKind.EMERGENCY},
            {"format": "plain/1"},
            {"session_at": timezone.now() - timedelta(days=3)},
            {"minutes": 50},
            {"revision": 9},
        ],
    )
    def test_whose_facts_were_changed_stays_closed(self, desk, change):
        draft = desk.write()
        Draft.objects.filter(pk=draft.pk).update(**change)
        with pytest.raises(SealBroken):
            reopen(desk, draft)

    def test_of_another_client_stays_closed(self, desk, sams_desk):
        draft, other = desk.write(), sams_desk.write()
        Draft.objects.filter(pk=draft.pk).update(sealed_body=other.sealed_body)
        with pytest.raises(SealBroken):
            reopen(desk, draft)

    def test_shows_a_page_without_its_text(self, cast, desk, signed_in):
        draft = desk.write()
        Draft.objects.filter(pk=draft.pk).update(revision=9)
        page = signed_in(cast.dana).get(f"/drafts/{draft.pk}/")
        assert page.status_code == 500
        assert b"A seal is broken" in page.content
        assert CANARY.encode() not in page.content


class TestDiscardDraft:
    def test_removes_it_with_one_entry(self, desk, log):
        draft, heard = desk.write(), log()
        assert discard_draft(by=desk.by, draft_id=draft.pk, at=timezone.now()) == desk.client
        assert not Draft.objects.exists()
        assert heard.acts == [done(Act.DRAFT_DISCARDED)]

    def test_keeps_the_draft_where_the_entry_fails(self, desk):
        draft = desk.write()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            discard_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        assert Draft.objects.filter(pk=draft.pk).exists()

    def test_is_for_the_author_alone(self, shared_desk, desk):
        draft = desk.write()
        with pytest.raises(NoSuchNote):
            discard_draft(by=shared_desk.by, draft_id=draft.pk, at=timezone.now())
        assert Draft.objects.filter(pk=draft.pk).exists()
