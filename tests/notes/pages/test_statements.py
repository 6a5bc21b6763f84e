"""How much each page of a therapist's day asks the database: what comes on top here is paid at every press.

A number may go up for a reason; whoever raises it looks at `make bench` first.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.notes.conftest import FIELDS
from tests.notes.pages.browsing import JSON

# Their savepoints are the suite's: a transaction within its own.
_OF_THE_SUITE = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN")


@pytest.fixture
def asked(dana):
    """Ask a page twice, and count the second time: the first one of a session has more to find out."""

    def ask(first, second):
        assert first().status_code in {200, 302}
        with CaptureQueriesContext(connection) as statements:
            assert second().status_code in {200, 302}
        return len([row for row in statements if not row["sql"].startswith(_OF_THE_SUITE)])

    return ask


def test_saving_a_draft(dana, desk, asked):
    address = f"/drafts/{desk.begin().pk}/save/"

    def save(revision):
        return lambda: dana.post(address, {**FIELDS, "revision": revision, "gone": 0}, headers=JSON)

    assert asked(save(0), save(1)) <= 9


def test_opening_a_note(dana, desk, asked):
    address = f"/notes/{desk.sign().pk}/"
    assert asked(lambda: dana.get(address), lambda: dana.get(address)) <= 24


def test_signing_a_note(dana, desk, asked):
    desk.sign()
    draft = desk.write()
    address = f"/drafts/{draft.pk}/sign/"
    assert asked(lambda: dana.get("/today/"), lambda: dana.post(address, {"revision": draft.revision})) <= 37
