"""Small files beside the index, enciphered and under a MAC by the roster's key (AES-256-GCM), and filled up.

So neither their bytes nor, but for powers of two, their length tell what stands in them.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guardrail.roster.tokens import SALT_BYTES, derive

_NONCE = 12


def seal_padded(plain: bytes, key: bytes, kind: tuple[bytes, bytes], bound_to: str, smallest: int) -> bytes:
    """Give a file's bytes: filled with spaces up to a power of two, 2 ** `smallest` at the least, and closed.

    `kind` is the magic with which such a file begins, and the purpose for which its key is derived; `bound_to` is
    what the file is known by: under another name it does not open.
    """
    magic, purpose = kind
    filled = plain.ljust(1 << max(smallest, (len(plain) - 1).bit_length()))
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE)
    cipher = AESGCM(derive(key, salt, purpose))
    return magic + salt + nonce + cipher.encrypt(nonce, filled, magic + bound_to.encode())


def open_padded(data: bytes, key: bytes, kind: tuple[bytes, bytes], bound_to: str) -> bytes | None:
    """Open what `seal_padded` gave: None where that is damaged, or of another key or name.

    Raise ValueError where it is no file of this kind.
    """
    magic, purpose = kind
    head = len(magic)
    salt, nonce = data[head : head + SALT_BYTES], data[head + SALT_BYTES : head + SALT_BYTES + _NONCE]
    if not data.startswith(magic) or len(nonce) < _NONCE:
        raise ValueError("not of this kind")
    try:
        cipher = AESGCM(derive(key, salt, purpose))
        return cipher.decrypt(nonce, data[head + SALT_BYTES + _NONCE :], magic + bound_to.encode())
    except InvalidTag:
        return None
