"""Dana's pen: one draft, and what it held."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.drafting import Sent, discard_draft, open_draft, save_draft
from notes.services.looking_back import bring_back, look_back
from notes.services.signing import sign_note
from tests.notes.conftest import FIELDS

SECOND = timedelta(seconds=1)


class Pen:
    """Dana at one draft, writing by the clock."""

    def __init__(self, desk, kind=NoteKind.SESSION):
        self.desk, self.at = desk, timezone.now()
        self.draft = desk.begin(kind, at=self.at)

    def write(self, text, *, after=2 * SECOND, **sent):
        self.at += after
        return self.write_upon(self.read(), text, **sent)

    def read(self):
        return Draft.objects.select_related("client").get(pk=self.draft.pk)

    def write_upon(self, draft, text, **sent):
        """Save upon what a window read of the draft, whatever it holds by now."""
        fields = {**FIELDS, "brought": text}
        sent = Sent(**{"gone": 0, **sent})
        return save_draft(by=self.desk.by, draft=draft, revision=draft.revision, fields=fields, at=self.at, sent=sent)

    def look(self, **by):
        return look_back(**{"by": self.desk.by, "draft_id": self.draft.pk, "at": self.at, **by})

    def texts(self):
        return [version.fields and version.fields["brought"] for version in self.look().versions]

    def version(self, text):
        return next(one.version for one in self.look().versions if one.fields["brought"] == text)

    def bring_back(self, text):
        version = self.version(text)
        bring_back(by=self.desk.by, draft_id=self.draft.pk, version_id=version.pk, at=self.at)

    def now_holds(self):
        return open_draft(by=self.desk.by, draft_id=self.draft.pk, at=self.at).fields["brought"]

    def throw_away(self):
        discard_draft(by=self.desk.by, draft_id=self.draft.pk, at=self.at)

    def sign(self):
        revision = Draft.objects.get(pk=self.draft.pk).revision
        return sign_note(by=self.desk.by, draft_id=self.draft.pk, revision=revision, at=self.at)


@pytest.fixture
def pen(desk):
    return Pen(desk)
