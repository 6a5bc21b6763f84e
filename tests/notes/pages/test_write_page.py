"""Writing: the whole way with scripts off, two windows, and bad input."""

import re

import pytest
from django.test import Client as Browser

from notes.kinds import NoteKind
from notes.models import Draft
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, end_care
from tests.notes.pages.browsing import JSON, begin, text_of


class TestTheWholeWay:
    def test_from_an_empty_draft_to_the_signed_note(self, dana, desk):
        assert "New note" in text_of(dana.get(f"/clients/{desk.client.pk}/notes/"))
        assert dana.get(f"/clients/{desk.client.pk}/notes/begin/").status_code == 200
        address = begin(dana, desk.client).url
        assert "Draft: only you are shown it" in text_of(dana.get(address))
        assert dana.post(f"{address}save/", {**FIELDS, "revision": "0"}, headers=JSON).json()["revision"] == 1
        assert FIELDS["brought"] in text_of(dana.get(address))
        assert "Session on" in text_of(dana.get("/today/"))
        assert dana.post(address, {**FIELDS, "revision": "1", "stay": "1"}).url == address
        assert dana.post(address, {**FIELDS, "revision": "2"}).url == f"{address}review/"
        assert re.findall(r'name="revision" value="(\d+)"', text_of(dana.get(f"{address}review/"))) == ["3"]
        signed = dana.post(f"{address}sign/", {"revision": "3"})
        page = text_of(dana.get(signed.url))
        assert FIELDS["together"] in page
        assert "The author’s signature holds" in page
        assert "A signed note is never changed." in page
        assert not Draft.objects.exists()

    @pytest.mark.parametrize("place", ["", "review/", "discard/"])
    def test_going_back_after_signing_leads_to_the_note(self, dana, desk, place):
        note = desk.sign()
        assert dana.get(f"/drafts/{note.pk}/{place}").url == f"/notes/{note.pk}/"

    def test_throwing_a_draft_away_asks_first(self, dana, desk):
        draft = desk.write()
        assert "For 60 days only you can bring it back" in text_of(dana.get(f"/drafts/{draft.pk}/discard/"))
        assert Draft.objects.exists()
        assert dana.post(f"/drafts/{draft.pk}/discard/").url == f"/clients/{desk.client.pk}/notes/"
        assert not Draft.objects.exists()


class TestTheFormat:
    def test_is_changed_with_a_button_while_nothing_is_written(self, dana, desk):
        address = begin(dana, desk.client, format="dap/1", place="phone").url
        page = text_of(dana.get(address))
        assert "<h2>DAP</h2>" in page
        assert "By phone" in page
        sent = {"data": "", "assessment": "", "plan": "", "revision": "0", "format": "dap/1", "reformat": "soap/1"}
        assert dana.post(address, sent).url == address
        assert 'name="subjective"' in text_of(dana.get(address))

    def test_stays_once_something_is_written_and_the_text_is_kept(self, dana, desk):
        draft = desk.begin()
        sent = {**FIELDS, "revision": "0", "format": "session/1", "reformat": "soap/1"}
        page = text_of(dana.post(f"/drafts/{draft.pk}/", sent, follow=True))
        assert "The format stays" in page
        assert FIELDS["brought"] in page
        assert 'name="reformat"' not in page

    def test_changed_in_another_window_loses_nothing_typed_in_this_one(self, dana, desk):
        draft = desk.begin()
        typed = {**FIELDS, "revision": "0", "format": "session/1"}
        dana.post(f"/drafts/{draft.pk}/", {"revision": "0", "format": "session/1", "reformat": "soap/1"})
        saved = dana.post(f"/drafts/{draft.pk}/save/", typed, headers=JSON)
        assert saved.status_code == 400
        assert "changed in another window" in saved.json()["error"]
        page = text_of(dana.post(f"/drafts/{draft.pk}/", typed))
        assert "Not saved: the format of this draft was changed in another window" in page
        assert FIELDS["brought"] in page
        assert 'name="subjective"' not in page

    @pytest.mark.parametrize("made_up", ["", "soap/0", "x" * 500])
    def test_that_nobody_knows_counts_as_the_drafts_own(self, dana, desk, made_up):
        draft = desk.begin()
        sent = {**FIELDS, "revision": "0", "format": made_up}
        answer = dana.post(f"/drafts/{draft.pk}/save/", sent, headers=JSON)
        # What names no format at all was written in the draft's own.
        assert answer.status_code == 200
        assert Draft.objects.get().format == "session/1"


class TestLeaving:
    """A button of the form, so that scripts off nothing typed is lost."""

    def test_saves_and_leads_to_the_clients_notes(self, dana, desk):
        draft = desk.begin()
        assert re.search(
            r'<button[^>]* name="leave" value="1">Leave as draft', text_of(dana.get(f"/drafts/{draft.pk}/"))
        )
        # A contradiction keeps a note from its review, and nobody from going home.
        sent = {**FIELDS, "follow_up": "Agreed on a plan.", "revision": "0", "leave": "1"}
        assert dana.post(f"/drafts/{draft.pk}/", sent).url == f"/clients/{desk.client.pk}/notes/"
        assert "Agreed on a plan." in text_of(dana.get(f"/drafts/{draft.pk}/"))

    def test_leads_to_the_day_once_the_care_has_ended(self, dana, desk):
        draft = desk.write()
        end_care(desk)
        assert dana.post(f"/drafts/{draft.pk}/", {**FIELDS, "revision": "1", "leave": "1"}).url == "/today/"
        assert Draft.objects.get().revision == 2

    @pytest.mark.parametrize("trouble", [{"plan": "be\0fore", "revision": "1"}, {"plan": "mine", "revision": "0"}])
    def test_stays_where_it_could_not_save(self, dana, desk, trouble):
        draft = desk.write()
        page = dana.post(f"/drafts/{draft.pk}/", {**FIELDS, **trouble, "leave": "1"})
        assert page.status_code in {200, 409}
        assert trouble["plan"] in text_of(page)

    def test_leaves_an_empty_draft_as_empty_as_it_was(self, dana, desk):
        draft = desk.begin()
        empty = dict.fromkeys(FIELDS, "")
        assert dana.post(f"/drafts/{draft.pk}/", {**empty, "revision": "0", "leave": "1"}).status_code == 302
        for address in ("/today/", f"/clients/{desk.client.pk}/notes/"):
            assert "Nothing written yet" in text_of(dana.get(address))
        assert "Nothing is written in it yet." in text_of(dana.get(f"/drafts/{draft.pk}/discard/"))
        assert "Nothing saved yet" in text_of(dana.get(f"/drafts/{draft.pk}/"))
        dana.post(f"/drafts/{draft.pk}/", {**empty, "plan": "Ring.", "revision": "0", "leave": "1"})
        assert "Nothing written yet" not in text_of(dana.get("/today/"))


class TestTwoWindows:
    def test_a_script_is_given_both_texts(self, dana, desk):
        draft = desk.write()
        answer = dana.post(f"/drafts/{draft.pk}/save/", {**FIELDS, "brought": "mine", "revision": "0"}, headers=JSON)
        assert answer.status_code == 409
        assert answer.json()["theirs"] == FIELDS
        assert answer.json()["revision"] == 1
        assert Draft.objects.get().revision == 1

    def test_a_fresh_draft_has_each_field_in_the_answer(self, dana, desk):
        draft = desk.begin()
        answer = dana.post(f"/drafts/{draft.pk}/save/", {**FIELDS, "revision": "4"}, headers=JSON)
        assert answer.json()["theirs"] == dict.fromkeys(FIELDS, "")

    def test_without_scripts_the_page_shows_both(self, dana, desk):
        draft = desk.write()
        sent = {**FIELDS, "brought": "mine", "safety": "follow_up", "revision": "0"}
        answer = dana.post(f"/drafts/{draft.pk}/", sent)
        page = text_of(answer)
        assert answer.status_code == 409
        assert ">\nmine</textarea>" in page
        assert CANARY in page
        assert page.count("Saved in another window") == 2
        assert '<pre class="prose" tabindex="0">No new concern today</pre>' in page
        assert Draft.objects.get().revision == 1
        assert "what does not stand in the fields then is only among the earlier versions" in page
        # The button may save over the other text; a script, which saves by itself, is made to ask first.
        assert 'name="revision" value="1"' in page
        assert 'data-revision="0"' in page
        assert dana.post(f"/drafts/{draft.pk}/", {**sent, "revision": "1"}).status_code == 302

    def test_a_save_after_the_signature_says_so(self, dana, desk):
        note = desk.sign()
        answer = dana.post(f"/drafts/{note.pk}/save/", {**FIELDS, "revision": "1"}, headers=JSON)
        assert answer.status_code == 410
        assert "signed in another window" in answer.json()["error"]


class TestTheKeys:
    def test_are_shown_by_the_script_alone(self, dana, desk):
        assert '<section class="card keys" data-keys hidden>' in text_of(dana.get(f"/drafts/{desk.begin().pk}/"))


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "words"), [("x" * 300_000, "holds up to 200,000 characters"), ("be\0fore", "as character 3")]
    )
    def test_is_met_with_a_sentence_and_nothing_is_lost(self, dana, desk, text, words):
        draft = desk.begin()
        sent = {**FIELDS, "plan": text, "revision": "0"}
        answer = dana.post(f"/drafts/{draft.pk}/save/", sent, headers=JSON)
        assert answer.status_code == 400
        assert words in answer.json()["error"]
        page = text_of(dana.post(f"/drafts/{draft.pk}/", sent))
        assert words in page
        assert text in page
        assert "data-unsaved" in page
        assert Draft.objects.get().revision == 0

    def test_a_session_that_ended_keeps_the_text_on_the_page(self, desk):
        draft = desk.write()
        answer = Browser().post(f"/drafts/{draft.pk}/save/", {**FIELDS, "revision": "1"}, headers=JSON)
        assert answer.status_code == 423
        page = Browser().post(f"/drafts/{draft.pk}/", {**FIELDS, "revision": "1"})
        assert page.status_code == 423
        assert CANARY in text_of(page)

    @pytest.mark.parametrize("address", ["/drafts/{draft}/", "/drafts/{draft}/review/", "/notes/{note}/"])
    def test_a_stopped_log_opens_nothing(self, dana, desk, address):
        note, draft = desk.sign(NoteKind.CALL), desk.write()
        plant("audit_entry", swallow=True)
        page = dana.get(address.format(draft=draft.pk, note=note.pk))
        assert page.status_code == 503
        assert CANARY not in text_of(page)
