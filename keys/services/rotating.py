"""A vault's next key: made by somebody who holds the one before, and texts sealed anew under it, slice by slice.

Each step is one transaction of its own, and leaves every text readable: new texts are sealed under the new key at once,
and each older one under the generation that it names, for as long as it does.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import BinaryField, Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from keys.columns import REGISTER, SealedColumn, columns_of_vault
from keys.errors import KeyRefused, SealBroken
from keys.keyring import Keyring, Keys, LeftOut, require_open
from keys.models import Certificate, Generation, Grant, Identity, Vault
from keys.prepared import Prepared
from keys.services.generations import commit, grants_at, live_grants, statement_of, wrap_grant
from keys.services.holding import flag_vaults, vaults_at
from keys.services.places import Place, may_make, may_read
from keys.services.readers import readings_of
from keys.services.storing import change_texts
from keys.services.trust import Trust, Vouched
from keys.services.vaults import OpenVault, open_vault
from keys.statements import Kind, ReaderLine, VaultKind
from keys.stored import Stored, read_stored
from keys.suites import SUITES

# A request that opened the vault before its key was replaced may still store a text under the old one.
_STRAGGLERS = timedelta(minutes=5)


@dataclass(frozen=True)
class WaitingVault:
    """A vault that waits for its next key (`turns`), or for `texts` to be sealed anew."""

    place: Place
    since: datetime
    turns: bool
    texts: int


def waiting_places(*, by: Keys) -> list[Place]:
    """List the vaults that wait for their next key or for texts to be sealed anew, and whose key of today I hold.

    The one that waits longest comes first.
    """
    rows = _mine.all(mine=require_open(by).key_id, left=b"", now=timezone.now())
    return [_place_of(vault) for vault in rows]


@Prepared
def _mine(mine: bytes, left: bytes, now: datetime) -> QuerySet[Vault]:
    grants = grants_at(now).filter(vault=OuterRef("pk"), grantee=mine, generation=OuterRef("current_generation"))
    return _waiting(left=left).filter(Exists(grants))


def browse_waiting() -> list[WaitingVault]:
    """List every vault that waits, whoever holds its key, the one that waits longest first. Nothing is opened."""
    return [
        WaitingVault(
            place := _place_of(vault),
            since=vault.rotate_since,
            turns=vault.wanted_generation > vault.current_generation,
            texts=_count_older(place, vault),
        )
        for vault in _waiting()
        if vault.rotate_since
    ]


def flag_older_suites(*, at: datetime) -> int:
    """Have the key replaced of every vault whose texts are sealed with another suite than today's.

    :returns: how many were not flagged before
    """
    # Asked first: on SQLite an update that changes nothing waits for whoever writes all the same.
    if not _any_of_another_suite.any(suite=SUITES.current):
        return 0
    return flag_vaults(_of_another_suite(SUITES.current), at=at)


def _of_another_suite(suite: int) -> QuerySet[Vault]:
    others = Generation.objects.filter(vault=OuterRef("pk"), generation=OuterRef("current_generation"))
    return Vault.objects.filter(Exists(others.exclude(suite=suite)), rotate_since__isnull=True)


@Prepared
def _any_of_another_suite(suite: int) -> QuerySet[Vault, UUID]:
    return _of_another_suite(suite).values_list("pk", flat=True)[:1]


def count_suites() -> Counter[int]:
    """Count the sealed texts of all columns by the byte of their suite; retire one only when it counts nothing."""
    return sum((counts for _, counts in suites_by_column()), Counter[int]())


def suites_by_column() -> Iterator[tuple[SealedColumn, Counter[int]]]:
    """Count the same for each column."""
    for column in REGISTER.values():
        suites = column.rows.annotate(suite=_part(column, 2, 1)).values_list("suite").annotate(Count("pk"))
        yield column, Counter({bytes(suite)[0]: count for suite, count in suites})


def suites_of_vaults() -> Counter[int]:
    """Count the vaults by the suite of their key of today."""
    newest = Generation.objects.filter(generation=F("vault__current_generation"))
    return Counter(newest.values_list("suite", flat=True))


def current_suite() -> int:
    """Name the suite that is written today."""
    return SUITES.current


def needs_turning(place: Place) -> bool:
    """Say whether the vault at a place waits for its next key, and not only for texts to be sealed anew."""
    return vaults_at([place]).filter(wanted_generation__gt=F("current_generation")).exists()


def turn_key(*, by: Keys, place: Place, at: datetime) -> OpenVault:
    """Replace a vault's key: a commitment that follows the one before, and grants to all who hold that one.

    Readers whom nobody vouches for any more are left out, and so is who has a row without anybody's signature: those
    are named in the keyring's `left_out`. Somebody whose new pair of keys waits to be confirmed is waited for: left
    out, they would lose the vault. Belongs inside a transaction.

    :raises KeyRefused: I may not make it, nobody signed that I read it (``reader_unsigned``), the key of today is not
        believed, or ``reader_waits``
    :returns: the vault under its newest key; where that was made meanwhile, nothing more is done
    """
    keyring = require_open(by)
    vault, opened = vaults_at([place]).select_for_update().get(), open_vault(by=by, place=place)
    if vault.wanted_generation <= vault.current_generation:
        return opened
    trust = Trust(keyring.root_id)
    me = _vouch_at(trust, place, keyring.key_id)
    generation = vault.current_generation + 1
    if not may_make(place, me, generation=generation):
        raise KeyRefused("maker_of_kind")
    readers, key = list(_readers(keyring, trust, place, vault, at)), os.urandom(32)
    if me.key_id not in [reader.key_id for reader, _ in readers]:
        raise KeyRefused("reader_unsigned")
    lines = [line for _, line in readers]
    made = commit(vault, place, key, readers=lines, by=keyring, me=me, at=at, old_key=opened.key(opened.generation))
    grants = [
        wrap_grant(vault.pk, generation, key, reader, by=keyring, at=at, expires_at=line.expires_at)
        for reader, line in readers
    ]
    # I made it and need not verify it: my own grant has my mark from the start.
    mark = keyring.acceptance(statement_of(place, made).encode())
    for grant in grants:
        grant.accepted = mark if grant.grantee == me.key_id else b""
    Grant.objects.bulk_create(grants)
    Vault.objects.filter(pk=vault.pk).update(current_generation=generation)
    return OpenVault(vault.pk, place, generation, made.suite, keyring, trust, {generation: key})


def seal_slice(*, vault: OpenVault, limit: int) -> int:
    """Seal at most `limit` older texts of a vault anew under its key of today. Belongs inside a transaction.

    A text that somebody changed or sealed anew meanwhile stays as they left it. One that does not open stays too: it is
    counted as waiting for ever, and breaks where somebody reads it.

    :returns: how many were sealed anew, a large one for as many as it weighs
    """
    done = 0
    for column in columns_of_vault(vault.place.kind):
        done += _seal_column(vault, column, limit - done)
    return done


def finish_rotation(*, place: Place, at: datetime) -> bool:
    """Take the flag off a vault with nothing left to do, once no request can be left that knew only the old key.

    The old keys stay wrapped to those who hold the new one: they open nothing more, but show a reader who comes later
    that the new one follows from them.

    :returns: whether it was taken off
    """
    vault = vaults_at([place]).get()
    newest = Generation.objects.get(vault=vault, generation=vault.current_generation)
    if at - newest.made_at < _STRAGGLERS or _count_older(place, vault):
        return False
    turned = Vault.objects.filter(pk=vault.pk, wanted_generation__lte=F("current_generation"))
    return bool(turned.update(rotate_since=None))


def _waiting(left: bytes = b"") -> QuerySet[Vault]:
    """Select the vaults that wait.

    :param left: the bundle of somebody who left, for a question that is prepared
    """
    # What a leaver kept for themselves, and only the printed codes may still open, waits for nobody.
    people = Identity.objects.exclude(sealed_bundle=left).values("key_id")
    held = Grant.objects.filter(vault=OuterRef("pk"), grantee__in=people)
    return Vault.objects.filter(Exists(held), rotate_since__isnull=False).order_by("rotate_since", "pk")


def _place_of(vault: Vault) -> Place:
    return Place(VaultKind(vault.kind), vault.subject, vault.author)


def _readers(
    keyring: Keyring, trust: Trust, place: Place, vault: Vault, at: datetime
) -> Iterator[tuple[Vouched, ReaderLine]]:
    readings = readings_of(trust, place, Generation.objects.get(vault=vault, generation=vault.current_generation))
    for grant in live_grants().filter(vault=vault, generation=vault.current_generation).order_by("pk"):
        key_id = bytes(grant.grantee)
        reading = readings.get(key_id)
        if reading is None:
            keyring.left_out.append(LeftOut(_owner_of(key_id), place.subject, place.kind))
            continue
        try:
            reader = _vouch_at(trust, place, key_id)
        except KeyRefused:
            if _waits_to_be_confirmed(trust, key_id):
                raise KeyRefused("reader_waits") from None
            continue
        if may_read(place, reader) and not reader.retired and not trust.is_revoked(key_id, at=at):
            yield reader, reading.line


def _vouch_at(trust: Trust, place: Place, key_id: bytes) -> Vouched:
    vouched = trust.vouch(key_id)
    # A client's key may be certified for several records, and counts here as the one for this one.
    return trust.vouch(key_id, subject=place.subject) if vouched.kind == Kind.CLIENT else vouched


def _owner_of(key_id: bytes) -> UUID | None:
    return Identity.objects.filter(key_id=key_id).values_list("holder", flat=True).first()


def _waits_to_be_confirmed(trust: Trust, key_id: bytes) -> bool:
    """Say whether this is the new pair of keys of somebody whose old one is vouched for, and has no certificate yet."""
    mine = Identity.objects.filter(key_id=key_id, retired_at=None).first()
    if mine is None or Certificate.objects.filter(key_id=key_id).exists():
        return False
    for old in Identity.objects.filter(holder=mine.holder, retired_at__isnull=False):
        try:
            trust.vouch(bytes(old.key_id))
        except KeyRefused:
            continue
        return True
    return False


def _seal_column(vault: OpenVault, column: SealedColumn, limit: int) -> int:
    done, seen, rows = 0, set[Any](), _older(column, vault.place, vault.generation)
    weight = column.texts.weight if column.texts else 1
    while done < limit:
        wanted = ceil((limit - done) / weight)
        batch = list(read_stored(column, rows.exclude(pk__in=seen)[:wanted]))
        # In one order, so that two sessions at once do not wait for each other's rows for ever.
        batch.sort(key=lambda stored: str(stored.key))
        changes = [(stored, anew) for stored in batch if (anew := _anew(vault, stored)) is not None]
        change_texts(column, changes)
        done += len(changes) * weight
        seen.update(stored.key for stored in batch)
        if len(batch) < wanted:
            break
    return done


def _anew(vault: OpenVault, text: Stored) -> bytes | None:
    try:
        return vault.seal_anew(text)
    except (SealBroken, KeyRefused):
        return None


def _older(column: SealedColumn, place: Place, generation: int) -> QuerySet[models.Model]:
    before = generation.to_bytes(4, "big")
    rows = column.rows_at(place).alias(generation=_part(column, 3, 4))
    older: QuerySet[models.Model] = rows.filter(generation__lt=before)
    return older


def _count_older(place: Place, vault: Vault) -> int:
    newest = max(vault.wanted_generation, vault.current_generation)
    return sum(_older(column, place, newest).count() for column in columns_of_vault(place.kind))


def _part(column: SealedColumn, start: int, size: int) -> Substr:
    """Take bytes out of a blob's head in the database: 1 format, 2 suite, 3 to 6 generation."""
    return Substr(column.column, start, size, output_field=BinaryField())
