"""One step at a time, each to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Turns:
    """Runs steps one after the other; a step goes to its end even where its caller has gone away.

    A browser that hangs up in the middle of an answer must not leave an entry on the ledger without its
    grant in memory.
    """

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()

    async def take[T](self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the turn, run the step, give what it gives."""
        task = asyncio.get_running_loop().create_task(self._run(step))
        self._running.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def _run[T](self, step: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._lock:
            return await step()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # fetched here: where the caller has gone, nobody else asks for it
