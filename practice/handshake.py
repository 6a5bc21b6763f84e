"""How the web server in front agrees on keys: what is recorded today is read by a quantum computer later, or is not.

Asks by one TLS 1.3 ClientHello that offers the hybrid group and the classical one, with a key share for neither. The
server then has to say which it wants (HelloRetryRequest, RFC 8446 section 4.1.4), and nothing more is exchanged.
Python's own ``ssl`` cannot tell: it names no group, and the OpenSSL beside it may know less than the server's.
"""

import os
import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

# Code points of TLS (IANA, "TLS Supported Groups"); X25519MLKEM768 is draft-ietf-tls-ecdhe-mlkem.
X25519MLKEM768, X25519 = 0x11EC, 0x001D
# SHA-256 of "HelloRetryRequest", which stands where a ServerHello has its random bytes.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_SUITES = (0x1301, 0x1302, 0x1303)
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601)
_SERVER_NAME, _GROUPS, _ALGORITHMS, _VERSIONS, _KEY_SHARE = 0, 10, 13, 43, 51
_SECONDS = 3.0
HYBRID_SERVERS = "The web server needs X25519MLKEM768: Caddy from 2.10 on, or one with OpenSSL 3.5."


def judge_handshake() -> tuple[bool, str]:
    """Say whether what travels to this practice stays closed for good, and so in words."""
    if not settings.TLS:
        return False, "No web server in front of the practice could be asked how it agrees on keys (TLS=0)."
    where = urlsplit(settings.BASE_URL)
    match ask_for_group(where.hostname or "", where.port or 443):
        case group if group == X25519MLKEM768:
            return True, "What is recorded on its way stays closed to the computers of later years, too."
        case None:
            return False, f"How {settings.BASE_URL} agrees on keys could not be told from here."
        case _:
            words = "A quantum computer could one day read what is recorded on its way today, passphrases too."
            return False, words


def ask_for_group(host: str, port: int) -> int | None:
    """Ask a web server which of the two groups it agrees on.

    :returns: the code point; None if nobody answers, or not as TLS 1.3 does
    """
    try:
        with socket.create_connection((host, port), timeout=_SECONDS) as connection:
            connection.sendall(_hello(host))
            with connection.makefile("rb") as stream:
                head = stream.read(5)
                return _group_in(stream.read(int.from_bytes(head[3:5], "big")))
    except OSError:
        return None


def _hello(host: str) -> bytes:
    name = host.encode("idna")
    extensions = b"".join(
        (
            _extension(_SERVER_NAME, _sized(2, b"\0" + _sized(2, name))),
            _extension(_VERSIONS, _sized(1, struct.pack("!H", 0x0304))),
            _extension(_GROUPS, _sized(2, struct.pack("!2H", X25519MLKEM768, X25519))),
            _extension(_ALGORITHMS, _sized(2, struct.pack(f"!{len(_SIGNATURES)}H", *_SIGNATURES))),
            _extension(_KEY_SHARE, _sized(2, b"")),
        )
    )
    suites = _sized(2, struct.pack(f"!{len(_SUITES)}H", *_SUITES))
    body = b"\x03\x03" + os.urandom(32) + _sized(1, os.urandom(32)) + suites + _sized(1, b"\0") + _sized(2, extensions)
    return b"\x16\x03\x01" + _sized(2, b"\x01" + _sized(3, body))


def _group_in(message: bytes) -> int | None:
    """Read the group out of a HelloRetryRequest: type, length, version, random, session, suite, method, extensions."""
    if message[:1] != b"\x02" or message[6:38] != _RETRY:
        return None
    at = 38 + 1 + message[38] + 2 + 1 + 2
    while at + 4 <= len(message):
        kind, size = struct.unpack_from("!2H", message, at)
        if kind == _KEY_SHARE:
            return int.from_bytes(message[at + 4 : at + 4 + size], "big")
        at += 4 + size
    return None


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!H", kind) + _sized(2, body)


def _sized(width: int, body: bytes) -> bytes:
    return len(body).to_bytes(width, "big") + body
