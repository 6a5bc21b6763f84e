"""Run as a process of its own: with the disk and every secret of the environment, open whatever opens.

Tries each key that can be computed from what was stolen on each thing that a key opens, by the practice's own code.
A guessed passphrase may be given on standard input; everything is tried with what it opens too.
"""

import hashlib
import json
import os
import sys
from base64 import b64decode
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from uuid import UUID

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402

from access.devices import TotpDevice  # noqa: E402
from access.models import Invitation, KeySession, User  # noqa: E402
from access.services.addresses import open_address  # noqa: E402
from clients.models import Client  # noqa: E402
from keys.context import encode  # noqa: E402
from keys.errors import KeysError  # noqa: E402
from keys.kdf import expand, extract, proves, read_verifier, split  # noqa: E402
from keys.keyring import Keyring  # noqa: E402
from keys.models import Grant, Identity, RecoveryShare, Root, Vault  # noqa: E402
from keys.registry import Label  # noqa: E402
from keys.sealing import unseal  # noqa: E402
from keys.seeds import Seeds  # noqa: E402
from keys.services import open_for_service, open_from_session, open_identity  # noqa: E402
from keys.services.generations import info_for  # noqa: E402

SECRETS = [settings.PEPPER, settings.SERVICE_KEY, hashlib.sha256(settings.SECRET_KEY.encode()).digest(), bytes(32)]


def key_files() -> Iterator[bytes]:
    for file in Path(settings.KEY_DIR).iterdir():
        yield open_for_service(b64decode(file.read_bytes()), bound_to=("practice-key", file.stem))


def stored() -> Iterator[bytes]:
    """Every column of 32 bytes, and the first and last 32 of every longer one."""
    for model in apps.get_models():
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                if isinstance(value, (bytes, memoryview)) and len(value) >= 32:
                    yield from (bytes(value)[:32], bytes(value)[-32:])


def derived(secret: bytes) -> Iterator[bytes]:
    yield secret
    for label in Label:
        yield from (expand(secret, label), extract(secret, label))


def keys_in_reach() -> set[bytes]:
    proofs = [read_verifier(user.password)[1] for user in User.objects.all()]
    seeds = [hashlib.sha256(device.seed()).digest() for device in TotpDevice.objects.all()]
    return {*chain.from_iterable(map(derived, [*SECRETS, *key_files(), *proofs, *seeds])), *stored()}


def keyrings(key: bytes) -> Iterator[Keyring]:
    """Whoever this key might make of the thief."""
    for identity in Identity.objects.exclude(sealed_bundle=b""):
        yield from attempt(lambda row=identity: open_identity(holder=row.holder, kek=key))
        context = encode("recovery/v1", identity.holder, bytes(identity.key_id), identity.recovery_serial)
        for raw in attempt(lambda row=identity, at=context: unseal(key, bytes(row.sealed_recovery), context=at)):
            yield Keyring(identity.holder, Seeds.from_bytes(raw))
    for row in KeySession.objects.all():
        yield from attempt(
            lambda row=row: open_from_session(row.sealed_bundle, holder=row.user_id, unlock_key=key, unlock_id=row.pk)
        )
    for share in RecoveryShare.objects.all():
        where = share.subset.encode()
        yield from attempt(lambda row=share, at=where: unseal(key, bytes(row.sealed_seed), context=at))
    for root in Root.objects.all():
        yield Keyring(UUID(int=0), Seeds(key, key, key, bytes(root.root_id)))


def vault_keys(keyring: Keyring) -> Iterator[bytes]:
    for grant in Grant.objects.all():
        info = info_for(keyring, grant.vault_id, grant.generation)
        yield from attempt(lambda row=grant, at=info: keyring.unwrap(bytes(row.wrap), info=at))


def texts(key: bytes, root_id: bytes) -> Iterator[str]:
    """Everything sealed in a vault, with this as the vault's key."""
    kept = json.loads((Path(settings.VAR_DIR) / "texts.json").read_text())
    sealed = [
        (UUID(text["vault"]), b64decode(text["blob"]), ("text/v1", UUID(kept["client"])))
        for text in kept["texts"].values()
    ]
    sealed += [
        (vault.pk, bytes(client.sealed_contact), ("client-contact/v1", client.pk))
        for client in Client.objects.all()
        for vault in Vault.objects.filter(subject=client.pk)
    ]
    for vault_id, blob, (purpose, row) in sealed:
        context = encode(purpose, root_id, vault_id, 1, row)
        yield from (raw.decode() for raw in attempt(lambda b=blob, at=context: unseal(key, b, context=at)))


def attempt(act):
    try:
        yield act()
    except (KeysError, ValueError):
        return


def guess(passphrase: str) -> set[bytes]:
    found = set()
    for user in User.objects.all():
        parameters, proof = read_verifier(user.password)
        both = split(passphrase, parameters)
        if proves(both.auth, proof):
            found.add(both.kek)
    return found


guessed = sys.stdin.read().strip()
reach = keys_in_reach() | (guess(guessed) if guessed else set())
root_id = bytes(Root.objects.get().root_id)
opened = {text for key in reach for text in texts(key, root_id)}
people = 0
for key in reach:
    for keyring in keyrings(key):
        people += keyring.key_id in {bytes(row.key_id) for row in Identity.objects.all()}
        opened |= {text for vault_key in vault_keys(keyring) for text in texts(vault_key, root_id)}
json.dump(
    {
        "opened": sorted(opened),
        "people": people,
        "keys": len(reach),
        "addresses": sorted(
            [open_address(user.sealed_email, row=user.pk) for user in User.objects.all()]
            + [open_address(row.sealed_email, row=row.pk) for row in Invitation.objects.unused()]
        ),
        "second_factors": sum(len(device.seed()) == 20 for device in TotpDevice.objects.all()),
        "environment": sorted(name for name in os.environ if name in {"PEPPER", "SERVICE_KEY", "SECRET_KEY"}),
    },
    sys.stdout,
)
