"""Vaults: one key for one kind of text about one person, wrapped to each reader, committed to by its maker."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import F

from keys.context import Blob, Field, encode
from keys.errors import KeyRefused, KeysError, NoGrant, NoVault
from keys.keyring import Keyring, Keys, require_open
from keys.models import Certificate, Generation, Vault
from keys.sealing import read_header, seal, unseal
from keys.services.generations import believe, commit, live_grants, open_key, store_grant
from keys.services.places import Place, may_make, may_read
from keys.services.trust import Trust, Vouched
from keys.statements import Kind, VaultKind


class Receipt(Protocol):
    """Proof that this look is already in the log."""

    def confirm(self) -> None:
        """Raise unless the entry is committed."""


@dataclass(frozen=True, repr=False)
class OpenVault:
    """A vault whose key is open for the length of one request."""

    id: UUID
    place: Place
    generation: int
    _reader: Keyring
    _keys: dict[int, bytes] = field(default_factory=dict)

    def seal(self, text: str, *, bound_to: tuple[Field, ...]) -> bytes:
        """Seal a text, bound to practice, vault, generation and the fields given (purpose first)."""
        key = self._keys[self.generation]
        context = self._context(self.generation, bound_to)
        return seal(key, text.encode("utf-8"), context=context, generation=self.generation)

    def unseal(self, blob: Blob, *, bound_to: tuple[Field, ...], receipt: Receipt) -> str:
        """Open a text of this vault, after its look stands in the log.

        :raises SealBroken: altered, or moved from another row, field, revision or vault
        """
        receipt.confirm()
        sealed = bytes(blob)
        generation = read_header(sealed).generation
        if generation not in self._keys:
            self._keys[generation] = open_key(self._reader, self.id, self.place, generation)
        raw = unseal(self._keys[generation], sealed, context=self._context(generation, bound_to))
        return raw.decode("utf-8")

    def grant(self, to: Vouched, *, at: datetime) -> None:
        """Wrap the current key to one more reader. The caller decides who of those that may; the chain was verified.

        :raises KeyRefused: nobody of this kind may ever read such a vault
        """
        _require_readers(self.place, [to])
        store_grant(self.id, self.generation, self._keys[self.generation], to, by=self._reader, at=at)

    def _context(self, generation: int, bound_to: tuple[Field, ...]) -> bytes:
        purpose, *fields = bound_to
        return encode(str(purpose), self._reader.root_id, self.id, generation, *fields)


def make_vault(
    *, by: Keys, place: Place, readers: Iterable[Vouched] = (), recoverable: bool = True, at: datetime
) -> OpenVault:
    """Make a vault in the maker's own request: key, signed commitment, and grants to maker, readers and recovery.

    Belongs inside the transaction that stores the first text.

    :param readers: other people, each already vouched for
    :param recoverable: wrap to the practice recovery key too (always, but for an author's own notes)
    :raises KeyRefused: the maker may not make this kind, a reader may not read it, or the recovery key does not hold
    """
    keyring = require_open(by)
    trust = Trust(keyring.root_id)
    me = trust.vouch(keyring.key_id, subject=place.subject if place.kind == VaultKind.SHARED else None)
    if not may_make(place, me, generation=1):
        raise KeyRefused("maker_of_kind")
    grantees = _distinct([me, *readers, *([vouch_for_recovery(trust)] if recoverable else [])])
    _require_readers(place, grantees)
    vault = Vault.objects.create(subject=place.subject, kind=place.kind, author=place.author)
    key = os.urandom(32)
    commit(vault, place, key, keyring, me, at)
    for reader in grantees:
        store_grant(vault.id, 1, key, reader, by=keyring, at=at)
    return OpenVault(vault.id, place, 1, keyring, {1: key})


def open_vault(*, by: Keys, place: Place) -> OpenVault:
    """Open one vault, checking commitment and maker before believing its key.

    :raises NoVault: there is none yet
    :raises NoGrant: this person holds no key to it
    :raises KeyRefused: the key, its maker or its place is not one we can vouch for
    """
    opened = open_vaults(by=by, kind=place.kind, subjects=[place.subject], author=place.author)[place.subject]
    if isinstance(opened, KeysError):
        raise opened
    return opened


def open_vaults(
    *, by: Keys, kind: VaultKind, subjects: Sequence[UUID], author: UUID | None = None
) -> dict[UUID, OpenVault | KeysError]:
    """Open one vault of the same kind for each subject, in two queries where all of them open.

    :returns: for each subject its vault, or why it stays closed: one bad key must not hide the other clients
    """
    keyring = require_open(by)
    mine = live_grants().filter(vault__kind=kind, vault__subject__in=subjects, vault__author=author)
    current = mine.filter(grantee=keyring.key_id, generation=F("vault__current_generation")).select_related("vault")
    grants = {grant.vault.subject: grant for grant in current}
    made = Generation.objects.filter(vault__in=[grant.vault_id for grant in grants.values()])
    commitments = {(row.vault_id, row.generation): row for row in made}
    trust = Trust(keyring.root_id)

    def attempt(subject: UUID) -> OpenVault | KeysError:
        place, grant = Place(kind, subject, author), grants.get(subject)
        if grant is None:
            return NoVault() if find_vault(place) is None else NoGrant()
        try:
            key = believe(keyring, trust, place, grant, commitments.get((grant.vault_id, grant.generation)))
        except KeyRefused as error:
            return error
        return OpenVault(grant.vault_id, place, grant.generation, keyring, {grant.generation: key})

    return {subject: attempt(subject) for subject in subjects}


def find_vault(place: Place) -> UUID | None:
    """Say which vault stands at a place, if one does."""
    rows = Vault.objects.filter(kind=place.kind, subject=place.subject, author=place.author)
    return rows.values_list("id", flat=True).first()


def holds_key(*, key_id: bytes, place: Place) -> bool:
    """Say whether this key is a grantee of the vault at a place."""
    return (
        live_grants()
        .filter(vault__kind=place.kind, vault__subject=place.subject, vault__author=place.author, grantee=key_id)
        .exists()
    )


def vouch_for_recovery(trust: Trust) -> Vouched:
    """Find the practice recovery key: of kind recovery, and certified by the root itself.

    :raises KeyRefused: none holds
    """
    row = Certificate.objects.filter(kind=Kind.RECOVERY, root=trust.root_id).order_by("-issued_at").first()
    if row is None:
        raise KeyRefused("no_recovery_key")
    vouched = trust.vouch(bytes(row.key_id))
    if vouched.kind != Kind.RECOVERY or not vouched.by_root:
        raise KeyRefused("recovery_issuer")
    return vouched


def _require_readers(place: Place, readers: Iterable[Vouched]) -> None:
    if not all(may_read(place, reader) for reader in readers):
        raise KeyRefused("reader_of_kind")


def _distinct(readers: list[Vouched]) -> list[Vouched]:
    return list({reader.key_id: reader for reader in readers}.values())
