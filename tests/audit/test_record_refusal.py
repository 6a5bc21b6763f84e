import logging

import pytest
from django.db import transaction

from audit.acts import Act
from audit.models import Entry, EntrySubject
from audit.services import LogEntry, browse_log, record_refusal
from tests.audit.cast import AT, HANDLE, NOTE_ID
from tests.audit.sql import run


def latest() -> LogEntry:
    return browse_log(size=1).entries[0]


class TestRecordRefusal:
    def test_names_the_thing_as_asked_and_nobody_it_may_be_about(self, db, therapist, note):
        record_refusal(Act.ACCESS_REFUSED, by=therapist, target=note, at=AT)
        entry = latest()
        assert (entry.action, entry.outcome, entry.target_uuid) == ("access:refused", "denied", NOTE_ID)
        assert entry.subjects == ()
        assert not EntrySubject.objects.exists()

    def test_names_a_client_only_when_told_to(self, db, therapist, note):
        record_refusal(Act.NOTE_REFUSED, by=therapist, target=note, subjects=[HANDLE], at=AT)
        assert latest().subjects == (HANDLE,)

    def test_outlives_the_transaction_that_was_refused(self, committed, therapist):
        before = Entry.objects.count()
        try:
            with transaction.atomic():
                raise PermissionError
        except PermissionError:
            record_refusal(Act.ACCESS_REFUSED, by=therapist, at=AT)
        assert Entry.objects.count() == before + 1

    def test_refuses_to_be_part_of_a_transaction(self, committed, therapist):
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            record_refusal(Act.ACCESS_REFUSED, by=therapist, at=AT)

    def test_leaves_the_refusal_standing_when_the_log_fails(self, db, therapist, note, caplog):
        run("ALTER TABLE audit_entry RENAME TO gone")
        with caplog.at_level(logging.CRITICAL, logger="audit.services.recording"):
            record_refusal(Act.ACCESS_REFUSED, by=therapist, target=note, at=AT)
        assert caplog.messages == ["A refusal (access:refused) could not be recorded."]
