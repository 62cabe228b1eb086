"""What stands beside the entries, checked along with them: closed texts, and the kept tiles of the tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import SEALED, from_bytes
from guardrail.ledger.database import PAYLOADS, TILES, stream
from guardrail.ledger.merkle import HASH_BYTES, Tile
from guardrail.ledger.owed import Debt, Owed
from guardrail.ledger.report import FaultError, Finding
from guardrail.model.entry import Entry, EntryKind

CHUNK = 2000
"""How many rows are fetched at once."""

# How an entry that explains looks in its bytes: in RFC 8785 form no text can hold these quotes.
_STAMPS = tuple(f'"kind":"{kind.value}"'.encode() for kind in (EntryKind.DESTROYED, EntryKind.RESEALED))


class Payloads:
    """The closed texts, walked along with the entries that commit to them. Close it when done.

    A text that is missing, or is another, may have been destroyed or sealed anew: then an entry further on says so.
    Until that is met it is owed an explanation, outside of memory.
    """

    def __init__(self, connection: Connection) -> None:
        """Take the transaction in which all is read."""
        self._rows = stream(connection, PAYLOADS)
        self._next = next(self._rows, None)
        self._owed = Owed()

    def judge(self, row: Any, entry: Entry) -> str | None:
        """Say what is wrong with the closed text of this entry, or with what it says of earlier ones."""
        committed = entry.details.get(SEALED)
        payload = None
        if self._next is not None and self._next.idx <= row.idx:
            if self._next.idx < row.idx:
                return f"a sealed text belongs to no entry: {self._next.idx}"
            payload, self._next = self._next.payload, next(self._rows, None)
        if committed is None:
            told = None if payload is None else f"entry {row.idx} has a sealed text that it does not commit to"
            return told or self._settle(row.idx, entry)
        found = hashlib.sha256(payload).hexdigest() if isinstance(payload, bytes) else None
        if payload is not None and found is None:
            return f"the sealed text of entry {row.idx} was changed"
        if found is None or committed != {"sha256": found}:
            hashed = committed.get("sha256") if isinstance(committed, dict) else None
            self._owed.put(row.idx, Debt(str(hashed), found))
        return None

    def glance(self, body: object) -> None:
        """Take the bytes of an entry behind a fault: it vouches for nothing, but what it explains is no fault."""
        if not isinstance(body, bytes) or not any(stamp in body for stamp in _STAMPS):
            return
        try:
            told = from_bytes(body).details
        except LedgerError:
            return
        named = told.get("indexes", told.get("texts"))
        for one in named if isinstance(named, list) else ():
            self._owed.settle(one[0] if isinstance(one, list) and one else one)

    def unexplained(self) -> Iterator[Finding]:
        """Give the closed texts that are missing or others, and of which no entry so far says why."""
        for index, debt in self._owed:
            what = "is missing" if debt.found is None else "was changed"
            yield Finding(index, f"the sealed text of entry {index} {what}")

    def finish(self) -> None:
        """Raise FaultError where a closed text is left over."""
        if self._next is not None:
            raise FaultError(None, f"a sealed text belongs to no entry: {self._next.idx}")

    def close(self) -> None:
        """Let go of what was kept outside of memory."""
        self._owed.close()

    def _settle(self, at: int, entry: Entry) -> str | None:
        details: Any = entry.details
        try:
            if entry.kind is EntryKind.RESEALED:
                texts = ((_index(index), old, new) for index, old, new in details["texts"])
                return next(filter(None, (self._resealed(at, *text) for text in texts)), None)
            if entry.kind is EntryKind.DESTROYED:
                indexes = map(_index, details["indexes"])
                return next(filter(None, (self._destroyed(at, index) for index in indexes)), None)
        except (KeyError, TypeError, ValueError):
            return f"entry {at} does not say which sealed texts it is about"
        return None

    def _resealed(self, at: int, index: int, old: str, new: str) -> str | None:
        known = self._owed.get(index)
        if known is None:
            return f"the sealed text of entry {index} is not the one that entry {at} put there"
        if known.committed != old:
            return f"entry {at} sealed another text anew than that of entry {index}"
        if known.found == new:
            self._owed.settle(index)
        else:
            self._owed.put(index, Debt(str(new), known.found))
        return None

    def _destroyed(self, at: int, index: int) -> str | None:
        known = self._owed.get(index)
        if known is None or known.found is not None:
            return f"the sealed text of entry {index} is there, and entry {at} says that it was destroyed"
        self._owed.settle(index)
        return None


def _index(value: object) -> int:
    if isinstance(value, int):
        return value
    raise TypeError


class Tiles:
    """The kept tiles, compared with those that the entries give."""

    def __init__(self, connection: Connection) -> None:
        """Take the transaction in which all is read."""
        self._connection = connection
        self._count = 0

    def compare(self, tiles: Iterable[Tile]) -> None:
        """Take tiles that became full. Raise FaultError where the kept one is another."""
        for tile in tiles:
            wanted = select(TILES).where(TILES.c.level == tile.level, TILES.c.place == tile.place)
            kept = self._connection.execute(wanted).one_or_none()
            if kept is None or (kept.root, kept.hashes) != (tile.root, b"".join(tile.hashes)):
                raise FaultError(*_first_difference(tile, kept))
            self._count += 1

    def finish(self, size: int) -> None:
        """Raise FaultError where more tiles are kept than the entries gave."""
        if self._connection.execute(select(func.count()).select_from(TILES)).scalar() != self._count:
            raise FaultError(size, "a tile of the tree stands for entries that are not there: entries were dropped")


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
