"""One tree of a PostgreSQL database, written: rows are only ever added, in one statement for each append.

Nothing locks a tree, and trees know nothing of each other. A head row says from which size its append went on, and
the database lets only one go on from each size. So whoever is second learns it (MovedError), nothing is there twice,
and after a broken connection the same rows can be sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult
from sqlalchemy import make_url

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import Closes, Record, record
from guardrail.ledger.database import CONNECT_SECONDS, REVISION, unavailable
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.pulse import EVERY
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.tip import Batch, Tip, last_indexes
from guardrail.ledger.together import Together
from guardrail.ledger.wire import BIGINT, BYTES, DATE, INTEGER, TEXT
from guardrail.model.entry import Entry, StoredEntry

_TURN_SECONDS = 30.0
_TRIES = 3
_NO_MONTH = date(1970, 1, 1)
_STAMP = b'"at":"'
# A commit that returns is on the database's disk, whatever its own setting; a peer that is silent is given up.
_OPTIONS = "-c synchronous_commit=on -c statement_timeout=20s -c lock_timeout=10s"
_QUIET = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}

_TREE = "SELECT id FROM guardrail.trees WHERE origin = %s"
_NEW_TREE = "INSERT INTO guardrail.trees (origin, vkey) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_OTHER_TREE = "SELECT origin FROM guardrail.trees WHERE writer = session_user LIMIT 1"
_NEW_HEAD = "INSERT INTO guardrail.heads VALUES (%s, -1, 0, %s) ON CONFLICT DO NOTHING"
_HEAD = "SELECT size, note FROM guardrail.heads WHERE tree = %s ORDER BY first DESC LIMIT 1"
_HEAD_AT = "SELECT note FROM guardrail.heads WHERE tree = %s AND first = %s"
_REVISION = "SELECT version_num FROM guardrail.alembic_version"
_COSIGN = "INSERT INTO guardrail.cosignatures VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
# One statement is one transaction, and one way to the server and back.
_TYPES = {
    "entries": (BIGINT, DATE, BYTES, BYTES),
    "payloads": (BIGINT, DATE, BYTES),
    "tiles": (INTEGER, INTEGER, BYTES, BYTES),
    "checkpoints": (BIGINT, TEXT),
    "changes": (BIGINT, BIGINT, BYTES),
    "cosignatures": (BIGINT, TEXT, TEXT),
    "heads": (BIGINT, BIGINT, TEXT),
}
_HEADS = "heads"
_ADD = "INSERT INTO guardrail.{table} SELECT {tree}, {values}{whatever}"
# A second sender may have sent what a witness said; any other row that is there already says that the tree has moved.
_UNLESS_THERE = {"cosignatures": " ON CONFLICT DO NOTHING"}


@lru_cache(256)
def _statement(tree: int, tables: tuple[tuple[str, bool], ...]) -> bytes:
    """Give the statement that adds to these tables, to each one row or many; the last of them is that of the heads."""
    parts: list[str] = []
    number = 0
    for table, many in tables:
        kinds = _TYPES[table]
        places = [f"${number + at}::{kind.name}{'[]' if many else ''}" for at, kind in enumerate(kinds, 1)]
        number += len(kinds)
        values = f"* FROM unnest({', '.join(places)})" if many else ", ".join(places)
        parts.append(_ADD.format(table=table, tree=tree, values=values, whatever=_UNLESS_THERE.get(table, "")))
    *before, last = parts
    made = ", ".join(f"{table} AS ({part})" for (table, _), part in zip(tables, before, strict=False))
    return f"WITH {made} {last}".encode() if before else last.encode()


class MovedError(Exception):
    """The tree in the database does not end where these rows begin: somebody has written them, or others."""


class TreeRows:
    """A connection that adds rows to one tree; not for several threads at once. It connects when first needed."""

    def __init__(self, place: Tree) -> None:
        """Take the tree's place."""
        self.place = place
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._known: dict[bytes, bytes] = {}  # statements that were sent on it, and their names: b"" where only once
        self._tree = 0

    def plant(self, vkey: str, note: str) -> tuple[int, str]:
        """Give the tree's size and signed head; a tree that is not there yet begins with these.

        Raise LedgerUnavailableError.
        """

        def work(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[int, str]:
            if connection.execute(_REVISION).fetchone() != (REVISION,):
                raise LedgerUnavailableError(
                    f"the ledger {self.place} is of another version: run `guardrail ledger database prepare`"
                )
            if connection.execute(_TREE, (self.place.origin,)).fetchone() is None:
                connection.execute(_NEW_TREE, (self.place.origin, vkey))
            tree = connection.execute(_TREE, (self.place.origin,)).fetchone()
            if tree is None:
                raise self._not_ours(connection.execute(_OTHER_TREE).fetchone())
            self._tree = tree[0]
            head = connection.execute(_HEAD, (self._tree,)).fetchone()
            if head is None:
                connection.execute(_NEW_HEAD, (self._tree, note))
                head = _one(connection.execute(_HEAD, (self._tree,)))
            return head[0], head[1]

        return self._do(work)

    def note_from(self, first: int) -> str | None:
        """Give the signed head of the append that went on from that size, if any. Raise LedgerUnavailableError."""
        found = self._do(lambda connection: connection.execute(_HEAD_AT, (self._tree, first)).fetchone())
        return found[0] if found is not None else None

    def add(self, batch: Batch) -> None:
        """Add all these rows, or none, durably.

        Raise MovedError where the tree does not end where they begin, LedgerUnavailableError where it is not
        known whether they are there.
        """
        months = {index: month_of(body) for index, _, body in batch.entries}
        tables: list[tuple[str, bool]] = []
        values: list[bytes] = []
        for name, rows in (
            ("entries", [(index, months[index], leaf, body) for index, leaf, body in batch.entries]),
            ("payloads", [(index, months[index], payload) for index, payload in batch.payloads]),
            ("tiles", batch.tiles),
            ("checkpoints", batch.states),
            ("changes", batch.changes),
            ("cosignatures", batch.said),
            (_HEADS, [(batch.first, batch.growth.size, batch.note)]),
        ):
            if not rows:
                continue
            kinds, many = _TYPES[name], len(rows) > 1 or None in rows[0]
            tables.append((name, many))
            if many:
                values += (kind.many(column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True))
            else:
                values += (kind.write(value) for kind, value in zip(kinds, rows[0], strict=True))
        statement = _statement(self._tree, tuple(tables))
        self._do(lambda connection: self._send(connection, statement, values))

    def cosign(self, lines: Sequence[tuple[int, str, str]]) -> None:
        """Add what witnesses said: (size, witness, line); what is there stays. Raise LedgerUnavailableError."""
        rows = [(self._tree, *line) for line in lines]
        self._do(lambda connection: connection.cursor().executemany(_COSIGN, rows))

    def close(self) -> None:
        """Let go of the database; what was added stays."""
        connection, self._connection = self._connection, None
        self._known.clear()
        if connection is not None:
            connection.close()

    def _not_ours(self, other: tuple[Any, ...] | None) -> LedgerUnavailableError:
        """Say why the database does not let this log-in begin, or go on with, the tree."""
        what = "this ledger is another log-in's" if other is None else f"its log-in writes the ledger {other[0]}"
        hint = "give the workstation its own log-in (`guardrail ledger database workstation`)"
        return LedgerUnavailableError(f"the ledger {self.place} takes no entry now: {what}: {hint}")

    def _send(self, connection: psycopg.Connection[tuple[Any, ...]], statement: bytes, values: Sequence[bytes]) -> None:
        """Run a statement by libpq's own calls: the driver's way there and back costs as much as the disk does.

        What comes a second time is prepared. Raise psycopg.Error.
        """
        formats = [Format.BINARY] * len(values)
        name = self._known.get(statement)
        if name is None:
            self._known[statement] = b""
            _check(connection.pgconn.exec_params(statement, values, param_formats=formats))
            return
        if not name:
            name = b"add_%d" % list(self._known).index(statement)
            _check(connection.pgconn.prepare(name, statement))
            self._known[statement] = name
        _check(connection.pgconn.exec_prepared(name, values, formats))

    def _do[T](self, work: Callable[[psycopg.Connection[tuple[Any, ...]]], T]) -> T:
        try:
            if self._connection is None:
                self._connection = _connect(self.place)
            return work(self._connection)
        except psycopg.errors.UniqueViolation:
            raise MovedError from None
        except (psycopg.Error, OSError) as error:
            self.close()
            raise unavailable(self.place, error) from None


class PostgresLedger:
    """A ledger that stands in the database alone: for programs beside it, such as a console. Any thread may use it."""

    def __init__(self, place: Tree, seal: Closes, signer: Signer, every: int = EVERY) -> None:
        """Open the tree, or plant it. Raise LedgerUnavailableError where that cannot be done."""
        self.place = place
        self.reader = LedgerReader(place)
        self._seal = seal
        self._vkey = str(signer.verifier)
        self._rows = TreeRows(place)
        self._tip = Tip(place, signer, every)
        self._lock = threading.Lock()
        self._sure = False
        self._together: Together[Sequence[Record], int] = Together(self._write, _TURN_SECONDS)
        try:
            self._take_up()
        except LedgerError:
            self.close()
            raise

    @property
    def origin(self) -> str:
        """The name of the tree, which stands in its every checkpoint."""
        return self._tip.origin

    def append(self, *entries: Entry) -> int:
        """Make all entries durable together, in order, and give the index of the last.

        Raise LedgerUnavailableError where the database did not say that they are there, LedgerError if an entry is
        no plain JSON or there is none.
        """
        if not entries:
            raise LedgerError("nothing to append")
        return self._together.do([record(entry, self._seal) for entry in entries])

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`; see LedgerReader."""
        return self.reader.read(start)

    def cosign(self, size: int, witness: str, line: str) -> None:
        """Keep a witness's signature line beside the checkpoint of that size. Raise LedgerUnavailableError."""
        with self._lock:
            self._rows.cosign([(size, witness, line)])

    def close(self) -> None:
        """Let go of the database; what was appended stays."""
        self._rows.close()
        self.reader.close()

    def _take_up(self) -> None:
        size, note = self._rows.plant(self._vkey, self._tip.note)
        if note != self._tip.note:
            with self.reader.moment() as connection:
                self._tip.take_up(connection, size, note)
        self._sure = True

    def _write(self, jobs: Sequence[Sequence[Record]]) -> list[int]:
        with self._lock:
            records = [one for job in jobs for one in job]
            if not self._sure:
                self._take_up()
            batch, lost = self._tip.grow(records), None
            for _ in range(_TRIES):
                try:
                    self._rows.add(batch)
                except MovedError:
                    # Our own rows, when the answer to them was lost; otherwise another process writes this tree.
                    if lost is None or self._rows.note_from(batch.first) != batch.note:
                        self._take_up()
                        batch, lost = self._tip.grow(records), None
                        continue
                except LedgerUnavailableError as error:
                    self._sure = False
                    if lost is not None:
                        raise
                    # Sent again on a new connection they are either added now, or found to be there: never twice.
                    lost = error
                    continue
                self._tip.settle(batch)
                self._sure = True
                return last_indexes(batch.first, jobs)
            raise lost or LedgerUnavailableError(
                f"the ledger {self.place} takes no entry now: other programs write with its key: end them"
            )


def month_of(body: bytes) -> date:
    """Give the first day of the month that the entry names: the same whenever its row is written."""
    at = body.find(_STAMP) + len(_STAMP)
    try:
        return date.fromisoformat(f"{body[at : at + 7].decode()}-01")
    except ValueError:
        return _NO_MONTH


def _connect(place: Tree) -> psycopg.Connection[tuple[Any, ...]]:
    url = make_url(place.url)
    arguments, named = url.get_dialect()().create_connect_args(url)
    settings = {"connect_timeout": CONNECT_SECONDS, "options": _OPTIONS, **_QUIET, **named}
    return psycopg.connect(*arguments, autocommit=True, prepare_threshold=1, **settings)


def _check(result: PGresult) -> None:
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result)


def _one(cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[Any, ...]:
    row = cursor.fetchone()
    if row is None:
        raise psycopg.OperationalError
    return row
