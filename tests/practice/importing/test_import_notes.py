"""Past notes move in: all of them or none, to clients in one's own care, and each says that it was imported."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.roles import Role
from audit.models import Entry, EntrySubject
from clients.models import Care
from clients.services.caring import start_care
from clients.services.finding import find_client
from clients.services.vaults import ReadersNotConfirmed
from keys.errors import KeyRefused, SealBroken
from keys.models import Vault
from notes.models import Note
from notes.services import importing
from notes.services.amending import begin_addendum
from notes.services.carrying import Destination, NotWrittenHere, carry_note
from notes.services.importing import AlreadyImported, Haul, NotTheirOwn, PastNote, import_notes, known_marks
from notes.services.reading import read_note
from notes.services.withdrawing import withdraw_note
from tests.beginnings import beginning
from tests.notes.conftest import unguarded
from tests.practice.importing.past import CANARY


def past(client_id: UUID, number: int = 0, **changes: object) -> PastNote:
    facts = {
        "client_id": client_id,
        "day": date(2024, 3, 1) + timedelta(days=number),
        "text": f"Note {number}. {CANARY}",
        "written_by": "Dr. Elsewhere",
        "source": f"Robin Marlowe/{number}.txt",
    }
    return PastNote(**{**facts, **changes})  # type: ignore[arg-type]


def bring(person, *notes: PastNote, **changes: object) -> list[Note]:
    haul = Haul(notes, **{"form": uuid4(), **changes})  # type: ignore[arg-type]
    return import_notes(by=person.as_(Role.THERAPIST), haul=haul, at=timezone.now())


@beginning
def brought(cast):
    """Three past notes of Robin's."""
    return bring(cast.dana, *(past(cast.robin.client_id, number) for number in range(3)))


@pytest.fixture
def nothing_new():
    before = [Note.objects.count(), Vault.objects.count(), Entry.objects.filter(action="note:imported").count()]
    yield
    after = [Note.objects.count(), Vault.objects.count(), Entry.objects.filter(action="note:imported").count()]
    assert after == before


class TestImportNotes:
    def test_seals_each_and_says_what_it_is(self, cast, brought):
        for number, note in enumerate(brought):
            assert CANARY.encode() not in bytes(note.sealed_body)
            opened = read_note(by=cast.dana.as_(Role.THERAPIST), note_id=note.pk, at=timezone.now())
            assert opened.fields == past(cast.robin.client_id, number).fields
            assert (note.is_imported, note.is_late) == (True, False)
            assert (note.consent_basis_id, note.consent_override_id) == (None, None)

    def test_leaves_one_entry_that_commits_to_all(self, cast, brought):
        [entry] = Entry.objects.filter(action="note:imported")
        assert b'"notes_3"' in bytes(entry.body)
        [subject] = EntrySubject.objects.filter(entry_id=entry.pk)
        assert bytes(subject.handle) == cast.robin.record.audit_handle
        assert not Entry.objects.filter(action="note:written").exists()

    def test_tells_nobody(self, brought):
        assert not mail.outbox

    def test_sent_twice_is_done_once(self, cast):
        form, note = uuid4(), past(cast.robin.client_id)
        bring(cast.dana, note, form=form)
        with pytest.raises(AlreadyImported):
            bring(cast.dana, note, form=form)
        assert Note.objects.count() == 1

    def test_is_all_or_none(self, cast, nothing_new, monkeypatch):
        def fail(*_, **__):
            raise ZeroDivisionError

        monkeypatch.setattr(importing, "record", fail)
        with pytest.raises(ZeroDivisionError):
            bring(cast.dana, past(cast.robin.client_id))

    @pytest.mark.parametrize("whose", ["noor", "nobody", "ended"])
    def test_is_into_ones_own_care_alone(self, cast, nothing_new, whose):
        other = {"noor": cast.noor.client_id, "nobody": uuid4(), "ended": cast.robin.client_id}[whose]
        if whose == "ended":
            Care.objects.filter(client=other).update(ended_at=timezone.now())
        with pytest.raises(NotTheirOwn):
            bring(cast.dana, past(cast.robin.client_id), past(other))

    def test_is_no_managers(self, cast, nothing_new):
        haul = Haul([past(cast.robin.client_id)], uuid4())
        with pytest.raises(NotTheirOwn):
            import_notes(by=cast.manager.as_(Role.MANAGER), haul=haul, at=timezone.now())

    def test_gives_no_key_to_a_colleague_who_was_not_named(self, cast, nothing_new):
        manager = cast.manager.as_(Role.MANAGER)
        robin = find_client(by=manager, client_id=cast.robin.client_id)
        start_care(by=manager, client=robin, therapist_id=cast.sam.user.pk, at=timezone.now())
        with pytest.raises(ReadersNotConfirmed):
            bring(cast.dana, past(robin.pk), confirmed={cast.noor.client_id: [cast.sam.user.pk]})

    def test_knows_what_is_here_by_day_and_text(self, cast, brought):
        dana = cast.dana.as_(Role.THERAPIST)
        known = known_marks(by=dana, clients=[cast.robin.record], at=timezone.now())[cast.robin.client_id]
        assert past(cast.robin.client_id, 1, source="other.txt").mark in known
        assert past(cast.robin.client_id, 1, text="Another").mark not in known
        assert past(cast.robin.client_id, 9, text=f"Note 1. {CANARY}").mark not in known
        assert Entry.objects.filter(action="note:compared").count() == 1


class TestPastNote:
    def test_is_believed_by_its_own_way_up(self, cast, brought):
        dana = cast.dana.as_(Role.THERAPIST)
        first, second, _ = brought
        with unguarded(Note):
            Note.objects.filter(pk=first.pk).update(signature=second.signature)
        with pytest.raises(KeyRefused):
            read_note(by=dana, note_id=first.pk, at=timezone.now())

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"kind": "call"}, SealBroken),
            ({"signed_at": timezone.now() - timedelta(days=400)}, SealBroken),
            ({"session_at": timezone.now() - timedelta(days=400)}, SealBroken),
        ],
    )
    def test_passes_for_nothing_else(self, cast, brought, change, error):
        with unguarded(Note):
            Note.objects.filter(pk=brought[0].pk).update(**change)
        with pytest.raises(error):
            read_note(by=cast.dana.as_(Role.THERAPIST), note_id=brought[0].pk, at=timezone.now())

    @pytest.mark.parametrize("change", [{"kind": "session"}, {"minutes": 50}])
    def test_is_held_by_the_database_to_what_it_is(self, brought, change):
        with unguarded(Note), pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.filter(pk=brought[0].pk).update(**change)

    def test_can_be_added_to(self, cast, brought):
        draft = begin_addendum(by=cast.dana.as_(Role.THERAPIST), note_id=brought[0].pk, at=timezone.now())
        assert draft.is_imported

    def test_begins_no_draft_elsewhere(self, cast, brought):
        dana, now = cast.dana.as_(Role.THERAPIST), timezone.now()
        withdraw_note(by=dana, note_id=brought[0].pk, at=now)
        with pytest.raises(NotWrittenHere):
            carry_note(by=dana, note_id=brought[0].pk, to=Destination(cast.robin.client_id, now), at=now)
