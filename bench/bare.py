"""The cipher alone, bound to nothing: what the house's own sealing is measured against."""

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor


def encrypt(key: bytes, text: bytes, *, context: bytes = b"") -> bytes:
    """Encrypt one text; `key` has 32 bytes."""
    encryptor = Cobblestone256Encryptor(key, context=context)
    return encryptor.update(text) + encryptor.finalize()


def decrypt(key: bytes, sealed: bytes, *, context: bytes = b"") -> bytes:
    """Decrypt what :func:`encrypt` made."""
    decryptor = Cobblestone256Decryptor(key, context=context)
    return decryptor.update(sealed) + decryptor.finalize()
