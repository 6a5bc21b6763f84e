"""Beginning a note: what is chosen beforehand, and a no that leads on."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.services.caring import start_care
from consent.decide import SAME_VISIT
from consent.services.refusing import decline
from notes.kinds import NoteKind
from notes.models import Draft
from tests.cast import sign_consent
from tests.notes.conftest import done
from tests.notes.pages.browsing import begin, text_of


class TestTheGate:
    def test_says_once_why_and_leads_to_the_way_on(self, dana, unsigned):
        why, way_on = "They can sign on their phone", f'href="/clients/{unsigned.client.pk}/emergency/"'
        address = f"/clients/{unsigned.client.pk}/notes/begin/"
        for page in (dana.get(address), begin(dana, unsigned.client)):
            assert page.status_code == 200
            assert text_of(page).count(why) == text_of(page).count(way_on) == 1
            assert 'href="#id_kind_0"' not in text_of(page)
        assert not Draft.objects.exists()

    def test_keeps_what_was_chosen_beside_the_no(self, dana, unsigned):
        page = text_of(begin(dana, unsigned.client, kind="process", minutes="45"))
        assert "<title>Error: New note" in page
        assert "This note cannot be begun" in page
        assert re.search(r'value="process"[^>]*checked', page)
        assert 'value="45"' in page

    def test_chooses_a_session_only_where_one_may_be_written(self, cast, dana, unsigned):
        address = f"/clients/{unsigned.client.pk}/notes/begin/"
        assert " checked" not in text_of(dana.get(address))
        sign_consent(cast.robin)
        page = text_of(dana.get(address))
        assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["session"]
        assert "Give an emergency reason" not in page

    def test_tells_of_an_emergency_reason_that_runs(self, dana, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        page = text_of(dana.get(f"/clients/{unsigned.client.pk}/notes/begin/"))
        assert "you can write emergency notes" in page
        assert "Give an emergency reason" not in page

    def test_says_whom_it_is_about_after_a_look(self, cast, dana, unsigned, log):
        heard = log()
        page = text_of(dana.get(f"/clients/{unsigned.client.pk}/notes/begin/"))
        assert "<h1>New note on Robin Marlowe</h1>" in page
        assert heard.acts == [done(Act.CLIENT_READ)]

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00", ""])
    def test_asks_again_about_a_moment_that_cannot_be(self, dana, desk, moment):
        page = begin(dana, desk.client, session_at=moment)
        assert page.status_code == 200
        assert 'id="id_session_at_error"' in text_of(page)
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


class TestWhatAnAddressProposes:
    def read(self, browser, client, **query):
        page = text_of(browser.get(f"/clients/{client.pk}/notes/begin/", query))
        chosen = re.findall(r'value="(\w+)"[^>]* checked', page)
        moment, minutes = (
            re.search(r'name="session_at" value="([^"]*)"', page),
            re.search(r'name="minutes" value="(\d+)', page),
        )
        return chosen, moment and moment[1], minutes and minutes[1]

    def test_is_filled_in(self, dana, desk):
        read = self.read(dana, desk.client, kind="call", session_at="2026-11-20T09:00", minutes="25")
        assert read == (["call"], "2026-11-20T09:00", "25")

    def test_may_be_the_place_and_the_format(self, dana, desk):
        address = f"/clients/{desk.client.pk}/notes/begin/"
        page = text_of(dana.get(address, {"place": "video", "format": "birp/1"}))
        assert re.findall(r'<option value="([^"]+)" selected', page) == ["birp/1", "video"]

    def test_is_left_out_where_the_form_would_not_take_it(self, dana, desk):
        wrong = {"kind": "diary", "session_at": "<b>", "minutes": "601", "place": "moon", "format": "x"}
        # A minute may begin in between.
        before, left_out, after = (self.read(dana, desk.client, **typed) for typed in ({}, wrong, {}))
        assert left_out in (before, after)

    def test_is_the_emergency_note_right_after_the_reason(self, dana, unsigned):
        unsigned.give_emergency_reason(at=timezone.now())
        assert self.read(dana, unsigned.client, kind="emergency")[0] == ["emergency"]


class TestTheMoment:
    def test_says_how_far_a_signature_reaches_back(self, dana, desk):
        hours = SAME_VISIT // timedelta(hours=1)
        words = f"A signature also covers a session that began at most {hours} hours before it."
        draft = desk.write()
        for address in (f"/clients/{desk.client.pk}/notes/begin/", f"/drafts/{draft.pk}/date/"):
            assert words in text_of(dana.get(address))

    @pytest.mark.parametrize(("before", "says_so"), [(timedelta(minutes=50), True), (timedelta(0), False)])
    def test_before_the_signature_is_said_on_the_note(self, dana, desk, before, says_so):
        note = desk.sign(session_at=timezone.now() - before)
        hours = SAME_VISIT // timedelta(hours=1)
        assert (f", within {hours} hours of the session’s start" in text_of(dana.get(f"/notes/{note.pk}/"))) is says_so

    def test_of_a_kind_without_signature_says_nothing_of_one(self, dana, unsigned):
        note = unsigned.sign(NoteKind.CALL)
        assert "of the session’s start" not in text_of(dana.get(f"/notes/{note.pk}/"))


class TestAnAddress:
    def test_may_propose_kind_and_moment(self, dana, desk):
        moment = timezone.localtime(timezone.now() - timedelta(hours=3))
        proposed = f"?kind=call&session_at={moment:%Y-%m-%dT%H:%M}&minutes=25"
        page = text_of(dana.get(f"/clients/{desk.client.pk}/notes/begin/{proposed}"))
        assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["call"]
        assert f'value="{moment:%Y-%m-%dT%H:%M}"' in page
        assert 'value="25"' in page
