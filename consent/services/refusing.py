"""Saying no: not signing, or taking a signature back. Nobody asks again; only the client ends it, by signing."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, service
from access.services.signing_in import reauthenticate
from audit.acts import Act
from audit.services import Receipt
from clients.services.vaults import shared_vault
from consent.kinds import EventKind
from consent.models import Event
from consent.services.ceremony import AlreadySigned, StepRefused
from consent.services.events import Happening, lock_client, open_detail, write_event
from consent.services.reading import reading_of
from consent.timeline import Step

if TYPE_CHECKING:
    from clients.models import Client


class NothingSigned(StepRefused):
    """There is no signature in force to take back."""

    message = "There is no signature of yours in force, so there is nothing to take back."


@service
@transaction.atomic(durable=True)
def decline(*, by: Actor, client: "Client", reason: str, nonce: UUID, at: datetime) -> None:
    """Keep that the client does not sign. The reason, if any is given, is sealed for client and care team.

    :raises AlreadySigned: what is signed is withdrawn, not declined
    """
    lock_client(by=by, client=client)
    reading = reading_of(client=client, at=at)
    if reading.state.signature is not None:
        raise AlreadySigned(client)
    happening = Happening(
        EventKind.DECLINED,
        Act.CONSENT_DECLINED,
        version_id=reading.text_id,
        nonce=nonce,
        detail={"reason": reason} if reason else None,
    )
    write_event(by=by, client=client, happening=happening, at=at)


def take_signature_back(
    *, by: Actor, client: "Client", passphrase: str, reason: str, nonce: UUID, at: datetime
) -> None:
    """Withdraw in the client's own hand: asked for the passphrase as for the signature itself.

    :raises PassphraseRefused: the passphrase is asked every time, however fresh the session is
    :raises NothingSigned: no signature is in force
    """
    reauthenticate(by=by, passphrase=passphrase, at=at)
    withdraw(by=by, client=client, reason=reason, nonce=nonce, at=at)


@service
@transaction.atomic(durable=True)
def withdraw(*, by: Actor, client: "Client", reason: str, nonce: UUID, at: datetime) -> None:
    """Take the signature back: from now on no new session is written about; what was written stays.

    :raises NothingSigned: no signature is in force
    """
    lock_client(by=by, client=client)
    reading = reading_of(client=client, at=at)
    if reading.state.signature is None:
        raise NothingSigned(client)
    happening = Happening(
        EventKind.WITHDRAWN,
        Act.CONSENT_WITHDRAWN,
        version_id=reading.signed_version,
        nonce=nonce,
        detail={"reason": reason} if reason else None,
    )
    write_event(by=by, client=client, happening=happening, at=at)


def read_no(*, by: Actor, client: "Client", cause: Step | None, receipt: Receipt) -> str:
    """Open why a client said no; empty where they did not, or did not say why.

    :param cause: the event that the client's present state comes from
    :raises NoGrant: this reader waits for the key
    """
    receipt.covers_client(client.audit_handle)
    if cause is None or cause.kind not in (EventKind.DECLINED, EventKind.WITHDRAWN):
        return ""
    vault, event = shared_vault(by=by, client=client), Event.objects.get(pk=cause.id)
    return str(open_detail(vault, event, receipt=receipt).get("reason", ""))
