"""The workstation's own ledger, sent to the clinic's database: in order, each entry once, as soon as it can be.

The file is written first and is what counts: no release waits for a network, and no append is ever in doubt. Here
it is a spool as well: what the database does not have yet waits in it. The database's own head says where to go on,
so after a cut, a crash or a second sender nothing is there twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Table, func, literal, select, text

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import from_bytes
from guardrail.ledger.database import CHECKPOINTS, ENTRIES, HEAD, PAYLOADS
from guardrail.ledger.merkle import Growth, leaf_hash
from guardrail.ledger.note import Checkpoint, Note
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import MovedError, TreeRows
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.tip import Batch, tile_rows
from guardrail.ledger.tree import growth_of
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.settings import Settings

_AT_ONCE = 500  # entries, or cosignatures, in one transaction
_LOOK_SECONDS = 5.0  # how often it looks when nobody tells it, as when another process has written
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
_LAST_SECONDS = 15.0
# How entries of these kinds look in their bytes: in RFC 8785 form no text can hold these quotes.
_TOLD = b'"kind":"store_'
_CHANGING = (EntryKind.DESTROYED, EntryKind.RESEALED)
_CHANGES = tuple(f'"kind":"{kind.value}"'.encode() for kind in _CHANGING)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far the sending has come; nobody's name is in it.

    `sent` and `behind` count entries, `sent` is None where this process has not reached the database yet; `problem` is
    one line for people, None while the database is in reach.
    """

    place: str
    sent: int | None
    behind: int
    lost_since: datetime | None
    problem: str | None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The computer's time of day, which can be set, and its clock that only goes on (seconds)."""

    now: Callable[[], datetime] = _now
    monotonic: Callable[[], float] = time.monotonic


class Spool:
    """Sends one ledger's entries in a thread of its own, and says when it cannot."""

    def __init__(
        self, ledger: SqliteLedger, place: Tree, workstation: str, patience: timedelta, clocks: Clocks | None = None
    ) -> None:
        """Take the ledger and the place to send it to; after `patience` without it the ledger takes no entry."""
        self._ledger = ledger
        self._place = place
        self._workstation = workstation
        self._patience = patience
        self._clocks = clocks or Clocks()
        self._rows = TreeRows(place)
        self._growth: Growth | None = None  # of what the database has; None: to be asked
        self._said = 0  # the last cosignature that was sent, by its row
        self._problem: str | None = None
        self._told = True  # whether the loss is on the ledger
        self._back: int | None = None  # for how many seconds it was away, where that it is back is not on the ledger
        since = lost_since(ledger.reader)  # an earlier run may have ended like that
        self._lost: tuple[datetime, float] | None = (since, self._clocks.monotonic()) if since else None
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="guardrail-spool", daemon=True)
        ledger.attach(self.check, self._wake.set)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def close(self) -> None:
        """Send what is there once more, if that can be done soon, and end."""
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_SECONDS)
        self._rows.close()

    def check(self) -> None:
        """Raise LedgerUnavailableError where the database has been out of reach for longer than may be."""
        if (lost := self._lost) is not None and self._away(lost) > self._patience.total_seconds():
            hours = f"{self._patience.total_seconds() / 3600:g}"
            raise LedgerUnavailableError(
                f"the ledger takes no entry now: its database {self._place} has been out of reach for more than "
                f"{hours} hours: see `guardrail doctor`"
            )

    def delivery(self) -> Delivery:
        """Say how far the sending has come. Raise LedgerUnavailableError where the ledger itself cannot be read."""
        sent = self._growth.size if self._growth is not None else None
        size = Note.read(self._ledger.reader.head()).checkpoint().size
        lost = self._lost
        return Delivery(str(self._place), sent, size - (sent or 0), lost[0] if lost else None, self._problem)

    def send(self) -> None:
        """Send all that the database does not have yet.

        Raise LedgerUnavailableError where it cannot be reached, LedgerError where what it has is not of this ledger.
        """
        in_the_way = -1
        while True:
            if self._growth is None:
                self._growth = self._meet()
            found = self._next(self._growth)
            if found is None:
                break
            batch, said = found
            try:
                self._rows.add(batch)
            except MovedError:  # another process of this workstation has sent them, or somebody a part of them
                if self._growth.size == in_the_way:
                    raise self._blocked(in_the_way) from None
                in_the_way, self._growth = self._growth.size, None
                continue
            except LedgerUnavailableError:
                self._growth = None
                raise
            self._growth, self._said = batch.growth, said
        self._send_cosignatures(self._growth)

    def turn(self) -> bool:
        """Send, on a new connection where the old one is broken; write down what has changed. Say whether it went."""
        try:
            try:
                self.send()
            except LedgerUnavailableError:
                self.send()
        except LedgerError as error:
            return self._lose(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is: it counts as not sent, and the thread goes on
            return self._lose(f"the ledger {self._place} takes no entry now: guardrail failed: {type(error).__name__}")
        self._problem = None
        if (lost := self._lost) is not None:
            self._back, self._lost = round(self._away(lost)), None
        if self._back is not None and self._tell(EntryKind.STORE_BACK, {"seconds": self._back}):
            self._back = None
        return True

    def _lose(self, problem: str) -> bool:
        self._growth = None
        self._problem = problem
        if self._lost is None:
            self._lost, self._told = (self._clocks.now(), self._clocks.monotonic()), False
        self._told = self._told or self._tell(EntryKind.STORE_LOST, {"cause": problem})
        return False

    def _run(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            failures = 0 if self.turn() else failures + 1
            if self._ending.is_set():
                return
            if failures:
                self._ending.wait(_PAUSES[min(failures, len(_PAUSES)) - 1])
            else:
                self._wake.wait(_LOOK_SECONDS)

    def _away(self, lost: tuple[datetime, float]) -> float:
        """Give the seconds since then, by whichever clock says more: one may have been set back."""
        return max((self._clocks.now() - lost[0]).total_seconds(), self._clocks.monotonic() - lost[1])

    def _tell(self, kind: EntryKind, details: dict[str, Json]) -> bool:
        """Write an entry; say whether the ledger took it."""
        with suppress(Exception):  # a full disk, or whatever it is: it is told at a later turn
            self._ledger.append(Entry(kind, self._clocks.now(), self._workstation, details=details))
            return True
        return False

    def _meet(self) -> Growth:
        """Ask the database how far it is, and compare that with the own tree."""
        empty = self._ledger.signer.sign(Checkpoint(self._ledger.origin, 0, Growth().root()))
        size, note = self._rows.plant(str(self._ledger.signer.verifier), empty)
        with self._ledger.reader.moment() as connection:
            own: int = connection.execute(select(HEAD.c.size)).scalar_one()
            if size > own:
                raise LedgerError(
                    f"the database {self._place} has {size} entries of this ledger, the workstation {own}: "
                    "the workstation's file was set back: restore its newest copy"
                )
            try:
                growth, state = growth_of(connection, size), Note.read(note).checkpoint()
            except ValueError:
                raise self._differs(size) from None
        if (state.size, state.root) != (size, growth.root()):
            raise self._differs(size)
        return growth

    def _differs(self, size: int) -> LedgerError:
        hint = "run `guardrail ledger verify` on both"
        return LedgerError(f"the database {self._place} has another tree than the workstation up to {size}: {hint}")

    def _blocked(self, size: int) -> LedgerError:
        return LedgerError(
            f"the database {self._place} has rows behind the end of this ledger, at {size}: somebody else wrote them: "
            "run `guardrail ledger database verify`"
        )

    def _next(self, growth: Growth) -> tuple[Batch, int] | None:
        """Give the next rows to send, as they stand in the file, and the row of the last cosignature among them.

        None where there are none. What an entry says of cosignatures goes with it: they were there before it.
        """
        first, end = growth.size, growth.size + _AT_ONCE
        with self._ledger.reader.moment() as connection:
            size, note = connection.execute(select(HEAD.c.size, HEAD.c.note)).one()
            if size <= first:
                return None
            entries = _between(connection, ENTRIES, "idx", first, end)
            payloads = _between(connection, PAYLOADS, "idx", first, end)
            states = _between(connection, CHECKPOINTS, "size", first + 1, end + 1)
            changes = _changes(connection, entries)
            said = _cosignatures(connection, self._said, min(size, end))
        numbered = all(row[0] == first + at for at, row in enumerate(entries))
        if not numbered or not all(leaf == leaf_hash(body) for _, leaf, body in entries):
            raise self._differs(size)
        grown, tiles = growth.add([leaf for _, leaf, _ in entries])
        if grown.size == size and Note.read(note).checkpoint().root != grown.root():
            raise self._differs(size)
        if grown.size < size:
            note = self._ledger.signer.sign(Checkpoint(self._ledger.origin, grown.size, grown.root()))
        lines = [(one.size, one.witness, one.line) for one in said]
        batch = Batch(first, grown, note, entries, payloads, tile_rows(tiles), states, changes, lines)
        return batch, said[-1].rowid if said else self._said

    def _send_cosignatures(self, growth: Growth) -> None:
        """Send those that came after their checkpoint had been sent."""
        while True:
            with self._ledger.reader.moment() as connection:
                said = _cosignatures(connection, self._said, growth.size)
            if not said:
                return
            self._rows.cosign([(one.size, one.witness, one.line) for one in said])
            self._said = said[-1].rowid


def spool_of(settings: Settings, ledger: SqliteLedger) -> Spool | None:
    """Give what sends this ledger to the database that is set, None where none is. Raise LedgerError."""
    if settings.ledger is None:
        return None
    place = Tree(settings.ledger, ledger.origin)
    return Spool(ledger, place, settings.workstation, timedelta(hours=settings.ledger_offline_hours))


def lag(own: LedgerReader, place: Tree) -> int:
    """Give how many entries the database does not have yet, for any process to ask. Raise LedgerError."""
    there = LedgerReader(place)
    try:
        sent = Note.read(there.head()).checkpoint().size
    finally:
        there.close()
    return Note.read(own.head()).checkpoint().size - sent


def lost_since(own: LedgerReader) -> datetime | None:
    """Give since when the database has been out of reach, as the ledger tells it. Raise LedgerUnavailableError."""
    told = select(ENTRIES.c.body).where(func.instr(ENTRIES.c.body, literal(_TOLD)) > 0).order_by(ENTRIES.c.idx.desc())
    with own.moment() as connection:
        body = connection.execute(told.limit(1)).scalar()
    if body is None:
        return None
    entry = from_bytes(body)
    return entry.at if entry.kind is EntryKind.STORE_LOST else None


def _between(connection: Connection, table: Table, key: str, first: int, end: int) -> list[Any]:
    place = table.c[key]
    wanted = select(table).where(place >= first, place < end).order_by(place)
    return [tuple(row) for row in connection.execute(wanted)]


def _cosignatures(connection: Connection, after: int, size: int) -> list[Any]:
    """Give the next cosignatures in the order in which they came, up to the first of a larger tree than that."""
    wanted = text("SELECT rowid, size, witness, line FROM cosignatures WHERE rowid > :after ORDER BY rowid LIMIT :most")
    rows = connection.execute(wanted, {"after": after, "most": _AT_ONCE})
    return list(takewhile(lambda row: row.size <= size, rows.all()))


def _changes(
    connection: Connection, entries: Sequence[tuple[int, bytes, bytes]]
) -> list[tuple[int, int, bytes | None]]:
    """Give the closed texts that these entries say were changed or destroyed, as they are now: None where gone."""
    changed: list[tuple[int, int]] = []
    for made, _, body in entries:
        if any(stamp in body for stamp in _CHANGES):
            changed += [(made, index) for index in changed_payloads(from_bytes(body))]
    if not changed:
        return []
    wanted = select(PAYLOADS.c.idx, PAYLOADS.c.payload).where(PAYLOADS.c.idx.in_([index for _, index in changed]))
    now = {row.idx: row.payload for row in connection.execute(wanted)}
    return [(made, index, now.get(index)) for made, index in changed]


def changed_payloads(entry: Entry) -> list[int]:
    """Give the indexes whose closed text an entry says was sealed anew, or destroyed."""
    named = entry.details.get("indexes" if entry.kind is EntryKind.DESTROYED else "texts")
    if entry.kind not in _CHANGING or not isinstance(named, list):
        return []
    first = [one[0] if isinstance(one, list) and one else one for one in named]
    return [index for index in first if isinstance(index, int)]
