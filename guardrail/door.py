"""The ledger as the parts of a house append to it: closed when the house ends, so that nothing comes after its end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import Entry, StoredEntry
from guardrail.model.ports import Ledger


class Door:
    """Lets entries through to the ledger, from any thread, until it is closed."""

    def __init__(self, ledger: Ledger, check: Callable[[], None]) -> None:
        """`check` is asked before each entry of the road, and may refuse it by raising."""
        self._ledger = ledger
        self._check = check
        self._changed = threading.Condition()
        self._inside = 0
        self._is_closed = False

    def append(self, *entries: Entry) -> int:
        """Append what happens on the road. Raise LedgerUnavailableError, also where the house may not go on."""
        self._check()
        return self.tell(*entries)

    def tell(self, *entries: Entry) -> int:
        """Append what the house says of itself. Raise LedgerUnavailableError."""
        with self._passing():
            return self._ledger.append(*entries)

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Read the ledger from index `start`."""
        return self._ledger.read(start)

    def close(self) -> None:
        """Let nothing through from now on, and wait for what is on its way: the ledger itself ends it in time."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: not self._inside)

    @contextmanager
    def _passing(self) -> Iterator[None]:
        with self._changed:
            if self._is_closed:
                raise LedgerUnavailableError("the ledger takes no entry now: guardrail is ending")
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()
