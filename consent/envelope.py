"""An envelope around signed bytes: DSSE 1.0, with bare Ed25519 signatures.

The signatures are over the exact bytes that are stored, so whoever checks them never has to write JSON again.
Private keys never come here: whoever signs passes the operation in.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# A record has 3 to 5 kB; the bound keeps the parser from being fed.
MAX_BYTES = 64 * 1024

_MEMBERS = {"payload", "payloadType", "signatures"}
_SIGNATURE_MEMBERS = {"keyid", "sig"}


class EnvelopeRefused(ValueError):
    """This is no envelope of ours, or not in one piece."""


@dataclass(frozen=True)
class Signer:
    """Somebody who can sign now; `sign` takes the message and gives 64 bytes (RFC 8032)."""

    keyid: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Signature:
    keyid: str
    raw: bytes


@dataclass(frozen=True)
class Envelope:
    """An envelope taken apart; nothing in it is verified yet."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def message(self) -> bytes:
        """The bytes that were signed."""
        return pre_authentication(self.payload_type, self.payload)


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Join type and payload, each behind its length, so that neither can be taken for the other.

    It starts with "DSSEv1", and a statement of `keys` with "subrosa/": one key may sign both.

    :source: DSSE 1.0, "PAE"
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal_envelope(payload: bytes, *, payload_type: str, signers: Sequence[Signer]) -> bytes:
    """Sign the payload with each signer and wrap it up, as JSON in UTF-8."""
    message = pre_authentication(payload_type, payload)
    signatures = [{"keyid": signer.keyid, "sig": _encode(signer.sign(message))} for signer in signers]
    envelope = {"payload": _encode(payload), "payloadType": payload_type, "signatures": signatures}
    return json.dumps(envelope, indent=1).encode() + b"\n"


def parse_envelope(raw: bytes) -> Envelope:
    """Take an envelope apart, strictly.

    :raises EnvelopeRefused: with the reason in plain words
    """
    if len(raw) > MAX_BYTES:
        raise EnvelopeRefused(f"The file is larger than {MAX_BYTES} bytes; a signed record is not.")
    try:
        members = json.loads(raw, object_pairs_hook=_once)
    except EnvelopeRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise EnvelopeRefused("The file is not JSON, or not all of it is here.") from error
    payload_type, entries = _outer_members(members)
    signatures = tuple(_signature(entry) for entry in entries)
    if len({signature.keyid for signature in signatures}) != len(signatures):
        raise EnvelopeRefused("The same key is named twice.")
    return Envelope(_decode(members["payload"]), payload_type, signatures)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Two readers may pick different ones of two members with the same name.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise EnvelopeRefused("A name stands twice in the file.")
    return members


def _outer_members(members: object) -> tuple[str, list[object]]:
    if not isinstance(members, dict) or members.keys() != _MEMBERS:
        raise EnvelopeRefused("The file is not a signed record: it needs payload, payloadType and signatures.")
    payload_type, entries = members["payloadType"], members["signatures"]
    if not isinstance(payload_type, str) or not isinstance(entries, list):
        raise EnvelopeRefused("The parts of the file are not what they should be.")
    return payload_type, entries


def _signature(entry: object) -> Signature:
    if not isinstance(entry, dict) or entry.keys() != _SIGNATURE_MEMBERS or not isinstance(entry["keyid"], str):
        raise EnvelopeRefused("A signature needs keyid and sig.")
    return Signature(entry["keyid"], _decode(entry["sig"]))


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise EnvelopeRefused("The payload and each signature are written in Base64.")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EnvelopeRefused("The payload or a signature is not Base64.") from error
    # Base64 has spare bits at its end: another spelling of the same bytes is not ours.
    if _encode(raw) != text:
        raise EnvelopeRefused("The payload or a signature is not Base64 as we write it.")
    return raw
