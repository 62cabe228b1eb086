"""The tree as it stands in a ledger's tables: its growing end, and the hashes that proofs ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlalchemy import Connection, select, text

from guardrail.ledger.database import ENTRIES, TILES
from guardrail.ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_LEVELS,
    TILE_WIDTH,
    Growth,
    Subtree,
    complete_root,
    inclusion_proof,
)

# What a piece of a tree is made of, as (number of the piece, place, hashes).
_TILE = "SELECT {0}, place, hashes FROM tiles WHERE level = :level{0} AND place = :start{0}"
_ROOTS = "SELECT {0}, place, root FROM tiles WHERE level = :level{0} AND place >= :start{0} AND place < :end{0}"
_LEAVES = "SELECT {0}, idx, leaf FROM entries WHERE idx >= :start{0} AND idx < :end{0}"
# All that the proof of one leaf needs, as (tile level, whether a full tile, place, hashes, note): first the head.
_NOW = "WITH now AS (SELECT size, note FROM head) SELECT -1, 0, size, NULL, note FROM now"
_LOOSE_LEAVES = """
SELECT 0, 0, idx, leaf, NULL FROM entries
    WHERE idx >= (SELECT (size >> 8) << 8 FROM now) AND idx < (SELECT size FROM now)
"""
_FULL = """
SELECT {level}, 1, place, hashes, NULL FROM tiles WHERE level = {level} AND place = CAST(:at AS bigint) >> {bits}
"""
_LOOSE_ROOTS = """
SELECT {level} + 1, 0, place, root, NULL FROM tiles WHERE level = {level}
    AND place >= (SELECT ((size >> {bits}) >> 8) << 8 FROM now) AND place < (SELECT size >> {bits} FROM now)
"""
_LEVELS = 3  # of tiles that can be full: 2**32 leaves
_MOST = TILE_WIDTH ** (_LEVELS + 1)
_OF_LEVELS = [
    part.format(level=level, bits=TILE_LEVELS * (level + 1))
    for level in range(_LEVELS)
    for part in (_FULL, _LOOSE_ROOTS)
]
_PATH = text(" UNION ALL ".join((_NOW, _LOOSE_LEAVES, *_OF_LEVELS)))


def growth_of(connection: Connection, size: int) -> Growth:
    """Take up the tree of the first `size` entries. Raise ValueError where hashes are missing for it."""
    ends: list[list[bytes]] = []
    level, count = 0, size
    while count:
        ends.append(_loose(connection, level, count - count % TILE_WIDTH, count))
        level, count = level + 1, count >> TILE_LEVELS
    return Growth.of(size, ends)


def prove(connection: Connection, index: int) -> tuple[list[bytes], str]:
    """Give the proof that leaf `index` stands in the tree, and the signed head, in one query: it is of one moment.

    A proof goes up through one tile of each level, and along the loose hashes behind the last full ones. Raise
    ValueError where there is no such leaf, or hashes are missing.
    """
    if not 0 <= index < _MOST:
        raise ValueError(f"leaf {index} is in no tree")
    found: dict[tuple[bool, int], list[bytes]] = {}
    size, note = 0, ""
    for level, full, place, hashes, text_ in sorted(connection.execute(_PATH, {"at": index}), key=itemgetter(0, 2)):
        if text_ is not None:
            size, note = place, text_
        else:
            row = found.setdefault((bool(full), level), [])
            row += [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]

    def subtree(level: int, place: int) -> bytes:
        piece, at, count = _piece(size, level, place)
        return _root_in(piece, found.get((piece.full, piece.level), []), at, count)

    return inclusion_proof(index, size, subtree), note


def ask[T](connection: Connection, size: int, question: Callable[[Subtree], T]) -> T:
    """Answer what a proof asks of a tree of `size` entries, out of tiles and leaves, fetched in one query.

    The question is put twice: at first to learn which hashes it needs, which do not depend on what they are. Raise
    ValueError where some are missing, or where the question itself does.
    """
    wanted: dict[_Piece, None] = {}

    def note(level: int, place: int) -> bytes:
        wanted[_piece(size, level, place)[0]] = None
        return EMPTY_ROOT

    def subtree(level: int, place: int) -> bytes:
        piece, at, count = _piece(size, level, place)
        return _root_in(piece, found[piece], at, count)

    question(note)
    found = _fetch(connection, list(wanted))
    return question(subtree)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The hashes of one tile: as a tile where it is full, otherwise as they stand in what is below."""

    level: int
    place: int
    end: int
    full: bool


def _piece(size: int, level: int, place: int) -> tuple[_Piece, int, int]:
    """Say in which piece the hashes below a complete subtree stand, at which place in it, and how many they are."""
    tile_level, steps = divmod(level, TILE_LEVELS)
    tile, at = divmod(place << steps, TILE_WIDTH)
    full = tile < size >> (TILE_LEVELS * (tile_level + 1))
    end = min((tile + 1) * TILE_WIDTH, size >> (TILE_LEVELS * tile_level))
    return _Piece(tile_level, tile, end, full), at, 1 << steps


def _root_in(piece: _Piece, hashes: Sequence[bytes], at: int, count: int) -> bytes:
    wanted = hashes[at : at + count]
    if len(wanted) != count:
        raise ValueError(f"the ledger has not all hashes of tile {piece.place} of level {piece.level}")
    return complete_root(wanted)


def _fetch(connection: Connection, pieces: Sequence[_Piece]) -> dict[_Piece, list[bytes]]:
    """Give the hashes of each piece, in order; those that are missing are not among them."""
    parts: list[str] = []
    values: dict[str, int] = {}
    for number, piece in enumerate(pieces):
        parts.append((_TILE if piece.full else _ROOTS if piece.level else _LEAVES).format(number))
        start = piece.place if piece.full else piece.place * TILE_WIDTH
        values |= {f"start{number}": start, f"end{number}": piece.end}
        values |= {f"level{number}": piece.level if piece.full else piece.level - 1}
    found: dict[_Piece, list[bytes]] = {piece: [] for piece in pieces}
    if parts:
        rows = connection.execute(text(" UNION ALL ".join(parts)), values).all()
        for number, _, hashes in sorted(rows, key=itemgetter(0, 1)):
            found[pieces[number]] += [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    return found


def _loose(connection: Connection, level: int, start: int, end: int) -> list[bytes]:
    """Give the hashes of one tile level where it has no full tile: they stand in what is below."""
    if level == 0:
        loose = select(ENTRIES.c.leaf).where(ENTRIES.c.idx >= start, ENTRIES.c.idx < end).order_by(ENTRIES.c.idx)
    else:
        below = (TILES.c.level == level - 1, TILES.c.place >= start, TILES.c.place < end)
        loose = select(TILES.c.root).where(*below).order_by(TILES.c.place)
    return list(connection.execute(loose).scalars())
