"""The ledger in one SQLite file: append is durable or raises, and a failed append leaves nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import from_bytes, to_bytes
from guardrail.ledger.chain import chain
from guardrail.ledger.database import ENTRIES, FAILURES, HEAD, migrate, open_reader, open_writer, unavailable
from guardrail.model.entry import Entry, StoredEntry

_CHUNK = 500
_TURN_SECONDS = 10.0

_READ_HEAD = select(HEAD.c.size, HEAD.c.hash).where(HEAD.c.id == 1)
_WRITE_HEAD = update(HEAD).where(HEAD.c.id == 1)
_WRITE_ENTRIES = insert(ENTRIES)


class SqliteLedger:
    """The ledger of one workstation: may be used from any thread, and by two processes on one file."""

    def __init__(self, path: Path) -> None:
        """Open the ledger, or begin it. Raise LedgerUnavailableError where that cannot be done."""
        self.path = path
        self._turn = threading.Lock()
        self._writer = open_writer(path)
        self._reader = open_reader(path)
        try:
            migrate(self._writer)
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
        bodies = [to_bytes(entry) for entry in entries]
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            raise LedgerUnavailableError(f"the ledger {self.path} takes no entry now: it is busy: try again")
        try:
            if _identity(self.path) != self._file:
                raise LedgerUnavailableError(
                    f"the ledger {self.path} takes no entry now: its file was replaced: restart guardrail"
                )
            with self._writer.begin() as connection:
                return _write(connection, bodies)
        except FAILURES as error:
            # What a failed connection still holds is unknown; the next append begins with a new one.
            self._writer.dispose()
            raise unavailable(self.path, error) from None
        finally:
            self._turn.release()

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`, in order, in flat memory; those appended meanwhile too.

        Raise LedgerError at an entry that cannot be read, LedgerUnavailableError where the file cannot be.
        """
        while True:
            wanted = select(ENTRIES).where(ENTRIES.c.idx >= start).order_by(ENTRIES.c.idx).limit(_CHUNK)
            try:
                with self._reader.connect() as connection:
                    rows = connection.execute(wanted).all()
            except FAILURES as error:
                self._reader.dispose()
                raise unavailable(self.path, error) from None
            for row in rows:
                yield StoredEntry(row.idx, from_bytes(row.body), row.previous.hex(), row.hash.hex())
            if len(rows) < _CHUNK:
                return
            start = rows[-1].idx + 1

    def close(self) -> None:
        """Let go of the file; what was appended stays."""
        self._writer.dispose()
        self._reader.dispose()


def _write(connection: Connection, bodies: list[bytes]) -> int:
    """Link the bodies to the head that is read inside the transaction, and move the head."""
    size, head = connection.execute(_READ_HEAD).one()
    links = list(chain(head, bodies))
    rows = [
        {"idx": size + place, "previous": previous, "hash": own, "body": body}
        for place, (previous, body, own) in enumerate(links)
    ]
    connection.execute(_WRITE_ENTRIES, rows)
    connection.execute(_WRITE_HEAD, {"size": size + len(rows), "hash": links[-1][2]})
    last: int = rows[-1]["idx"]
    return last


def _identity(path: Path) -> tuple[int, int]:
    """Say which file stands at the path: a deleted file would still take entries, and keep none of them."""
    status = path.stat()
    return status.st_dev, status.st_ino
