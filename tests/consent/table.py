"""A client who reads and signs, one call to a step."""

from dataclasses import replace
from uuid import uuid4

from django.utils import timezone

from access.roles import Role
from consent.limits import Limit
from consent.record import Check
from consent.services.ceremony import Done, agree_to_screen_forms, finish_section
from consent.services.reading import progress_of
from consent.services.signing import Typed, sign_limits
from tests.cast import ClientPerson


class Table:
    """A client at the table, with every step of the ceremony in reach."""

    def __init__(self, person: ClientPerson) -> None:
        self.by = person.person.as_(Role.CLIENT)
        self.client = person.record
        progress = progress_of(client=self.client, at=timezone.now())
        self.text, self.screen_forms = progress.text, progress.screen_forms
        self.typed = Typed(self.text.id, person.name, self.text.publication.meaning, person.person.passphrase, uuid4())

    def agree(self) -> None:
        version = self.screen_forms.id
        agree_to_screen_forms(by=self.by, client=self.client, version_id=version, nonce=uuid4(), at=timezone.now())

    def finish(self, code: Limit, check: Check = Check.RIGHT, version=None, at=None) -> None:
        done = Done(version or self.text.id, code, check, uuid4())
        finish_section(by=self.by, client=self.client, done=done, at=at or timezone.now())

    def finish_all(self, *, but: Limit | None = None) -> None:
        for screen in self.text.screens:
            if screen.code is not but:
                self.finish(screen.code)

    def sign(self, **changes):
        typed = replace(self.typed, **changes)
        return sign_limits(by=self.by, client=self.client, typed=typed, at=timezone.now())
