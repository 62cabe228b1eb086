"""The ledger in one SQLite file: append is durable or raises, and a failed append leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ClauseElement

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import Closes, Record, Swap, record
from guardrail.ledger.database import (
    CHECKPOINTS,
    COSIGNATURES,
    ENTRIES,
    FAILURES,
    HEAD,
    PAYLOADS,
    TILES,
    migrate,
    open_writer,
    unavailable,
)
from guardrail.ledger.note import Signer, Verifier
from guardrail.ledger.pulse import EVERY
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.tip import Batch, Tip, last_indexes
from guardrail.ledger.together import Together
from guardrail.model.entry import Entry, StoredEntry

_TURN_SECONDS = 10.0


def _sql(statement: ClauseElement) -> str:
    # Compiled once and handed to the driver: SQLAlchemy's own execution would cost as much as the disk does.
    return str(statement.compile(dialect=sqlite.dialect()))


_READ_HEAD = _sql(select(HEAD.c.size, HEAD.c.note))
_WRITE_HEAD = _sql(update(HEAD).values(size=0, note=""))
_WRITE_ENTRY = _sql(insert(ENTRIES))
_WRITE_PAYLOAD = _sql(insert(PAYLOADS))
_READ_PAYLOAD = _sql(select(PAYLOADS.c.payload).where(PAYLOADS.c.idx == bindparam("at")))
_REPLACE_PAYLOAD = _sql(update(PAYLOADS).where(PAYLOADS.c.idx == bindparam("at")).values(payload=b""))
_DESTROY_PAYLOAD = _sql(delete(PAYLOADS).where(PAYLOADS.c.idx == bindparam("at")))
_WRITE_TILE = _sql(insert(TILES))
_WRITE_CHECKPOINT = _sql(insert(CHECKPOINTS))
_WRITE_COSIGNATURE = _sql(insert(COSIGNATURES).prefix_with("OR IGNORE"))


class _Said(NamedTuple):
    """A witness's signature line, to be kept beside the checkpoint of that size."""

    size: int
    witness: str
    line: str


# The rows, if any; and for each job the index of its last entry, or why it was left out.
type _Written = tuple[Batch | None, list[int | LedgerError]]


class SqliteLedger:
    """The ledger of one workstation: may be used from any thread, and by two processes on one file."""

    def __init__(
        self, path: Path, seal: Closes, signer: Signer, every: int = EVERY, *, follows: Verifier | None = None
    ) -> None:
        """Open the ledger, or begin it; a signed state stays after `every` entries at the latest.

        `follows` is the key from which `signer` takes over, where it was another that signed so far.
        Raise LedgerUnavailableError where that cannot be done.
        """
        self.path = path
        self.signer = signer
        self._seal = seal
        self._together: Together[Sequence[Record] | _Said, int] = Together(self._write, _TURN_SECONDS)
        self._tip = Tip(path, signer, every, follows)
        self._before: Callable[[], None] | None = None
        self._after: Callable[[], None] | None = None
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
        if self._before is not None:
            self._before()
        last = self._together.do([record(entry, self._seal) for entry in entries])
        if self._after is not None:
            self._after()
        return last

    def replace(self, entry: Entry, swaps: Mapping[int, Swap]) -> int:
        """Append an entry and, in the same transaction, put other closed texts in the place of earlier ones.

        `swaps` are by index. Nothing of the old texts stays in the file or its log. Raise as `append` does, and
        LedgerError where an entry has no closed text (any more), or another than was said.
        """
        made = replace(record(entry, self._seal), swaps=swaps)
        last = self._together.do([made])
        # Outside of a transaction. Where somebody reads at this moment, the log is emptied when the ledger is closed.
        with suppress(*FAILURES), closing(self._writer.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if self._after is not None:
            self._after()
        return last

    def attach(self, before: Callable[[], None], after: Callable[[], None]) -> None:
        """Have `before` asked at every append, which it may refuse by raising, and `after` told when it is durable."""
        self._before, self._after = before, after

    @property
    def origin(self) -> str:
        """The name of the tree, which stands in its every checkpoint."""
        return self._tip.origin

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`; see LedgerReader."""
        return self.reader.read(start)

    def cosign(self, size: int, witness: str, line: str) -> None:
        """Keep a witness's signature line beside the checkpoint of that size. Raise LedgerUnavailableError."""
        self._together.do(_Said(size, witness, line))

    def close(self) -> None:
        """Let go of the file; what was appended stays."""
        self._writer.dispose()
        self.reader.close()

    def _begin(self, connection: Connection) -> None:
        """Take up the tree, or plant it."""
        head = connection.execute(select(HEAD)).one_or_none()
        if head is None:
            connection.execute(insert(HEAD).values(id=1, size=0, note=self._tip.note))
        else:
            self._tip.take_up(connection, head.size, head.note)

    def _write(self, jobs: Sequence[Sequence[Record] | _Said]) -> list[int | LedgerError]:
        """Write all jobs in one transaction; give the index of the last entry of each, or why it was left out."""
        try:
            if _identity(self.path) != self._file:
                raise LedgerUnavailableError(
                    f"the ledger {self.path} takes no entry now: its file was replaced: restart guardrail"
                )
            batch, ends = self._commit(jobs)
        except FAILURES as error:
            # What a failed connection still holds is unknown; the next append begins with a new one.
            self._writer.dispose()
            raise unavailable(self.path, error) from None
        if batch is not None:
            self._tip.settle(batch)
        return ends

    def _commit(self, jobs: Sequence[Sequence[Record] | _Said]) -> _Written:
        # The driver's own connection: SQLAlchemy's would cost a tenth of what the disk does.
        with closing(self._writer.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            if cursor.execute(_READ_HEAD).fetchone()[1] == self._tip.note:
                written = self._write_in(cursor, jobs)
                cursor.execute("COMMIT")
                return written
        with self._writer.connect() as connection, connection.begin():  # another process has written meanwhile
            cursor = connection.connection.cursor()
            self._tip.take_up(connection, *cursor.execute(_READ_HEAD).fetchone())
            written = self._write_in(cursor, jobs)
            connection.commit()
            return written

    def _write_in(self, cursor: Any, jobs: Sequence[Sequence[Record] | _Said]) -> _Written:
        left_out = _stale(cursor, jobs)
        appends = [job for at, job in enumerate(jobs) if not isinstance(job, _Said) and at not in left_out]
        said = [job for job in jobs if isinstance(job, _Said)]
        lasts: Iterator[int] = iter(())
        batch = None
        if appends:
            batch = self._tip.grow([one for job in appends for one in job])
            lasts = iter(last_indexes(batch.first, appends))
            cursor.executemany(_WRITE_ENTRY, batch.entries)
            for statement, rows in (
                (_WRITE_PAYLOAD, batch.payloads),
                (_WRITE_TILE, batch.tiles),
                (_WRITE_CHECKPOINT, batch.states),
            ):
                if rows:
                    cursor.executemany(statement, rows)
            for job in appends:
                for one in job:
                    if one.swaps:
                        _swap(cursor, one.swaps)
            cursor.execute(_WRITE_HEAD, (batch.growth.size, batch.note))
        if said:
            cursor.executemany(_WRITE_COSIGNATURE, said)
        return batch, [
            left_out[at] if at in left_out else one.size if isinstance(one, _Said) else next(lasts)
            for at, one in enumerate(jobs)
        ]


def _stale(cursor: Any, jobs: Sequence[Sequence[Record] | _Said]) -> dict[int, LedgerError]:
    """Give, by their place, the jobs that would replace a closed text which is another by now, and why they may not.

    Those before them in the same turn count: two that reseal at once do not mix.
    """
    found: dict[int, LedgerError] = {}
    now: dict[int, bytes | None] = {}
    for at, job in enumerate(jobs):
        swaps = {} if isinstance(job, _Said) else {index: swap for one in job for index, swap in one.swaps.items()}
        for index, swap in swaps.items():
            if index not in now:
                row = cursor.execute(_READ_PAYLOAD, (index,)).fetchone()
                now[index] = None if row is None else row[0]
            if now[index] is None or swap.old not in (None, now[index]):
                found[at] = LedgerError(
                    f"the sealed text of entry {index} was destroyed or sealed anew meanwhile: try again"
                )
                break
        else:
            now |= {index: swap.new for index, swap in swaps.items()}
    return found


def _swap(cursor: Any, swaps: Mapping[int, Swap]) -> None:
    # What is overwritten or deleted is filled with zeros in the pages that are written: sqlite.org/pragma.html
    cursor.execute("PRAGMA secure_delete = ON")
    for index, swap in swaps.items():
        if swap.new is None:
            cursor.execute(_DESTROY_PAYLOAD, (index,))
        else:
            cursor.execute(_REPLACE_PAYLOAD, (swap.new, index))


def _identity(path: Path) -> tuple[int, int]:
    """Say which file stands at the path: a deleted file would still take entries, and keep none of them."""
    status = path.stat()
    return status.st_dev, status.st_ino
