"""What a check of a ledger says: what is wrong, from which entry on, and what else one should know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_MOST_OF_A_SORT = 100  # so many say enough, and memory stays flat
_MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `index` is the first entry that is changed, missing or too many (None: no such one)."""

    index: int | None
    reason: str


class FaultError(Exception):
    """A finding after which the rest of a ledger cannot be judged."""

    def __init__(self, index: int | None, reason: str) -> None:
        """Take the finding."""
        super().__init__(reason)
        self.finding = Finding(index, reason)


class Sort(StrEnum):
    """What a finding is about; the strings are how those that are left out are counted."""

    FAULT = "faults"
    FOREIGN = "parts of the database that guardrail did not make"
    CHECKPOINT = "checkpoints that are missing"
    COSIGNATURE = "cosignatures that are missing or not good"
    TEXT = "sealed texts that are missing or changed"
    BEAT = "gaps between heartbeats, or clocks that were set"
    REMEMBERED = "states that others remember otherwise"


class Findings:
    """Collects findings in flat memory: so many of each sort, so that none crowds out another; the rest is counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: list[Finding] = []
        self._count: Counter[Sort] = Counter()

    def add(self, sort: Sort, found: Iterable[Finding]) -> None:
        """Take what was found."""
        for one in found:
            self._count[sort] += 1
            if self._count[sort] <= _MOST_OF_A_SORT:
                self._kept.append(Finding(one.index, printable(one.reason)))

    def ordered(self) -> tuple[Finding, ...]:
        """Give them in the order of the entries; last what is about no entry, and how many were left out."""
        more = [
            Finding(None, f"{count - _MOST_OF_A_SORT} more {sort.value}")
            for sort, count in self._count.items()
            if count > _MOST_OF_A_SORT
        ]
        return (*sorted(self._kept, key=lambda one: (one.index is None, one.index or 0)), *more)


def printable(words: str) -> str:
    """Give words in which somebody's names stand, for a terminal: none may be long, or move the cursor about."""
    shown = words if len(words) <= _MOST_WORDS else f"{words[:_MOST_WORDS]}…"
    return "".join(one if one.isprintable() else "\ufffd" for one in shown)


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found: how many entries are good from the beginning, and the root (hex) of the tree over them.

    `findings` stand in the order of the entries, `notes` are worth knowing and nothing wrong.
    """

    entries: int
    root: str
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The index of the first bad entry; None where the ledger is good, or bad only as a whole."""
        return self.findings[0].index if self.findings else None

    @property
    def reason(self) -> str | None:
        """What is wrong first, in words; None where nothing is."""
        return self.findings[0].reason if self.findings else None
