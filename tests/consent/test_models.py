"""What the database itself refuses: each rule is broken once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from consent.kinds import EventKind
from consent.models import Event, Record, Version
from tests.consent import rows
from tests.consent.rows import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return rows.client()


@pytest.fixture
def version():
    version = rows.version()
    version.save()
    return version


@pytest.fixture
def signed(client, version):
    signed = rows.event(EventKind.SIGNED, client=client, version=version)
    signed.save()
    return signed


def refuses(row, words=None) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        row.save(force_insert=True)


class TestVersion:
    def test_is_published_once(self, version):
        refuses(rows.version(sha256="cd" * 32))
        rows.version(version="9.0.1").save()

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"kind": "contract"}, "consent_version_kind_known"),
            ({"change_class": "quiet"}, "consent_version_change_known"),
            ({"sha256": "ab" * 31}, "consent_version_sha256_is_hex"),
            ({"counsel_reviewed_by": "A. Counsel"}, "consent_version_review_named_and_dated"),
            ({"counsel_review_date": date(2026, 11, 1)}, "consent_version_review_named_and_dated"),
        ],
    )
    def test_keeps_its_rules(self, changes, rule):
        refuses(rows.version(**changes), rule)

    def test_may_name_who_reviewed_it_and_when(self):
        rows.version(counsel_reviewed_by="A. Counsel", counsel_review_date=date(2026, 11, 1)).save()

    def test_goes_by_no_name_of_a_person(self, version):
        assert str(version) == "confidentiality_consent 9.0.0 en-US individual US"


class TestEvent:
    def test_happens_once_for_each_form_sent(self, client, signed):
        refuses(rows.event(EventKind.OPENED, client=client, nonce=signed.nonce))

    @pytest.mark.parametrize(
        ("kind", "changes", "rule"),
        [
            ("gossiped", {}, "consent_event_kind_known"),
            ("section_done", {}, "consent_event_section_named"),
            ("opened", {"section": "abuse"}, "consent_event_section_named"),
            ("override_opened", {}, "consent_event_override_ends"),
            ("override_opened", {"until": AT - timedelta(seconds=1)}, "consent_event_until_fits"),
            ("opened", {"until": AT + timedelta(hours=72)}, "consent_event_until_fits"),
        ],
    )
    def test_keeps_its_rules(self, client, version, kind, changes, rule):
        refuses(rows.event(kind, client=client, version=version, **changes), rule)

    @pytest.mark.parametrize("kind", ["signed", "paper_recorded", "declined", "section_done"])
    def test_names_the_text_it_is_about(self, client, kind):
        section = "abuse" if kind == "section_done" else ""
        refuses(rows.event(kind, client=client, section=section), "consent_event_version_named")

    def test_tells_the_gate_what_it_needs(self, client):
        until = AT + timedelta(hours=72)
        event = rows.event(EventKind.OVERRIDE_OPENED, client=client, until=until)
        event.save()
        step = Event.objects.get().as_step()
        assert (step.id, step.kind, step.at, step.until) == (event.id, EventKind.OVERRIDE_OPENED, AT, until)

    def test_goes_by_its_number(self, signed):
        assert str(signed) == str(UUID(str(signed)))


class TestRecord:
    def test_belongs_to_one_signature(self, signed):
        rows.record(signed).save()
        refuses(rows.record(signed, reference="00000-00001"))

    def test_has_a_reference_of_its_own(self, client, version, signed):
        rows.record(signed).save()
        again = rows.event(EventKind.SIGNED, client=client, version=version)
        again.save()
        refuses(rows.record(again))

    def test_is_followed_by_one_record_at_most(self, client, version, signed):
        first = rows.record(signed)
        first.save()
        second, third = (rows.event(EventKind.SIGNED, client=client, version=version) for _ in range(2))
        for event in (second, third):
            event.save()
        rows.record(second, reference="00000-00002", prev=first).save()
        refuses(rows.record(third, reference="00000-00003", prev=first))

    def test_names_the_hash_of_what_is_sealed(self, signed):
        refuses(rows.record(signed, ciphertext_sha256=""), "consent_record_sha256_is_hex")

    def test_goes_by_its_number(self, signed):
        record = rows.record(signed)
        assert str(record) == str(record.record_id)


class TestEveryTable:
    """All three only grow: whoever writes past the models meets the database's own refusal."""

    @pytest.fixture
    def rows_before(self, signed):
        rows.record(signed).save()
        return self.read()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE consent_version SET text = 'changed'",
            "UPDATE consent_event SET kind = 'declined'",
            "UPDATE consent_record SET reference = '00000-00000'",
            "DELETE FROM consent_record",
            "DELETE FROM consent_event",
            "DELETE FROM consent_version",
        ],
    )
    def test_refuses_to_change(self, rows_before, statement):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert self.read() == rows_before

    def read(self) -> list[object]:
        return [list(model.objects.values()) for model in (Version, Event, Record)]
