"""What a draft held before: when it is kept, and what another window sent."""

from datetime import timedelta
from uuid import uuid4

import pytest

from notes.models import Draft, Version
from notes.services.drafting import DraftConflict, save_draft
from notes.services.redating import Moment, redate_draft
from tests.notes.conftest import CANARY, FIELDS
from tests.notes.versions.conftest import SECOND

MINUTE = timedelta(minutes=1)


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
        stale = pen.read()
        pen.write("one two", window=window, turn=2)
        saved = pen.write_upon(stale, "one two three", window=window, turn=3)
        assert saved.revision == 3
        assert pen.now_holds() == "one two three"

    def test_whose_earlier_text_comes_late_overwrites_nothing(self, pen):
        window = uuid4()
        pen.write("one", window=window, turn=1)
        stale = pen.read()
        pen.write("one two three", window=window, turn=3)
        saved = pen.write_upon(stale, "one two", window=window, turn=2)
        assert saved.revision == 2
        assert pen.now_holds() == "one two three"
        assert pen.texts() == []

    @pytest.mark.parametrize("between", ["another window", "a form", "another moment", "an earlier text"])
    def test_does_not_go_on_over_anything_else(self, pen, between):
        window = uuid4()
        pen.write("mine", window=window, turn=1)
        stale = pen.read()
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
        with pytest.raises(DraftConflict):
            pen.write_upon(stale, "mine, further", window=window, turn=3)


class TestSetAside:
    """What another window sent and the draft did not take: that window may be closed by now."""

    def send(self, pen, text):
        with pytest.raises(DraftConflict):
            pen.write_upon(pen.draft, text)

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
