from audit.acts import Act
from audit.client_words import SHOWN_TO_CLIENT
from audit.models import EntrySubject
from audit.services import looks_at, record
from tests.audit.cast import AT, HANDLE, OTHER_HANDLE


class TestLooksAt:
    def test_shows_a_client_who_did_what_with_the_record(self, db, therapist, note):
        record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        (entry,) = looks_at([HANDLE]).entries
        assert (entry.action, entry.actor_id, entry.role, entry.at) == (
            "note:read",
            therapist.audit_id,
            "therapist",
            AT,
        )

    def test_shows_nobody_else(self, db, therapist, note, other_note):
        record(Act.NOTE_READ, by=therapist, target=other_note, at=AT)
        assert looks_at([HANDLE]).entries == ()

    def test_shows_a_list_that_the_client_stood_on(self, db, therapist):
        record(Act.CLIENT_LISTED, by=therapist, subjects=[OTHER_HANDLE, HANDLE], at=AT)
        assert [entry.action for entry in looks_at([HANDLE]).entries] == ["client:listed"]

    def test_leaves_out_what_is_not_for_clients(self, db, therapist, note):
        for act in Act:
            record(act, by=therapist, target=note, at=AT)
        assert {entry.action for entry in looks_at([HANDLE], size=len(Act)).entries} == set(SHOWN_TO_CLIENT)

    def test_joins_the_handles_of_one_person(self, db, therapist, note, other_note):
        record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        record(Act.NOTE_WRITTEN, by=therapist, target=other_note, at=AT)
        assert [entry.action for entry in looks_at([HANDLE, OTHER_HANDLE]).entries] == ["note:written", "note:read"]

    def test_goes_back_page_by_page(self, db, therapist, note):
        for _ in range(3):
            record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        page = looks_at([HANDLE], size=2)
        assert len(page.entries) == 2
        assert len(looks_at([HANDLE], before=page.before, size=2).entries) == 1

    def test_shows_nothing_without_a_handle(self, db, therapist, note):
        record(Act.NOTE_READ, by=therapist, target=note, at=AT)
        assert looks_at([]).entries == ()

    def test_marks_an_entry_that_was_moved_to_this_client(self, db, therapist, other_note):
        moved = record(Act.NOTE_READ, by=therapist, target=other_note, at=AT)
        EntrySubject.objects.create(entry_id=moved.pk, handle=HANDLE)
        assert looks_at([HANDLE]).entries[0].altered
