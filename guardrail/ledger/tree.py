"""The tree as it stands in a ledger's tables: its growing end, and the hashes that proofs ask for."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, select

from guardrail.ledger.database import ENTRIES, TILES
from guardrail.ledger.merkle import HASH_BYTES, TILE_LEVELS, TILE_WIDTH, Growth, Subtree, complete_root

_TILES_KEPT = 16  # a proof walks down through one tile of each level


def growth_of(connection: Connection, size: int) -> Growth:
    """Take up the tree of the first `size` entries. Raise ValueError where hashes are missing for it."""
    ends: list[list[bytes]] = []
    level, count = 0, size
    while count:
        ends.append(_loose(connection, level, count - count % TILE_WIDTH, count))
        level, count = level + 1, count >> TILE_LEVELS
    return Growth.of(size, ends)


def subtrees(connection: Connection, size: int) -> Subtree:
    """Give what proofs ask for in a tree of `size` entries: the hash of a complete subtree, out of tiles and leaves.

    It raises ValueError where hashes are missing, and keeps a few tiles in memory.
    """

    @lru_cache(_TILES_KEPT)
    def hashes_of(level: int, place: int) -> list[bytes]:
        tile = None
        if place < size >> (TILE_LEVELS * (level + 1)):  # what is not full has no tile: no need to ask
            wanted = select(TILES.c.hashes).where(TILES.c.level == level, TILES.c.place == place)
            tile = connection.execute(wanted).scalar()
        if tile is not None:
            return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
        start = place * TILE_WIDTH
        return _loose(connection, level, start, min(start + TILE_WIDTH, size >> (TILE_LEVELS * level)))

    def subtree(level: int, place: int) -> bytes:
        tile_level, steps = divmod(level, TILE_LEVELS)
        tile, at = divmod(place << steps, TILE_WIDTH)
        hashes = hashes_of(tile_level, tile)[at : at + (1 << steps)]
        if len(hashes) != 1 << steps:
            raise ValueError(f"the ledger has not all hashes of tile {tile} of level {tile_level}")
        return complete_root(hashes)

    return subtree


def _loose(connection: Connection, level: int, start: int, end: int) -> list[bytes]:
    """Give the hashes of one tile level where it has no full tile: they stand in what is below."""
    if level == 0:
        loose = select(ENTRIES.c.leaf).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end).order_by(ENTRIES.c.idx)
    else:
        below = (TILES.c.level == level - 1, TILES.c.place >= start, TILES.c.place < end)
        loose = select(TILES.c.root).where(*below).order_by(TILES.c.place)
    return list(connection.execute(loose).scalars())
