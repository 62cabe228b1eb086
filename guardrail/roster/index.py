"""An index as it is used: looked up in place, mapped from its file or held as bytes, and never unpacked."""

from __future__ import annotations

import hashlib
import hmac
import mmap
import sys
from contextlib import suppress
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.model.people import Population
from guardrail.roster.kinds import Kind
from guardrail.roster.layout import (
    BLOCK,
    FLAG_BYTES,
    FLAG_SHIFT,
    FLAGS,
    HEADER,
    HEADER_BYTES,
    LOW,
    MAC_BYTES,
    MAGIC,
    META,
    META_BLOCKS,
    POPULATIONS,
    RECORD,
    SLOT_BYTES,
    VALUE_BITS,
    VERSION,
    Way,
    unpack_postings,
    unseal,
)
from guardrail.roster.tokens import Tokens, derive

_PLACE = (1 << VALUE_BITS) - 1
_MOST_BITS = 32
_AGAIN = "import the client list again"
_HALF = 32
_LAST_WAY = max(map(int, Way))

type Postings = list[tuple[int, int, int, int, int, int, bool]]


class Index:
    """The tokens and records of a whole roster. Without its key the bytes say nothing of anybody."""

    __slots__ = ("_flags", "_heap", "_mask", "_table", "clients", "kinds", "revision", "tokens")

    def __init__(self, data: bytes | mmap.mmap, key: bytes, file: Path | None = None) -> None:
        """Check and take the bytes of an index; raise RosterError, naming `file`, where it cannot be trusted."""
        where = file or Path("index")
        salt, kinds, table_bits, heap_bits = _checked(memoryview(data), key, where)
        table_end = HEADER_BYTES + (SLOT_BYTES << table_bits)
        flags_end = table_end + (FLAG_BYTES << table_bits)
        self.tokens = Tokens(key, salt)
        self.kinds = Kind(kinds)
        self._table = memoryview(data)[HEADER_BYTES:table_end].cast("Q")
        self._mask = (1 << table_bits) - 1
        self._flags = _at_hand(memoryview(data)[table_end:flags_end]).cast("H")
        self._heap = memoryview(data)[flags_end : flags_end + (BLOCK << heap_bits)]
        clients, revision = META.unpack(self._blocks(0, META_BLOCKS)[: META.size])
        self.clients: int = clients
        self.revision: str = revision.rstrip(b"\0").decode()

    def __repr__(self) -> str:
        return f"Index({self.clients} clients)"

    def look_up(self, tokens: bytes) -> list[tuple[int, int, int]]:
        """Give for those of these final tokens that the index knows: which one, by which way, and the place."""
        numbers = memoryview(tokens).cast("Q")
        keys = numbers[::2].tolist()
        table, flags, mask = self._table, self._flags, self._mask
        found: list[tuple[int, int, int]] = []
        for at in [
            at
            for at, key in enumerate(keys)
            if (flag := flags[key & mask]) and flag & (wanted := FLAGS[key >> FLAG_SHIFT]) == wanted
        ]:
            key = keys[at]
            slot = key & mask
            while entry := table[slot]:
                if (entry ^ key) >> _HALF == 0:
                    value = (entry ^ numbers[2 * at + 1]) & LOW
                    way = value >> VALUE_BITS
                    if way <= _LAST_WAY:
                        found.append((at, way, value & _PLACE))
                slot = (slot + 1) & mask
        return found

    def postings(self, places: list[int]) -> list[Postings]:
        """Give the postings at each of the places that `look_up` gave, with the fields of a Posting."""
        heap = self._heap
        sealed = b"".join([heap[place * BLOCK : (place + 1) * BLOCK] for place in places])
        found = [[posting] for posting in unpack_postings(unseal(self.tokens.seal, places, sealed))]
        for place, postings in zip(places, found, strict=True):
            if postings[0][-1]:
                self._read_on(place + 1, postings)
        return found

    def _read_on(self, place: int, postings: Postings) -> None:
        """Read the postings of namesakes, of whom there may be many: twice as many blocks each time."""
        step = 2
        while postings[-1][-1]:
            step = min(step, len(self._heap) // BLOCK - place)
            for posting in unpack_postings(self._blocks(place, step)):
                postings.append(posting)
                if not posting[-1]:
                    return
            place, step = place + step, 2 * step

    def people(self, records: list[int]) -> list[tuple[str, str, Population]]:
        """Give reference, initials and population of the clients whose records begin at these blocks."""
        heap = self._heap
        sealed = b"".join([heap[record * BLOCK : (record + 1) * BLOCK] for record in records])
        opened = unseal(self.tokens.seal, records, sealed)
        found = []
        for at, record in zip(range(0, len(opened), BLOCK), records, strict=True):
            population, initials, ref = opened[at], opened[at + 1], opened[at + 2]  # a RECORD
            split = RECORD.size + initials
            end = split + ref
            data = opened[at : at + BLOCK]
            if end > BLOCK:
                data += self._blocks(record + 1, (end - 1) // BLOCK)
            found.append((data[split:end].decode(), data[RECORD.size : split].decode(), POPULATIONS[population]))
        return found

    def _blocks(self, start: int, count: int) -> bytes:
        return unseal(
            self.tokens.seal, range(start, start + count), self._heap[start * BLOCK : (start + count) * BLOCK]
        )


def open_index(file: Path, key: bytes) -> Index:
    """Map an index file into memory; raise RosterError where it is not there, damaged, or of another key."""
    try:
        with file.open("rb") as opened:
            data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the file is empty"
        raise _refused(file, f"cannot read the index: {(reason or 'unknown reason').lower()}", _AGAIN) from None
    return Index(data, key, file)


def _at_hand(flags: memoryview) -> memoryview:
    """Give the flags in memory of large pages, where the system has these.

    A text asks for thousands of flags all over them: with small pages, finding out where each page lies takes longer
    than reading the flag.
    """
    if sys.platform != "linux":
        return flags
    memory = mmap.mmap(-1, len(flags), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without large pages
        memory.madvise(mmap.MADV_HUGEPAGE)
    memory[:] = flags
    return memoryview(memory)


def _checked(data: memoryview, key: bytes, file: Path) -> tuple[bytes, int, int, int]:
    """Give salt, kinds and sizes of an index whose every byte is as it was written."""
    if len(data) < HEADER_BYTES or bytes(data[: len(MAGIC)]) != MAGIC:
        raise _refused(file, "this is no index of a roster", "give the index that `guardrail roster import` made")
    _, version, kinds, table_bits, heap_bits, salt, check, mac = HEADER.unpack(data[:HEADER_BYTES])
    if version != VERSION:
        raise _refused(file, f"the index has format {version}, this guardrail reads {VERSION}", _AGAIN)
    if not hmac.compare_digest(check, derive(key, salt, b"check")[:BLOCK]):
        hint = "bring back the key that it was imported with, or import the client list again"
        raise _refused(file, "the index was made with another key", hint)
    damaged = _refused(file, "the index is damaged", "bring it back from a copy, or import the client list again")
    if max(table_bits, heap_bits) > _MOST_BITS:
        raise damaged
    if len(data) != HEADER_BYTES + (SLOT_BYTES + FLAG_BYTES << table_bits) + (BLOCK << heap_bits):
        raise damaged
    digest = hashlib.blake2b(key=derive(key, salt, b"mac"), digest_size=32)
    digest.update(data[: HEADER_BYTES - MAC_BYTES])
    digest.update(data[HEADER_BYTES:])
    if not hmac.compare_digest(mac, digest.digest()):
        raise damaged
    return salt, kinds, table_bits, heap_bits


def _refused(file: Path, what: str, hint: str) -> RosterError:
    return RosterError((Problem(file, None, None, what, hint),))
