"""Keys made in place of lost ones, which wait beside the old ones until a recovery ceremony puts them there.

A link and a short code are enough to make them. They must not be enough to end the old ones: whoever invites somebody
has both, and the old bundle is the only way into what its owner keeps apart from recovery.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from keys.codes import draw_code, read_code
from keys.errors import KeyRefused, SealBroken, WrongPassphrase
from keys.kdf import extract
from keys.keyring import Keyring, Keys, require_open
from keys.models import Identity, Successor
from keys.registry import Label
from keys.sealing import seal, unseal
from keys.seeds import Seeds
from keys.services.certifying import fingerprint_of_mine, fingerprint_under
from keys.services.identities import bundle_context, recovery_context
from keys.services.rekeying import retire_identity

_FIRST_EPOCH = 1


@dataclass(frozen=True)
class Waiting:
    """New keys that wait for a ceremony: the 32-byte fingerprint to compare, and since when."""

    fingerprint: bytes
    since: datetime


def make_successor(*, holder: UUID, kek: bytes, verifier: str, root_id: bytes, at: datetime) -> str:
    """Make new keys for somebody who has keys already; those made before in this way are replaced.

    :returns: the personal recovery code, to show once
    """
    seeds, code, serial = Seeds.fresh(root_id), draw_code(), uuid4()
    key_id, raw = seeds.key_id, seeds.to_bytes()
    Successor.objects.filter(holder=holder).delete()
    Successor.objects.create(
        holder=holder,
        key_id=key_id,
        kem_public=seeds.kem_public,
        sig_public=seeds.signer.public.raw,
        verifier=verifier,
        sealed_bundle=seal(kek, raw, context=bundle_context(holder, key_id, _FIRST_EPOCH)),
        recovery_serial=serial,
        sealed_recovery=seal(_recovery_key(code), raw, context=recovery_context(holder, key_id, serial)),
        made_at=at,
    )
    return code


def prove_successor(*, holder: UUID, code: str, at: datetime) -> str:
    """Note that the recovery code of the new keys is on paper.

    :returns: the six words to read aloud, from the open seeds and from no row
    :raises WrongPassphrase: a typing error, another code, or no new keys
    """
    row = Successor.objects.filter(holder=holder).first()
    if row is None:
        raise WrongPassphrase
    context = recovery_context(holder, bytes(row.key_id), row.recovery_serial)
    try:
        raw = unseal(_recovery_key(code), bytes(row.sealed_recovery), context=context)
    except SealBroken as error:
        raise WrongPassphrase from error
    keyring = Keyring(holder, Seeds.from_bytes(raw))
    Successor.objects.filter(holder=holder, key_id=keyring.key_id).update(proven_at=at)
    return fingerprint_of_mine(keyring)


def find_successor(*, by: Keys, holder: UUID) -> Waiting | None:
    """Find new keys that wait, once their recovery code was typed back; hashed under my own pinned root."""
    row = Successor.objects.filter(holder=holder, proven_at__isnull=False).first()
    if row is None or row.proven_at is None:
        return None
    return Waiting(fingerprint_under(require_open(by).root_id, _identity(row)), row.proven_at)


def install_successor(*, holder: UUID, at: datetime) -> str:
    """Retire somebody's keys and put the new ones in their place. Belongs inside the transaction that certifies them.

    :returns: the verifier of the new passphrase, for the account
    :raises KeyRefused: no new keys wait
    """
    row = Successor.objects.select_for_update().filter(holder=holder, proven_at__isnull=False).first()
    if row is None:
        raise KeyRefused("no_such_key")
    retire_identity(holder=holder, at=at)
    _identity(row).save(force_insert=True)
    row.delete()
    return row.verifier


def discard_successor(*, holder: UUID) -> None:
    """Remove new keys that will not be put in place."""
    Successor.objects.filter(holder=holder).delete()


def _identity(row: Successor) -> Identity:
    names = ("holder", "key_id", "kem_public", "sig_public", "sealed_bundle", "recovery_serial", "sealed_recovery")
    return Identity(epoch=_FIRST_EPOCH, made_at=row.made_at, **{name: getattr(row, name) for name in names})


def _recovery_key(code: str) -> bytes:
    return extract(read_code(code), Label.RECOVERY_CODE)
