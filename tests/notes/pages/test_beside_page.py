"""Earlier notes beside the writing: shown when asked for, and carried forward with a mark, scripts on or off."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.acts import Act
from notes.kinds import NoteKind
from notes.models import Draft
from tests.notes.conftest import CANARY, done
from tests.notes.pages.browsing import text_of


@pytest.fixture
def earlier(desk):
    return desk.sign(NoteKind.CALL, session_at=timezone.now() - timedelta(days=1))


class TestTheWritePage:
    def test_names_the_last_note_and_shows_nothing_of_it(self, dana, desk, earlier, log):
        draft, heard = desk.begin(NoteKind.CALL), log()
        page = text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert f'data-beside-url="/drafts/{draft.pk}/beside/{earlier.pk}/"' in page
        assert CANARY not in page
        assert done(Act.NOTE_READ) not in heard.acts

    def test_gives_its_script_each_section_with_the_marks(self, dana, desk, earlier, log):
        draft, heard = desk.begin(NoteKind.CALL), log()
        [part] = dana.get(f"/drafts/{draft.pk}/beside/{earlier.pk}/").json()["parts"]
        assert (part["name"], part["label"]) == ("text", "What happened")
        assert part["carried"].startswith("[Carried forward from: Call, ")
        assert heard.acts == [done(Act.NOTE_READ)]

    def test_says_to_its_script_that_the_draft_was_signed(self, dana, desk, earlier):
        note = desk.sign(NoteKind.CALL)
        assert dana.get(f"/drafts/{note.pk}/beside/{earlier.pk}/").status_code == 410

    def test_leaves_out_what_no_address_names(self, dana, desk, earlier):
        draft = desk.begin(NoteKind.CALL)
        assert "data-shown" not in text_of(dana.get(f"/drafts/{draft.pk}/?beside=x"))


class TestWithoutScripts:
    def test_shows_a_note_and_keeps_what_was_typed(self, dana, desk, earlier):
        draft = desk.begin(NoteKind.CALL)
        sent = {"text": "Rang back.", "revision": "0", "beside": str(earlier.pk)}
        shown = dana.post(f"/drafts/{draft.pk}/", sent)
        assert shown.url == f"/drafts/{draft.pk}/?beside={earlier.pk}#beside"
        page = text_of(dana.get(shown.url))
        assert CANARY in page
        assert "Rang back.</textarea>" in page

    def test_carries_a_section_forward_below_what_was_typed(self, dana, desk, earlier):
        draft = desk.begin(NoteKind.CALL)
        sent = {"text": "Rang back.", "revision": "0", "carry": f"{earlier.pk}/text"}
        carried = dana.post(f"/drafts/{draft.pk}/", sent)
        assert carried.url == f"/drafts/{draft.pk}/?beside={earlier.pk}#id_text"
        field = re.search(r"<textarea[^>]*>(.*?)</textarea>", text_of(dana.get(carried.url)), re.DOTALL)[1]
        assert re.fullmatch(
            rf"\s*Rang back\.\n\n\[Carried forward from: Call, [^]]+\]\n.*{CANARY}\n\[Carried forward up to here\]",
            field,
        )

    @pytest.mark.parametrize("made_up", ["", "x", "x/text"])
    def test_carries_nothing_that_no_button_names(self, dana, desk, earlier, made_up):
        draft = desk.begin(NoteKind.CALL)
        dana.post(f"/drafts/{draft.pk}/", {"text": "Rang back.", "revision": "0", "carry": made_up, "stay": "1"})
        assert "Rang back.</textarea>" in text_of(dana.get(f"/drafts/{draft.pk}/"))

    def test_carries_nothing_of_another_client(self, dana, desk, sams_desk):
        draft, theirs = desk.begin(NoteKind.CALL), sams_desk.sign(NoteKind.CALL)
        sent = {"text": "Rang back.", "revision": "0", "carry": f"{theirs.pk}/text"}
        assert dana.post(f"/drafts/{draft.pk}/", sent).status_code == 404
        assert Draft.objects.get(pk=draft.pk).revision == 0
