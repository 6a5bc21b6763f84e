"""Earlier versions and drafts that were thrown away, as their author is shown them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from notes.kinds import NoteKind
from notes.models import Draft, Version
from tests.audit.sql import plant
from tests.notes.conftest import CANARY, FIELDS, end_care
from tests.notes.pages.browsing import JSON, text_of


@pytest.fixture
def draft(desk):
    draft = desk.write()
    desk.write_on(draft)
    return draft


def ids_on(page):
    return re.findall(r'name="version" value="([^"]+)"', text_of(page))


class TestLookBack:
    def test_shows_what_stood_there_and_brings_it_back(self, dana, draft):
        address = f"/drafts/{draft.pk}/versions/"
        assert f'<a href="{address}">Earlier versions</a>' in text_of(dana.get(f"/drafts/{draft.pk}/"))
        page = dana.get(address)
        assert FIELDS["together"] in text_of(page)
        assert "And more." not in text_of(page)
        [version] = ids_on(page)
        assert dana.post(f"{address}bring-back/", {"version": version}).url == f"/drafts/{draft.pk}/"
        assert "And more." not in text_of(dana.get(f"/drafts/{draft.pk}/"))
        # What stood there until now is one of them.
        page = dana.get(address)
        assert len(ids_on(page)) == 2
        assert "And more." in text_of(page)

    def test_says_what_another_window_sent(self, dana, draft):
        dana.post(f"/drafts/{draft.pk}/save/", {**FIELDS, "brought": "elsewhere", "revision": "0"}, headers=JSON)
        page = text_of(dana.get(f"/drafts/{draft.pk}/versions/"))
        assert "the draft never took it" in page
        assert "elsewhere" in page

    def test_shows_no_text_whose_seal_is_broken(self, dana, draft):
        Version.objects.update(revision=9)
        page = text_of(dana.get(f"/drafts/{draft.pk}/versions/"))
        assert "The seal of this version is broken" in page
        assert CANARY not in page
        assert ids_on(dana.get(f"/drafts/{draft.pk}/versions/")) == []

    def test_asks_again_for_a_version_that_is_none(self, dana, draft):
        address = f"/drafts/{draft.pk}/versions/"
        assert dana.post(f"{address}bring-back/", {"version": "the first"}).url == address
        assert dana.post(f"{address}bring-back/", {"version": str(uuid4())}).status_code == 404
        assert Draft.objects.get().revision == draft.revision

    def test_opens_nothing_without_the_log(self, dana, draft):
        plant("audit_entry", swallow=True)
        page = dana.get(f"/drafts/{draft.pk}/versions/")
        assert page.status_code == 503
        assert CANARY not in text_of(page)

    def test_leads_to_the_note_once_it_is_signed(self, dana, desk):
        note = desk.sign()
        assert dana.get(f"/drafts/{note.pk}/versions/").url == f"/notes/{note.pk}/"


class TestWhatThePageSends:
    def test_counts_for_what_is_kept(self, dana, draft):
        address, kept = f"/drafts/{draft.pk}/save/", Version.objects.count()
        sent = {**FIELDS, "window": str(uuid4())}
        dana.post(address, {**sent, "revision": "2", "turn": "1", "gone": "12"}, headers=JSON)
        assert Version.objects.count() == kept
        # The answer got lost, so the next text still names the revision before.
        answer = dana.post(address, {**sent, "revision": "2", "turn": "2", "gone": "900"}, headers=JSON)
        assert answer.json()["revision"] == 4
        assert Version.objects.count() == kept + 1
        assert Draft.objects.get().turn == 2

    @pytest.mark.parametrize("nonsense", [{"turn": "-1"}, {"window": "w"}, {"gone": "much"}])
    def test_that_makes_no_sense_saves_all_the_same(self, dana, draft, nonsense):
        sent = {**FIELDS, "revision": "2", "window": str(uuid4()), "turn": "1", "gone": "0", **nonsense}
        assert dana.post(f"/drafts/{draft.pk}/save/", sent, headers=JSON).json()["revision"] == 3


class TestThrownAway:
    def test_waits_and_comes_back(self, dana, draft):
        dana.post(f"/drafts/{draft.pk}/discard/")
        assert not Draft.objects.exists()
        assert "/drafts/thrown-away/" in text_of(dana.get("/today/"))
        page = text_of(dana.get("/drafts/thrown-away/"))
        assert "Robin Marlowe: " in page
        address = re.search(r'href="(/drafts/[^"]+/versions/)"', page)[1]
        page = dana.get(address)
        assert "It can come back as it was" in text_of(page)
        assert "And more." in text_of(page)
        [version] = ids_on(page)
        assert dana.post(f"{address}bring-back/", {"version": version}).url == f"/drafts/{draft.pk}/"
        assert "And more." in text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert "Nothing was thrown away" in text_of(dana.get("/drafts/thrown-away/"))

    def test_says_what_stands_in_its_way(self, dana, desk, draft):
        dana.post(f"/drafts/{draft.pk}/discard/")
        desk.begin(session_at=draft.session_at)
        address = f"/drafts/{draft.pk}/versions/"
        [version] = ids_on(dana.get(address))
        answer = dana.post(f"{address}bring-back/", {"version": version}, follow=True)
        assert "You have begun another draft of this kind" in text_of(answer)

    def test_is_listed_by_code_once_the_care_has_ended(self, dana, desk):
        draft = desk.write(NoteKind.CALL, at=timezone.now() - timedelta(seconds=1))
        dana.post(f"/drafts/{draft.pk}/discard/")
        end_care(desk)
        page = text_of(dana.get("/drafts/thrown-away/"))
        assert f"{desk.client.code}: " in page
        assert "No longer in your care" in page
