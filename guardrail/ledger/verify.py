"""The check of a whole ledger: every byte of every entry, every closed text, every tile, every signed state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import SEALED, from_bytes, to_bytes
from guardrail.ledger.database import (
    CHECKPOINTS,
    ENTRIES,
    FAILURES,
    HEAD,
    PAYLOADS,
    REVISION,
    TILES,
    open_reader,
    schema_of,
)
from guardrail.ledger.merkle import EMPTY_ROOT, HASH_BYTES, Growth, Tile, leaf_hash
from guardrail.ledger.note import Note, Verifier

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found: how many entries are good from the beginning, and the root (hex) of the tree over them.

    `first_bad` is the index of the first entry that is changed, missing or too many (None: the whole is good,
    or the file as a whole is bad); `reason` says in words what is wrong, None where nothing is.
    """

    entries: int
    root: str
    first_bad: int | None
    reason: str | None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.reason is None


def verify(path: Path, verifiers: Sequence[Verifier]) -> Report:
    """Check the ledger at `path`, also while it is written, against the keys of those who may have signed it.

    Raise LedgerError where there is no file, or no key to check it by.
    """
    if not path.is_file():
        raise LedgerError(f"there is no ledger at {path}: check the data folder")
    if not verifiers:
        raise LedgerError("a ledger cannot be checked without the key of who signed it: name its verifier key")
    engine = open_reader(path)
    walk = _Walk(verifiers)
    try:
        with engine.connect() as connection:  # one transaction: entries and head of one moment
            if schema_of(connection) != REVISION:
                return Report(0, EMPTY_ROOT.hex(), None, "the file is no ledger of this version")
            walk.all(connection)
    except _FaultError as fault:
        return Report(walk.growth.size, walk.growth.root().hex(), fault.index, fault.reason)
    except (*FAILURES, UnicodeDecodeError):  # the latter: damaged text in the file's own schema
        at = walk.growth.size
        reason = f"entry {at} or a later part of the file cannot be read: the file is damaged"
        return Report(at, walk.growth.root().hex(), at, reason)
    finally:
        engine.dispose()
    return Report(walk.growth.size, walk.growth.root().hex(), None, None)


class _FaultError(Exception):
    """What is wrong, and from which entry on."""

    def __init__(self, index: int | None, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class _Walk:
    """The walk along the entries up to the first fault, growing the tree anew."""

    def __init__(self, verifiers: Sequence[Verifier]) -> None:
        self.growth = Growth()
        self._verifiers = verifiers
        self._sure = 0  # up to here a signed state has confirmed the tree

    def all(self, connection: Connection) -> None:
        tiles = _Tiles(connection)
        payloads = _Payloads(connection)
        states = _states(connection)
        due = next(states, None)
        leaves: list[bytes] = []

        def grow() -> None:
            self.growth, full = self.growth.add(leaves)
            tiles.compare(full)
            leaves.clear()

        for row in _rows(connection):
            at = self.growth.size + len(leaves)
            if reason := _judge(row, at) or payloads.judge(row):
                grow()
                raise _FaultError(at, reason)
            leaves.append(row.leaf)
            while due is not None and due.size == at + 1:
                grow()
                self._confirm(due, "checkpoint")
                due = next(states, None)
            if len(leaves) >= _CHUNK:
                grow()
        grow()
        if due is not None:
            raise _FaultError(
                self.growth.size,
                f"a checkpoint counts {due.size} entries, there are {self.growth.size}: entries were dropped",
            )
        self._head(connection)
        payloads.finish()
        tiles.finish(self.growth.size)

    def _head(self, connection: Connection) -> None:
        heads = connection.execute(select(HEAD)).all()
        size = self.growth.size
        if len(heads) != 1 or heads[0].id != 1:
            raise _FaultError(size, "the head is missing or not alone: entries may have been dropped at the end")
        if heads[0].size != size:
            least = min(size, _count(heads[0].size))
            raise _FaultError(
                least, f"the head counts {heads[0].size} entries, there are {size}: entries were dropped or added"
            )
        self._confirm(heads[0], "head")

    def _confirm(self, state: Any, what: str) -> None:
        """Compare a signed state with the tree as far as it has grown."""
        here = f"the {what} at {state.size} entries"
        try:
            note = Note.read(state.note)
            checkpoint = note.checkpoint()
        except (LedgerError, AttributeError, TypeError):
            raise _FaultError(self._sure, f"{here} cannot be read: it was changed") from None
        if not note.signed_by(self._verifiers):
            raise _FaultError(self._sure, f"{here} bears no good signature of a known key")
        if not checkpoint.size == state.size == self.growth.size:
            raise _FaultError(self._sure, f"{here} speaks of {checkpoint.size}")
        if checkpoint.root != self.growth.root():
            raise _FaultError(self._sure, f"{here} signs another tree: an entry from {self._sure} on was changed")
        self._sure = checkpoint.size


def _judge(row: Any, place: int) -> str | None:
    at = f"entry {place}"
    if row.idx != place:
        return f"{at} is missing" if row.idx > place else f"an entry stands before the first: {row.idx}"
    if not all(isinstance(value, bytes) for value in (row.leaf, row.body)):
        return f"{at} was changed: a column is not of its type"
    if leaf_hash(row.body) != row.leaf:
        return f"{at} was changed: its hash does not fit its bytes"
    try:
        entry = from_bytes(row.body)
    except LedgerError:
        return f"{at} is no entry of this version"
    return None if to_bytes(entry) == row.body else f"{at} is not in canonical form"


class _Payloads:
    """The closed texts, walked along with the entries that commit to them."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execution_options(yield_per=_CHUNK).execute(select(PAYLOADS).order_by(PAYLOADS.c.idx))
        self._rows: Iterator[Any] = iter(rows)
        self._next = next(self._rows, None)

    def judge(self, row: Any) -> str | None:
        """Say what is wrong with the closed text of this entry, or with one that belongs to none."""
        entry = from_bytes(row.body)
        committed = entry.details.get(SEALED)
        payload = None
        if self._next is not None and self._next.idx <= row.idx:
            if self._next.idx < row.idx:
                return f"a sealed text belongs to no entry: {self._next.idx}"
            payload, self._next = self._next.payload, next(self._rows, None)
        if committed is None:
            return None if payload is None else f"entry {row.idx} has a sealed text that it does not commit to"
        if payload is None:
            return f"the sealed text of entry {row.idx} is missing"
        if not isinstance(payload, bytes) or committed != {"sha256": hashlib.sha256(payload).hexdigest()}:
            return f"the sealed text of entry {row.idx} was changed"
        return None

    def finish(self) -> None:
        if self._next is not None:
            raise _FaultError(None, f"a sealed text belongs to no entry: {self._next.idx}")


class _Tiles:
    """The kept tiles, compared with those that the entries give."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0

    def compare(self, tiles: Iterable[Tile]) -> None:
        for tile in tiles:
            wanted = select(TILES).where(TILES.c.level == tile.level, TILES.c.place == tile.place)
            kept = self._connection.execute(wanted).one_or_none()
            if kept is None or (kept.root, kept.hashes) != (tile.root, b"".join(tile.hashes)):
                raise _FaultError(*_first_difference(tile, kept))
            self._count += 1

    def finish(self, size: int) -> None:
        if len(self._connection.execute(select(TILES.c.level)).all()) != self._count:
            raise _FaultError(size, "a tile of the tree stands for entries that are not there: entries were dropped")


def _first_difference(tile: Tile, kept: Any) -> tuple[int, str]:
    span = 1 << (8 * tile.level)
    first = tile.place * 256 * span
    if kept is None:
        return first, f"the tile over the entries from {first} on is missing"
    if isinstance(kept.hashes, bytes):
        for at, own in enumerate(tile.hashes):
            if kept.hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] != own:
                bad = first + at * span
                return bad, f"entry {bad} is not the one over which the tree was built: one of the two was changed"
    return first, f"the tile over the entries from {first} on was changed"


def _states(connection: Connection) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=_CHUNK).execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size))


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0


def _rows(connection: Connection) -> Iterator[Any]:
    """Give all rows in order, in flat memory."""
    rows = connection.execution_options(yield_per=_CHUNK).execute(select(ENTRIES).order_by(ENTRIES.c.idx))
    yield from rows
