"""Closed texts whose entry still owes an explanation, in flat memory however many they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from guardrail.errors import LedgerError

# Of a temporary database so many KiB stay in memory; the rest goes to a file that nobody else sees.
_SET_UP = """
PRAGMA cache_size = -2048;
PRAGMA journal_mode = OFF;
CREATE TABLE owed (idx INTEGER PRIMARY KEY, committed TEXT NOT NULL, found TEXT);
BEGIN;
"""
_MOST_INDEX = 1 << 62


@dataclass(frozen=True, slots=True)
class Debt:
    """The hash that a closed text should have by now, and the one that it has (None: there is no text)."""

    committed: str
    found: str | None


class Owed:
    """Debts by the index of their entry. They hold hashes alone. Close it when done."""

    def __init__(self) -> None:
        """Begin with none; a database is made with the first."""
        self._store: sqlite3.Connection | None = None

    def put(self, index: int, debt: Debt) -> None:
        """Keep what the text of this entry owes now. Raise LedgerError where there is no room for temporary files."""
        with self._room():
            if self._store is None:
                self._store = sqlite3.connect("", isolation_level=None)
                self._store.executescript(_SET_UP)
            row = (index, debt.committed, debt.found)
            self._store.execute("INSERT OR REPLACE INTO owed VALUES (?, ?, ?)", row)

    def get(self, index: object) -> Debt | None:
        """Give what the text of this entry owes, if anything: an index out of an entry may be no number at all."""
        if self._store is None or not isinstance(index, int) or not 0 <= index < _MOST_INDEX:
            return None
        with self._room():
            row = self._store.execute("SELECT committed, found FROM owed WHERE idx = ?", (index,)).fetchone()
        return None if row is None else Debt(*row)

    def settle(self, index: object) -> None:
        """Let go of one that was explained."""
        if self._store is not None and self.get(index) is not None:
            with self._room():
                self._store.execute("DELETE FROM owed WHERE idx = ?", (index,))

    def __iter__(self) -> Iterator[tuple[int, Debt]]:
        """Give all that is left, in order."""
        if self._store is not None:
            with self._room():
                for index, committed, found in self._store.execute("SELECT * FROM owed ORDER BY idx"):
                    yield index, Debt(committed, found)

    def close(self) -> None:
        """Let go of all."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = error.sqlite_errorname if hasattr(error, "sqlite_errorname") else "SQLITE_ERROR"
            raise LedgerError(f"the check needs room for temporary files ({code}): free some space") from None
