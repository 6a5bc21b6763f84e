"""The page that changes when it was."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notes.models import Draft
from tests.notes.conftest import FIELDS
from tests.notes.pages.browsing import text_of

_TYPED = "%Y-%m-%dT%H:%M"


def ask(browser, draft, **changes):
    data = {"session_at": timezone.localtime(draft.session_at).strftime(_TYPED), "minutes": "", **changes}
    return browser.post(f"/drafts/{draft.pk}/date/", data)


class TestRedatePage:
    def test_leads_from_the_draft_and_back_to_it(self, dana, desk):
        draft = desk.write(minutes=50)
        assert f'href="/drafts/{draft.pk}/date/"' in text_of(dana.get(f"/drafts/{draft.pk}/"))
        page = text_of(dana.get(f"/drafts/{draft.pk}/date/"))
        assert timezone.localtime(draft.session_at).strftime(f'value="{_TYPED}"') in page
        assert 'value="50"' in page
        assert ask(dana, draft, minutes="45").url == f"/drafts/{draft.pk}/"
        page = text_of(dana.get(f"/drafts/{draft.pk}/"))
        assert "45 minutes" in page
        assert FIELDS["brought"] in page

    def test_says_why_the_gate_refuses_and_keeps_the_draft(self, dana, desk):
        draft = desk.write()
        early = timezone.localtime(draft.session_at - timedelta(days=2)).strftime(_TYPED)
        page = text_of(ask(dana, draft, session_at=early))
        assert "This draft cannot be about that moment" in page
        assert page.count("held before the client signed") == 1
        assert f'value="{early}"' in page
        assert f'href="/clients/{desk.client.pk}/emergency/"' in page
        assert Draft.objects.get().session_at == draft.session_at

    def test_says_that_the_moment_is_taken(self, dana, desk):
        first = desk.write(session_at=timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1))
        second = desk.write(session_at=first.session_at + timedelta(minutes=5))
        page = text_of(ask(dana, second, session_at=timezone.localtime(first.session_at).strftime(_TYPED)))
        assert "another draft of this kind about that moment" in page
        assert Draft.objects.get(pk=second.pk).session_at == second.session_at

    @pytest.mark.parametrize("moment", ["", "0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T10:00", "now"])
    def test_asks_again_about_a_moment_that_cannot_be(self, dana, desk, moment):
        draft = desk.write()
        page = ask(dana, draft, session_at=moment)
        assert page.status_code == 200
        assert 'id="id_session_at_error"' in text_of(page)
        assert Draft.objects.get().revision == draft.revision

    def test_leads_to_the_note_once_it_is_signed(self, dana, desk):
        note = desk.sign()
        assert dana.get(f"/drafts/{note.pk}/date/").url == f"/notes/{note.pk}/"
        assert ask(dana, note).url == f"/notes/{note.pk}/"
