"""The row of a signature, which stands in the clear: no column of it is believed that both keys did not sign."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.services import record_look
from consent.kinds import ChangeClass, EventKind
from consent.limits import Limit
from consent.models import Event, Record
from consent.record import Check
from consent.services.attesting import SignatureUnproven
from consent.services.discussing import mark_discussed, to_discuss
from consent.services.records import find_record, look_at_record, require_signed
from consent.services.renewing import what_is_new
from consent.services.signing import meaning_of
from tests.cast import Cast, sign_consent
from tests.consent import rows
from tests.consent.choices import publish
from tests.consent.table import Table
from tests.consent.tampering import alter

YEAR = timedelta(days=365)


@pytest.fixture
def signed(robin_signed: Cast) -> Table:
    return Table(robin_signed.robin)


@pytest.fixture
def renewed(cast: Cast, signed: Table) -> Table:
    """Signed once, and again after the text had changed."""
    publish(cast.manager.as_(Role.MANAGER), change=ChangeClass.URGENT)
    sign_consent(cast.robin)
    return signed


def read(table: Table):
    return look_at_record(by=table.by, client=table.client, at=timezone.now())


class TestWhatTheReceiptShows:
    @pytest.mark.parametrize(
        "change",
        [
            {"signed_at": timezone.now() - YEAR},
            {"reference": "AAAAA-AAAAA"},
            {"ciphertext_sha256": "ab" * 32},
            {"attestation": b""},
            {"attestation": b"{}"},
        ],
        ids="-".join,
    )
    def test_is_what_was_signed(self, signed: Table, change: dict[str, Any]):
        alter(Record.objects.all(), **change)
        with pytest.raises(SignatureUnproven):
            read(signed)

    @pytest.mark.parametrize(
        "change",
        [
            {"at": timezone.now() - YEAR},
            {"by": uuid4()},
            {"nonce": uuid4()},
            {"kind": EventKind.PAPER_RECORDED},
        ],
        ids="-".join,
    )
    def test_nor_was_its_event_altered(self, signed: Table, change: dict[str, Any]):
        alter(Event.objects.filter(kind=EventKind.SIGNED), **change)
        with pytest.raises(SignatureUnproven):
            read(signed)

    def test_stands_behind_the_signature_with_the_record_that_was_sealed(self, signed: Table):
        row = Record.objects.get()
        require_signed(by=signed.by, subject=signed.client.pk, signature=row.event_id)
        alter(Record.objects.all(), sealed_envelope=bytes(row.sealed_envelope) + b"\0")
        with pytest.raises(SignatureUnproven):
            require_signed(by=signed.by, subject=signed.client.pk, signature=row.event_id)


class TestTheNewestRecord:
    def test_is_the_one_that_no_other_follows(self, renewed: Table):
        newest = Record.objects.get(prev__isnull=False)
        assert find_record(renewed.client) == newest
        assert read(renewed).id == newest.pk

    def test_is_not_hidden_by_an_earlier_day(self, renewed: Table):
        alter(Record.objects.filter(prev__isnull=False), signed_at=timezone.now() - YEAR)
        with pytest.raises(SignatureUnproven):
            read(renewed)

    def test_is_not_hidden_by_a_broken_chain(self, renewed: Table):
        alter(Record.objects.filter(prev__isnull=False), prev=None)
        with pytest.raises(SignatureUnproven):
            read(renewed)
        with pytest.raises(SignatureUnproven):
            what_is_new(client=renewed.client, text=renewed.text)

    def test_is_no_planted_one(self, signed: Table):
        real = Record.objects.get()
        event = rows.event(EventKind.SIGNED, client=signed.client, version=real.version)
        event.save(force_insert=True)
        planted = rows.record(event, prev=real, reference="AAAAA-AAAAA", attestation=bytes(real.attestation))
        planted.save(force_insert=True)
        with pytest.raises(SignatureUnproven):
            read(signed)


def test_a_talk_that_is_due_is_not_hidden_by_an_earlier_day(cast: Cast):
    table, dana = Table(cast.robin), cast.dana.as_(Role.THERAPIST)
    table.agree()
    table.finish_all()
    mark_discussed(by=dana, client=table.client, at=timezone.now())
    table.finish(Limit.ABUSE, Check.TO_DISCUSS)
    table.sign(meaning=meaning_of(table.text, frozenset({Limit.ABUSE})))
    receipt = record_look(Act.CONSENT_ANSWERS_READ, by=dana, target=table.client, at=timezone.now())
    assert [screen.code for screen in to_discuss(by=dana, client=table.client, receipt=receipt)] == [Limit.ABUSE]
    alter(Record.objects.all(), signed_at=timezone.now() - YEAR)
    with pytest.raises(SignatureUnproven):
        to_discuss(by=dana, client=table.client, receipt=receipt)
