"""The table of an index while it is made: entries come in by stages, then each gets its slot."""

from __future__ import annotations

import secrets
from array import array
from collections import deque
from collections.abc import Callable, Iterable

from guardrail.roster.layout import FILL, FLAG_BYTES, FLAGS, LOW, SLOT_BYTES
from guardrail.roster.spellings import xor
from guardrail.roster.tokens import Encipher

_CHUNK = 1 << 20
_SMALLEST_TABLE = 14  # as a power of two
_WAITING = 1 << 16
_HALF = 32

type Progress = Callable[[str, int, int | None], None]
"""Told of the stage (`read`, `names`, `table`), how much is done, and of how much where that is known."""


class Stage:
    """Entries of one kind: of each its slot, and what is to stand there; of one token at most `most`.

    A spelling that stands for hundreds of names (`j smith`) would fill slots in a row, which every
    look-up nearby has to pass; so only the first names of a roster have it. Entries are kept in pieces,
    each of which is let go when it is placed.
    """

    __slots__ = ("_blocks", "_encipher", "_values", "count", "most", "pieces")

    def __init__(self, encipher: Encipher, most: int = 1 << _HALF) -> None:
        """Take what makes final tokens of the blocks that come in."""
        self.most = most
        self.count = 0
        self.pieces: deque[tuple[array[int], array[int]]] = deque()
        self._encipher = encipher
        self._blocks: list[bytes] = []
        self._values = array("I")

    def put(self, blocks: bytes, start: int, ways: Iterable[int]) -> None:
        """Take blocks that all lead to the posting at block `start`, each by its way."""
        self._blocks.append(blocks)
        self._values.extend([start | way for way in ways])
        if len(self._values) > _WAITING:
            self.finish()

    def finish(self) -> None:
        """Make entries of all that came in."""
        # Of a token's four quarters: the slot, the high half of the entry, and the mask of its low half.
        quarters = array("I", self._encipher(b"".join(self._blocks)))
        entries = array("I", bytes(2 * len(self._values) * quarters.itemsize))
        entries[::2] = array("I", xor(quarters[2::4].tobytes(), self._values.tobytes()))
        entries[1::2] = quarters[1::4]
        self.add(quarters[::4], array("Q", entries.tobytes()))
        self._blocks, self._values = [], array("I")

    def add(self, slots: array[int], entries: array[int]) -> None:
        """Take entries as they are to be placed."""
        self.count += len(slots)
        self.pieces.append((slots, entries))


def place(stages: Iterable[Stage], progress: Progress | None) -> tuple[array[int], array[int]]:
    """Give the table and its flags: every entry in the first free slot from its own on. The stages are used up.

    It is padded with random entries to the same fill always; half of them come first, so that the
    place of one tells nothing.
    """
    stages = list(stages)
    for stage in stages:
        stage.finish()
    total = sum(stage.count for stage in stages)
    bits = _SMALLEST_TABLE
    while total > FILL * (1 << bits):
        bits += 1
    full = int(FILL * (1 << bits))
    table, flags = array("Q", bytes(SLOT_BYTES << bits)), array("H", bytes(FLAG_BYTES << bits))
    used, done = 0, 0

    def fill(stage: Stage) -> None:
        nonlocal used, done
        while stage.pieces:
            slots, entries = stage.pieces.popleft()
            used += _put(table, flags, slots, entries, stage.most)
            done += len(slots)
            if progress:
                progress("table", done, full)

    fill(_random((full - total) // 2))
    for stage in stages:
        fill(stage)
    fill(_random(full - used))
    if progress:
        progress("table", full, full)
    return table, flags


def _put(table: array[int], flags: array[int], slots: array[int], entries: array[int], most: int) -> int:
    """Place entries; give how many were."""
    mask = len(table) - 1
    left_out = 0
    # The highest byte of an entry chooses its flags.
    for slot, entry, high in zip(slots, entries, entries.tobytes()[7::SLOT_BYTES], strict=True):
        first = slot & mask
        other = table[first]
        if not other:
            table[first] = entry
            flags[first] |= FLAGS[high]
            continue
        at = first
        same = 0
        while other:
            if other ^ entry <= LOW:
                same += 1
            at = (at + 1) & mask
            other = table[at]
        if same < most:
            table[at] = entry
            flags[first] |= FLAGS[high]
        else:
            left_out += 1
    return len(slots) - left_out


def _random(count: int) -> Stage:
    stage = Stage(bytes)
    for at in range(0, count, _CHUNK):
        size = min(_CHUNK, count - at)
        stage.add(array("I", secrets.token_bytes(4 * size)), array("Q", secrets.token_bytes(8 * size)))
    return stage
