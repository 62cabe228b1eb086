"""A house's heart: it beats on the ledger, is patient with it, and takes checkpoints to who witnesses them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardrail import heart
from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.pulse import HEARTBEAT, JUMP, Pulse
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.witness.sender import RefusedError, Sender
from tests.ledger_keys import opened

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Goes on by so many seconds at every look; ends the test's loop when there is no more time."""

    def __init__(self, *seconds: int) -> None:
        """Take the steps."""
        self._steps = iter(seconds)
        self._at = START

    def now(self) -> datetime:
        """Give the time at the next look."""
        step = next(self._steps, None)
        if step is None:
            raise asyncio.CancelledError
        self._at += timedelta(seconds=step)
        return self._at


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Give an empty ledger."""
    made = opened(tmp_path / "ledger.sqlite3")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock above say how late it is."""
    monkeypatch.setattr(heart, "TURN_SECONDS", 0)


async def written(clock: Clock, seconds: int, refuse: int = 0) -> list[dict[str, Json]]:
    """Let the heart beat until the clock's time is over; give what it wrote. The first `refuse` are not taken."""
    kept: list[dict[str, Json]] = []
    tries = iter(range(100))

    def write(kind: EntryKind, details: dict[str, Json]) -> None:
        assert kind is EntryKind.HEARTBEAT
        if next(tries) < refuse:
            raise LedgerUnavailableError("full")
        kept.append(details)

    with suppress(asyncio.CancelledError):
        await heart.beat(Pulse(seconds, START), clock, write)
    return kept


async def test_it_beats_at_every_interval_though_nothing_happens() -> None:
    """And says how often it will."""
    assert await written(Clock(*[5] * 40), 60) == [{HEARTBEAT: 60}] * 3


async def test_what_the_ledger_does_not_take_is_tried_at_the_next_turn() -> None:
    """With what it has to tell of the clock."""
    assert await written(Clock(5, 3605, 5, 5), 900, refuse=2) == [{HEARTBEAT: 900, JUMP: 3600}]


async def test_the_last_entry_tells_of_the_clock_too() -> None:
    """Closed right after it woke."""
    assert heart.last_beat(Pulse(900, START), Clock(3605)) == {HEARTBEAT: 900, JUMP: 3600}


class Refusing(Sender):
    """Stands in for a network with a witness that knows another history."""

    def send(self, ledger: SqliteLedger, patience: float = 0) -> list[RefusedError]:
        """Refuse."""
        return [RefusedError("the witness has seen another history")]


def test_a_refusal_is_on_the_ledger(ledger: SqliteLedger) -> None:
    """Whoever reads it sees it, also where nobody looks at the log."""
    heart.send(Refusing([]), ledger, lambda kind, details: _append(ledger, kind, details))
    [stored] = ledger.read()
    assert stored.entry.kind is EntryKind.FAILURE
    assert stored.entry.details == {"where": "witness", "cause": "the witness has seen another history"}


def _append(ledger: SqliteLedger, kind: EntryKind, details: dict[str, Json]) -> None:
    ledger.append(Entry(kind, START, "front-desk", details=details))
