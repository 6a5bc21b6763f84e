"""Generations of a vault's key: what their maker signs, and when a reader believes one."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from keys.context import encode
from keys.errors import KeyRefused, NoGrant, SealBroken
from keys.kdf import expand
from keys.keyring import Keyring, NewMaker
from keys.models import Generation, Grant, Vault
from keys.registry import Label
from keys.services.places import Place, may_make
from keys.services.trust import Trust, Vouched
from keys.statements import (
    CommitmentStatement,
    ReaderLine,
    ReadersCommitmentStatement,
    VaultKind,
    write_readers,
)
from keys.suites import SUITES
from keys.wrapping import wrap


def live_grants() -> QuerySet[Grant]:
    """Select the grants that have not expired."""
    # By the clock of the moment, whatever moment a caller writes into rows: who opens something does it now.
    return grants_at(timezone.now())


def grants_at(now: datetime) -> QuerySet[Grant]:
    """Select the grants that have not expired by a moment, for a question that is prepared."""
    return Grant.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))


def open_key(keyring: Keyring, vault: UUID, place: Place, generation: int, *, only_link: bool = False) -> bytes:
    """Open this reader's grant of one generation, and believe its key.

    :param only_link: see :func:`believe`
    :raises NoGrant, KeyRefused: see :func:`believe`
    """
    grant = live_grants().filter(vault=vault, generation=generation, grantee=keyring.key_id).first()
    if grant is None:
        raise NoGrant
    row = Generation.objects.filter(vault=vault, generation=generation).first()
    return believe(keyring, Trust(keyring.root_id), place, grant, row, only_link=only_link)


def believe(
    keyring: Keyring,
    trust: Trust,
    place: Place,
    grant: Grant,
    commitment: Generation | None,
    *,
    only_link: bool = False,
) -> bytes:
    """Open a grant and believe the key only if it is the one its maker signed for, at this very place.

    :param only_link: no text is opened with it, it only shows that the next key follows: its suite may be retired
    :raises KeyRefused: wrap, key, commitment or maker is not one we can vouch for
    """
    if commitment is None:
        raise KeyRefused("no_commitment")
    if not (only_link or SUITES.is_readable(commitment.suite)):
        raise KeyRefused("suite")
    statement = statement_of(place, commitment)
    try:
        key = keyring.unwrap(bytes(grant.wrap), info=info_for(keyring, grant.vault_id, grant.generation))
    except SealBroken as error:
        raise KeyRefused("grant_forged") from error
    if not hmac.compare_digest(expand(key, Label.COMMIT), statement.commit):
        raise KeyRefused("commitment")
    mark = keyring.acceptance(statement.encode())
    if not hmac.compare_digest(mark, bytes(grant.accepted)):
        maker = _verify(keyring, trust, statement, commitment)
        Grant.objects.filter(pk=grant.pk).update(accepted=mark)
        if statement.generation > 1 and maker.holder != keyring.holder:
            keyring.met.append(NewMaker(maker.holder, place.subject, place.kind, statement.generation))
    return key


def link(old_key: bytes, statement: CommitmentStatement) -> bytes:
    """Compute `prev`: only who held the generation before can write it (HMAC-SHA-256 over the other fields)."""
    return hmac.digest(expand(old_key, Label.NEXT), replace(statement, prev=b"").encode(), hashlib.sha256)


def commit(
    vault: Vault,
    place: Place,
    key: bytes,
    *,
    readers: Iterable[ReaderLine],
    by: Keyring,
    me: Vouched,
    at: datetime,
    old_key: bytes = b"",
) -> Generation:
    """Sign and store what fixes key and readers of a vault's first generation, or of the one that follows `old_key`."""
    row = Generation(
        vault=vault,
        generation=vault.current_generation + 1 if old_key else 1,
        root=by.root_id,
        suite=SUITES.current,
        commit=expand(key, Label.COMMIT),
        prev=b"",
        maker=by.key_id,
        maker_cert_hash=me.cert_hash,
        made_at=at,
        readers=write_readers(readers),
    )
    if old_key:
        row.prev = link(old_key, statement_of(place, row))
    row.signature = by.sign(statement_of(place, row).encode())
    row.save(force_insert=True)
    return row


def statement_of(place: Place, row: Generation) -> CommitmentStatement:
    """Rebuild the signed statement from its row, at the place that the reader says."""
    # Kind, subject and author are the reader's own words, never the row's: a vault moved to another person fails here.
    statement = CommitmentStatement(
        root=bytes(row.root),
        vault=row.vault_id,
        kind=place.kind,
        subject=place.subject,
        author=place.author,
        generation=row.generation,
        suite=row.suite,
        commit=bytes(row.commit),
        prev=bytes(row.prev),
        maker=bytes(row.maker),
        maker_cert_hash=bytes(row.maker_cert_hash),
        made_at=row.made_at,
    )
    # A row whose list was taken out is another statement than the one that was signed.
    return ReadersCommitmentStatement(**vars(statement), readers=bytes(row.readers)) if row.readers else statement


def wrap_grant(
    vault: UUID,
    generation: int,
    key: bytes,
    to: Vouched,
    *,
    by: Keyring,
    at: datetime,
    expires_at: datetime | None = None,
) -> Grant:
    """Wrap a key to a reader, for a grant to be stored. That this reader may have it, somebody signed."""
    info = grant_info(by.root_id, vault, generation, to.key_id, to.kem_public)
    return Grant(
        vault_id=vault,
        generation=generation,
        grantee=to.key_id,
        wrap=wrap(key, to=to.kem_public, info=info),
        granted_by=by.key_id,
        granted_at=at,
        expires_at=expires_at,
    )


def grant_info(root_id: bytes, vault: UUID, generation: int, key_id: bytes, kem_public: bytes) -> bytes:
    """Write what a wrap is bound to: practice, vault, generation and the reader's public key."""
    return encode("grant/v1", root_id, vault, generation, key_id, hashlib.sha256(kem_public).digest())


def info_for(reader: Keyring, vault: UUID, generation: int) -> bytes:
    """Write what a wrap for this reader is bound to, from the open seeds."""
    return grant_info(reader.root_id, vault, generation, reader.key_id, reader.seeds.kem_public)


def verify_commitment(trust: Trust, statement: CommitmentStatement, row: Generation) -> Vouched:
    """Verify what its signature says of a generation: root, maker's chain, maker's right.

    Whether it follows from the one before is for those to say who held that (:func:`believe`).

    :raises KeyRefused: one of them does not hold
    """
    if statement.root != trust.root_id:
        raise KeyRefused("changed_root")
    maker = trust.vouch(statement.maker, cert_hash=statement.maker_cert_hash)
    place = Place(VaultKind(statement.kind), statement.subject, statement.author)
    if not may_make(place, maker, generation=statement.generation):
        raise KeyRefused("maker_of_kind")
    if trust.is_revoked(statement.maker, at=statement.made_at):
        raise KeyRefused("maker_revoked")
    if not maker.verifying.verify(bytes(row.signature), statement.encode()):
        raise KeyRefused("commitment_signature")
    return maker


def _verify(keyring: Keyring, trust: Trust, statement: CommitmentStatement, row: Generation) -> Vouched:
    """Verify in full, at a reader's first acceptance: what was signed, and the predecessor."""
    maker = verify_commitment(trust, statement, row)
    place = Place(VaultKind(statement.kind), statement.subject, statement.author)
    if statement.generation > 1 and not _follows(keyring, place, statement):
        raise KeyRefused("predecessor")
    return maker


def _follows(keyring: Keyring, place: Place, statement: CommitmentStatement) -> bool:
    """Check the link to the generation before, for a reader who held it."""
    before = statement.generation - 1
    if not live_grants().filter(vault=statement.vault, generation=before, grantee=keyring.key_id).exists():
        return True
    old = open_key(keyring, statement.vault, place, before, only_link=True)
    return hmac.compare_digest(link(old, statement), statement.prev)
