"""A signature that a writer of the database made up: the gate says yes, and nothing is written upon it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.roles import Role
from consent.kinds import ChangeClass, EventKind
from consent.models import Event, Record, Version
from consent.services.attesting import SignatureUnproven
from consent.services.deciding import current_version
from consent.services.publishing import TextAltered
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.basing import ConsentMissing
from notes.services.signing import sign_note
from tests.cast import Cast, sign_consent
from tests.consent import rows
from tests.consent.choices import publish
from tests.consent.tampering import alter
from tests.notes.conftest import Desk

DAY = timedelta(days=1)


def plant(desk: Desk, kind: EventKind = EventKind.SIGNED, **changes: Any) -> Event:
    """Insert a signature, which no guard is in the way of."""
    version = current_version(at=timezone.now())
    facts = {"client": desk.client, "version": version, "at": timezone.now(), **changes}
    event = rows.event(kind, **facts)
    event.save(force_insert=True)
    return event


@pytest.mark.parametrize("kind", [EventKind.SIGNED, EventKind.PAPER_RECORDED])
def test_without_a_record_it_carries_no_session(unsigned: Desk, kind: EventKind):
    with pytest.raises(ConsentMissing):
        unsigned.begin()
    plant(unsigned, kind)
    with pytest.raises(SignatureUnproven):
        unsigned.begin()
    assert not Draft.objects.exists()


def test_with_another_clients_record_it_carries_none_either(cast: Cast, unsigned: Desk):
    sign_consent(cast.noor)
    theirs = Record.objects.get()
    copied = {"sealed_envelope": bytes(theirs.sealed_envelope), "ciphertext_sha256": theirs.ciphertext_sha256}
    planted = rows.record(plant(unsigned), attestation=bytes(theirs.attestation), signed_at=timezone.now(), **copied)
    planted.save(force_insert=True)
    with pytest.raises(SignatureUnproven):
        unsigned.begin()


def test_a_real_one_carries_no_earlier_session(desk: Desk):
    alter(Event.objects.filter(kind=EventKind.SIGNED), at=timezone.now() - 9 * DAY)
    with pytest.raises(SignatureUnproven):
        desk.begin(session_at=timezone.now() - 5 * DAY)


def test_a_note_that_needs_none_is_written_and_names_none(unsigned: Desk):
    plant(unsigned)
    assert unsigned.sign(NoteKind.SAFETY).consent_basis is None


def test_a_draft_begun_upon_one_that_was_altered_since_is_not_signed(desk: Desk):
    draft = desk.write()
    alter(Event.objects.filter(kind=EventKind.SIGNED), at=timezone.now() + DAY)
    with pytest.raises(SignatureUnproven):
        sign_note(by=desk.by, draft_id=draft.pk, revision=draft.revision, at=timezone.now())
    assert not Note.objects.exists()
    assert Draft.objects.filter(pk=draft.pk).exists()


def test_an_urgent_change_made_harmless_keeps_no_old_signature_alive(cast: Cast, desk: Desk):
    newer = publish(cast.manager.as_(Role.MANAGER), change=ChangeClass.URGENT)
    later = timezone.now()
    with pytest.raises(ConsentMissing):
        desk.begin(session_at=later, at=later)
    alter(Version.objects.filter(pk=newer), change_class=ChangeClass.EDITORIAL)
    with pytest.raises(TextAltered):
        desk.begin(session_at=later, at=later)


def test_a_real_one_is_believed_without_the_key_to_what_the_client_shares(shared_desk: Desk):
    assert shared_desk.begin().consent_basis_id == Record.objects.get().event_id
