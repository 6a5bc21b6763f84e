"""Entry version 1: from the facts of an act to canonical bytes, and from the bytes to what a page shows.

The shape is frozen. Every key below is always there, `null` where there is nothing to say; a new
need is a new version beside this one, and stored bytes are never written anew.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict
from uuid import UUID

from audit.actors import Acting, Target
from audit.acts import Act, Ground, Outcome, Purpose
from audit.canonical import Json, NotCanonical, decode

VERSION = 1
MAX_SUBJECTS = 200
HANDLE_BYTES = 16
SALT_BYTES = 16

# No spaces: whatever slips into one of these fields, it is not a sentence about a client.
_TOKEN = re.compile(r"[A-Za-z0-9_.:/-]{0,60}")


@dataclass(frozen=True)
class Basis:
    """Why the act was allowed, with the id of what allowed it (the care, the consent, the override)."""

    kind: Ground
    basis_id: UUID | None = None


@dataclass(frozen=True)
class SealedDetail:
    """A detail that is sealed elsewhere: the entry commits to its ciphertext, never to its text."""

    key_name: str
    digest: bytes

    @classmethod
    def of(cls, ciphertext: bytes, *, key_name: str) -> "SealedDetail":
        """Commit to a ciphertext by its SHA-256; a hash of the text itself could be guessed."""
        return cls(key_name, hashlib.sha256(ciphertext).digest())


class Details(TypedDict, total=False):
    """What an entry may say besides who, what and when."""

    subjects: Iterable[bytes]
    purpose: Purpose
    basis: Basis
    enc: SealedDetail
    revision: int
    fields: Iterable[str]


def compose(
    act: Act,
    *,
    by: Acting,
    at: datetime,
    target: Target | None,
    outcome: Outcome,
    written: list[Json],
    details: Details,
) -> dict[str, Json]:
    """Bring the facts of an act into the shape of version 1.

    :param at: an aware moment
    :param written: the writer's name and number
    :raises ValueError: a fact that has no place in an entry
    """
    return {
        "v": VERSION,
        "at": _moment(at),
        "action": act.value,
        "actor": {"id": _token(by.audit_id), "role": _token(by.role), "sess": _token(by.session_handle)},
        "obj": _object(target, details),
        "subj": _subjects(details.get("subjects", ())),
        "basis": _basis(details.get("basis")),
        "outcome": outcome.value,
        "purpose": details["purpose"].value if "purpose" in details else None,
        "enc": _sealed(details.get("enc")),
        "req": _token(by.origin.req),
        "src": {"device": _token(by.origin.device), "net": by.origin.net},
        # The salt hides a leaf: its hash can be given away, and nobody can guess the entry from it.
        "salt": _base64(secrets.token_bytes(SALT_BYTES)),
        "w": written,
    }


def uid_of(leaf: bytes) -> UUID:
    """Give the entry's own id: the first half of its leaf hash, so that it cannot be moved elsewhere."""
    return UUID(bytes=leaf[:16])


class IndexColumns(TypedDict):
    """The columns by which a page finds an entry, as the body has them."""

    at: datetime
    action: str
    actor_id: str
    role: str
    outcome: str
    obj_type: str
    obj_id: UUID | None


def index_columns(body: Mapping[str, Any]) -> IndexColumns:
    """Take from a body what its columns must say."""
    obj = body["obj"]
    return {
        "at": datetime.fromisoformat(body["at"]),
        "action": body["action"],
        "actor_id": body["actor"]["id"],
        "role": body["actor"]["role"],
        "outcome": body["outcome"],
        "obj_type": obj["type"] if obj else "",
        "obj_id": UUID(obj["id"]) if obj else None,
    }


def subject_handles(body: Mapping[str, Any]) -> list[bytes]:
    """Give the log handles of the clients whom an entry is about."""
    return [bytes.fromhex(handle) for handle in body["subj"]]


def read_body(body: bytes) -> dict[str, Any]:
    """Read the bytes of a version 1 entry.

    :raises NotCanonical: altered bytes, or a version that is not known here
    """
    value = decode(body)
    if not isinstance(value, dict) or value.get("v") != VERSION:
        raise NotCanonical("not an entry of version 1")
    return value


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _object(target: Target | None, details: Details) -> Json:
    if target is None:
        return None
    return {
        "type": _token(target.audit_type),
        "id": str(target.audit_uuid),
        "rev": details.get("revision"),
        "fields": [_token(name) for name in sorted(details.get("fields", ()))],
    }


def _subjects(handles: Iterable[bytes]) -> list[Json]:
    unique = sorted(set(handles))
    if len(unique) > MAX_SUBJECTS:
        raise ValueError(f"an entry is about at most {MAX_SUBJECTS} clients")
    if any(len(handle) != HANDLE_BYTES for handle in unique):
        raise ValueError(f"a log handle has {HANDLE_BYTES} bytes")
    return [handle.hex() for handle in unique]


def _basis(basis: Basis | None) -> Json:
    if basis is None:
        return None
    return {"kind": basis.kind.value, "id": str(basis.basis_id) if basis.basis_id else None}


def _sealed(detail: SealedDetail | None) -> Json:
    if detail is None:
        return None
    return {"h": _base64(detail.digest), "k": _token(detail.key_name)}


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("an entry holds identifiers, never text")
    return text


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
