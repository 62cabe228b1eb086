"""What the core asks of the outside world: time, new ids, a key, a place to write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from guardrail.model.entry import Entry, StoredEntry


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Give the time now, aware, in UTC."""
        ...


class Ids(Protocol):
    """Where new unguessable ids come from."""

    def new(self) -> str:
        """Give an id of at least 128 random bits, URL-safe, at most 32 characters."""
        ...


class Ledger(Protocol):
    """The log that supervisors trust. All methods block and may be called from any thread."""

    def append(self, *entries: Entry) -> int:
        """Make all entries durable together, in order, and give the index of the last.

        Raise LedgerUnavailableError if that cannot be done: then none of them is there.
        """
        ...

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`, in order."""
        ...
