"""A therapist's pages: the whole way with scripts off, two windows, bad input, and whoever has no business there."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.acts import Act
from clients.services.caring import start_care
from consent.limits import Limit
from consent.services.refusing import decline
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.drafting import save_draft
from tests.audit.sql import plant
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.notes.conftest import CANARY, FIELDS, denied

JSON = {"Accept": "application/json"}


@pytest.fixture
def dana(cast: Cast, signed_in: SignIn) -> Browser:
    return signed_in(cast.dana)


def begin(browser: Browser, client, **changes: str) -> Any:
    moment = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    data = {"kind": "session", "session_at": moment, "minutes": "50", **changes}
    return browser.post(f"/clients/{client.pk}/notes/begin/", data)


def text_of(page: Any) -> str:
    return unescape(page.content.decode())


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
        assert not Draft.objects.exists()

    def test_signing_twice_leads_to_the_same_note(self, dana, desk):
        draft = desk.write()
        first, second = (dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}) for _ in range(2))
        assert first.url == second.url == f"/notes/{Note.objects.get().pk}/"

    @pytest.mark.parametrize("place", ["", "review/", "discard/"])
    def test_going_back_after_signing_leads_to_the_note(self, dana, desk, place):
        note = desk.sign()
        assert dana.get(f"/drafts/{note.pk}/{place}").url == f"/notes/{note.pk}/"

    def test_throwing_a_draft_away_asks_first(self, dana, desk):
        draft = desk.write()
        assert "Nobody can bring it back" in text_of(dana.get(f"/drafts/{draft.pk}/discard/"))
        assert Draft.objects.exists()
        assert dana.post(f"/drafts/{draft.pk}/discard/").url == f"/clients/{desk.client.pk}/notes/"
        assert not Draft.objects.exists()

    def test_signing_wants_the_passphrase_anew(self, cast, dana, desk):
        draft = desk.write()
        KeySession.objects.filter(user=cast.dana.user).update(fresh_at=timezone.now() - timedelta(minutes=11))
        page = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"})
        assert page.status_code == 423
        assert not Note.objects.exists()

    def test_a_stale_review_is_shown_again(self, dana, desk):
        draft = desk.write()
        save_draft(by=desk.by, draft_id=draft.pk, revision=1, fields=FIELDS, at=timezone.now())
        page = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}, follow=True)
        assert "changed in another window" in text_of(page)
        assert not Note.objects.exists()

    @pytest.mark.parametrize("sent", [{}, {"revision": "-1"}, {"revision": "x"}])
    def test_a_signature_under_nothing_goes_back_to_the_review(self, dana, desk, sent):
        draft = desk.write()
        assert dana.post(f"/drafts/{draft.pk}/sign/", sent).url == f"/drafts/{draft.pk}/review/"

    def test_a_review_says_at_each_part_what_is_missing_and_leads_there(self, dana, desk):
        draft = desk.begin()
        page = text_of(dana.get(f"/drafts/{draft.pk}/review/"))
        assert page.count("Not answered yet.") == 3
        for place in ("brought", "together", "safety_0"):
            assert f'href="/drafts/{draft.pk}/#id_{place}"' in page
            assert f'id="id_{place}"' in text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert "Sign and lock" not in page

    def test_a_contradiction_is_said_at_its_field_and_nothing_is_lost(self, dana, desk):
        draft, sent = desk.begin(), {**FIELDS, "follow_up": "Agreed on a plan.", "revision": "0"}
        page = text_of(dana.post(f"/drafts/{draft.pk}/", sent))
        assert "You chose “No new concern today”, and yet something stands here." in page
        assert 'id="id_follow_up_error"' in page
        assert re.findall(r'name="revision" value="(\d+)"', page) == ["1"]
        assert "Sign and lock" not in text_of(dana.get(f"/drafts/{draft.pk}/review/"))
        assert "Agreed on a plan." in text_of(dana.get(f"/drafts/{draft.pk}/"))
        mended = {**sent, "safety": "follow_up", "revision": "1"}
        assert dana.post(f"/drafts/{draft.pk}/", mended).url == f"/drafts/{draft.pk}/review/"
        assert "Sign and lock" in text_of(dana.get(f"/drafts/{draft.pk}/review/"))

    def test_a_contradiction_may_be_kept_as_a_draft(self, dana, desk):
        draft, sent = desk.begin(), {**FIELDS, "follow_up": "Agreed on a plan.", "revision": "0", "stay": "1"}
        assert dana.post(f"/drafts/{draft.pk}/", sent).url == f"/drafts/{draft.pk}/"


class TestTheGate:
    def test_says_why_and_what_to_do(self, dana, unsigned):
        page = begin(dana, unsigned.client)
        assert page.status_code == 200
        assert "They can sign on their phone" in text_of(page)
        assert f"/clients/{unsigned.client.pk}/emergency/" in text_of(page)
        assert not Draft.objects.exists()

    def test_says_so_where_the_client_said_no(self, cast, dana, unsigned):
        by = cast.robin.person.as_(Role.CLIENT)
        decline(by=by, client=unsigned.client, reason="", nonce=uuid4(), at=timezone.now())
        assert "The client has declined consent" in text_of(begin(dana, unsigned.client))
        assert begin(dana, unsigned.client, kind="refusal").status_code == 302

    def test_a_debt_stands_on_both_pages(self, dana, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        for address in ("/today/", f"/clients/{unsigned.client.pk}/notes/"):
            assert "Emergency reason of" in text_of(dana.get(address))
        assert begin(dana, unsigned.client, kind="emergency").status_code == 302

    def test_shows_who_else_will_read_before_the_record_is_made(self, cast, dana, desk):
        manager = cast.manager.as_(Role.MANAGER)
        start_care(by=manager, client=desk.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        refused = text_of(begin(dana, desk.client))
        assert "Please confirm who else will be able to open this record" in refused
        assert "Samuel Okafor" in refused
        assert not Draft.objects.exists()
        assert begin(dana, desk.client, readers=str(cast.sam.user.pk)).status_code == 302


class TestTheTalk:
    def test_is_listed_while_writing_and_ticked_before_signing(self, cast, dana, unsigned):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        draft = unsigned.write()
        for address in (f"/drafts/{draft.pk}/", f"/clients/{unsigned.client.pk}/notes/"):
            assert "The client marked these parts as unclear" in text_of(dana.get(address))
        refused = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}, follow=True)
        assert "Talk about them first" in text_of(refused)
        dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1", "talked": "on"})
        assert Note.objects.get().pk == draft.pk


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
        assert dana.post(f"/drafts/{draft.pk}/", {**sent, "revision": "1"}).status_code == 302

    def test_a_save_after_the_signature_says_so(self, dana, desk):
        note = desk.sign()
        answer = dana.post(f"/drafts/{note.pk}/save/", {**FIELDS, "revision": "1"}, headers=JSON)
        assert answer.status_code == 410
        assert "signed in another window" in answer.json()["error"]


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


class TestWhoHasNoBusinessHere:
    ADDRESSES = (
        "/drafts/{id}/",
        "/drafts/{id}/review/",
        "/drafts/{id}/discard/",
        "/notes/{id}/",
    )
    POSTS = ("/drafts/{id}/", "/drafts/{id}/save/", "/drafts/{id}/sign/", "/drafts/{id}/discard/")

    @staticmethod
    def same(one: Any, other: Any) -> bool:
        """Compare two answers, leaving out the token that each page draws anew."""

        def bare(page: Any) -> bytes:
            return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page.content)

        return (one.status_code, bare(one)) == (other.status_code, bare(other))

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_a_stranger_sees_what_nobody_would_see(self, cast, desk, signed_in, address):
        sam = signed_in(cast.sam)
        for row in (desk.write(), desk.sign(NoteKind.CALL), desk.sign(NoteKind.PROCESS)):
            answer = sam.get(address.format(id=row.pk))
            assert answer.status_code == 404
            assert self.same(answer, sam.get(address.format(id=uuid4())))

    @pytest.mark.parametrize("address", POSTS)
    def test_a_stranger_changes_nothing(self, cast, desk, signed_in, log, address):
        draft, sam, heard = desk.write(), signed_in(cast.sam), log()
        sent = {**FIELDS, "revision": "1"}
        answer = sam.post(address.format(id=draft.pk), sent)
        assert answer.status_code == 404
        assert self.same(answer, sam.post(address.format(id=uuid4()), sent))
        assert heard.acts == [denied(Act.ACCESS_REFUSED)] * 2
        assert Draft.objects.get().revision == 1
        assert not Note.objects.exists()

    @pytest.mark.parametrize("address", ["/clients/{id}/notes/", "/clients/{id}/notes/begin/"])
    def test_a_strangers_client_does_not_exist(self, cast, desk, signed_in, address):
        sam = signed_in(cast.sam)
        answer = sam.get(address.format(id=desk.client.pk))
        assert answer.status_code == 404
        assert self.same(answer, sam.get(address.format(id=uuid4())))

    def test_a_colleague_in_care_reads_notes_but_no_process_note_and_no_draft(self, cast, desk, shared_desk, signed_in):
        note, private, draft = desk.sign(), desk.sign(NoteKind.PROCESS), desk.write(NoteKind.SAFETY)
        sam = signed_in(cast.sam)
        assert CANARY in text_of(sam.get(f"/notes/{note.pk}/"))
        nobody = sam.get(f"/notes/{uuid4()}/")
        for address in (f"/notes/{private.pk}/", f"/drafts/{draft.pk}/"):
            assert self.same(sam.get(address), nobody)
        overview = text_of(sam.get(f"/clients/{desk.client.pk}/notes/"))
        assert str(note.pk) in overview
        assert str(private.pk) not in overview
        assert str(draft.pk) not in overview

    @pytest.mark.parametrize("who", ["manager", "auditor", "client"])
    def test_other_roles_are_kept_out_by_any_address(self, cast, desk, signed_in, who):
        person = {"manager": cast.manager, "auditor": cast.auditor, "client": cast.robin.person}[who]
        note, draft, browser = desk.sign(), desk.write(NoteKind.CALL), signed_in(person)
        addresses = [f"/notes/{note.pk}/", f"/drafts/{draft.pk}/", f"/clients/{desk.client.pk}/notes/", "/today/"]
        assert [browser.get(address).status_code for address in addresses] == [403] * 4
