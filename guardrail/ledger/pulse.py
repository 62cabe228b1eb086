"""When the ledger is written to although nothing happens, and which signed states stay: one rule for writer and check.

A house promises with its `started` how often it writes a `heartbeat`, and how many entries lie at most between two
checkpoints that stay. What it promised and did not do is a gap that the check of the ledger names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from guardrail.model.entry import Entry, EntryKind, Json

TURN_SECONDS = 5.0
"""How often a house looks at its clock."""
EVERY = 64
"""After how many entries a checkpoint stays, where no setting says otherwise."""
HEARTBEAT, CHECKPOINT, JUMP = "heartbeat_seconds", "checkpoint_every", "jump_seconds"
REFUSED = "refused_seconds"
COSIGNED = "cosigned"
"""The names of the promises, of what held a heartbeat up, and of what witnesses had signed, in an entry's details."""

# A turn that took this much longer than it should: the computer slept, or somebody set its clock. So much less than
# nothing, also in small steps, no computer takes by itself.
_JUMP_SECONDS = 30
# A turn may be late by that, and the append may have to wait for the disk.
_GRACE_SECONDS = 60
_HOURS_FROM_MINUTES = 120
_ENDS = frozenset({EntryKind.STARTED, EntryKind.STOPPED, EntryKind.HEARTBEAT})
# The state after one of these stays: where a run begins, beats and ends, and where a key hands over to the next.
# And after what a command writes, which need not know what the house has promised.
_LASTING = _ENDS | {
    EntryKind.KEY_ROTATED, EntryKind.KEY_IN_USE, EntryKind.RESEALED, EntryKind.DESTROYED, EntryKind.LEGAL_HOLD,
    EntryKind.EXPORTED, EntryKind.VIEWED, EntryKind.REVIEWED, EntryKind.EXCEPTION_SET, EntryKind.EXCEPTION_REMOVED,
}  # fmt: skip
# What only a running house writes: while it does, its heart must beat.
_TRAFFIC = frozenset({
    EntryKind.NOTED, EntryKind.HOLD_OPENED, EntryKind.BACKED_OUT, EntryKind.JUSTIFIED, EntryKind.ATTESTED,
    EntryKind.CONSENT_USED, EntryKind.ACKNOWLEDGED, EntryKind.GRANT_USED,
})  # fmt: skip


def lasts(kind: EntryKind, size: int, every: Iterable[int]) -> bool:
    """Whether the signed state of `size` entries, the last of this kind, stays; `every` are the promised numbers."""
    numbers = tuple(every)
    return kind in _LASTING or (bool(numbers) and not any(size % number for number in numbers))


class Pulse:
    """A house's heartbeat: asked at every turn of its clock, it says when an entry is due, and what it must tell."""

    def __init__(self, seconds: int, now: datetime) -> None:
        """Take how often it beats; `now` is when the house started."""
        self._seconds = seconds
        self._beat = self._turn = now
        self._jump = self._back = 0
        self._is_refused = False

    def turn(self, now: datetime) -> bool:
        """Say at a turn of the clock whether a heartbeat is due: its time has come, or the clock has jumped."""
        late = round((now - self._turn).total_seconds() - TURN_SECONDS)
        self._turn = now
        if abs(late) > _JUMP_SECONDS:
            self._jump += late
        else:
            self._back += min(late, 0)
        if self._back < -_JUMP_SECONDS:
            self._jump, self._back = self._jump + self._back, 0
        return bool(self._jump) or (now - self._beat).total_seconds() >= self._seconds

    def details(self) -> dict[str, Json]:
        """Give what the entry says."""
        told: dict[str, Json] = {HEARTBEAT: self._seconds}
        if self._jump:
            told[JUMP] = self._jump
        late = round((self._turn - self._beat).total_seconds()) - self._jump - self._seconds
        if self._is_refused and late > 0:
            told[REFUSED] = late
        return told

    def refused(self) -> None:
        """Remember that the ledger took no heartbeat: a full disk is no gap that somebody has cut."""
        self._is_refused = True

    def written(self) -> None:
        """Begin anew: the entry is on the ledger."""
        self._beat, self._jump, self._back, self._is_refused = self._turn, 0, 0, False


def last_sign(newest_first: Iterable[Entry], workstation: str) -> datetime | None:
    """Give the time of a workstation's last sign of life: of its end, or of what it did since its last heartbeat."""
    latest: datetime | None = None
    for entry in newest_first:
        if entry.workstation != workstation:
            continue
        if entry.kind in _ENDS:
            return entry.at if latest is None or entry.kind is EntryKind.STOPPED else max(entry.at, latest)
        if entry.kind in _TRAFFIC and latest is None:
            latest = entry.at
    return latest


def set_back(last: datetime | None, now: datetime) -> dict[str, Json]:
    """Give what a start tells where the ledger's last entry is of a later time than now: the clock was set back."""
    late = 0 if last is None else round((now - last).total_seconds())
    return {JUMP: late} if late < -_JUMP_SECONDS else {}


@dataclass(slots=True)
class _Run:
    """A workstation between its start and its end: the last beat, and what came later than the next was due."""

    beat: datetime
    latest: datetime
    seconds: int
    overdue: tuple[int, datetime] | None = None

    def lagged(self, workstation: str) -> tuple[int, str] | None:
        """Give the gap where the house went on after a beat was due; right after a sleep, one entry may be first."""
        if self.overdue is None or (self.latest - self.overdue[1]).total_seconds() <= _GRACE_SECONDS:
            return None
        return self.overdue[0], _words(self.overdue[0], workstation, self.seconds)


class Beats:
    """Walks along the entries and finds where a promised heartbeat is missing, for each workstation by itself."""

    def __init__(self) -> None:
        """Begin before the first entry."""
        self.every: dict[str, int] = {}
        self.jumps = self.unclean = self.refused = 0
        self._runs: dict[str, _Run] = {}
        self._seen: dict[str, datetime] = {}

    def see(self, index: int, entry: Entry) -> tuple[int, str] | None:
        """Take the next entry; give the index and the words of a gap that it ends or shows."""
        run = self._runs.get(entry.workstation)
        if entry.kind in _ENDS:
            found = (self._ended(run, index, entry) if run else None) or self._back(run, index, entry)
            self._next(entry, unclean=run is not None and entry.kind is EntryKind.STARTED)
            return found
        if run is None or entry.kind not in _TRAFFIC:
            return None
        run.latest = entry.at
        if run.overdue is None and (entry.at - run.beat).total_seconds() > run.seconds + _GRACE_SECONDS:
            run.overdue = index, entry.at
        found = run.lagged(entry.workstation)
        if found is not None:
            run.beat, run.overdue = entry.at, None
        return found

    def finish(self) -> list[tuple[int, str]]:
        """Give what is missing at the end; that a house still runs, or broke off, is no gap."""
        return [found for here, run in self._runs.items() if (found := run.lagged(here)) is not None]

    def open(self) -> dict[str, datetime]:
        """Give the workstations that have not said that they ended, and their last sign of life."""
        return {here: max(run.beat, run.latest) for here, run in self._runs.items()}

    def _ended(self, run: _Run, index: int, entry: Entry) -> tuple[int, str] | None:
        if entry.kind is EntryKind.STARTED:  # it broke off: how long it was away is no gap
            return run.lagged(entry.workstation)
        jump, refused = (_number(entry.details.get(name)) for name in (JUMP, REFUSED))
        self.jumps += bool(jump)
        self.refused += bool(refused)
        awake = (entry.at - run.beat).total_seconds() - jump - refused
        if awake <= run.seconds + _GRACE_SECONDS:
            return None
        first = run.overdue[0] if run.overdue else index
        return first, _words(first, entry.workstation, run.seconds, awake)

    def _back(self, run: _Run | None, index: int, entry: Entry) -> tuple[int, str] | None:
        """Give a clock that was set back, in a run or between two, and of which no entry tells."""
        begins = entry.kind is EntryKind.STARTED
        before = max(run.beat, run.latest) if run and begins else run.beat if run else self._seen.get(entry.workstation)
        jump = _number(entry.details.get(JUMP))
        self.jumps += begins and bool(jump)
        back = jump - (entry.at - before).total_seconds() if before else 0
        if back <= _GRACE_SECONDS:
            return None
        told = f"the clock of `{entry.workstation}` went back by {_span(back)} before entry {index}"
        return index, f"{told}, and no entry says so"

    def _next(self, entry: Entry, *, unclean: bool) -> None:
        here = entry.workstation
        self._seen[here] = entry.at
        self.unclean += unclean
        if entry.kind is EntryKind.STOPPED:
            self._runs.pop(here, None)
            return
        if entry.kind is EntryKind.STARTED and (every := _number(entry.details.get(CHECKPOINT))) > 0:
            self.every[here] = every
        seconds = _number(entry.details.get(HEARTBEAT))
        if seconds > 0:
            self._runs[here] = _Run(entry.at, entry.at, seconds)
        else:
            self._runs.pop(here, None)


def _words(index: int, workstation: str, seconds: int, awake: float | None = None) -> str:
    told = f" for {_span(awake)}" if awake is not None else ""
    return f"the heartbeat of `{workstation}` is missing{told} before entry {index}: one was due every {_span(seconds)}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < _HOURS_FROM_MINUTES else f"{minutes / 60:.1f} hours"


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
