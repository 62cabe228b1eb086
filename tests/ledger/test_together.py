"""What waits goes together, in order; nobody is told of a write that was not made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.together import Together


class Disk:
    """A slow place to write to: each write waits until it is let go."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.writes: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.error: Exception | None = None

    def write(self, jobs: Sequence[int]) -> list[int]:
        """Write, when let go."""
        self.begun.release()
        self.go.acquire()
        if self.error is not None:
            raise self.error
        self.writes.append(list(jobs))
        return [job * 10 for job in jobs]


def waiting(together: Together[int, int], count: int) -> None:
    """Wait until so many jobs stand in line."""
    while len(together._waiting) < count:
        threading.Event().wait(0.001)


def test_jobs_that_come_while_one_is_written_are_written_together() -> None:
    """Ten wait through one write, and are the second."""
    disk = Disk()
    together = Together(disk.write, 60)
    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(together.do, 0)
        disk.begun.acquire()
        rest = [pool.submit(together.do, number) for number in range(1, 11)]
        waiting(together, 10)
        disk.go.release(2)
        assert first.result() == 0
        assert [one.result() for one in rest] == [number * 10 for number in range(1, 11)]
    assert [sorted(jobs) for jobs in disk.writes] == [[0], list(range(1, 11))]


def test_a_failed_write_is_the_failure_of_all_who_waited_for_it() -> None:
    """Each in its own thread; the next write is tried afresh."""
    disk = Disk()
    together = Together(disk.write, 60)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.do, 0)
        disk.begun.acquire()
        rest = [pool.submit(together.do, number) for number in range(1, 4)]
        waiting(together, 3)
        disk.go.release()
        assert first.result() == 0
        disk.begun.acquire()
        disk.error = LedgerUnavailableError("full")
        disk.go.release()
        assert [type(one.exception()) for one in rest] == [LedgerUnavailableError] * 3
        disk.error = None
        disk.go.release()
        assert together.do(7) == 70


def test_who_gets_no_turn_is_not_written_later() -> None:
    """The wait is bounded, and what was refused stays unwritten."""
    disk = Disk()
    together = Together(disk.write, 0.01)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(together.do, 0)
        disk.begun.acquire()
        with pytest.raises(LedgerUnavailableError, match="busy"):
            together.do(1)
        disk.go.release(2)
        assert first.result() == 0
        assert together.do(2) == 20
    assert disk.writes == [[0], [2]]


def test_a_job_that_is_left_out_fails_alone() -> None:
    """The others of its turn are written."""

    def write(jobs: Sequence[int]) -> list[int | LedgerError]:
        return [LedgerError(f"not {job}") if job % 2 else job for job in jobs]

    together = Together(write, 60)
    assert together.do(2) == 2
    with pytest.raises(LedgerError, match="not 3"):
        together.do(3)


class Interrupt(BaseException):
    """What ends a thread's work in the middle, as Ctrl+C does: no Exception."""


def test_who_waited_for_a_write_that_was_interrupted_is_not_told_that_it_is_there() -> None:
    """Nothing is released on a write that nobody finished; the next one is tried afresh."""
    begun, go = threading.Semaphore(0), threading.Semaphore(0)
    ends = iter([None, Interrupt(), None])

    def write(jobs: Sequence[int]) -> list[int]:
        begun.release()
        go.acquire()
        if (end := next(ends)) is not None:
            raise end
        return [job * 10 for job in jobs]

    together = Together(write, 60)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(together.do, 0)
        begun.acquire()
        rest = [pool.submit(together.do, number) for number in (1, 2)]
        waiting(together, 2)
        go.release(3)
        assert first.result() == 0
        ended = sorted(type(one.exception()).__name__ for one in rest)
    assert ended == ["Interrupt", "LedgerUnavailableError"]
    assert together.do(7) == 70
