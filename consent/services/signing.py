"""The signature: one record, two signatures, one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django_otp import devices_for_user

from access.acting import Actor, service
from access.services.people import the_practice
from access.services.signing_in import reauthenticate
from audit.acts import Act, Purpose
from audit.entries import SealedDetail
from audit.services import Receipt, record, record_look
from clients.services.finding import care_team
from clients.services.supervised import supervised_of
from clients.services.vaults import shared_vault
from consent.envelope import Signer
from consent.kinds import EventKind
from consent.limits import Limit
from consent.models import Record
from consent.record import (
    AuthenticationFacts,
    ConsentRecord,
    Person,
    PracticeFacts,
    ScreenFormsFacts,
    SignerFacts,
    draw_reference,
    sign_record,
    verify_record,
)
from consent.sealed import ENVELOPE
from consent.services.attesting import attest, require_attested
from consent.services.ceremony import StaleText, StepRefused, require_open_text
from consent.services.events import Happening, lock_client, store_event
from consent.services.publishing import Published
from consent.services.reading import Progress, Said, open_answers, progress_of
from consent.services.records import KnownKeys, newest_record, open_record, practice_key_id
from keys.services import OpenVault, require_open, sign_as_practice

if TYPE_CHECKING:
    from clients.models import Client


class _Signers(TypedDict):
    client: Signer
    practice: Signer


_FACTORS = {"TotpDevice": "totp", "MailedCodeDevice": "mailed_code", "BackupCodes": "backup_codes"}


class SectionsMissing(StepRefused):
    """Not every limit is done: whatever the page said, nothing is signed."""

    message = "Some parts of this form are still open. Please finish them first."


@dataclass(frozen=True, repr=False)
class Typed:
    """What the client typed and saw on the page with the signature.

    :param meaning: the sentence that stood above the name; it is signed only as it was shown
    """

    version_id: UUID
    name: str
    meaning: str
    passphrase: str
    nonce: UUID


def sign_limits(*, by: Actor, client: "Client", typed: Typed, at: datetime) -> UUID:
    """Sign the limits of confidentiality. The same form sent twice is one record.

    :returns: the record's id
    :raises StaleText, ScreenFormsMissing, SectionsMissing: see there; nothing was kept
    :raises PassphraseRefused: the passphrase is asked every time, however fresh the session is
    """
    signed = _check_ready(by=by, client=client, typed=typed, at=at)
    if signed is not None:
        return signed
    reauthenticate(by=by, passphrase=typed.passphrase, at=at)
    receipt = record_look(Act.CONSENT_OPENED, by=by, target=client, purpose=Purpose.CLIENT_REQUEST, at=at)
    return _sign(by=by, client=client, typed=typed, receipt=receipt, at=at)


def meaning_of(text: Published, to_discuss: frozenset[Limit]) -> str:
    """Write the sentence that the signature stands for, naming what still waits for a talk."""
    titles = [screen.title for screen in text.screens if screen.code in to_discuss]
    meaning = text.publication.meaning
    return f"{meaning} {text.publication.still_to_discuss} {'; '.join(titles)}." if titles else meaning


@dataclass(frozen=True, repr=False)
class _Table:
    """Everything that lies on the table when somebody signs."""

    by: Actor
    client: "Client"
    typed: Typed
    progress: Progress
    said: Said
    vault: OpenVault
    at: datetime


@service
def _check_ready(*, by: Actor, client: "Client", typed: Typed, at: datetime) -> UUID | None:  # noqa: ARG001 (for `service`)
    progress = progress_of(client=client, at=at)
    if signed := _record_in_force(progress):
        return signed
    require_open_text(client=client, reading=progress, version_id=typed.version_id)
    if progress.next_screen is not None:
        raise SectionsMissing(client)
    return None


@service
@transaction.atomic(durable=True)
def _sign(*, by: Actor, client: "Client", typed: Typed, receipt: Receipt, at: datetime) -> UUID:
    lock_client(by=by, client=client)
    progress = progress_of(client=client, at=at)
    # Of two clicks one waited for the lock, and finds the work done.
    if signed := _record_in_force(progress):
        return signed
    require_open_text(client=client, reading=progress, version_id=typed.version_id)
    said = open_answers(by=by, client=client, text=progress.text, receipt=receipt, at=at)
    if len(said.sections) != len(progress.text.screens):
        raise SectionsMissing(client)
    if typed.meaning != meaning_of(progress.text, said.to_discuss):
        raise StaleText(client)
    table = _Table(by, client, typed, progress, said, shared_vault(by=by, client=client), at)
    before = newest_record(client)
    prev = open_record(by=by, client=client, row=before, receipt=receipt).sha256 if before else None
    return _store(table, _facts(table, prev), before)


def _record_in_force(progress: Progress) -> UUID | None:
    signature = progress.state.signature
    if signature is None or not progress.is_signed:
        return None
    return Record.objects.filter(event=signature.id).values_list("record_id", flat=True).first()


def _facts(table: _Table, prev: str | None) -> ConsentRecord:
    keyring, typed, progress = require_open(table.by.keys), table.typed, table.progress
    team = care_team(table.client)
    return ConsentRecord(
        record_id=uuid4(),
        reference=draw_reference(),
        event=EventKind.SIGNED,
        prev=prev,
        practice=PracticeFacts(keyring.root_id.hex(), the_practice().name),
        document=progress.text.facts,
        subject=Person(table.client.pk, typed.name),
        vault=table.vault.id,
        signer=SignerFacts(keyring.holder, keyring.key_id.hex(), typed.name, typed.meaning),
        therapists=tuple(Person(user.pk, user.display_name) for user in team),
        supervisor=_supervisor(table.client, table.at),
        esign=ScreenFormsFacts(progress.screen_forms.facts.sha256, progress.esign_at or table.at),
        sections=tuple(table.said.sections.values()),
        auth=AuthenticationFacts(_factors(table.by), "passphrase", table.at),
        signed_at=table.at,
        tz=settings.TIME_ZONE,
    )


def _supervisor(client: "Client", at: datetime) -> Person | None:
    """Name whom a therapist in training let read; with two of them, whoever came first."""
    supervisors = (row.supervision.supervisor for row in supervised_of(client, at=at))
    return next((Person(user.pk, user.display_name) for user in supervisors), None)


def _store(table: _Table, facts: ConsentRecord, before: Record | None) -> UUID:
    by, client, at, version_id = table.by, table.client, table.at, table.progress.text.id
    keys = KnownKeys(require_open(by.keys), subject=client.pk)
    signers = _signers(by, keys)
    sealed = table.vault.seal(_envelope(facts, keys, signers).decode(), bound_to=(ENVELOPE, facts.record_id))
    detail = SealedDetail.of(sealed, key_name="shared")
    happening = Happening(EventKind.SIGNED, Act.CONSENT_SIGNED, version_id=version_id, nonce=table.typed.nonce)
    row = Record(
        record_id=facts.record_id,
        client=client,
        version_id=version_id,
        event=store_event(by=by, client=client, happening=happening, at=at),
        ciphertext_sha256=detail.digest.hex(),
        sealed_envelope=sealed,
        reference=facts.reference,
        signed_at=at,
        prev=before,
    )
    row.attestation = attest(row, **signers)
    require_attested(row, subject=client.pk, find_key=keys.find)
    row.save(force_insert=True)
    record(Act.CONSENT_SIGNED, by=by, target=row, enc=detail, purpose=Purpose.CLIENT_REQUEST, at=at)
    return row.record_id


def _envelope(facts: ConsentRecord, keys: KnownKeys, signers: _Signers) -> bytes:
    envelope = sign_record(facts, **signers)
    # Read back as any later reader will, before it is stored: a record that nobody can check is none.
    verify_record(envelope, subject=facts.subject.id, find_key=keys.find)
    return envelope


def _signers(by: Actor, keys: KnownKeys) -> _Signers:
    keyring = require_open(by.keys)
    return {
        "client": Signer(keyring.key_id.hex(), keyring.sign_ed25519),
        "practice": Signer(practice_key_id(keys.practice), lambda message: sign_as_practice("record", message)),
    }


def _factors(by: Actor) -> tuple[str, ...]:
    kinds = {_FACTORS[type(device).__name__] for device in devices_for_user(by.user)}
    return ("passphrase", *sorted(kinds))
