"""What a tired person, an old browser or a hostile script may send: taken whole, or met with a sentence."""

import re
from html import escape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from notes.forms.texts import MAX_CHARACTERS
from notes.kinds import NoteKind
from notes.models import Draft, Note
from tests.notes.conftest import FIELDS
from tests.notes.pages.browsing import JSON, begin, text_of

TEXTS = {
    "hebrew": "הלקוחה סיפרה על השבוע: 3 לילות טובים.",
    "arabic with a number": "نام جيدًا ٩ ليالٍ من ١٤",
    "an override that turns the line": "before \u202eretfa\u202c after",
    "isolates": "\u2067abc\u2069 and \u2066def\u2069",
    "families of emoji": "👩‍👧‍👦 🏳️‍🌈 🧑🏽‍⚕️ 🇺🇳",
    "markup": '<script>alert("x")</script> & <b>bold</b> {{ form }} {% url "x" %}',
    "entities": "&lt;b&gt; &amp;amp;",
    "no character of its own": "a\u0301\u0323 \ud7ff\ue000",
}


class TestATextOfAnyScript:
    @pytest.mark.parametrize("name", sorted(TEXTS))
    def test_comes_back_on_each_page_as_it_was_typed(self, dana, desk, name):
        draft, sent = desk.begin(NoteKind.CALL), {"text": TEXTS[name], "revision": "0"}
        assert dana.post(f"/drafts/{draft.pk}/save/", sent, headers=JSON).status_code == 200
        shown = escape(TEXTS[name]).replace("á\u0323", "\u1ea1\u0301")
        addresses = [f"/drafts/{draft.pk}/", f"/drafts/{draft.pk}/review/"]
        pages = [dana.get(address).content.decode() for address in addresses]
        dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"})
        pages.append(dana.get(f"/notes/{draft.pk}/").content.decode())
        expected = shown if name != "no character of its own" else "\ud7ff\ue000"
        assert all(expected in page for page in pages)
        assert all('dir="auto"' in page for page in pages)
        assert not any("<script>alert" in page for page in pages)


class TestALongText:
    @pytest.mark.parametrize("character", ["x", "ש", "漢", "🧠"])
    def test_of_the_full_length_is_taken_in_any_script(self, dana, desk, character):
        draft, text = desk.begin(NoteKind.CALL), character * MAX_CHARACTERS
        sent = {"text": text, "revision": "0"}
        assert dana.post(f"/drafts/{draft.pk}/save/", sent, headers=JSON).status_code == 200
        assert text in text_of(dana.get(f"/drafts/{draft.pk}/"))

    def test_hides_how_long_it_is_from_whoever_reads_the_database(self, dana, desk):
        draft, sizes = desk.begin(NoteKind.CALL), []
        for revision, length in enumerate([1, 20]):
            dana.post(f"/drafts/{draft.pk}/save/", {"text": "x" * length, "revision": str(revision)}, headers=JSON)
            sizes.append(len(Draft.objects.get().sealed_body))
        assert sizes[0] == sizes[1]


class TestAFormThatWasTamperedWith:
    @pytest.mark.parametrize("revision", ["", "-1", "1.5", "0x1", "²", "9" * 40, "0\0", "null"])
    def test_in_its_revision_saves_nothing(self, dana, desk, revision):
        draft = desk.write()
        answer = dana.post(f"/drafts/{draft.pk}/save/", {**FIELDS, "revision": revision}, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["error"]
        assert Draft.objects.get().revision == 1

    def test_with_fields_of_its_own_changes_nothing_else(self, dana, desk, cast):
        draft = desk.begin()
        foreign = {"author": str(cast.sam.user.pk), "kind": "process", "session_at": "2020-01-01T00:00", "id": "1"}
        answer = dana.post(f"/drafts/{draft.pk}/save/", {**FIELDS, **foreign, "revision": "0"}, headers=JSON)
        assert answer.status_code == 200
        stored = Draft.objects.get()
        assert (stored.author, stored.kind, stored.session_at) == (draft.author, draft.kind, draft.session_at)

    def test_with_a_section_twice_keeps_the_last(self, dana, desk):
        draft = desk.begin(NoteKind.CALL)
        dana.post(f"/drafts/{draft.pk}/save/", {"text": ["first", "last"], "revision": "0"}, headers=JSON)
        assert ">\nlast</textarea>" in text_of(dana.get(f"/drafts/{draft.pk}/"))

    @pytest.mark.parametrize("place", ["", "save/"])
    def test_with_a_file_is_refused_whole(self, dana, desk, place):
        draft = desk.write(NoteKind.CALL)
        sent = {"text": SimpleUploadedFile("note.txt", b"from a file"), "revision": "1"}
        assert dana.post(f"/drafts/{draft.pk}/{place}", sent).status_code == 400
        assert Draft.objects.get().revision == 1

    def test_with_another_answer_on_safety_is_told_so(self, dana, desk):
        draft, sent = desk.begin(), {**FIELDS, "safety": "none' OR 1=1", "revision": "0"}
        page = text_of(dana.post(f"/drafts/{draft.pk}/", sent))
        assert re.search(r'id="id_safety_error"', page)
        assert FIELDS["brought"] in page
        assert Draft.objects.get().revision == 0

    @pytest.mark.parametrize("minutes", ["0", "-5", "601", "fifty", "1e2", "5\0", "９９９"])
    def test_in_its_minutes_begins_nothing(self, dana, desk, minutes):
        page = begin(dana, desk.client, minutes=minutes)
        assert page.status_code == 200
        assert 'id="id_minutes_error"' in text_of(page)
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("kind", ["", "diary", "SESSION", "session\0", "session "])
    def test_in_its_kind_begins_nothing(self, dana, desk, kind):
        page = begin(dana, desk.client, kind=kind)
        assert page.status_code == 200
        assert 'id="id_kind_error"' in text_of(page)
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("talked", ["", "false", "on"])
    def test_in_a_tick_that_nobody_asked_for_signs_all_the_same(self, dana, desk, talked):
        draft = desk.write()
        dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1", "talked": talked})
        assert Note.objects.get().pk == draft.pk
