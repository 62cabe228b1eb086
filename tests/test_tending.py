"""What a house does beside the road never ends unseen: it is told, begun again, and closes the ledger if it must."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs

from guardrail import tending
from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import EntryKind, Json
from guardrail.tending import AGAIN_SECONDS, Tending, aside, to_the_end


class Rig:
    """A clock that goes on while something waits, and what was written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refuse: int = 0, by: type[Exception] = OSError) -> None:
        """Refuse the first so many entries."""
        self.now = 1000.0
        self.pauses: list[float] = []
        self.entries: list[dict[str, Json]] = []
        self._refuse, self._by = refuse, by
        self._paused = asyncio.Event()
        self.tending = Tending(self.write, lambda: self.now)
        monkeypatch.setattr(tending, "pause", self.pause)

    def write(self, kind: EntryKind, details: dict[str, Json]) -> None:
        """Take an entry."""
        assert kind is EntryKind.FAILURE
        if self._refuse:
            self._refuse -= 1
            raise self._by("full")
        self.entries.append(details)

    async def pause(self, seconds: float) -> None:
        """Let the time go on."""
        self.pauses.append(seconds)
        self.now += seconds
        self._paused.set()

    async def run(self, name: str, life: Callable[[int], None], times: int, patience: float | None = None) -> None:
        """Let a task live so many times, each by itself; `life` says what happens in it."""
        lived = iter(range(times))

        async def begin() -> None:
            number = next(lived, None)
            if number is None:
                await asyncio.Event().wait()
            else:
                life(number)

        self.tending.add(name, begin, patience)
        await self.until(times)

    async def until(self, times: int) -> None:
        """Let the one task go on until it has ended so often."""
        [task] = self.tending.start()
        async with asyncio.timeout(30):  # it only bounds a failing test
            while len(self.pauses) < times:
                self._paused.clear()
                await self._paused.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def boom(_: int) -> None:
    """Fail, with a text that nobody may see."""
    raise RuntimeError("Margit Ollander")


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    """Give a house's tending, with time at hand."""
    return Rig(monkeypatch)


async def test_a_task_that_fails_is_told_once_and_begun_again(rig: Rig) -> None:
    """One line, one entry: kind and place of the error, never its text; the pauses grow."""
    with capture_logs() as logs:
        await rig.run("sweep", boom, 5)
    assert rig.pauses[:4] == [1.0, 5.0, 15.0, 60.0]
    [entry] = rig.entries
    assert entry["where"] == "sweep"
    assert str(entry["cause"]).startswith("RuntimeError@test_tending.py:")
    [line] = [one for one in logs if one["log_level"] == "error"]
    assert (line["task"], line["cause"]) == ("sweep", entry["cause"])
    assert "Ollander" not in f"{entry}{logs}"


@pytest.mark.parametrize(
    ("error", "cause"),
    [(None, "ended"), (asyncio.CancelledError, "CancelledError"), (LedgerUnavailableError, "LedgerUnavailableError@")],
)
async def test_whatever_ends_it_counts(rig: Rig, error: type[BaseException] | None, cause: str) -> None:
    """Returned, cancelled by nobody, an error of ours: it was to go on for ever."""

    def life(_: int) -> None:
        if error is not None:
            raise error("full")

    await rig.run("heartbeat", life, 2)
    assert str(rig.entries[0]["cause"]).startswith(cause)


@pytest.mark.parametrize("by", [LedgerUnavailableError, RuntimeError])
async def test_what_the_ledger_does_not_take_is_told_with_the_next_failure(
    monkeypatch: pytest.MonkeyPatch, by: type[Exception]
) -> None:
    """And not forgotten, whatever the reason: nothing ends the watching itself."""
    rig = Rig(monkeypatch, refuse=2, by=by)
    await rig.run("sweep", boom, 4)
    assert len(rig.entries) == 1


async def test_a_task_that_cannot_even_be_begun_counts_too(rig: Rig) -> None:
    """It is told of, and tried again."""
    tries = iter(range(3))

    def begin() -> Coroutine[Any, Any, None]:
        if next(tries, None) is not None:
            raise RuntimeError
        return asyncio.sleep(3600)

    rig.tending.add("canary", begin)
    await rig.until(3)
    assert [one["where"] for one in rig.entries] == ["canary"]


async def test_another_cause_is_told_and_the_same_again_after_an_hour(rig: Rig) -> None:
    """Whoever looks in lately sees that it lasts."""

    def life(number: int) -> None:
        if number == 1:
            raise ValueError
        if number == 3:
            rig.now += 100  # not long enough to be well
        if number == 4:
            rig.now += 100
        boom(number)

    await rig.run("sweep", life, 3 + int(AGAIN_SECONDS / 60) + 3)
    causes = [str(one["cause"]).partition("@")[0] for one in rig.entries]
    assert causes == ["RuntimeError", "ValueError", "RuntimeError", "RuntimeError"]


async def test_a_task_that_is_away_for_too_long_closes_the_ledger(rig: Rig) -> None:
    """Only one on which others rely; the words say which and what to do."""
    seen: list[float] = []
    refused: list[str] = []

    def life(number: int) -> None:
        seen.append(rig.tending.away("heartbeat"))
        try:
            rig.tending.check()
        except LedgerUnavailableError as error:
            refused.append(str(error))
        boom(number)

    assert rig.tending.names() == ()
    await rig.run("heartbeat", life, 8, patience=100)
    assert seen[:4] == [0.0, 1.0, 6.0, 21.0]
    assert len(refused) == 3
    assert "task `heartbeat` has failed for 2 minutes: restart guardrail" in refused[0]


async def test_one_that_has_lived_for_a_while_is_well_again(rig: Rig) -> None:
    """Its next failure is another outage, with an entry of its own."""

    def life(number: int) -> None:
        if number == 2:
            rig.now += 149
            assert rig.tending.away("sweep") > 0
            rig.now += 1
            assert rig.tending.away("sweep") == 0
        boom(number)

    await rig.run("sweep", life, 4)
    assert len(rig.entries) == 2
    assert rig.pauses[:4] == [1.0, 5.0, 1.0, 5.0]


async def test_whoever_cancels_what_goes_to_the_end_waits_for_it() -> None:
    """Half a write would be unknown; that it failed is then nobody's matter."""
    begun, go_on, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        go_on.wait(30)
        done.append(True)
        raise ValueError

    task = asyncio.create_task(to_the_end(work))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]


async def test_nobody_waits_in_the_end_for_what_is_done_aside() -> None:
    """It gives its result or its error; cancelled, it is left to itself, and its end disturbs nobody."""
    assert await aside(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0)
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)
        over.set()

    task = asyncio.create_task(aside(work))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert await asyncio.to_thread(over.wait, 30)


def test_what_is_done_aside_may_outlive_its_loop() -> None:
    """A name that is looked up for minutes keeps no program from ending."""
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(30)
        over.set()

    async def leave() -> None:
        task = asyncio.create_task(aside(work))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()

    asyncio.run(leave())
    assert not over.is_set()
    go_on.set()
    assert over.wait(30)
