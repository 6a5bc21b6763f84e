"""The last look before the signature, the talk that comes first, and the signature."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import KeySession
from consent.limits import Limit
from notes.models import Note
from notes.services.drafting import save_draft
from tests.cast import sign_consent
from tests.notes.conftest import FIELDS
from tests.notes.pages.browsing import text_of


class TestSigning:
    def test_signing_twice_leads_to_the_same_note(self, dana, desk):
        draft = desk.write()
        first, second = (dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}) for _ in range(2))
        assert first.url == second.url == f"/notes/{Note.objects.get().pk}/"

    def test_signing_wants_the_passphrase_anew(self, cast, dana, desk):
        draft = desk.write()
        KeySession.objects.filter(user=cast.dana.user).update(fresh_at=timezone.now() - timedelta(minutes=11))
        page = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"})
        assert page.status_code == 423
        assert not Note.objects.exists()

    def test_a_stale_review_is_shown_again(self, dana, desk):
        draft = desk.write()
        save_draft(by=desk.by, draft=draft, revision=1, fields=FIELDS, at=timezone.now())
        page = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}, follow=True)
        assert "changed in another window" in text_of(page)
        assert not Note.objects.exists()

    @pytest.mark.parametrize("sent", [{}, {"revision": "-1"}, {"revision": "x"}])
    def test_a_signature_under_nothing_goes_back_to_the_review(self, dana, desk, sent):
        draft = desk.write()
        assert dana.post(f"/drafts/{draft.pk}/sign/", sent).url == f"/drafts/{draft.pk}/review/"


class TestTheReview:
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
        assert "You chose “No new concern today”, and yet something stands under" in page
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


class TestTheTalk:
    def test_is_listed_while_writing_and_ticked_before_signing(self, cast, dana, unsigned):
        sign_consent(cast.robin, unclear=frozenset([next(iter(Limit))]))
        draft = unsigned.write()
        for address in (f"/drafts/{draft.pk}/", f"/clients/{unsigned.client.pk}/notes/"):
            assert "These parts are still to talk about" in text_of(dana.get(address))
        refused = dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"}, follow=True)
        assert "Talk about them first" in text_of(refused)
        dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1", "talked": "on"})
        assert Note.objects.get().pk == draft.pk
