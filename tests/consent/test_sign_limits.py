"""The signature, through the services of the pages: what it needs, what it makes, and who can open that."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from access.services.signing_in import PassphraseRefused
from audit.acts import Act
from audit.models import Entry
from audit.services import record_look
from clients.services.vaults import shared_vault
from consent.envelope import parse_envelope
from consent.kinds import EventKind
from consent.limits import Limit
from consent.models import Event, Record, Version
from consent.record import Check, RecordRefused, hash_record, verify_record
from consent.services.ceremony import (
    AlreadySigned,
    ScreenFormsMissing,
    StaleText,
)
from consent.services.reading import look_at_answers
from consent.services.records import KnownKeys, look_at_record
from consent.services.signing import SectionsMissing, meaning_of
from keys.errors import NoGrant, SealBroken
from keys.services import open_vault
from tests.cast import Cast, sign_consent
from tests.consent import rows
from tests.consent.table import Table


@pytest.fixture
def table(cast: Cast) -> Table:
    return Table(cast.robin)


@pytest.fixture
def ready(table: Table) -> Table:
    table.agree()
    table.finish_all()
    return table


def assert_nothing_signed() -> None:
    assert not Record.objects.exists()
    assert not Event.objects.filter(kind=EventKind.SIGNED).exists()
    assert not Entry.objects.filter(action=Act.CONSENT_SIGNED).exists()


class TestRefusals:
    def test_a_missing_limit_is_refused(self, table: Table):
        table.agree()
        table.finish_all(but=Limit.PAYMENT)
        with pytest.raises(SectionsMissing):
            table.sign()
        assert_nothing_signed()
        assert Entry.objects.filter(action=Act.CONSENT_REFUSED, outcome="denied").count() == 1

    def test_without_the_yes_to_screen_forms_no_limit_can_be_done(self, table: Table):
        with pytest.raises(ScreenFormsMissing):
            table.finish(Limit.PRIVACY)
        with pytest.raises(ScreenFormsMissing):
            table.sign()
        assert_nothing_signed()
        assert not Event.objects.filter(kind=EventKind.SECTION_DONE).exists()

    def test_another_passphrase_signs_nothing(self, ready: Table):
        with pytest.raises(PassphraseRefused):
            ready.sign(passphrase="somebody else with this phone")
        assert_nothing_signed()

    def test_another_version_is_refused(self, ready: Table):
        with pytest.raises(StaleText):
            ready.sign(version_id=ready.screen_forms.id)
        with pytest.raises(StaleText):
            ready.finish(Limit.PRIVACY, version=ready.screen_forms.id)
        assert_nothing_signed()

    def test_answers_given_to_an_older_version_do_not_count(self, ready: Table):
        newer = rows.newer_version(ready.text.id)
        with pytest.raises(StaleText):
            ready.sign()
        with pytest.raises(SectionsMissing):
            ready.sign(version_id=newer.pk)
        assert_nothing_signed()

    def test_a_meaning_that_was_not_shown_is_refused(self, ready: Table):
        # Another tab has marked a limit since this page was shown.
        ready.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        with pytest.raises(StaleText):
            ready.sign()
        assert_nothing_signed()

    def test_what_is_signed_is_not_answered_again(self, ready: Table):
        ready.sign()
        with pytest.raises(AlreadySigned):
            ready.finish(Limit.PRIVACY, Check.TO_DISCUSS)


class TestRecord:
    def test_the_same_form_twice_is_one_record(self, ready: Table):
        assert ready.sign() == ready.sign()
        assert ready.sign(nonce=uuid4()) == Record.objects.get().record_id
        assert Event.objects.filter(kind=EventKind.SIGNED).count() == 1
        assert Entry.objects.filter(action=Act.CONSENT_SIGNED).count() == 1

    def test_says_what_was_signed_by_whom_and_how(self, ready: Table, cast: Cast):
        ready.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        ready.sign(meaning=meaning_of(ready.text, frozenset({Limit.PAYMENT})))
        signed = look_at_record(by=ready.by, client=ready.client, at=timezone.now())
        facts = signed.facts
        assert facts["subject"] == {"id": str(cast.robin.client_id), "name": cast.robin.name}
        assert facts["therapists"] == [{"id": str(cast.dana.user.pk), "name": "Dana Whitlock"}]
        assert facts["practice"] == {"id": cast.dana.keys.root_id.hex(), "name": "Alder Lane"}
        assert facts["document"]["sha256"] == Version.objects.get(pk=ready.text.id).sha256
        assert facts["esign"]["sha256"] == ready.screen_forms.facts.sha256
        assert facts["auth"]["factors"] == ["passphrase", "totp"]
        assert facts["signer"]["meaning"].endswith("We will still talk about: Insurance and payment.")
        assert [one["code"] for one in facts["sections"]] == list(Limit)
        assert signed.to_discuss == {Limit.PAYMENT}
        assert signed.sha256 == hash_record(parse_envelope(signed.envelope).payload)

    def test_the_log_commits_to_the_ciphertext(self, ready: Table):
        ready.sign()
        row, entry = Record.objects.get(), Entry.objects.get(action=Act.CONSENT_SIGNED)
        assert row.ciphertext_sha256 == hashlib.sha256(row.sealed_envelope).hexdigest()
        assert entry.obj_id == row.record_id
        assert b'"k":"shared"' in bytes(entry.body)

    def test_a_second_signature_names_the_first(self, ready: Table):
        ready.sign()
        first = look_at_record(by=ready.by, client=ready.client, at=timezone.now())
        newer = rows.newer_version(ready.text.id)
        for code in Limit:
            ready.finish(code, version=newer.pk)
        ready.sign(version_id=newer.pk, nonce=uuid4())
        second = look_at_record(by=ready.by, client=ready.client, at=timezone.now())
        assert second.facts["prev"] == first.sha256
        assert Record.objects.get(record_id=second.id).prev_id == first.id

    def test_times_of_limits_are_minutes(self, ready: Table):
        moments = Event.objects.exclude(section="").values_list("at", flat=True)
        assert len(moments) == len(Limit)
        assert all(at.second == at.microsecond == 0 for at in moments)
        entries = Entry.objects.filter(action=Act.CONSENT_SECTION_DONE, obj_id__in=Event.objects.exclude(section=""))
        assert len(entries) == len(Limit)
        assert all(entry.at.second == entry.at.microsecond == 0 for entry in entries)

    def test_the_last_answer_of_a_minute_counts(self, ready: Table):
        ready.finish(Limit.ABUSE, Check.TO_DISCUSS)
        ready.finish(Limit.ABUSE, Check.RIGHT)
        said = look_at_answers(by=ready.by, client=ready.client, text=ready.text, at=timezone.now())
        assert said.sections[Limit.ABUSE].check is Check.RIGHT
        assert said.to_discuss == frozenset()


class TestWhoCanBelieveAndOpenIt:
    def test_a_record_of_another_client_is_refused(self, cast: Cast):
        sign_consent(cast.robin)
        by = cast.robin.person.as_(Role.CLIENT)
        envelope = look_at_record(by=by, client=cast.robin.record, at=timezone.now()).envelope
        find_key = KnownKeys(cast.dana.keys, subject=cast.robin.client_id).find
        verified = verify_record(envelope, subject=cast.robin.client_id, find_key=find_key)
        assert verified.facts["event"] == "signed"
        with pytest.raises(RecordRefused, match="belongs to somebody else"):
            verify_record(envelope, subject=cast.noor.client_id, find_key=find_key)
        find_other = KnownKeys(cast.dana.keys, subject=cast.noor.client_id).find
        with pytest.raises(RecordRefused, match="not known here"):
            verify_record(envelope, subject=cast.noor.client_id, find_key=find_other)

    def test_a_therapists_key_signs_for_no_client(self, cast: Cast):
        sign_consent(cast.robin)
        find_key = KnownKeys(cast.dana.keys, subject=cast.robin.client_id).find
        assert find_key(cast.dana.keys.key_id.hex()) is None
        assert find_key("00" * 16) is None
        assert find_key("not a key") is None

    def test_an_envelope_moved_to_another_row_does_not_open(self, cast: Cast):
        sign_consent(cast.robin)
        by = cast.robin.person.as_(Role.CLIENT)
        client, row = cast.robin.record, Record.objects.get()
        receipt = record_look(Act.CONSENT_READ, by=by, target=row, at=timezone.now())
        vault = shared_vault(by=by, client=client)
        with pytest.raises(SealBroken):
            vault.unseal(row.sealed_envelope, bound_to=("consent-record/v1", uuid4()), receipt=receipt)

    @pytest.mark.parametrize("who", ["manager", "sam", "auditor"])
    def test_nobody_outside_the_care_team_can_open_it(self, cast: Cast, who: str):
        sign_consent(cast.robin)
        vault = shared_vault(by=cast.robin.person.as_(Role.CLIENT), client=cast.robin.record)
        with pytest.raises(NoGrant):
            open_vault(by=getattr(cast, who).keys, place=vault.place)

    def test_the_therapist_in_care_reads_it(self, cast: Cast):
        sign_consent(cast.robin)
        by = cast.dana.as_(Role.THERAPIST)
        client = cast.robin.record
        signed = look_at_record(by=by, client=client, at=timezone.now() + timedelta(seconds=1))
        assert signed.facts["signer"]["name_typed"] == cast.robin.name
