"""What a draft held before: for whom it is there, for how long, and how it comes back."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from audit.services import AuditUnavailable
from clients.services.holding import Reason, set_hold
from keys.errors import SealBroken
from notes.kinds import NoteKind
from notes.models import Draft, Version
from notes.services.finding import AlreadySigned, NoSuchNote
from notes.services.looking_back import AnotherDraft, bring_back, list_thrown_away
from notes.services.versions import LASTS, forget_old_versions
from tests.audit.sql import plant
from tests.notes.conftest import denied, done
from tests.notes.versions.conftest import SECOND, Pen


class TestLookBack:
    def test_records_the_look_then_opens(self, pen, log):
        pen.write("before")
        pen.write("after", gone=500)
        heard = log()
        assert pen.texts() == ["before"]
        assert heard.acts == [done(Act.DRAFT_LOOKED_BACK)]

    def test_opens_nothing_without_its_entry(self, pen):
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            pen.look()

    def test_is_for_the_author_alone(self, shared_desk, pen, log):
        pen.write("before")
        pen.write("after", gone=500)
        version, heard = pen.version("before"), log()
        with pytest.raises(NoSuchNote):
            pen.look(by=shared_desk.by)
        with pytest.raises(NoSuchNote):
            bring_back(by=shared_desk.by, draft_id=pen.draft.pk, version_id=version.pk, at=pen.at)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)] * 2
        assert pen.now_holds() == "after"

    def test_is_for_therapists_whatever_the_gate_let_through(self, cast, pen):
        pen.write("before")
        pen.throw_away()
        manager = cast.manager.as_(Role.MANAGER)
        assert list_thrown_away(by=manager, at=pen.at) == []
        with pytest.raises(NoSuchNote):
            pen.look(by=manager)

    @pytest.mark.parametrize(
        "change",
        [{"revision": 9}, {"draft_id": uuid4()}, {"kind": NoteKind.CALL}, {"session_at": timezone.now()}],
    )
    def test_a_version_that_was_changed_or_moved_stays_closed(self, pen, change):
        pen.write("first")
        pen.write("second", gone=500)
        pen.write("third", gone=500)
        moved = pen.version("first")
        Version.objects.filter(pk=moved.pk).update(**change)
        assert "first" not in pen.texts()
        assert "second" in pen.texts()

    def test_a_version_of_another_draft_stays_closed(self, pen, desk):
        other = Pen(desk, NoteKind.CALL)
        for one in (pen, other):
            one.write("before")
            one.write("after", gone=500)
        body = Version.objects.get(draft_id=other.draft.pk).sealed_body
        Version.objects.filter(draft_id=pen.draft.pk).update(sealed_body=body)
        [version] = pen.look().versions
        assert version.fields is None
        with pytest.raises(SealBroken):
            bring_back(by=desk.by, draft_id=pen.draft.pk, version_id=version.version.pk, at=pen.at)
        assert pen.now_holds() == "after"

    def test_nothing_is_seen_after_sixty_days(self, pen):
        pen.write("before")
        pen.write("after", gone=500)
        pen.at += LASTS
        assert pen.texts() == ["before"]
        pen.at += SECOND
        assert pen.texts() == []


class TestBringBack:
    def test_is_a_new_revision_and_loses_nothing(self, pen, log):
        pen.write("before")
        pen.write("after", gone=500)
        heard = log()
        pen.bring_back("before")
        assert Draft.objects.get().revision == 3
        assert pen.now_holds() == "before"
        assert pen.texts() == ["after", "before"]
        assert heard.acts[1:3] == [done(Act.DRAFT_OPENED), done(Act.DRAFT_BROUGHT_BACK)]

    def test_leaves_everything_where_its_entry_fails(self, pen, monkeypatch):
        pen.write("before")
        pen.write("after", gone=500)
        version, entries = pen.version("before"), Entry.objects.count()

        def fail(*_, **__):
            raise AuditUnavailable

        monkeypatch.setattr("notes.services.looking_back.record", fail)
        with pytest.raises(AuditUnavailable):
            bring_back(by=pen.desk.by, draft_id=pen.draft.pk, version_id=version.pk, at=pen.at)
        assert Entry.objects.count() == entries + 1
        assert pen.now_holds() == "after"
        assert pen.texts() == ["before"]

    def test_refuses_a_version_of_another_draft(self, pen, desk):
        other = Pen(desk, NoteKind.CALL)
        for one in (pen, other):
            one.write("before")
            one.write("after", gone=500)
        with pytest.raises(NoSuchNote):
            bring_back(by=desk.by, draft_id=pen.draft.pk, version_id=other.version("before").pk, at=pen.at)


class TestThrownAway:
    def test_comes_back_as_it_was(self, pen, log):
        pen.write("before")
        pen.write("after", gone=500)
        held = Draft.objects.values().get()
        pen.throw_away()
        assert [version.draft_id for version in list_thrown_away(by=pen.desk.by, at=pen.at)] == [pen.draft.pk]
        assert pen.texts() == ["after", "before"]
        heard = log()
        bring_back(by=pen.desk.by, draft_id=pen.draft.pk, version_id=uuid4(), at=pen.at)
        assert heard.acts == [done(Act.DRAFT_BROUGHT_BACK)]
        back = Draft.objects.values().get()
        assert {name for name in held if held[name] != back[name]} <= {"kept_at", "window", "turn"}
        assert pen.now_holds() == "after"
        assert pen.texts() == ["before"]
        assert list_thrown_away(by=pen.desk.by, at=pen.at) == []

    def test_leaves_nothing_of_an_empty_draft(self, pen):
        pen.throw_away()
        assert not Version.objects.exists()

    def test_does_not_come_back_over_a_draft_begun_anew(self, pen, desk, log):
        pen.write("before")
        pen.throw_away()
        desk.begin(at=pen.at, session_at=pen.draft.session_at)
        heard = log()
        with pytest.raises(AnotherDraft):
            bring_back(by=desk.by, draft_id=pen.draft.pk, version_id=uuid4(), at=pen.at)
        assert heard.acts == [denied(Act.NOTE_REFUSED)]
        assert Version.objects.count() == 1

    def test_is_gone_after_sixty_days(self, pen):
        pen.write("before")
        pen.throw_away()
        pen.at += LASTS + SECOND
        assert list_thrown_away(by=pen.desk.by, at=pen.at) == []
        with pytest.raises(NoSuchNote):
            pen.look()

    def test_can_be_thrown_away_again_but_not_twice_at_once(self, pen):
        pen.write("before")
        pen.throw_away()
        bring_back(by=pen.desk.by, draft_id=pen.draft.pk, version_id=uuid4(), at=pen.at)
        pen.throw_away()
        [version] = Version.objects.all()
        version.pk = uuid4()
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)


class TestTheEnd:
    def test_of_a_draft_is_its_signature(self, pen):
        pen.write("before")
        pen.write("after", gone=500)
        note = pen.sign()
        assert not Version.objects.exists()
        with pytest.raises(AlreadySigned) as signed:
            pen.look()
        assert signed.value.note == note

    def test_comes_after_sixty_days_with_one_entry(self, pen, log):
        pen.write("before")
        pen.write("after", gone=500)
        heard = log()
        assert forget_old_versions(at=pen.at + LASTS) == 0
        assert heard.acts == []
        assert forget_old_versions(at=pen.at + LASTS + SECOND) == 1
        assert heard.acts == [done(Act.DRAFT_VERSIONS_EXPIRED)]
        assert not Version.objects.exists()
        assert pen.now_holds() == "after"

    def test_waits_for_a_legal_hold(self, cast, pen):
        pen.write("before")
        pen.write("after", gone=500)
        manager = cast.manager.as_(Role.MANAGER)
        set_hold(by=manager, client=pen.desk.client, reason=Reason(uuid4(), "A lawsuit."), at=pen.at)
        pen.sign()
        assert forget_old_versions(at=pen.at + 2 * LASTS) == 0
        assert Version.objects.count() == 1

    def test_no_draft_held_what_was_set_aside(self, pen):
        pen.write("before")
        pen.throw_away()
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.update(aside=True)
