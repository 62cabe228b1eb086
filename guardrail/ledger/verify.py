"""The check of a whole ledger: every byte of every entry, every link, and the head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import from_bytes, to_bytes
from guardrail.ledger.chain import GENESIS, link
from guardrail.ledger.database import ENTRIES, FAILURES, HEAD, REVISION, open_reader, schema_of

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found: how many entries are good from the beginning, and the hash (hex) of the last of them.

    `first_bad` is the index of the first entry that is changed, missing or too many (None: the whole is good,
    or the file as a whole is bad); `reason` says in words what is wrong, None where nothing is.
    """

    entries: int
    head: str
    first_bad: int | None
    reason: str | None

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.reason is None


def verify(path: Path) -> Report:
    """Check the ledger at `path`, also while it is written. Raise LedgerError where there is no file."""
    if not path.is_file():
        raise LedgerError(f"there is no ledger at {path}: check the data folder")
    engine = open_reader(path)
    walk = _Walk()
    try:
        with engine.connect() as connection:  # one transaction: entries and head of one moment
            if schema_of(connection) != REVISION:
                return Report(0, GENESIS.hex(), None, "the file is no ledger of this version")
            walk.entries(connection)
            walk.head(connection)
    except (*FAILURES, UnicodeDecodeError):  # the latter: damaged text in the file's own schema
        walk.fault(walk.size, f"entry {walk.size} or a later part of the file cannot be read: the file is damaged")
    finally:
        engine.dispose()
    return Report(walk.size, walk.hash.hex(), walk.first_bad, walk.reason)


class _Walk:
    """The walk along the chain up to the first fault."""

    def __init__(self) -> None:
        self.size = 0
        self.hash = GENESIS
        self.first_bad: int | None = None
        self.reason: str | None = None

    def fault(self, index: int, reason: str) -> None:
        if self.reason is None:
            self.first_bad, self.reason = index, reason

    def entries(self, connection: Connection) -> None:
        for row in _rows(connection):
            reason = self._judge(row)
            if reason is not None:
                self.fault(self.size, reason)
                return
            self.size += 1
            self.hash = row.hash

    def _judge(self, row: Any) -> str | None:
        at = f"entry {self.size}"
        if row.idx != self.size:
            return f"{at} is missing" if row.idx > self.size else f"an entry stands before the first: {row.idx}"
        if not all(isinstance(value, bytes) for value in (row.previous, row.hash, row.body)):
            return f"{at} was changed: a column is not of its type"
        if row.previous != self.hash:
            return f"{at} does not follow the entry before it: its link was changed, or it was moved"
        if link(row.previous, row.body) != row.hash:
            return f"{at} was changed: its hash does not fit its bytes"
        try:
            canonical = to_bytes(from_bytes(row.body)) == row.body
        except LedgerError:
            canonical = False
        return None if canonical else f"{at} is no entry of this version in canonical form"

    def head(self, connection: Connection) -> None:
        if self.reason is not None:
            return
        heads = connection.execute(select(HEAD)).all()
        if len(heads) != 1 or heads[0].id != 1:
            self.fault(self.size, "the head is missing or not alone: entries may have been dropped at the end")
        elif heads[0].size != self.size:
            self.fault(
                min(self.size, _count(heads[0].size)),
                f"the head counts {heads[0].size} entries, there are {self.size}: entries were dropped or added",
            )
        elif heads[0].hash != self.hash:
            self.fault(max(self.size - 1, 0), "the head does not fit the last entry: one of the two was changed")


def _count(value: object) -> int:
    return max(value, 0) if isinstance(value, int) else 0


def _rows(connection: Connection) -> Iterator[Any]:
    """Give all rows in order, in flat memory."""
    rows = connection.execution_options(yield_per=_CHUNK).execute(select(ENTRIES).order_by(ENTRIES.c.idx))
    yield from rows
