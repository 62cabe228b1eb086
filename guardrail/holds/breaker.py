"""Appends to the ledger, and does not let a queue of requests wait for one that is held, each its own time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import Entry
from guardrail.model.ports import Clock, Ledger

SLOW = timedelta(milliseconds=500)
"""A failure that took this long was a wait (SQLite's busy time-out); one that comes at once costs nobody anything."""

REST = timedelta(seconds=1)
"""For how long nothing is tried after a wait that was in vain."""


class Breaker:
    """One append at a time; after one that waited in vain, those of the next second fail at once, as it did."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Take the ledger, and the clock by which the waiting is told."""
        self._ledger = ledger
        self._clock = clock
        self._failed: tuple[datetime, LedgerUnavailableError] | None = None

    async def append(self, *entries: Entry) -> None:
        """Make all entries durable together, in a thread. Raise LedgerUnavailableError where that cannot be done."""
        begun = self._clock.now()
        if self._failed is not None:
            at, error = self._failed
            if at <= begun < at + REST:  # a clock that was set back must not rest for long
                raise LedgerUnavailableError(*error.args)
        self._failed = None
        try:
            await asyncio.to_thread(self._ledger.append, *entries)
        except LedgerUnavailableError as error:
            now = self._clock.now()
            if now - begun >= SLOW:
                self._failed = now, error
            raise
