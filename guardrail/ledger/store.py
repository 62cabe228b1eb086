"""The ledger in one SQLite file: append is durable or raises, and a failed append leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ClauseElement

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import Closes, Record, record
from guardrail.ledger.database import ENTRIES, FAILURES, HEAD, PAYLOADS, TILES, migrate, open_writer, unavailable
from guardrail.ledger.merkle import Growth, leaf_hash
from guardrail.ledger.note import Checkpoint, Note, Signer
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.together import Together
from guardrail.ledger.tree import growth_of
from guardrail.model.entry import Entry, StoredEntry

_TURN_SECONDS = 10.0


def _sql(statement: ClauseElement) -> str:
    # Compiled once and handed to the driver: SQLAlchemy's own execution would cost as much as the disk does.
    return str(statement.compile(dialect=sqlite.dialect()))


_READ_HEAD = _sql(select(HEAD.c.size, HEAD.c.note))
_WRITE_HEAD = _sql(update(HEAD).values(size=0, note=""))
_WRITE_ENTRY = _sql(insert(ENTRIES))
_WRITE_PAYLOAD = _sql(insert(PAYLOADS))
_WRITE_TILE = _sql(insert(TILES))


class SqliteLedger:
    """The ledger of one workstation: may be used from any thread, and by two processes on one file."""

    def __init__(self, path: Path, seal: Closes, signer: Signer) -> None:
        """Open the ledger, or begin it. Raise LedgerUnavailableError where that cannot be done."""
        self.path = path
        self._seal = seal
        self._signer = signer
        self._together: Together[Sequence[Record], int] = Together(self._write, _TURN_SECONDS)
        self._growth, self._note, self._origin = Growth(), "", signer.verifier.name
        self._writer = open_writer(path)
        self.reader = LedgerReader(path)
        try:
            migrate(self._writer)
            with self._writer.begin() as connection:
                self._begin(connection)
            self._file = _identity(path)
        except LedgerUnavailableError:
            self.close()
            raise
        except FAILURES as error:
            self.close()
            raise unavailable(path, error) from None

    def append(self, *entries: Entry) -> int:
        """Make all entries durable together, in order, and give the index of the last.

        Raise LedgerUnavailableError if that cannot be done now (then none of them is there; the next
        append tries afresh), LedgerError if an entry is no plain JSON or there is none.
        """
        if not entries:
            raise LedgerError("nothing to append")
        return self._together.do([record(entry, self._seal) for entry in entries])

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`; see LedgerReader."""
        return self.reader.read(start)

    def close(self) -> None:
        """Let go of the file; what was appended stays."""
        self._writer.dispose()
        self.reader.close()

    def _begin(self, connection: Connection) -> None:
        """Take up the tree, or plant it."""
        head = connection.execute(select(HEAD)).one_or_none()
        if head is None:
            self._note = self._signer.sign(Checkpoint(self._origin, 0, self._growth.root()))
            connection.execute(insert(HEAD).values(id=1, size=0, note=self._note))
        else:
            self._take_up(connection, head.size, head.note)

    def _take_up(self, connection: Connection, size: int, note: str) -> None:
        """Read the tree's end as another process, or an earlier one, has left it."""
        try:
            growth, state = growth_of(connection, size), Note.read(note).checkpoint()
        except (ValueError, LedgerError):
            raise self._changed() from None
        if (state.size, state.root) != (size, growth.root()):
            raise self._changed()
        self._growth, self._note, self._origin = growth, note, state.origin

    def _changed(self) -> LedgerUnavailableError:
        hint = "run `guardrail ledger verify`, and restore a backup or move the file away"
        return LedgerUnavailableError(f"the ledger {self.path} takes no entry now: it does not fit its head: {hint}")

    def _write(self, jobs: Sequence[Sequence[Record]]) -> list[int]:
        """Write all jobs in one transaction, and give the index of the last entry of each."""
        try:
            if _identity(self.path) != self._file:
                raise LedgerUnavailableError(
                    f"the ledger {self.path} takes no entry now: its file was replaced: restart guardrail"
                )
            with self._writer.connect() as connection, connection.begin():
                return self._write_in(connection, jobs)
        except FAILURES as error:
            # What a failed connection still holds is unknown; the next append begins with a new one.
            self._writer.dispose()
            raise unavailable(self.path, error) from None

    def _write_in(self, connection: Connection, jobs: Sequence[Sequence[Record]]) -> list[int]:
        cursor: Any = connection.connection.cursor()
        size, note = cursor.execute(_READ_HEAD).fetchone()
        if note != self._note:
            self._take_up(connection, size, note)
        records = [one for job in jobs for one in job]
        leaves = [leaf_hash(one.body) for one in records]
        grown, tiles = self._growth.add(leaves)
        rows = [(size + at, leaf, one.body) for at, (leaf, one) in enumerate(zip(leaves, records, strict=True))]
        payloads = [(size + at, one.payload) for at, one in enumerate(records) if one.payload is not None]
        signed = self._signer.sign(Checkpoint(self._origin, grown.size, grown.root()))
        cursor.executemany(_WRITE_ENTRY, rows)
        if payloads:
            cursor.executemany(_WRITE_PAYLOAD, payloads)
        if tiles:
            cursor.executemany(
                _WRITE_TILE, [(tile.level, tile.place, tile.root, b"".join(tile.hashes)) for tile in tiles]
            )
        cursor.execute(_WRITE_HEAD, (grown.size, signed))
        connection.commit()
        self._growth, self._note = grown, signed
        ends, last = [], size - 1
        for job in jobs:
            last += len(job)
            ends.append(last)
        return ends


def _identity(path: Path) -> tuple[int, int]:
    """Say which file stands at the path: a deleted file would still take entries, and keep none of them."""
    status = path.stat()
    return status.st_dev, status.st_ino
