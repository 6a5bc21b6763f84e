"""Both signatures again, over the row that says so: the gate and the pages ask it without opening the record."""

import hashlib
from collections.abc import Callable
from uuid import UUID

from consent.envelope import EnvelopeRefused, Signer, seal_envelope
from consent.models import Record
from consent.record import KnownKey, RecordRefused, verify_both
from consent.statement import columns_of, write_statement
from keys.errors import SealBroken
from keys.services import generation_of_text

_SIGNED_AS = "application/vnd.subrosa.consent-signature+json"
# The text under seal is named by its hash, and the attestation cannot hold itself.
_NOT_IN_IT = {"sealed_envelope", "attestation"}


class SignatureUnproven(SealBroken):
    """A row says that a client signed, and not both of client and practice signed that row."""


def attest(row: Record, *, client: Signer, practice: Signer) -> bytes:
    """Sign a record's row and the row of its event, as they are about to be stored, with both keys."""
    return seal_envelope(_statement(row), payload_type=_SIGNED_AS, signers=[client, practice])


def require_attested(row: Record, *, subject: UUID, find_key: Callable[[str], KnownKey | None]) -> None:
    """Believe no column of a record's row, nor of its event, before both keys did.

    :param subject: whom the signature should be of
    :raises SignatureUnproven: somebody else wrote or altered one of the two rows, or the sealed record in it
    """
    try:
        payload, _ = verify_both(bytes(row.attestation), payload_type=_SIGNED_AS, subject=subject, find_key=find_key)
    except (RecordRefused, EnvelopeRefused) as error:
        raise SignatureUnproven from error
    if payload != _statement(row) or not _is_sealed_as_signed(row) or row.client_id != subject:
        raise SignatureUnproven


def _is_sealed_as_signed(row: Record) -> bool:
    sealed = bytes(row.sealed_envelope)
    if hashlib.sha256(sealed).hexdigest() == row.ciphertext_sha256:
        return True
    # Sealed anew under a later key of the vault, and bound to that very hash: only who opens it can tell.
    return generation_of_text(sealed) > 1


def _statement(row: Record) -> bytes:
    return write_statement({**columns_of(row, without=_NOT_IN_IT), "event": columns_of(row.event)})
