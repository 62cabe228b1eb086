"""A ledger, read: by its writer, by a supervisor's program, by a check. Never changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Any

from sqlalchemy import Connection, select

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import from_bytes
from guardrail.ledger.database import ENTRIES, FAILURES, HEAD, PAYLOADS, open_reader, schema_of, unavailable
from guardrail.ledger.place import Place, Tree
from guardrail.ledger.tree import prove
from guardrail.model.entry import StoredEntry

_CHUNK = 500
_WHOLE = select(ENTRIES.c.idx, ENTRIES.c.leaf, ENTRIES.c.body, PAYLOADS.c.payload).select_from(
    ENTRIES.outerjoin(PAYLOADS, ENTRIES.c.idx == PAYLOADS.c.idx)
)


class LedgerReader:
    """Reads one ledger, also while it is written; each answer is of one moment. Close it when done."""

    def __init__(self, place: Place) -> None:
        """Take the file's path, or the tree in a database; either is opened at the first question."""
        self.place = place
        self._engine = open_reader(place)

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`, in order, in flat memory; those appended meanwhile too.

        Raise LedgerError at an entry that cannot be read, LedgerUnavailableError where the file cannot be.
        """
        while True:
            wanted = _WHOLE.where(ENTRIES.c.idx >= start).order_by(ENTRIES.c.idx).limit(_CHUNK)
            with self.moment() as connection:
                # A ledger that is being begun has no tables yet, and no entries.
                rows = connection.execute(wanted).all() if schema_of(connection) is not None else []
            for row in rows:
                yield _stored(row)
            if len(rows) < _CHUNK:
                return
            start = rows[-1].idx + 1

    def at(self, indexes: Iterable[int]) -> Iterator[StoredEntry]:
        """Give the entries with these indexes, in that order; one that is not there is left out. Raise as `read`."""
        for some in batched(indexes, _CHUNK):
            with self.moment() as connection:
                rows = {row.idx: row for row in connection.execute(_WHOLE.where(ENTRIES.c.idx.in_(some)))}
            for index in some:
                if index in rows:
                    yield _stored(rows[index])

    def head(self) -> str:
        """Give the signed state of the tree, as a C2SP note. Raise LedgerError where it has none yet."""
        with self.moment() as connection:
            note: str | None = connection.execute(select(HEAD.c.note)).scalar()
        if note is None:
            raise LedgerError(f"there is no ledger yet at {self.place}")
        return note

    def prove(self, index: int) -> tuple[list[bytes], str]:
        """Give the proof that entry `index` is in the tree, and the signed state that it leads to.

        Raise LedgerError where there is no such entry, or the ledger is damaged.
        """
        with self.moment(one_query=True) as connection:
            try:
                return prove(connection, index)
            except ValueError as error:
                raise LedgerError(f"entry {index} cannot be proved: {error}") from None

    @contextmanager
    def moment(self, *, one_query: bool = False) -> Iterator[Connection]:
        """Give a transaction that sees one state of the ledger. Raise LedgerUnavailableError.

        One query sees one state by itself: on a database it then needs no way there and back to begin and to end.
        """
        try:
            with self._engine.connect() as connection:
                if one_query and isinstance(self.place, Tree):
                    connection.execution_options(isolation_level="AUTOCOMMIT")
                yield connection
                connection.commit()  # a rollback would have the database's driver forget what it has prepared
        except FAILURES as error:
            self._engine.dispose()
            raise unavailable(self.place, error) from None

    def close(self) -> None:
        """Let go of the file, or the database."""
        self._engine.dispose()


def _stored(row: Any) -> StoredEntry:
    return StoredEntry(row.idx, from_bytes(row.body), row.leaf.hex(), row.payload)
