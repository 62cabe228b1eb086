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
from guardrail.ledger.database import ENTRIES, FAILURES, REVISION, open_reader, schema_of, stream
from guardrail.ledger.merkle import EMPTY_ROOT, Growth, leaf_hash
from guardrail.ledger.note import Verifier
from guardrail.ledger.place import Place
from guardrail.ledger.pulse import Beats, lasts
from guardrail.ledger.report import FaultError, Finding, Report
from guardrail.ledger.states import Remembered, States, origin_of
from guardrail.model.entry import Entry

__all__ = ["Finding", "Report", "verify"]

_MOST = 100  # so many findings say enough, and memory stays flat


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
    engine = open_reader(place)
    walk = _Walk()
    try:
        with engine.connect() as connection:  # one transaction: entries and head of one moment
            if schema_of(connection) != REVISION:
                bad = Finding(None, "the file is no ledger of this version")
                return Report(0, EMPTY_ROOT.hex(), (bad,))
            remembered = Remembered(witnessed, origin_of(connection))
            walk.all(connection, States(connection, verifiers, witnesses), remembered)
    except FaultError as fault:
        walk.findings.append(fault.finding)
    except (*FAILURES, UnicodeDecodeError):  # the latter: damaged text in the file's own schema
        at = walk.growth.size
        reason = f"entry {at} or a later part of the file cannot be read: the file is damaged"
        walk.findings.append(Finding(at, reason))
    finally:
        engine.dispose()
    return walk.report()


class _Walk:
    """The walk along the entries, growing the tree anew; it ends at the first fault, and goes on after a gap."""

    def __init__(self) -> None:
        self.growth = Growth()
        self.findings: list[Finding] = []
        self.notes: list[str] = []

    def all(self, connection: Connection, states: States, remembered: Remembered) -> None:
        tiles, payloads, beats = Tiles(connection), Payloads(connection), Beats()
        leaves: list[bytes] = []

        def grow() -> None:
            self.growth, full = self.growth.add(leaves)
            tiles.compare(full)
            leaves.clear()

        remembered.compare(self.growth, states.known)
        states.is_due(0)
        for row in _rows(connection):
            at = self.growth.size + len(leaves)
            found = _judge(row, at)
            fault = found if isinstance(found, str) else payloads.judge(row, found)
            if isinstance(found, str) or fault is not None:
                grow()
                raise FaultError(at, fault or "")
            leaves.append(row.leaf)
            states.see(at, found)
            self._find(beats.see(at, found))
            size = at + 1
            if states.is_due(size):
                grow()
                self._all(states.confirm(self.growth))
            elif lasts(found.kind, size, beats.every.values()):
                self._find((at, f"the checkpoint at {size} entries is missing: it was removed"))
            if remembered.is_due(size):
                grow()
                remembered.compare(self.growth, states.known)
            if len(leaves) >= CHUNK:
                grow()
        grow()
        self._all(remembered.finish(self.growth.size, states.known))
        self._all(states.finish(self.growth))
        payloads.finish()
        tiles.finish(self.growth.size)
        for gap in beats.finish():
            self._find(gap)
        self._note(beats, states, remembered)

    def report(self) -> Report:
        """Give what was found, in the order of the entries; what is good ends before the first bad one."""
        ordered = sorted(self.findings[:_MOST], key=lambda one: (one.index is None, one.index or 0))
        return Report(self.growth.size, self.growth.root().hex(), tuple(ordered), tuple(self.notes))

    def _find(self, found: tuple[int, str] | None) -> None:
        if found is not None and len(self.findings) < _MOST:
            self.findings.append(Finding(*found))

    def _all(self, found: Sequence[Finding]) -> None:
        self.findings += found[: max(_MOST - len(self.findings), 0)]

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
