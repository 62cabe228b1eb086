"""Keyed tokens in bulk: AES as a keyed hash of single blocks, under keys that are one index's own.

A text of up to 16 bytes is one block, a longer one its keyed BLAKE2b digest; a block is enciphered
once (a word's token), two tokens are added bit by bit and enciphered again (a name's token). So the
order of the parts is no matter, a hundred tokens cost about a microsecond, and nothing that is stored
can be read, or set beside another index, without the key. AES: FIPS 197; BLAKE2b: RFC 7693.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 32
SALT_BYTES = 16
BLOCK = 16

type Encipher = Callable[[bytes], bytes]


class Tokens:
    """The key of one index, ready for use. `words` and `names` encipher whole blocks; `seal` makes a key stream."""

    __slots__ = ("_long", "names", "seal", "words")

    words: Encipher
    names: Encipher
    seal: Encipher

    def __init__(self, key: bytes, salt: bytes) -> None:
        """Derive the keys of the index with this `salt` from the roster's key (32 bytes; else ValueError)."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the roster's key must be {KEY_BYTES} bytes long")
        self.words = _encipher(derive(key, salt, b"words"))
        self.names = _encipher(derive(key, salt, b"names"))
        self.seal = _encipher(derive(key, salt, b"seal"))
        self._long = hashlib.blake2b(key=derive(key, salt, b"long"), digest_size=BLOCK)

    def block(self, text: str) -> bytes:
        """Give the block of one text."""
        data = text.encode("utf-8", "surrogatepass")
        if len(data) <= BLOCK:
            return data.ljust(BLOCK, b"\0")
        state = self._long.copy()
        state.update(data)
        return state.digest()

    def of_words(self, texts: Collection[str]) -> bytes:
        """Give the tokens of words or patterns, one block each."""
        # As `block` does, in one go: a call for each word would take most of the time.
        blocks = "".join([text.ljust(BLOCK, "\0") for text in texts])
        if len(blocks) > BLOCK * len(texts) or not blocks.isascii():
            return self.words(b"".join(map(self.block, texts)))
        return self.words(blocks.encode())

    def of_whole(self, text: str) -> bytes:
        """Give the final token of a text that stands for itself: an account, a whole name as one word."""
        return self.names(self.words(self.block(text)))


def mark(token: bytes) -> int:
    """Give two bytes of a word's token as a number."""
    return token[0] << 8 | token[1]


def derive(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Give 32 bytes for one purpose (at most 16 bytes long) of the index with this salt."""
    return hashlib.blake2b(salt, key=key, digest_size=KEY_BYTES, person=purpose).digest()


def _encipher(key: bytes) -> Encipher:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305 - single blocks as a keyed hash
