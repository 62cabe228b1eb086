"""The Merkle tree over a ledger's entries, as RFC 6962 section 2.1 defines it: hashes, growth, proofs.

Pure: the hashes that a proof needs are asked of the caller. A tree grows by leaves at its end alone; every
256 of one level that are complete make a tile (the cut of C2SP's tlog-tiles), which is kept, so that neither
a proof nor a restart reads the whole ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
TILE_LEVELS = 8
TILE_WIDTH = 1 << TILE_LEVELS

# The hash of the complete subtree of 2**level leaves that begins at leaf `place * 2**level`.
type Subtree = Callable[[int, int], bytes]


def leaf_hash(body: bytes) -> bytes:
    """Give the hash of a leaf."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Give the root above a power of two of hashes of one level."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


@dataclass(frozen=True, slots=True)
class Tile:
    """Hashes of one level, 256 of them, and the root above; `level` counts tiles upward, `place` along the tree."""

    level: int
    place: int
    hashes: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Growth:
    """A tree at its growing end: how many leaves, the roots of its complete subtrees, and what no tile holds yet.

    `peaks` are the roots for the set bits of `size`, the largest first; `ends[n]` are the hashes of tile
    level n that stand after its last full tile.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()
    ends: tuple[tuple[bytes, ...], ...] = ()

    @classmethod
    def of(cls, size: int, ends: Sequence[Sequence[bytes]]) -> Growth:
        """Take up a tree of `size` leaves again from what stands after each level's last full tile.

        Raise ValueError where the numbers do not fit.
        """
        peaks: list[bytes] = []
        for level in reversed(range(len(ends))):
            row = ends[level]
            if len(row) != (size >> (TILE_LEVELS * level)) % TILE_WIDTH:
                raise ValueError(f"tile level {level} has {len(row)} loose hashes, which does not fit {size} leaves")
            at = 0
            for bit in reversed(range(TILE_LEVELS)):
                if len(row) >> bit & 1:
                    peaks.append(complete_root(row[at : at + (1 << bit)]))
                    at += 1 << bit
        if size >> (TILE_LEVELS * len(ends)):
            raise ValueError(f"{size} leaves need more than {len(ends)} levels of tiles")
        return cls(size, tuple(peaks), tuple(map(tuple, ends)))

    def add(self, leaves: Sequence[bytes]) -> tuple[Growth, list[Tile]]:
        """Give the tree with these leaf hashes at its end, and the tiles that became full."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            whole, merged = size, leaf
            while whole & 1:
                merged = node_hash(peaks.pop(), merged)
                whole >>= 1
            peaks.append(merged)
            size += 1
        ends, tiles, level, row = list(self.ends), [], 0, tuple(leaves)
        while row:
            if level == len(ends):
                ends.append(())
            loose, place = ends[level] + row, self.size >> (TILE_LEVELS * (level + 1))
            full = [
                Tile(level, place + at // TILE_WIDTH, cut, complete_root(cut))
                for at in range(0, len(loose) - TILE_WIDTH + 1, TILE_WIDTH)
                for cut in (loose[at : at + TILE_WIDTH],)
            ]
            ends[level] = loose[len(full) * TILE_WIDTH :]
            tiles += full
            level, row = level + 1, tuple(tile.root for tile in full)
        return Growth(size, tuple(peaks), tuple(ends)), tiles

    def root(self) -> bytes:
        """Give the root of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        above = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            above = node_hash(peak, above)
        return above


def root_of(size: int, subtree: Subtree) -> bytes:
    """Give the root of the first `size` leaves."""
    return _range(0, size, subtree) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Prove that leaf `index` stands in the tree of `size` leaves; raise ValueError where it cannot."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range(middle, end, subtree))
            end = middle
        else:
            path.append(_range(start, middle, subtree))
            start = middle
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Give the root to which a proof leads from a leaf's hash (RFC 9162, 2.1.3.2); None where it fits no such tree."""
    if not 0 <= index < size:
        return None
    number, last, above = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return None
        if number & 1 or number == last:
            above = node_hash(other, above)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            above = node_hash(above, other)
        number, last = number >> 1, last >> 1
    return above if last == 0 else None


def consistency_proof(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """Prove that the tree of `old` leaves is the beginning of that of `size`; raise ValueError where it cannot."""
    if not 0 <= old <= size:
        raise ValueError(f"a tree of {old} is no beginning of one of {size}")
    if old in (0, size):
        return []
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range(middle, end, subtree))
            end = middle
        else:
            path.append(_range(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        path.append(_range(start, end, subtree))
    return path[::-1]


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the old tree is the beginning of the new one (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == size:
        return not proof and old_root == root
    return grown_roots(old, old_root, size, proof) == (old_root, root)


def grown_roots(old: int, old_root: bytes, size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Give the roots of the old tree and of the new one to which a proof leads (0 < old < size); None: to none.

    Where `old` is a power of two the proof does not hold the old root, and goes out from the one that is given.
    """
    if not proof:
        return None
    number, last = old - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    rest = list(proof)
    first = old_root if number == 0 and old & (old - 1) == 0 else rest.pop(0)
    below = above = first
    for other in rest:
        if last == 0:
            return None
        if number & 1 or number == last:
            below, above = node_hash(other, below), node_hash(other, above)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            above = node_hash(above, other)
        number, last = number >> 1, last >> 1
    return (below, above) if last == 0 else None


def _split(count: int) -> int:
    """Give the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range(start: int, end: int, subtree: Subtree) -> bytes:
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range(start, middle, subtree), _range(middle, end, subtree))
