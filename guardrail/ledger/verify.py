"""The check of a whole ledger: every byte of every entry, every closed text, every tile, every signed state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from sqlalchemy import Connection

from guardrail.errors import LedgerError
from guardrail.ledger.alongside import CHUNK, Payloads, Tiles
from guardrail.ledger.canonical import from_bytes, to_bytes
from guardrail.ledger.database import ENTRIES, FAILURES, READABLE, open_reader, schema_of, stream
from guardrail.ledger.foreign import foreign, is_ledger
from guardrail.ledger.merkle import EMPTY_ROOT, Growth, leaf_hash
from guardrail.ledger.note import Verifier
from guardrail.ledger.place import Place
from guardrail.ledger.pulse import COSIGNED, Beats, lasts
from guardrail.ledger.report import FaultError, Finding, Findings, Report, Sort, printable
from guardrail.ledger.states import Remembered, States
from guardrail.model.entry import Entry

__all__ = ["Finding", "Report", "verify"]

_UNREADABLE = (*FAILURES, UnicodeDecodeError)  # the latter: damaged text in the file's own schema


def verify(
    place: Place, verifiers: Sequence[Verifier], *, witnessed: Sequence[str] = (), witnesses: Sequence[Verifier] = ()
) -> Report:
    """Check the ledger at `place`, also while it is written, against the keys of those who may have signed it.

    `witnessed` are checkpoints that others kept, as notes; `witnesses` the keys by which cosignatures are checked.
    Raise LedgerError where there is no file, no key to check it by, or what was handed in is no checkpoint.
    """
    if isinstance(place, Path) and not place.is_file():
        raise LedgerError(f"there is no ledger at {place}: check the data folder, or start guardrail once")
    if not verifiers:
        raise LedgerError("a ledger cannot be checked without the key of who signed it: name its verifier key")
    remembered = Remembered(witnessed, verifiers[0].name)
    engine = open_reader(place)
    walk = _Walk(remembered)
    try:
        with engine.connect() as connection:  # one transaction: entries and head of one moment
            if not is_ledger(connection) or schema_of(connection) not in READABLE:
                bad = Finding(None, "the file is no ledger of this version")
                return Report(0, EMPTY_ROOT.hex(), (bad,))
            walk.all(connection, verifiers, witnesses)
    except _UNREADABLE:
        walk.damaged()
    finally:
        walk.close()
        engine.dispose()
    return walk.report()


class _Walk:
    """The walk along the entries, growing the tree anew; it ends at the first fault, and goes on after a gap."""

    def __init__(self, remembered: Remembered) -> None:
        self.growth = Growth()
        self.found = Findings()
        self.notes: list[str] = []
        self._remembered = remembered
        self._payloads: Payloads | None = None
        self._beats = Beats()

    def all(self, connection: Connection, verifiers: Sequence[Verifier], witnesses: Sequence[Verifier]) -> None:
        """Check all; behind a fault nothing is judged, but what it leaves open is told with it."""
        try:
            self.found.add(Sort.FOREIGN, foreign(connection))
        except FaultError as fault:
            self.found.add(Sort.FAULT, [fault.finding])
            return
        self._payloads = payloads = Payloads(connection)
        rows = _rows(connection)
        try:
            self._along(rows, connection, payloads, States(connection, verifiers, witnesses))
        except FaultError as fault:
            self.found.add(Sort.FAULT, [fault.finding])
            for row in rows:
                payloads.glance(row.body)
        self.found.add(Sort.TEXT, payloads.unexplained())
        for gap in self._beats.finish():
            self._gap(gap)

    def damaged(self) -> None:
        """Take it that the file cannot be read on; whether a later entry explains a missing text is then unknown."""
        at = self.growth.size
        reason = f"entry {at} or a later part of the file cannot be read: the file is damaged"
        self.found.add(Sort.FAULT, [Finding(at, reason)])
        missing = next(self._payloads.unexplained(), None) if self._payloads is not None else None
        if missing is not None:
            why = "whether an entry says why cannot be read"
            self.found.add(Sort.TEXT, [Finding(None, f"{missing.reason}, perhaps others too: {why}")])

    def close(self) -> None:
        """Let go of what was kept outside of memory."""
        if self._payloads is not None:
            self._payloads.close()

    def _along(self, rows: Iterator[Any], connection: Connection, payloads: Payloads, states: States) -> None:
        tiles, beats, remembered = Tiles(connection), self._beats, self._remembered
        leaves: list[bytes] = []

        def grow() -> None:
            self.growth, full = self.growth.add(leaves)
            tiles.compare(full)
            leaves.clear()

        def compare() -> None:
            self.found.add(Sort.REMEMBERED, remembered.compare(self.growth, states.known))

        self.found.add(Sort.REMEMBERED, remembered.begin())
        compare()
        states.is_due(0)
        for row in rows:
            at = self.growth.size + len(leaves)
            found = _judge(row, at)
            fault = found if isinstance(found, str) else payloads.judge(row, found)
            if isinstance(found, str) or fault is not None:
                grow()
                payloads.glance(row.body)
                raise FaultError(at, fault or "")
            leaves.append(row.leaf)
            states.see(at, found)
            self._gap(beats.see(at, found))
            if COSIGNED in found.details:
                self.found.add(Sort.COSIGNATURE, states.removed(at, found))
            size = at + 1
            if states.is_due(size):
                grow()
                self.found.add(Sort.COSIGNATURE, states.confirm(self.growth))
            elif lasts(found.kind, size, beats.every.values()):
                reason = f"the checkpoint at {size} entries is missing: it was removed"
                self.found.add(Sort.CHECKPOINT, [Finding(at, reason)])
            if remembered.is_due(size):
                grow()
                compare()
            if len(leaves) >= CHUNK:
                grow()
        grow()
        self.found.add(Sort.REMEMBERED, remembered.finish(self.growth.size, states.known))
        self._note(beats, states, remembered)
        self.found.add(Sort.COSIGNATURE, states.finish(self.growth))
        payloads.finish()
        tiles.finish(self.growth.size)

    def report(self) -> Report:
        """Give what was found, in the order of the entries; what is good ends before the first bad one."""
        return Report(
            self.growth.size, self.growth.root().hex(), self.found.ordered(), tuple(map(printable, self.notes))
        )

    def _gap(self, found: tuple[int, str] | None) -> None:
        if found is not None:
            self.found.add(Sort.BEAT, [Finding(*found)])

    def _note(self, beats: Beats, states: States, remembered: Remembered) -> None:
        if beats.jumps:
            self.notes.append(f"the computer slept, or its clock was set: {beats.jumps} times, each on record")
        if beats.refused:
            self.notes.append(f"the ledger took no heartbeat for a while: {beats.refused} times, each on record")
        if beats.unclean:
            self.notes.append(f"guardrail broke off without a last entry, and was started again: {beats.unclean} times")
        for workstation, last in beats.open().items():
            self.notes.append(f"`{workstation}` has not ended: its last sign of life is of {_moment(last)}")
        for name, (size, when) in states.cosigned.items():
            self.notes.append(f"`{name}` witnessed {size} entries at {_moment(when)}")
        if remembered.compared:
            self.notes.append(f"compared with {remembered.compared} checkpoints that others kept")


def _moment(when: Any) -> str:
    return f"{format_datetime(when, 'yyyy-MM-dd HH:mm:ss', locale='en')} UTC"


def _judge(row: Any, place: int) -> Entry | str:
    """Give the entry that a row holds, or what is wrong with it."""
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
    return entry if to_bytes(entry) == row.body else f"{at} is not in canonical form"


def _rows(connection: Connection) -> Iterator[Any]:
    """Give all rows in order, in flat memory."""
    yield from stream(connection, ENTRIES)
