"""One step at a time, each to its end."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from guardrail.holds.turns import Turns


async def test_steps_do_not_overlap() -> None:
    """A second step begins when the first has ended."""
    turns, log = Turns(), []

    async def step(name: str) -> str:
        log.append(f"{name} begins")
        await asyncio.sleep(0)
        log.append(f"{name} ends")
        return name

    assert await asyncio.gather(*(turns.take(partial(step, name)) for name in "ab")) == ["a", "b"]
    assert log == ["a begins", "a ends", "b begins", "b ends"]


async def test_a_step_goes_to_its_end_without_its_caller() -> None:
    """And the next one waits for that end."""
    turns, gate, log = Turns(), asyncio.Event(), []

    async def slow() -> None:
        await gate.wait()
        log.append("slow")

    async def quick() -> None:
        log.append("quick")

    caller = asyncio.create_task(turns.take(slow))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    follower = asyncio.create_task(turns.take(quick))
    gate.set()
    await follower
    assert log == ["slow", "quick"]


async def test_an_error_reaches_the_caller_and_frees_the_turn() -> None:
    """Also where the caller has gone: nothing complains later."""
    turns = Turns()

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await turns.take(failing)
    gone = asyncio.create_task(turns.take(failing))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    with pytest.raises(ValueError, match="no"):
        await turns.take(failing)
