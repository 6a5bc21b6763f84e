"""Decryptors written from the specifications alone, so that what is sealed today opens without our code or its library.

Only AES-GCM, ML-KEM-768, X25519 and the two signatures themselves are taken from the library; key derivation, framing,
contexts and the X-Wing combiner are here. docs/keys.md has the formats in words.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 16 * 1024
TAG = 16
XWING_LABEL = bytes.fromhex("5c2e2f2f5e5c")
HPKE_SUITE = b"HPKE" + bytes.fromhex("647a" + "0001" + "0002")  # X-Wing, HKDF-SHA256, AES-256-GCM


def expand(prk: bytes, info: bytes, length: int, hash_name: str = "sha256") -> bytes:
    """HKDF-Expand (RFC 5869, 2.3)."""
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([counter]), hash_name)
        out, counter = out + block, counter + 1
    return out[:length]


def framed(purpose: str, *fields: bytes) -> bytes:
    """Our context encoding: label, NUL, and each field behind its length."""
    return b"subrosa/" + purpose.encode() + b"\0" + b"".join(len(raw).to_bytes(4, "big") + raw for raw in fields)


def unframed(purpose: str, raw: bytes) -> list[bytes]:
    """Read the fields of such an encoding back."""
    head = framed(purpose)
    assert raw.startswith(head)
    fields, rest = [], raw[len(head) :]
    while rest:
        size = int.from_bytes(rest[:4], "big")
        assert len(rest) >= 4 + size
        fields.append(rest[4 : 4 + size])
        rest = rest[4 + size :]
    return fields


def is_signed(public: bytes, signature: bytes, statement: bytes) -> bool:
    """ML-DSA-65 (FIPS 204) and Ed25519 (RFC 8032) over the same bytes: both or nothing."""
    try:
        lattice = mldsa.MLDSA65PublicKey.from_public_bytes(public[:1952])
        lattice.verify(signature[:3309], statement, context=b"subrosa/statement/v1")
        ed25519.Ed25519PublicKey.from_public_bytes(public[1952:]).verify(signature[3309:], statement)
    except InvalidSignature:
        return False
    return True


def readers_by_hand(
    commitment: tuple[bytes, bytes], given: list[tuple[bytes, bytes]], public: dict[bytes, bytes]
) -> set[bytes]:
    """Walk from the list in a ``gen/v2`` along each ``reader/v1``: key ids. Ends and heirs are left out.

    :param commitment: statement and signature; `given` are the same of later readers, in the order they were given
    :param public: signing public keys by key id
    """
    fields = unframed("gen/v2", commitment[0])
    assert is_signed(public[fields[9]], commitment[1], commitment[0])
    lines = unframed("readers/v1", fields[12])
    for_good = {key_id for key_id, cause in zip(lines[::3], lines[1::3], strict=True) if cause == b"given"}
    readers = set(lines[::3])
    for statement, signature in given:
        _, vault, generation, key_id, cause, _, given_by, _ = unframed("reader/v1", statement)
        assert (vault, generation) == (fields[1], fields[5])
        if given_by in for_good and is_signed(public[given_by], signature, statement):
            readers.add(key_id)
            for_good |= {key_id} if cause == b"given" else set()
    return readers


def open_cobblestone(key: bytes, message: bytes, context: bytes) -> bytes:
    """Cobblestone-256: C2SP chunked-encryption with SHA-512 and AES-256-GCM."""
    salt, commitment, body = message[:24], message[24:56], message[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = expand(key, info, 32 + 12 + 32, "sha512")
    assert derived[44:] == commitment
    plain = chunk = b""
    for number, at in enumerate(range(0, len(body), CHUNK + TAG)):
        nonce = (int.from_bytes(derived[32:44], "big") ^ number).to_bytes(12, "big")
        chunk = AESGCM(derived[:32]).decrypt(nonce, body[at : at + CHUNK + TAG], None)
        plain += chunk
    assert len(chunk) < CHUNK
    return plain


def open_blob(key: bytes, blob: bytes, context: bytes) -> bytes:
    """One of our blobs: format 1, suite 1, generation, ciphertext; padded to whole KiB."""
    assert blob[:2] == bytes([1, 1])
    padded = open_cobblestone(key, blob[6:], framed("blob/v1", blob[:6], context))
    size = int.from_bytes(padded[:4], "big")
    return padded[4 : 4 + size]


def xwing_public(seed: bytes) -> bytes:
    """Grow the public key of an X-Wing seed (draft-connolly-cfrg-xwing-kem, expandDecapsulationKey)."""
    kem, curve = _xwing(seed)
    return kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def open_wrap(seed: bytes, wrapped: bytes, info: bytes) -> bytes:
    """HPKE Base, single shot (RFC 9180, 5.1 and 6.1), over X-Wing."""
    encapsulated, sealed = wrapped[:1120], wrapped[1120:]
    context = b"\0" + _labeled_extract(b"", b"psk_id_hash", b"") + _labeled_extract(b"", b"info_hash", info)
    secret = _labeled_extract(_xwing_decapsulate(seed, encapsulated), b"secret", b"")
    key, nonce = _labeled_expand(secret, b"key", context, 32), _labeled_expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, sealed, b"")


def _xwing(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    stream = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(stream[:64]),
        x25519.X25519PrivateKey.from_private_bytes(stream[64:]),
    )


def _xwing_decapsulate(seed: bytes, encapsulated: bytes) -> bytes:
    kem, curve = _xwing(seed)
    lattice, point = encapsulated[:1088], encapsulated[1088:]
    exchanged = curve.exchange(x25519.X25519PublicKey.from_public_bytes(point))
    mine = curve.public_key().public_bytes_raw()
    return hashlib.sha3_256(kem.decapsulate(lattice) + exchanged + point + mine + XWING_LABEL).digest()


def _labeled_extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + HPKE_SUITE + label + secret, "sha256")


def _labeled_expand(prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + HPKE_SUITE + label + info, length)
