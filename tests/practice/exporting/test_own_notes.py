"""Process notes leave only by their author's hand, in a file of their own, and nobody learns how many there are."""

from datetime import date

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Purpose
from audit.services import Filters, browse_log
from audit.words import PROCESS_NOTE
from clients.services.caring import start_care
from notes.kinds import NoteKind
from practice.exporting.purposes import OwnBasis, Why, own_bases_in
from practice.exporting.service import export_own_notes, export_record
from practice.paper.printing import Press
from tests.notes.conftest import CANARY, Desk
from tests.practice.exporting.conftest import text_in

pytestmark = pytest.mark.usefixtures("no_press")


def export_own(desk, basis=OwnBasis.JUDGE_ORDERED):
    dated = date(2026, 11, 3)
    with Press() as press:
        return export_own_notes(
            by=desk.by, client=desk.client, basis=basis, dated=dated, press=press, at=timezone.now()
        )


@pytest.fixture
def colleague(cast, desk):
    """Sam, in care too, who gets the key of the record that Dana makes."""
    start_care(by=cast.manager.as_(Role.MANAGER), client=desk.client, therapist_id=cast.sam.user.pk, at=timezone.now())
    desk.begin(NoteKind.CALL, confirmed=frozenset([cast.sam.user.pk]))
    return Desk(cast.sam, desk.client)


class TestOwnNotes:
    def test_hold_process_notes_and_nothing_of_the_record(self, full):
        text = text_in(export_own(full.desk))
        assert "About Tuesday." in text
        assert CANARY in text
        assert "Mapped the avoidance on a ladder." not in text
        assert "What was done" not in text

    def test_are_their_authors_alone(self, desk, colleague):
        desk.sign(NoteKind.PROCESS)
        desk.sign()
        with Press() as press:
            record = export_record(
                by=colleague.by, client=desk.client, why=Why.MOVING_ON, press=press, at=timezone.now()
            )
        assert "Mapped the avoidance on a ladder." in text_in(record)
        for packed in (record, export_own(colleague)):
            assert "About Tuesday." not in text_in(packed)
            assert "signed a note" not in text_in(packed)
        assert "Process notes\n=============\nNothing." in text_in(export_own(colleague))

    def test_leave_an_entry_that_counts_nothing_and_says_why(self, full):
        export_own(full.desk)
        done, begun = browse_log(Filters(acts=frozenset({Act.OWN_EXPORT_BEGUN, Act.OWN_EXPORT_DONE}))).entries
        for entry in (begun, done):
            assert entry.fields == ("judge_ordered", "of_2026-11-03")
            assert entry.purpose == Purpose.LEGAL
            assert (entry.target_type, entry.subjects) == (PROCESS_NOTE, (full.desk.client.audit_handle,))
        assert not begun.sha256
        assert done.sha256

    @pytest.mark.once
    @pytest.mark.parametrize(
        ("jurisdiction", "offered"), [("US", False), ("US-NY", False), ("", False), ("IE", True), ("DE-BY", True)]
    )
    def test_are_owed_to_whoever_asks_only_where_the_law_makes_no_exception(self, jurisdiction, offered):
        assert (OwnBasis.ACCESS_REQUEST in own_bases_in(jurisdiction)) is offered
        assert {OwnBasis.AUTHORISED, OwnBasis.JUDGE_ORDERED} <= set(own_bases_in(jurisdiction))
