"""Writes that arrive together go together: whoever's turn it is writes for all who wait (group commit)."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence

from guardrail.errors import LedgerError, LedgerUnavailableError


class _Ticket[J, R]:
    __slots__ = ("done", "error", "job", "result")

    def __init__(self, job: J) -> None:
        self.job = job
        self.done = False
        self.result: R | None = None
        self.error: Exception | None = None


class Together[J, R]:
    """Jobs of many threads, written by one of them at a time, each time all that wait, in the order they came."""

    def __init__(self, write: Callable[[Sequence[J]], Sequence[R | LedgerError]], patience: float) -> None:
        """`write` takes the jobs and gives a result for each, or raises for all; `patience` is in seconds.

        A LedgerError in the place of a result is raised for that job alone.
        """
        self._write = write
        self._patience = patience
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[_Ticket[J, R]] = []

    def do(self, job: J) -> R:
        """Have the job written, and give its result; raise what its writing raised.

        Raise LedgerUnavailableError where no turn came in time: then it was not written, and will not be.
        """
        ticket: _Ticket[J, R] = _Ticket(job)
        with self._lock:
            self._waiting.append(ticket)
        if not self._turn.acquire(timeout=self._patience):
            with self._lock:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)
                    raise LedgerUnavailableError("the ledger takes no entry now: it is busy: try again")
            # Somebody is writing it at this moment; whether it will be there is known only when that has ended.
            self._turn.acquire()
        try:
            if not ticket.done:
                self._write_all()
        finally:
            self._turn.release()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]  # R may itself be None

    def _write_all(self) -> None:
        with self._lock:
            tickets, self._waiting = self._waiting, []
        try:
            results = self._write([ticket.job for ticket in tickets])
        except Exception as error:  # noqa: BLE001 - each of them raises it in its own thread
            for ticket in tickets:
                ticket.error, ticket.done = copy.copy(error), True
            return
        except BaseException:  # Ctrl+C ends this thread alone; the others must not take their entries for written
            interrupted = "the ledger takes no entry now: a write was interrupted: try again"
            for ticket in tickets:
                ticket.error, ticket.done = LedgerUnavailableError(interrupted), True
            raise
        for ticket, result in zip(tickets, results, strict=True):
            if isinstance(result, LedgerError):
                ticket.error = result
            else:
                ticket.result = result
            ticket.done = True
