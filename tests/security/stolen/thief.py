"""Run as a process of its own: with the disk, its backups and every secret of the environment, open whatever opens.

Tries each key that can be computed from what was stolen on each thing that a key opens, by the practice's own code.
What somebody guessed or saw may be given on standard input; everything is tried with what it opens too.
"""

import hashlib
import json
import os
import sys
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.models import Model  # noqa: E402

from access.models import Invitation, KeySession, User  # noqa: E402
from access.models.devices import TotpDevice  # noqa: E402
from access.services.addresses import open_address  # noqa: E402
from keys.columns import REGISTER, columns_of_vault  # noqa: E402
from keys.context import Field, encode  # noqa: E402
from keys.errors import CodesRefused, KeyRefused, KeysError  # noqa: E402
from keys.kdf import expand, extract, proves, read_verifier, split  # noqa: E402
from keys.keyring import Keyring  # noqa: E402
from keys.models import (  # noqa: E402
    Grant,
    HeldBundle,
    HeldGrant,
    Identity,
    RecoveryShare,
    Root,
    SheetProof,
    Successor,
    Vault,
)
from keys.registry import Label  # noqa: E402
from keys.sealing import read_header, unseal  # noqa: E402
from keys.seeds import SIZE, Seeds  # noqa: E402
from keys.services import open_for_service, open_with_recovery_codes  # noqa: E402
from keys.services.founding import Founder  # noqa: E402
from keys.services.generations import info_for  # noqa: E402
from keys.services.identities import bundle_context, recovery_context  # noqa: E402
from keys.services.places import Place  # noqa: E402
from keys.statements import VaultKind  # noqa: E402

SECRETS = [settings.PEPPER, settings.SERVICE_KEY, hashlib.sha256(settings.SECRET_KEY.encode()).digest(), bytes(32)]
BACKUPS = {file.stem: file for file in (Path(settings.VAR_DIR).parent / "backups").rglob("*.sqlite3")}
for alias, file in BACKUPS.items():
    connections.databases[alias] = {**connections.databases["default"], "NAME": str(file)}
TABLES = {alias: connections[alias].introspection.table_names() for alias in ("default", *BACKUPS)}
NOBODY = UUID(int=0)
SHEETS = "keys.RecoveryShare.sealed_seed"
ROOT_ID = bytes(Root.objects.get().root_id)


@dataclass(frozen=True)
class Lock:
    """Something sealed, all that its row says of its place, and the column it lies in."""

    column: str
    blob: bytes
    context: bytes
    holder: UUID = NOBODY
    vault: UUID | None = None


def rows(model: type[Model]) -> Iterator[Any]:
    """Every row of a table: today's, and the backups'."""
    for alias, tables in TABLES.items():
        if model._meta.db_table in tables:
            yield from model._base_manager.using(alias).all()


def key_files() -> Iterator[bytes]:
    for file in Path(settings.KEY_DIR).iterdir():
        yield open_for_service(b64decode(file.read_bytes()), bound_to=("practice-key", file.stem))


def stored() -> Iterator[bytes]:
    """Every column of 32 bytes, and the first and last 32 of every longer one."""
    for row in chain.from_iterable(map(rows, apps.get_models())):
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(value, (bytes, memoryview)) and len(value) >= 32:
                yield from (bytes(value)[:32], bytes(value)[-32:])


def derived(secret: bytes) -> Iterator[bytes]:
    yield secret
    for label in Label:
        yield from (expand(secret, label), extract(secret, label))


def from_proofs() -> Iterator[bytes]:
    """What the proofs of the printed sheets give in the place of the codes."""
    proofs = {row.number: bytes(row.proof) for row in rows(SheetProof)}
    for share in rows(RecoveryShare):
        together = b"".join(proofs[int(number)] for number in share.subset.split("+"))
        yield extract(together, Label.RECOVERY_SHARE, share.subset)
    yield from chain.from_iterable(map(derived, proofs.values()))


def from_links() -> Iterator[bytes]:
    """What the hash of a link's token gives in the place of the token."""
    for row in rows(Invitation):
        yield expand(bytes(row.lookup), Label.INVITE_SEAL, bytes(row.lookup))


def keys_in_reach() -> set[bytes]:
    proofs = [read_verifier(user.password)[1] for user in rows(User)]
    proofs += [read_verifier(row.verifier)[1] for row in rows(Successor)]
    seeds = [hashlib.sha256(device.seed()).digest() for device in TotpDevice.objects.all()]
    computed = chain.from_iterable(map(derived, [*SECRETS, *key_files(), *proofs, *seeds]))
    return {*computed, *from_proofs(), *from_links(), *stored()}


def locks() -> Iterator[Lock]:
    """Everything that one key opens."""
    for row in (*rows(Identity), *rows(Successor)):
        name, key_id = row._meta.label, bytes(row.key_id)
        bundle = bundle_context(row.holder, key_id, getattr(row, "epoch", 1))
        yield Lock(f"{name}.sealed_bundle", bytes(row.sealed_bundle), bundle, row.holder)
        if row.recovery_serial:
            recovery = recovery_context(row.holder, key_id, row.recovery_serial)
            yield Lock(f"{name}.sealed_recovery", bytes(row.sealed_recovery), recovery, row.holder)
    for row in rows(HeldBundle):
        name, key_id, holder = row._meta.label, bytes(row.identity.key_id), row.identity.holder
        recovery = recovery_context(holder, key_id, row.identity.recovery_serial)
        yield Lock(f"{name}.sealed_bundle", bytes(row.sealed_bundle), bundle_context(holder, key_id, row.epoch), holder)
        yield Lock(f"{name}.sealed_recovery", bytes(row.sealed_recovery), recovery, holder)
    for row in rows(KeySession):
        context = encode("session/v1", row.user_id, row.pk)
        yield Lock("access.KeySession.sealed_bundle", bytes(row.sealed_bundle), context, row.user_id)
    for row in rows(Invitation):
        context = encode("invite/v1", row.pk)
        yield Lock("access.Invitation.sealed_invitation", bytes(row.sealed_invitation), context)
    for row in rows(RecoveryShare):
        yield Lock(SHEETS, bytes(row.sealed_seed), row.subset.encode())
    yield from texts()


def texts() -> Iterator[Lock]:
    """Everything sealed in a vault."""
    kept = json.loads((Path(settings.VAR_DIR) / "texts.json").read_text())
    for text in kept["texts"].values():
        yield text_lock("text", UUID(text["vault"]), b64decode(text["blob"]), ("text/v1", UUID(kept["client"])))
    for vault in rows(Vault):
        place = Place(VaultKind(vault.kind), vault.subject, vault.author)
        for column in columns_of_vault(place.kind):
            assert column.texts is not None
            for alias in set(TABLES) - {"keys"}:
                for row in column.rows_at(place).using(alias):
                    name, blob = f"{column.model}.{column.column}", bytes(getattr(row, column.column))
                    yield text_lock(name, vault.pk, blob, column.bind(row))


def text_lock(column: str, vault: UUID, blob: bytes, bound_to: tuple[Field, ...]) -> Lock:
    purpose, *fields = bound_to
    return Lock(column, blob, encode(str(purpose), ROOT_ID, vault, read_header(blob).generation, *fields), vault=vault)


def attempt(act):
    try:
        yield act()
    except (KeysError, ValueError):
        return


def try_all(keys: set[bytes], vaults: set[UUID] | None = None) -> Iterator[tuple[Lock, bytes]]:
    for key in keys:
        for lock in LOCKS:
            if vaults is None or lock.vault in vaults:
                for raw in attempt(lambda lock=lock, key=key: unseal(key, lock.blob, context=lock.context)):
                    yield lock, raw


def keyrings(keys: set[bytes], opened: list[tuple[Lock, bytes]]) -> Iterator[Keyring]:
    """Whoever the thief becomes: by what opened, and by each key taken for a seed."""
    for lock, raw in opened:
        if lock.vault is None and len(raw) >= SIZE and lock.holder.int:
            yield Keyring(lock.holder, Seeds.from_bytes(raw[:SIZE]))
        if lock.column == SHEETS:
            yield from founders({raw})
    for key in keys:
        yield Keyring(NOBODY, Seeds(key, key, key, ROOT_ID))
    yield from founders(keys)


def founders(seeds: set[bytes]) -> Iterator[Keyring]:
    for seed in seeds:
        if Founder(seed).root_id == ROOT_ID:
            yield Keyring(NOBODY, Founder(seed).recovery_seeds)


def vault_keys(keyring: Keyring) -> Iterator[tuple[UUID, bytes]]:
    # Nothing was ever wrapped to a key that is not in this table.
    if keyring.seeds.kem_public not in PUBLIC:
        return
    for grant in GRANTS:
        info = info_for(keyring, grant.vault_id, grant.generation)
        for key in attempt(lambda row=grant, at=info: keyring.unwrap(bytes(row.wrap), info=at)):
            yield grant.vault_id, key


def guess(passphrases: list[str]) -> Iterator[bytes]:
    verifiers = {row.password for row in rows(User)} | {row.verifier for row in rows(Successor)}
    for parameters, proof in map(read_verifier, verifiers):
        for both in (split(passphrase, parameters) for passphrase in passphrases):
            if proves(both.auth, proof):
                yield both.kek


def from_sheets(codes: dict[str, str]) -> Iterator[bytes]:
    try:
        yield open_with_recovery_codes({int(number): code for number, code in codes.items()}).seed
    except (CodesRefused, KeyRefused):
        return


PUBLIC = {bytes(row.kem_public) for model in (Identity, Successor) for row in rows(model)}
PEOPLE = {bytes(row.key_id) for row in rows(Identity)}
GRANTS = list({bytes(row.wrap): row for model in (Grant, HeldGrant) for row in rows(model)}.values())
LOCKS = [lock for lock in {*locks()} if lock.blob]

seen = json.loads(sys.stdin.read() or "{}")
reach = keys_in_reach() | {bytes.fromhex(key) for key in seen.get("keys", [])}
sheets = {*from_sheets(seen.get("sheets", {}))}
reach |= {*guess(seen.get("passphrases", [])), *sheets}
found = list(try_all(reach))
mine = {keyring.key_id: keyring for keyring in keyrings(reach, found)}
held = {pair for keyring in mine.values() for pair in vault_keys(keyring)}
found += [pair for vault, key in held for pair in try_all({key}, {vault})]
json.dump(
    {
        "opened": sorted({raw.decode() for lock, raw in found if lock.vault}),
        "columns": sorted({lock.column for lock, _ in found} | ({SHEETS} if sheets else set())),
        "tried": sorted({lock.column for lock in LOCKS}),
        "declared": sorted(
            f"{column.model}.{column.column}"
            for column in REGISTER.values()
            if column.opened_by != ("service",) and column.rows.exists()
        ),
        "people": len(mine.keys() & PEOPLE),
        "vault_keys": len(held),
        "keys": len(reach),
        "databases": sorted(TABLES),
        "addresses": sorted(
            [open_address(user.sealed_email, row=user.pk) for user in User.objects.all()]
            + [open_address(row.sealed_email, row=row.pk) for row in Invitation.objects.unused()]
        ),
        "second_factors": sum(len(device.seed()) == 20 for device in TotpDevice.objects.all()),
        "environment": sorted(name for name in os.environ if name in {"PEPPER", "SERVICE_KEY", "SECRET_KEY"}),
    },
    sys.stdout,
)
