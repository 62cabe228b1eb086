"""The table of an index while it is made: entries come in by stages, then each gets its slot."""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Callable, Iterable

from guardrail.roster.layout import FILL, FLAG_SHIFT, HIGH, LOW, SLOT_BYTES
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
    look-up nearby has to pass; so only the first names of a roster have it.
    """

    __slots__ = ("_blocks", "_encipher", "_values", "entries", "most", "slots")

    def __init__(self, encipher: Encipher, most: int = 1 << _HALF) -> None:
        """Take what makes final tokens of the blocks that come in."""
        self.most = most
        self.slots = array("I")
        self.entries = array("Q")
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
        numbers = array("Q", self._encipher(b"".join(self._blocks)))
        keys = numbers[::2].tolist()
        self.slots.extend([key & LOW for key in keys])
        masked = zip(keys, numbers[1::2].tolist(), self._values, strict=True)
        self.entries.extend([key & HIGH | (mask ^ one) & LOW for key, mask, one in masked])
        self._blocks, self._values = [], array("I")


def place(stages: Iterable[Stage], progress: Progress | None) -> tuple[array[int], bytearray]:
    """Give the table and its flags: every entry in the first free slot from its own on.

    It is padded with random entries to the same fill always; half of them come first, so that the
    place of one tells nothing.
    """
    stages = list(stages)
    for stage in stages:
        stage.finish()
    total = sum(len(stage.slots) for stage in stages)
    bits = _SMALLEST_TABLE
    while total > FILL * (1 << bits):
        bits += 1
    full = int(FILL * (1 << bits))
    table, flags = array("Q", bytes(SLOT_BYTES << bits)), bytearray(1 << bits)
    used, done = 0, 0
    for stage in (_random((full - total) // 2), *stages):
        for at in range(0, len(stage.slots), _CHUNK):
            part = slice(at, at + _CHUNK)
            used += _put(table, flags, stage.slots[part], stage.entries[part], stage.most)
            done += len(stage.slots[part])
            if progress:
                progress("table", done, full)
    rest = _random(full - used)
    _put(table, flags, rest.slots, rest.entries, rest.most)
    if progress:
        progress("table", full, full)
    return table, flags


def _put(table: array[int], flags: bytearray, slots: array[int], entries: array[int], most: int) -> int:
    """Place entries; give how many were."""
    mask = len(table) - 1
    left_out = 0
    for slot, entry in zip(slots, entries, strict=True):
        first = at = slot & mask
        same = 0
        while other := table[at]:
            if other ^ entry <= LOW:
                same += 1
            at = (at + 1) & mask
        if same < most:
            table[at] = entry
            flags[first] |= 1 << (entry >> FLAG_SHIFT)
        else:
            left_out += 1
    return len(slots) - left_out


def _random(count: int) -> Stage:
    stage = Stage(bytes)
    stage.slots.frombytes(secrets.token_bytes(stage.slots.itemsize * count))
    stage.entries.frombytes(secrets.token_bytes(stage.entries.itemsize * count))
    return stage
