"""Vaults: one key for one kind of text about one person, wrapped to each reader, committed to by its maker."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from keys.context import Blob, Field, encode, encode_fields
from keys.errors import KeyRefused, KeysError, NoGrant, NoVault
from keys.keyring import Keyring, Keys, require_open
from keys.models import Certificate, Generation, Grant, Vault
from keys.prepared import Prepared
from keys.sealing import Header, Sealing, read_header
from keys.services.generations import believe, commit, grants_at, live_grants, open_key, wrap_grant
from keys.services.places import Place, may_make, may_read
from keys.services.readers import require_giver, sign_reader
from keys.services.trust import Trust, Vouched
from keys.statements import Cause, Kind, ReaderLine, VaultKind
from keys.stored import Stored
from keys.suites import SUITES


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
    suite: int
    _reader: Keyring
    _trust: Trust
    _keys: dict[int, bytes] = field(default_factory=dict)
    _shared: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def seal(self, text: str | bytes, *, bound_to: tuple[Field, ...]) -> bytes:
        """Seal a text or bytes, bound to practice, vault, generation and the fields given (purpose first)."""
        content = text if isinstance(text, bytes) else text.encode("utf-8")
        return self._sealing(self._newest, *_encoded(bound_to)).seal(content)

    def unseal(self, blob: Blob, *, bound_to: tuple[Field, ...], receipt: Receipt, first_hash: str = "") -> str:
        """Open a text of this vault, after its look stands in the log.

        :param first_hash: the SHA-256 (hex) of the first ciphertext, for rows that keep it
        :raises SealBroken: altered, or moved from another row, field, revision or vault
        """
        purpose, fields = _encoded(bound_to)
        return self.unseal_stored(Stored(None, bytes(blob), purpose, fields, first_hash), receipt=receipt)

    def unseal_bytes(self, blob: Blob, *, bound_to: tuple[Field, ...], receipt: Receipt) -> bytes:
        """Do the same for what is no text."""
        receipt.confirm()
        stored = Stored(None, bytes(blob), *_encoded(bound_to), first_hash="")
        return self._sealing_of(stored).unseal(stored.sealed)

    def unseal_stored(self, text: Stored, *, receipt: Receipt) -> str:
        """Do the same for one of the many that are read at once."""
        receipt.confirm()
        return self._sealing_of(text).unseal(text.sealed).decode("utf-8")

    def seal_anew(self, text: Stored) -> bytes:
        """Seal a text of this vault under its current key. Nobody is shown it, so there is no look to record.

        The hash of its first ciphertext is bound in, so that the row's hash stays the one that the log holds.

        :raises SealBroken: as in :meth:`unseal`
        """
        bound_to = text.fields + encode_fields(text.first_hash) if text.first_hash else text.fields
        return self._sealing(self._newest, text.purpose, bound_to).reseal(text.sealed, old=self._sealing_of(text))

    def grant(self, to: Vouched, *, at: datetime, until: datetime | None = None) -> None:
        """Wrap the current key to one more reader, and the older ones that this person holds, for texts not yet anew.

        The caller decides who of those that may; the chain was verified.

        :param until: when it ends by itself, of a key that is lent
        :raises KeyRefused: nobody of this kind may ever read such a vault, or not with this key any more; or nobody
            signed that this person reads it for good (``reader_unsigned``)
        """
        _require_readers(self._trust, self.place, [to], at)
        row = Generation.objects.get(vault=self.id, generation=self.generation)
        require_giver(self._trust, self.place, row, self._reader.key_id)
        sign_reader(row, to.key_id, by=self._reader, at=at, until=until)
        # A key of a retired suite has no texts left.
        readable = Generation.objects.filter(vault=self.id, suite__in=SUITES.readable).values("generation")
        held = live_grants().filter(vault=self.id, grantee=self._reader.key_id, generation__lte=self.generation)
        mine = held.filter(generation__in=readable).order_by("generation")
        Grant.objects.bulk_create(
            wrap_grant(self.id, generation, self.key(generation), to, by=self._reader, at=at, expires_at=until)
            for generation in mine.values_list("generation", flat=True)
        )

    def key(self, generation: int) -> bytes:
        """Return the key of one generation, opened when it is first asked for.

        :raises NoGrant, KeyRefused: this person does not hold it, or it is not one we can vouch for
        """
        if generation not in self._keys:
            self._keys[generation] = open_key(self._reader, self.id, self.place, generation)
        return self._keys[generation]

    @property
    def _newest(self) -> Header:
        return Header(self.suite, self.generation)

    def _sealing_of(self, text: Stored) -> Sealing:
        fields = text.fields
        # What was sealed anew is bound to the hash of the first ciphertext, which the entry of its writing holds.
        if text.first_hash and hashlib.sha256(text.sealed).hexdigest() != text.first_hash:
            fields += encode_fields(text.first_hash)
        return self._sealing(read_header(text.sealed), text.purpose, fields)

    def _sealing(self, header: Header, purpose: str, fields: bytes) -> Sealing:
        generation = header.generation
        # What the places of all texts of one purpose and key share is written once.
        shared = self._shared.get((generation, purpose))
        if shared is None:
            shared = encode(purpose, self._reader.root_id, self.id, generation)
            self._shared[generation, purpose] = shared
        return Sealing(header, self.key(generation), shared + fields)


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
    _require_readers(trust, place, grantees, at)
    vault = Vault.objects.create(subject=place.subject, kind=place.kind, author=place.author)
    key = os.urandom(32)
    lines = [ReaderLine(reader.key_id, Cause.GIVEN, None) for reader in grantees]
    made = commit(vault, place, key, readers=lines, by=keyring, me=me, at=at)
    Grant.objects.bulk_create(wrap_grant(vault.id, 1, key, reader, by=keyring, at=at) for reader in grantees)
    return OpenVault(vault.id, place, 1, made.suite, keyring, trust, {1: key})


def open_vault(*, by: Keys, place: Place) -> OpenVault:
    """Open one vault, checking commitment and maker before believing its key.

    :raises NoVault: there is none yet
    :raises NoGrant: this person holds no key to it
    :raises KeyRefused: the key, its maker or its place is not one we can vouch for
    """
    keyring = require_open(by)
    grant = _newest_grant(keyring.key_id, place)
    commitment = _commitment.first(vault=grant.vault_id, generation=grant.generation) if grant else None
    return _open(keyring, Trust(keyring.root_id), place, grant, commitment)


def open_vaults(
    *, by: Keys, kind: VaultKind, subjects: Sequence[UUID], author: UUID | None = None
) -> dict[UUID, OpenVault | KeysError]:
    """Open one vault of the same kind for each subject, in two queries where all of them open.

    :returns: for each subject its vault, or why it stays closed: one bad key must not hide the other clients
    """
    keyring = require_open(by)
    mine = _grants_at(keyring.key_id, kind, timezone.now()).filter(vault__subject__in=subjects, vault__author=author)
    # The newest comes last, and wins.
    grants = {grant.vault.subject: grant for grant in mine}
    made = Generation.objects.filter(vault__in=[grant.vault_id for grant in grants.values()])
    commitments = {(row.vault_id, row.generation): row for row in made}
    trust = Trust(keyring.root_id)

    def attempt(subject: UUID) -> OpenVault | KeysError:
        grant = grants.get(subject)
        commitment = commitments.get((grant.vault_id, grant.generation)) if grant else None
        try:
            return _open(keyring, trust, Place(kind, subject, author), grant, commitment)
        except (NoVault, NoGrant, KeyRefused) as error:
            return error

    return {subject: attempt(subject) for subject in subjects}


def _open(
    keyring: Keyring, trust: Trust, place: Place, grant: Grant | None, commitment: Generation | None
) -> OpenVault:
    if grant is None:
        raise NoVault if find_vault(place) is None else NoGrant
    # Whoever writes the database would have us seal under a key that somebody was taken back from.
    if grant.generation > grant.vault.current_generation:
        raise KeyRefused("rolled_back")
    key = believe(keyring, trust, place, grant, commitment)
    assert commitment is not None  # noqa: S101 (what was believed has one)
    keys = {grant.generation: key}
    return OpenVault(grant.vault_id, place, grant.generation, commitment.suite, keyring, trust, keys)


def _newest_grant(key_id: bytes, place: Place) -> Grant | None:
    kind, subject, now = place.kind, place.subject, timezone.now()
    if place.author is None:
        grants = _grants.all(key_id=key_id, kind=kind, subject=subject, now=now)
    else:
        grants = _own_grants.all(key_id=key_id, kind=kind, subject=subject, author=place.author, now=now)
    return grants[-1] if grants else None


def _grants_at(key_id: bytes, kind: VaultKind, now: datetime) -> QuerySet[Grant]:
    mine = grants_at(now).filter(vault__kind=kind, grantee=key_id, generation__gte=F("vault__current_generation"))
    return mine.select_related("vault").order_by("generation")


@Prepared
def _grants(key_id: bytes, kind: VaultKind, subject: UUID, now: datetime) -> QuerySet[Grant]:
    return _grants_at(key_id, kind, now).filter(vault__subject=subject, vault__author=None)


@Prepared
def _own_grants(key_id: bytes, kind: VaultKind, subject: UUID, author: UUID, now: datetime) -> QuerySet[Grant]:
    return _grants_at(key_id, kind, now).filter(vault__subject=subject, vault__author=author)


@Prepared
def _commitment(vault: UUID, generation: int) -> QuerySet[Generation]:
    return Generation.objects.filter(vault=vault, generation=generation)


def generation_of_text(blob: Blob) -> int:
    """Say which generation a sealed text names.

    :raises SealBroken: no sealed text, or of a suite that is retired
    """
    return read_header(bytes(blob)).generation


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


def _encoded(bound_to: tuple[Field, ...]) -> tuple[str, bytes]:
    purpose, *fields = bound_to
    return str(purpose), encode_fields(*fields)


def _require_readers(trust: Trust, place: Place, readers: Iterable[Vouched], at: datetime) -> None:
    for reader in readers:
        if not may_read(place, reader):
            raise KeyRefused("reader_of_kind")
        if reader.retired or trust.is_revoked(reader.key_id, at=at):
            raise KeyRefused("key_ended")


def _distinct(readers: list[Vouched]) -> list[Vouched]:
    return list({reader.key_id: reader for reader in readers}.values())
