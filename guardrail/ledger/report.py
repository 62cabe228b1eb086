"""What a check of a ledger says: what is wrong, from which entry on, and what else one should know."""

from __future__ import annotations

from dataclasses import dataclass


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
