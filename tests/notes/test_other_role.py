"""A therapist who also manages acts in one role at a time: as a manager, their own notes are as closed as anybody's."""

import pytest
from django.utils import timezone

from access.roles import Role
from clients.services.finding import NoSuchClient
from notes.models import Draft
from notes.services.drafting import count_unfinished, save_draft
from notes.services.finding import find_draft, find_note
from tests.notes.conftest import FIELDS


class TestAsAManager:
    def test_no_draft_is_found_saved_or_counted(self, desk):
        draft, by = desk.write(), desk.person.as_(Role.MANAGER)
        with pytest.raises(NoSuchClient):
            find_draft(by=by, draft_id=draft.pk)
        with pytest.raises(NoSuchClient):
            save_draft(by=by, draft=draft, revision=draft.revision, fields={**FIELDS, "plan": "x"}, at=timezone.now())
        assert Draft.objects.get().revision == draft.revision
        assert count_unfinished(by=by) == 0

    def test_no_note_is_found(self, desk):
        with pytest.raises(NoSuchClient):
            find_note(by=desk.person.as_(Role.MANAGER), note_id=desk.sign().pk)
