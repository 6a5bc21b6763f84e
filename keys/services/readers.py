"""Who may read a vault's key, as people signed it: nobody is a reader because a row says so.

The maker of a generation signs a list of readers with it. Each of them who was given the key for good may sign for one
more, and so on; what a pair of keys reads, the next pair of the same holder reads. Ends are signed too.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from keys.errors import KeyRefused
from keys.keyring import Keyring
from keys.models import Generation
from keys.models.readership import Heir, Reader, ReaderEnd
from keys.registry import Label
from keys.services.certifying import Issuer
from keys.services.generations import statement_of, verify_commitment
from keys.services.places import Place
from keys.services.service_key import service_mac
from keys.services.trust import Trust, Vouched
from keys.statements import (
    Cause,
    HeirStatement,
    Kind,
    ReaderEndStatement,
    ReaderLine,
    ReaderStatement,
    read_readers,
)

_Signed = ReaderStatement | ReaderEndStatement | HeirStatement
_S = TypeVar("_S", ReaderStatement, ReaderEndStatement, HeirStatement)


@dataclass(frozen=True)
class Reading:
    """That one key may read, for as long as nothing that was signed ends it."""

    key_id: bytes
    cause: Cause
    given_by: bytes
    given_at: datetime
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return self.given_at <= moment and (self.until is None or moment <= self.until)

    @property
    def is_open(self) -> bool:
        # By the clock of the moment, as grants are.
        return self.until is None or self.until > timezone.now()

    @property
    def line(self) -> ReaderLine:
        """What carries this reader over to the next generation."""
        cause = Cause.FINISH if self.until and self.cause == Cause.GIVEN else self.cause
        return ReaderLine(self.key_id, cause, self.until)


def readings_of(trust: Trust, place: Place, row: Generation) -> dict[bytes, Reading]:
    """Verify who reads one generation now, by key id: of several readings of a key, the one that lasts longest.

    :raises KeyRefused: the generation itself is not one we can vouch for
    """
    book = _Book(trust, row, verify_commitment(trust, statement_of(place, row), row))
    found = [reading for reading in book.read if reading.is_open]
    # Those without an end come last, and win.
    found.sort(key=lambda reading: (reading.until is None, reading.until or reading.given_at))
    return {reading.key_id: reading for reading in found}


def earliest(*ends: datetime | None) -> datetime | None:
    """Find what ends first. A row that nobody signed lends nothing for longer, but it may end sooner."""
    return min((end for end in ends if end), default=None)


def require_giver(trust: Trust, place: Place, row: Generation, key_id: bytes) -> None:
    """Let only who was given a key for good pass it on: nobody would believe anybody else.

    :raises KeyRefused: ``reader_unsigned``, or the generation is not one we can vouch for
    """
    reading = readings_of(trust, place, row).get(key_id)
    if reading is None or reading.line.cause != Cause.GIVEN:
        raise KeyRefused("reader_unsigned")


def sign_reader(row: Generation, to: bytes, *, by: Keyring, at: datetime, until: datetime | None = None) -> None:
    """Sign and store that one more key reads a generation and what came before it; `until`: it is lent."""
    cause = Cause.COVER if until else Cause.GIVEN
    statement = ReaderStatement(by.root_id, row.vault_id, row.generation, to, cause, until, by.key_id, at)
    _store(Reader, statement, by.sign(statement.encode()))


def sign_end(vault: UUID, *, by: Keyring, holder: UUID, since: datetime, at: datetime) -> None:
    """Sign and store that what a holder was given of a vault before `at` ends at `since`."""
    statement = ReaderEndStatement(by.root_id, vault, holder, since, by.key_id, at)
    _store(ReaderEnd, statement, by.sign(statement.encode()))


def sign_heir(by: Issuer, *, holder: UUID, old: bytes, new: bytes, at: datetime) -> None:
    """Sign and store, as the old pair of keys or as the root, that the new one reads what the old one reads at `at`."""
    statement = HeirStatement(by.root_id, holder, old, new, at, by.key_id)
    _store(Heir, statement, by.signer.sign(statement.encode()))


def columns_of(statement: _Signed) -> dict[str, Any]:
    """Return the columns of a row that carries a statement, but for its signature."""
    return {_column(name): value for name, value in vars(statement).items()}


def mac_of_adopted(statement: ReaderStatement) -> bytes:
    """Compute what stands in for the signature of somebody who was a reader before readers were signed: 32 bytes."""
    return service_mac(Label.ADOPTED_READER, statement.encode())


class Readers:
    """Looks readers up, each generation verified once; one that nobody can vouch for has none."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._known: dict[int, dict[bytes, Reading]] = {}

    def find(self, place: Place, rows: Iterable[Generation | None], key_id: bytes) -> Reading | None:
        """Find what lets a key read one of these generations: who reads one may have those before it."""
        found = (self._readings(place, row).get(key_id) for row in rows if row)
        return next((reading for reading in found if reading), None)

    def _readings(self, place: Place, row: Generation) -> dict[bytes, Reading]:
        if row.pk not in self._known:
            try:
                self._known[row.pk] = readings_of(self._trust, place, row)
            except KeyRefused:
                self._known[row.pk] = {}
        return self._known[row.pk]


class _Book:
    """What was signed about one generation, followed from its maker as far as the signatures hold."""

    def __init__(self, trust: Trust, row: Generation, maker: Vouched) -> None:
        self._trust, self._row = trust, row
        self._ends = list(ReaderEnd.objects.filter(vault=row.vault_id))
        self._given: dict[bytes, list[Reader]] = defaultdict(list)
        for given in Reader.objects.filter(vault=row.vault_id, generation=row.generation):
            self._given[bytes(given.given_by)].append(given)
        self._heirs: dict[bytes, list[Heir]] = defaultdict(list)
        for heir in Heir.objects.filter(root=trust.root_id):
            self._heirs[bytes(heir.old)].append(heir)
        self._holders: dict[bytes, UUID] = {}
        self.read: list[Reading] = []
        self._follow(list(self._listed(maker)))

    def _listed(self, maker: Vouched) -> Iterator[Reading]:
        """Read the maker's own list, or in its place, before there were any, those whom the service found in rows."""
        at, by = self._row.made_at, maker.key_id
        if self._row.readers:
            for line in read_readers(bytes(self._row.readers)):
                yield Reading(line.key_id, line.cause, by, at, line.expires_at)
            return
        yield Reading(by, Cause.GIVEN, by, at, None)
        for row in self._given[b""]:
            statement = _read(ReaderStatement, row)
            if hmac.compare_digest(mac_of_adopted(statement), bytes(row.signature)):
                yield _reading(statement)

    def _follow(self, queue: list[Reading]) -> None:
        while queue:
            reading = self._cut_short(queue.pop())
            # Two pairs of keys may name each other as heirs.
            if reading not in self.read:
                self.read.append(reading)
                queue += [*self._given_on(reading), *self._inherited(reading)]

    def _given_on(self, reading: Reading) -> Iterator[Reading]:
        # What was lent is not passed on.
        if reading.cause != Cause.GIVEN:
            return
        for row in self._given[reading.key_id]:
            statement = _read(ReaderStatement, row)
            fits = (statement.cause == Cause.COVER) == (statement.expires_at is not None)
            if fits and reading.holds_at(row.given_at) and self._signed(row, statement, reading.key_id, row.given_at):
                yield _reading(statement)

    def _inherited(self, reading: Reading) -> Iterator[Reading]:
        for row in self._heirs[reading.key_id]:
            if reading.holds_at(row.since) and self._is_heir(row):
                self._holders[bytes(row.new)] = row.holder
                yield replace(reading, key_id=bytes(row.new), given_by=reading.key_id, given_at=row.since)

    def _is_heir(self, row: Heir) -> bool:
        statement = _read(HeirStatement, row)
        is_own = statement.issuer in (statement.old, self._trust.root_id)
        theirs = {self._holder_of(statement.old), self._holder_of(statement.new) or statement.holder}
        return is_own and theirs == {statement.holder} and self._signed(row, statement, statement.issuer, row.since)

    def _cut_short(self, reading: Reading) -> Reading:
        """End a reading where somebody signed so after it was given. What came at the same moment came with that."""
        holder = self._holder_of(reading.key_id)
        later = [row for row in self._ends if row.holder == holder and row.made_at > reading.given_at]
        return replace(reading, until=earliest(reading.until, *(row.since for row in later if self._is_end(row))))

    def _is_end(self, row: ReaderEnd) -> bool:
        statement = _read(ReaderEndStatement, row)
        try:
            is_colleague = self._trust.vouch(statement.issuer).kind != Kind.CLIENT
        except KeyRefused:
            return False
        return is_colleague and self._signed(row, statement, statement.issuer, row.made_at)

    def _signed(self, row: Reader | ReaderEnd | Heir, statement: _Signed, issuer: bytes, at: datetime) -> bool:
        """Say whether this is the signature of a key that had not ended by then, under my root."""
        try:
            key = self._trust.root_key() if issuer == self._trust.root_id else self._trust.vouch(issuer).verifying
        except KeyRefused:
            return False
        if statement.root != self._trust.root_id or self._trust.is_revoked(issuer, at=at):
            return False
        return key.verify(bytes(row.signature), statement.encode())

    def _holder_of(self, key_id: bytes) -> UUID | None:
        try:
            return self._trust.vouch(key_id).holder
        except KeyRefused:
            # New keys that nobody has confirmed yet: whose they are, the old ones signed.
            return self._holders.get(key_id)


def _reading(statement: ReaderStatement) -> Reading:
    cause = Cause(statement.cause)
    return Reading(statement.key_id, cause, statement.given_by, statement.given_at, statement.expires_at)


def _store(model: type[Reader | ReaderEnd | Heir], statement: _Signed, signature: bytes) -> None:
    model(**columns_of(statement), signature=signature).save(force_insert=True)


def _read(kind: type[_S], row: Any) -> _S:
    """Rebuild a signed statement from its row."""
    return kind(**{field.name: _plain(getattr(row, _column(field.name))) for field in fields(kind)})


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _column(name: str) -> str:
    return "vault_id" if name == "vault" else name
