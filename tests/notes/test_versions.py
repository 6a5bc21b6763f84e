"""What a draft held before: when it is kept, for whom, for how long, and how it comes back."""

from datetime import timedelta
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
from notes.services.drafting import DraftConflict, Sent, discard_draft, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote
from notes.services.looking_back import AnotherDraft, bring_back, list_thrown_away, look_back
from notes.services.redating import Moment, redate_draft
from notes.services.signing import sign_note
from notes.services.versions import LASTS, forget_old_versions
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, denied, done

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Pen:
    """Dana at one draft, writing by the clock."""

    def __init__(self, desk, kind=NoteKind.SESSION):
        self.desk, self.at = desk, timezone.now()
        self.draft = desk.begin(kind, at=self.at)

    def write(self, text, *, after=2 * SECOND, **sent):
        self.at += after
        draft = Draft.objects.select_related("client").get(pk=self.draft.pk)
        fields = {**FIELDS, "brought": text}
        sent = Sent(**{"gone": 0, **sent})
        return save_draft(by=self.desk.by, draft=draft, revision=draft.revision, fields=fields, at=self.at, sent=sent)

    def look(self, **by):
        return look_back(**{"by": self.desk.by, "draft_id": self.draft.pk, "at": self.at, **by})

    def texts(self):
        return [version.fields and version.fields["brought"] for version in self.look().versions]

    def version(self, text):
        return next(one.version for one in self.look().versions if one.fields["brought"] == text)

    def bring_back(self, text):
        version = self.version(text)
        bring_back(by=self.desk.by, draft_id=self.draft.pk, version_id=version.pk, at=self.at)

    def now_holds(self):
        return open_draft(by=self.desk.by, draft_id=self.draft.pk, at=self.at).fields["brought"]

    def throw_away(self):
        discard_draft(by=self.desk.by, draft_id=self.draft.pk, at=self.at)

    def sign(self):
        revision = Draft.objects.get(pk=self.draft.pk).revision
        return sign_note(by=self.desk.by, draft_id=self.draft.pk, revision=revision, at=self.at)


@pytest.fixture
def pen(desk):
    return Pen(desk)


class TestKeeping:
    def test_not_each_save_is_a_version(self, pen):
        for number in range(20):
            pen.write(f"word {number}")
        assert not Version.objects.exists()

    def test_a_version_is_kept_every_five_minutes_of_writing(self, pen):
        for number in range(12):
            pen.write(f"minute {number}", after=MINUTE)
        assert pen.texts() == ["minute 8", "minute 3"]

    def test_and_before_each_later_sitting(self, pen):
        pen.write("on Monday")
        pen.write("on Tuesday", after=timedelta(days=1))
        assert pen.texts() == ["on Monday"]

    @pytest.mark.parametrize(
        ("gone", "after", "kept"), [(200, 2, 1), (199, 2, 0), (40, 30, 1), (39, 30, 0), (40, 29, 0)]
    )
    def test_much_that_is_deleted_is_kept_before(self, pen, gone, after, kept):
        pen.write("The whole story.")
        Draft.objects.update(kept_at=pen.at)
        pen.write("", after=after * SECOND, gone=gone)
        assert len(pen.texts()) == kept

    def test_where_nobody_counted_each_save_is_one(self, pen):
        pen.write("by hand")
        pen.write("by hand again", gone=None)
        assert pen.texts() == ["by hand"]

    def test_an_empty_draft_is_none(self, pen):
        pen.write("First word.", gone=None)
        assert not Version.objects.exists()

    def test_lies_sealed_and_says_nothing_to_the_log(self, pen, log):
        heard = log()
        pen.write(CANARY)
        pen.write("gone", gone=500)
        assert heard.acts == []
        [version] = Version.objects.all()
        assert CANARY.encode() not in bytes(version.sealed_body)

    def test_stands_or_falls_with_the_save(self, pen, monkeypatch):
        pen.write("before")
        monkeypatch.setattr("notes.services.drafting.keep_version", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pen.write("after", gone=500)
        assert pen.now_holds() == "before"


class TestAPage:
    """One page of the author's own is told from another window by a number that it drew."""

    def test_goes_on_where_an_answer_got_lost(self, pen):
        window = uuid4()
        pen.write("one", window=window, turn=1)
        stale = Draft.objects.get()
        pen.write("one two", window=window, turn=2)
        fields = {**FIELDS, "brought": "one two three"}
        sent = Sent(window, turn=3, gone=0)
        saved = save_draft(by=pen.desk.by, draft=stale, revision=1, fields=fields, at=pen.at, sent=sent)
        assert saved.revision == 3
        assert pen.now_holds() == "one two three"

    def test_whose_earlier_text_comes_late_overwrites_nothing(self, pen):
        window = uuid4()
        pen.write("one", window=window, turn=1)
        stale = Draft.objects.get()
        pen.write("one two three", window=window, turn=3)
        fields = {**FIELDS, "brought": "one two"}
        sent = Sent(window, turn=2, gone=0)
        saved = save_draft(by=pen.desk.by, draft=stale, revision=1, fields=fields, at=pen.at, sent=sent)
        assert saved.revision == 2
        assert pen.now_holds() == "one two three"
        assert pen.texts() == []

    @pytest.mark.parametrize("between", ["another window", "a form", "another moment", "an earlier text"])
    def test_does_not_go_on_over_anything_else(self, pen, between):
        window = uuid4()
        pen.write("mine", window=window, turn=1)
        stale = Draft.objects.get()
        match between:
            case "another window":
                pen.write("theirs", window=uuid4(), turn=9)
            case "a form":
                pen.write("theirs")
            case "another moment":
                moment = Moment(pen.draft.session_at, 50)
                redate_draft(by=pen.desk.by, draft_id=pen.draft.pk, moment=moment, at=pen.at)
            case "an earlier text":
                pen.write("mine too", window=window, turn=2, gone=500)
                pen.bring_back("mine")
        fields = {**FIELDS, "brought": "mine, further"}
        with pytest.raises(DraftConflict):
            save_draft(
                by=pen.desk.by, draft=stale, revision=1, fields=fields, at=pen.at, sent=Sent(window, turn=3, gone=0)
            )


class TestSetAside:
    """What another window sent and the draft did not take: that window may be closed by now."""

    def send(self, pen, text):
        fields = {**FIELDS, "brought": text}
        with pytest.raises(DraftConflict):
            save_draft(by=pen.desk.by, draft=pen.draft, revision=0, fields=fields, at=pen.at)

    def test_is_kept_once_and_comes_back(self, pen):
        pen.write("from the first window")
        self.send(pen, "from the second window")
        self.send(pen, "from the second window")
        [version] = pen.look().versions
        assert version.version.aside
        assert version.fields["brought"] == "from the second window"
        pen.bring_back("from the second window")
        assert pen.now_holds() == "from the second window"
        assert sorted(pen.texts()) == ["from the first window", "from the second window"]

    @pytest.mark.parametrize("text", ["the same", ""])
    def test_is_nothing_where_nothing_would_be_lost(self, pen, text):
        pen.write("the same")
        fields = {**FIELDS, "brought": text} if text else dict.fromkeys(FIELDS, "")
        with pytest.raises(DraftConflict):
            save_draft(by=pen.desk.by, draft=Draft.objects.get(), revision=0, fields=fields, at=pen.at)
        assert not Version.objects.exists()

    def test_is_not_taken_for_what_the_draft_held(self, pen):
        pen.write("held")
        self.send(pen, "sent")
        Version.objects.update(aside=False)
        assert pen.texts() == [None]

    def test_beside_one_that_was_tampered_with(self, pen):
        pen.write("held")
        self.send(pen, "sent")
        Version.objects.update(revision=7)
        self.send(pen, "sent")
        assert sorted(pen.texts(), key=str) == [None, "sent"]


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
