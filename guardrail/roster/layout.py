"""The index file byte by byte: header, a table of masked hashes, its flags, a heap of sealed blocks.

    header   magic, version, kinds, size of the table and of the heap, salt, key check, MAC of all that follows
    table    slots of 8 bytes: 32 bits of a name's token, and a value of 32 bits masked with 32 further ones
    flags    16 bits a slot: two for each token whose first slot is this, chosen by the token; of a hundred
             look-ups of what is not there 99 end here, in a fifth of the memory
    heap     blocks of 16 bytes under a key stream: postings (which client, how surely) and clients' records

Free slots beyond the padding are zero; the padding is random entries, which nobody can tell from others
without the key. Table and heap double in size, so that a file's length tells no number of clients.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from guardrail.model.people import Population
from guardrail.roster.tokens import Encipher

MAGIC: Final = b"GRROSTER"
VERSION: Final = 3
HEADER: Final = struct.Struct("<8sHHBB2x16s16s32s")
HEADER_BYTES: Final = HEADER.size
MAC_BYTES: Final = 32
BLOCK: Final = 16
META_BLOCKS: Final = 5
SLOT_BYTES: Final = 8
VALUE_BITS: Final = 28
LOW: Final = 0xFFFFFFFF
HIGH: Final = LOW << 32
LONGEST_NAME: Final = 8  # words of a whole name that are looked up together
FILL: Final = 0.6  # of all slots; what is fuller makes a look-up slower, what is emptier the file larger
FLAG_BYTES: Final = 2
FLAG_SHIFT: Final = 56  # from a token's 64 bits to the eight that choose its flags
FLAGS: Final = tuple(1 << (high >> 4) | 1 << (high & 0xF) for high in range(0x100))


class Way(IntEnum):
    """By which spelling an entry of the table leads to a posting; it stands beside the posting's place."""

    NAME = 0
    TYPO = 1
    SOUND = 2
    NICKNAME = 3
    INITIAL = 4
    WHOLE = 5  # a whole name as one word, or several words joined
    ALONE = 6  # a name of one part
    BEGINNING = 7
    ACCOUNT = 8
    EMAIL = 9
    PHONE = 10
    REACH = 11  # not a posting: the first word of a name of three words and more; of how many the longest is
    PART = 12  # not a posting: a part of a name


POPULATIONS: Final = tuple(Population)
_POSTING = struct.Struct("<IIHBHH?")
RECORD: Final = struct.Struct("<BBB")
META: Final = struct.Struct("<I64s")


class Posting(NamedTuple):
    """Which client an entry means: the block of the record, hash of the native spelling (0: Latin), how surely.

    A look-up reads it as the plain tuple of its fields.

    `kinds` and `strength` are plain numbers here: a look-up weighs many postings and keeps few.

    `given` and `family` are two bytes of the token of each, by which a look-up knows which of two words it was.
    """

    record: int
    native: int
    kinds: int
    strength: int
    given: int
    family: int
    more: bool

    def pack(self) -> bytes:
        """Give the posting as one block."""
        return _POSTING.pack(self.record, self.native, self.kinds, self.strength, self.given, self.family, self.more)


def unseal(keystream: Encipher, numbers: Iterable[int], data: bytes | bytearray | memoryview) -> bytes:
    """Unseal, or seal, the blocks of the heap that have these numbers."""
    stream = keystream(b"".join([number.to_bytes(BLOCK, "little") for number in numbers]))
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")


def unpack_postings(blocks: bytes) -> list[tuple[int, int, int, int, int, int, bool]]:
    """Read blocks that `pack` made, each as the fields of a Posting."""
    return list(_POSTING.iter_unpack(blocks))
