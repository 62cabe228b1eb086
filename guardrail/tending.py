"""Watches over what a house does beside the road: a task that ends by an error is told of, and begun again.

Nothing that a house does for as long as it stands may end unseen. A task that ends, for whatever reason nobody thought
of, is one line in the log and an entry `failure` whose `where` is its name (again every hour while it lasts), stands in
the metrics and in `guardrail doctor`, and is begun again after a pause that grows. A task on which the record or the
policy in force depends closes the ledger once it has been away for too long: then nothing passes that needs an entry.
"""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import EntryKind, Json

log = structlog.get_logger("guardrail.tending")

type Write = Callable[[EntryKind, dict[str, Json]], None]
type Life = Callable[[], Coroutine[Any, Any, None]]

AGAIN_SECONDS = 3600.0
"""While a task fails, it is told of again after this time."""
_PAUSES = (1.0, 5.0, 15.0, 60.0)
_SOUND_SECONDS = 150.0  # more than any task's turn: one that has lived so long since it was begun again is well


@dataclass(slots=True)
class Task:
    """A task of the house: how it is begun, and for how many seconds the house may be without it (None: for any)."""

    name: str
    begin: Life
    patience: float | None = None
    _broken: float | None = None
    _begun: float | None = None
    _told: tuple[str, float] | None = field(default=None, repr=False)

    def begins(self, now: float) -> None:
        """Take it that it was begun."""
        self._begun = now

    def broke(self, now: float) -> None:
        """Take it that it ended, though nobody ended it."""
        if not self.away(now):
            self._broken, self._told = now, None
        self._begun = None

    def away(self, now: float) -> float:
        """Give for how many seconds the house has been without it; 0 while all is well."""
        if self._broken is None or (self._begun is not None and now - self._begun >= _SOUND_SECONDS):
            return 0.0
        return max(now - self._broken, 0.001)

    def is_news(self, cause: str, now: float) -> bool:
        """Whether this cause is to be told now."""
        return self._told is None or self._told[0] != cause or now - self._told[1] >= AGAIN_SECONDS

    def told(self, cause: str, now: float) -> None:
        """Take it that it was told."""
        self._told = cause, now


class Tending:
    """Keeps the house's tasks going, in one event loop; `check` and `away` may be asked from any thread."""

    def __init__(self, write: Write, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`write` takes the entry that tells of a failure."""
        self._write = write
        self._now = monotonic
        self._tasks: dict[str, Task] = {}

    def add(self, name: str, begin: Life, patience: float | None = None) -> None:
        """Take a task on: `begin` gives a coroutine that goes on until it is cancelled."""
        self._tasks[name] = Task(name, begin, patience)

    def start(self) -> tuple[asyncio.Task[None], ...]:
        """Begin all, in the running event loop; give what is to be cancelled in the end."""
        loop = asyncio.get_running_loop()
        return tuple(loop.create_task(self._keep(task), name=name) for name, task in self._tasks.items())

    def names(self) -> tuple[str, ...]:
        """Give the names of all tasks."""
        return tuple(self._tasks)

    def away(self, name: str) -> float:
        """Give for how many seconds the house has been without a task."""
        return self._tasks[name].away(self._now())

    def check(self) -> None:
        """Raise LedgerUnavailableError where a task that others rely on has been away for too long."""
        now = self._now()
        for task in self._tasks.values():
            if task.patience is not None and task.away(now) > task.patience:
                raise LedgerUnavailableError(
                    f"the ledger takes no entry now: guardrail's own task `{task.name}` has failed for "
                    f"{round(task.away(now) / 60)} minutes: restart guardrail, and see its log"
                )

    async def _keep(self, task: Task) -> None:
        failures = 0
        while True:
            task.begins(self._now())
            cause = await _ended(task.begin)
            failures = failures + 1 if task.away(self._now()) else 1
            task.broke(self._now())
            await self._tell(task, cause)
            await pause(_PAUSES[min(failures, len(_PAUSES)) - 1])

    async def _tell(self, task: Task, cause: str) -> None:
        now = self._now()
        if not task.is_news(cause, now):
            return
        log.error("a task of the house failed, and is begun again", task=task.name, cause=cause)
        with suppress(Exception):  # the ledger takes nothing either, whatever the reason: told with the next failure
            await to_the_end(lambda: self._write(EntryKind.FAILURE, {"where": task.name, "cause": cause}))
            task.told(cause, now)


pause = asyncio.sleep
"""How a task that failed waits."""


async def to_the_end(work: Callable[[], None]) -> None:
    """Do what blocks in a thread. Whoever cancels this waits until it is done: half of it would be unknown."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait([doing])
        if not doing.cancelled():
            doing.exception()  # looked at: whoever cancelled has no use for it
        raise


async def aside[T](work: Callable[[], T]) -> T:
    """Do what may block for long in a thread that nobody waits for in the end, neither this loop nor the program."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def give(settle: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lambda: None if done.done() else settle())

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            caught = error
            give(lambda: done.set_exception(caught))
        else:
            give(lambda: done.set_result(result))

    threading.Thread(target=run, name="guardrail-aside", daemon=True).start()
    return await done


async def _ended(begin: Life) -> str:
    """Live until it ends by itself; say why, as a code: kind and place of the error, for its text may hold names."""
    try:
        await begin()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return "CancelledError"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the task goes on
        frames = traceback.extract_tb(error.__traceback__)
        place = f"@{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        return f"{type(error).__name__}{place}"
    return "ended"
