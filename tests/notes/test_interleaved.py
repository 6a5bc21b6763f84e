"""Two windows on one draft, in every order that chance brings: no text is lost unseen, and each one opens."""

from random import Random

import pytest
from django.utils import timezone

from notes.models import Draft, Note
from notes.services.drafting import DraftConflict, discard_draft, open_draft, save_draft
from notes.services.finding import AlreadySigned, NoSuchNote, find_draft
from notes.services.reading import read_note
from notes.services.redating import Moment, redate_draft
from notes.services.signing import DraftChanged, sign_note
from tests.notes.conftest import FIELDS

STEPS = 30


class Window:
    """A window as a browser holds it: a row from some time ago, the revision it last saw, and the text it shows."""

    def __init__(self, desk, draft, name):
        self.desk, self.name = desk, name
        self.id = draft.pk
        self.row, self.revision, self.typed = draft, draft.revision, 0

    def look(self):
        opened = open_draft(by=self.desk.by, draft_id=self.id, at=timezone.now())
        self.row, self.revision = opened.draft, opened.draft.revision
        return opened.fields.get("brought", "")

    def save(self):
        self.typed += 1
        text = f"{self.name} {self.typed}"
        fields = {**FIELDS, "brought": text}
        saved = save_draft(by=self.desk.by, draft=self.row, revision=self.revision, fields=fields, at=timezone.now())
        self.revision = saved.revision
        return text

    def redate(self, moment):
        redate_draft(by=self.desk.by, draft_id=self.id, moment=moment, at=timezone.now())


class TestTwoWindows:
    @pytest.mark.parametrize("seed", range(8))
    def test_never_lose_a_text_that_nobody_saw(self, desk, seed):
        chance, draft = Random(seed), desk.begin()  # noqa: S311 (an order to try, no secret)
        windows = [Window(desk, draft, "left"), Window(desk, draft, "right")]
        stored = ""
        for step in range(STEPS):
            window = chance.choice(windows)
            match chance.choice(["save", "save", "look", "redate"]):
                case "save" if window.revision == Draft.objects.get().revision:
                    stored = window.save()
                case "save":
                    with pytest.raises(DraftConflict) as conflict:
                        window.save()
                    assert conflict.value.theirs.fields.get("brought", "") == stored
                case "look":
                    assert window.look() == stored
                case "redate":
                    window.redate(Moment(draft.session_at, step + 1))
        assert windows[0].look() == windows[1].look() == stored

    @pytest.mark.parametrize("seed", range(4))
    def test_sign_what_one_of_them_reviewed_and_only_once(self, desk, seed):
        chance, draft = Random(seed), desk.write()  # noqa: S311
        windows = [Window(desk, draft, "left"), Window(desk, draft, "right")]
        note = None
        while note is None:
            window, other = chance.sample(windows, 2)
            reviewed = window.look()
            if chance.random() < 0.6:
                other.look()
                other.save()
            try:
                note = sign_note(by=desk.by, draft_id=draft.pk, revision=window.revision, at=timezone.now())
            except DraftChanged:
                assert Draft.objects.get().revision == other.revision
        assert read_note(by=desk.by, note_id=note.pk, at=timezone.now()).fields["brought"] == reviewed
        for late in windows:
            with pytest.raises(AlreadySigned):
                find_draft(by=desk.by, draft_id=late.id)
        assert Note.objects.count() == 1
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("act", ["look", "save", "redate"])
    def test_meet_nothing_once_it_was_thrown_away(self, desk, act):
        draft = desk.write()
        window = Window(desk, draft, "left")
        discard_draft(by=desk.by, draft_id=draft.pk, at=timezone.now())
        given = (Moment(draft.session_at, 1),) if act == "redate" else ()
        with pytest.raises(NoSuchNote):
            getattr(window, act)(*given)
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("act", ["look", "save", "redate"])
    def test_meet_the_note_once_it_was_signed(self, desk, act):
        draft = desk.write()
        window = Window(desk, draft, "left")
        note = sign_note(by=desk.by, draft_id=draft.pk, revision=1, at=timezone.now())
        given = (Moment(draft.session_at, 1),) if act == "redate" else ()
        with pytest.raises(AlreadySigned):
            getattr(window, act)(*given)
        assert read_note(by=desk.by, note_id=note.pk, at=timezone.now()).fields == FIELDS
