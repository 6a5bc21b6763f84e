"""Founding a practice: root, recovery key, printed codes and the practice's own two signing keys.

The root's seed exists while a :class:`Founder` is at work, and afterwards only sealed under sets of printed codes.
"""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import QuerySet

from keys.codes import draw_code, read_code
from keys.errors import CodesRefused, KeyRefused, SealBroken, WrongPassphrase
from keys.kdf import expand, extract
from keys.models import Identity, PracticeKey, RecoveryShare, Root
from keys.prepared import Prepared
from keys.registry import Label
from keys.sealing import seal, unseal
from keys.seeds import Seeds
from keys.services.certifying import Issuer, issue_certificate
from keys.services.identities import store_public
from keys.services.service_key import open_for_service, seal_for_service
from keys.services.sheets import keep_proofs
from keys.services.trust import Trust
from keys.signing import SigningKey, ed25519_public, sign_ed25519, verify_ed25519
from keys.statements import Kind, PracticeKeyStatement

PRACTICE_KEYS = ("record", "log")


@dataclass(frozen=True, repr=False)
class Founder:
    """The recovery seed at work. Everything it signs is signed before it is dropped."""

    seed: bytes

    @classmethod
    def draw(cls) -> "Founder":
        return cls(os.urandom(32))

    @property
    def signer(self) -> SigningKey:
        return SigningKey(
            mldsa_seed=expand(self.seed, Label.ROOT_MLDSA), ed25519_seed=expand(self.seed, Label.ROOT_ED25519)
        )

    @property
    def root_id(self) -> bytes:
        return self.signer.public.fingerprint

    @property
    def recovery_seeds(self) -> Seeds:
        # The recovery key only ever receives wraps; its signing halves are the root's own.
        return Seeds(
            expand(self.seed, Label.PRK_XWING),
            expand(self.seed, Label.ROOT_MLDSA),
            expand(self.seed, Label.ROOT_ED25519),
            self.root_id,
        )


def found_practice(founder: Founder, *, at: datetime) -> None:
    """Store the root, certify the recovery key and make the practice's record and log keys."""
    if Root.objects.exists():
        raise KeyRefused("already_founded")
    signer = founder.signer
    Root.objects.create(root_id=founder.root_id, sig_public=signer.public.raw, made_at=at)
    recovery = store_public(founder.recovery_seeds, holder=uuid4(), at=at)
    issuer = Issuer(founder.root_id, founder.root_id, signer)
    issue_certificate(issuer, recovery, kind=Kind.RECOVERY, may_certify=False, subject=None, at=at)
    for name in PRACTICE_KEYS:
        _make_practice_key(name, founder, at=at)


def certify_first_person(founder: Founder, *, holder: UUID, at: datetime) -> None:
    """Let the root vouch for the first person, who may then vouch for others."""
    issuer = Issuer(founder.root_id, founder.root_id, founder.signer)
    identity = Identity.objects.get(holder=holder, retired_at=None)
    issue_certificate(issuer, identity, kind=Kind.STAFF, may_certify=True, subject=None, at=at)


def print_recovery_codes(founder: Founder, *, count: int, needed: int) -> list[str]:
    """Draw `count` codes and seal the recovery seed under each set of `needed` of them."""
    codes = [draw_code() for _ in range(count)]
    keep_recovery_codes(founder, codes, needed=needed)
    return codes


def keep_recovery_codes(founder: Founder, codes: list[str], *, needed: int) -> None:
    """Seal the recovery seed under each set of `needed` of these codes; those of earlier prints open nothing then."""
    RecoveryShare.objects.all().delete()
    for chosen in combinations(range(len(codes)), needed):
        subset = "+".join(str(n + 1) for n in chosen)
        key = _subset_key({n + 1: read_code(codes[n]) for n in chosen}, subset)
        RecoveryShare.objects.create(subset=subset, sealed_seed=seal(key, founder.seed, context=subset.encode()))
    keep_proofs(codes)


def open_with_recovery_codes(codes: Mapping[int, str]) -> Founder:
    """Bring the recovery seed back from printed codes, by their numbers.

    :raises CodesRefused: too few or too many, a typing error, or codes of another print; says which
    """
    read = _read_codes(codes)
    subset = "+".join(map(str, sorted(read)))
    share = RecoveryShare.objects.filter(subset=subset).first()
    try:
        sealed = bytes(share.sealed_seed) if share else b""
        return Founder(unseal(_subset_key(read, subset), sealed, context=subset.encode()))
    except SealBroken as error:
        raise CodesRefused("These codes do not belong together, or newer ones were printed since.") from error


def recovery_plan() -> tuple[int, int] | None:
    """Say how many printed codes there are and how many of them open the recovery seed; None if none were printed."""
    subsets = [subset.split("+") for subset in RecoveryShare.objects.values_list("subset", flat=True)]
    return (max(int(number) for subset in subsets for number in subset), len(subsets[0])) if subsets else None


def sign_as_practice(name: str, message: bytes) -> bytes:
    """Sign with the practice's own key for `name`: 64 bytes of Ed25519.

    :raises KeyRefused: the key file is missing, altered, or not the one that the root named
    """
    seed = _read_seed(name)
    if ed25519_public(seed) != practice_public_key(name):
        raise KeyRefused("practice_key_changed")
    return sign_ed25519(seed, message)


def verify_as_practice(name: str, signature: bytes, message: bytes) -> bool:
    """Say whether the practice's own key for `name` signed this, by the key file beside this server.

    For what everybody is shown, whoever's keys are open: the row with the public key lies where a forger would write.

    :raises KeyRefused: the key file is missing or altered
    """
    return verify_ed25519(ed25519_public(_read_seed(name)), signature, message)


def practice_public_key(name: str) -> bytes:
    """Return the practice's newest public key for `name`, as stored."""
    return bytes(_practice_key(name).public)


def verified_practice_key(name: str, *, under: Trust) -> bytes:
    """Return the practice's public key for `name` after checking the root's signature under the pinned root."""
    row = _practice_key(name)
    statement = PracticeKeyStatement(bytes(row.root), row.name, bytes(row.public), row.since)
    good = under.root_key().verify(bytes(row.signature), statement.encode())
    if not good or statement.root != under.root_id:
        raise KeyRefused("practice_key_changed")
    return bytes(row.public)


def _practice_key(name: str) -> PracticeKey:
    row = _practice_keys.first(name=name)
    if row is None:
        raise KeyRefused("no_practice_key")
    return row


@Prepared
def _practice_keys(name: str) -> QuerySet[PracticeKey]:
    return PracticeKey.objects.filter(name=name).order_by("-since")


def _make_practice_key(name: str, founder: Founder, *, at: datetime) -> None:
    seed = os.urandom(32)
    statement = PracticeKeyStatement(founder.root_id, name, ed25519_public(seed), at)
    PracticeKey.objects.create(
        name=name,
        public=statement.public,
        root=statement.root,
        since=at,
        signature=founder.signer.sign(statement.encode()),
    )
    folder = Path(settings.KEY_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealed = seal_for_service(seed, bound_to=("practice-key", name))
    file = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(file, "wb") as stream:
        stream.write(b64encode(sealed))


def _read_seed(name: str) -> bytes:
    try:
        sealed = b64decode((Path(settings.KEY_DIR) / f"{name}.key").read_bytes(), validate=True)
        return open_for_service(sealed, bound_to=("practice-key", name))
    except (OSError, ValueError, SealBroken) as error:
        raise KeyRefused("practice_key_file") from error


def _read_codes(codes: Mapping[int, str]) -> dict[int, bytes]:
    """Say of each code what is wrong with it before anything is tried: people type them once in years."""
    count, needed = recovery_plan() or (0, 0)
    if strange := sorted(codes.keys() - set(range(1, count + 1))):
        raise CodesRefused(f"There is no code {strange[0]}: they have the numbers 1 to {count}.")
    if len(codes) != needed:
        raise CodesRefused(f"These are not enough codes, or too many: it takes {needed}, and {len(codes)} came.")
    read = {}
    for number, typed in codes.items():
        try:
            read[number] = read_code(typed)
        except WrongPassphrase as error:
            raise CodesRefused(f"Code {number} is mistyped. Please compare it with its sheet.", number) from error
    if len(set(read.values())) < len(read):
        raise CodesRefused("The same code was typed twice. Please take each from a sheet of its own.")
    return read


def _subset_key(codes: Mapping[int, bytes], subset: str) -> bytes:
    return extract(b"".join(codes[number] for number in sorted(codes)), Label.RECOVERY_SHARE, subset)
