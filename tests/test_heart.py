"""A house's heart: it beats on the ledger, is patient with it, and takes checkpoints to who witnesses them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardrail import heart
from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.pulse import HEARTBEAT, JUMP, REFUSED, Pulse
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


async def test_a_heartbeat_says_more_and_outlives_what_nobody_thought_of() -> None:
    """What fails is raised to whoever tends it; the next one tells for how long there was none."""
    pulse, kept = Pulse(60, START), []

    def write(_: EntryKind, details: dict[str, Json]) -> None:
        kept.append(details)

    def facts() -> dict[str, Json]:
        if not kept:
            kept.append({})
            raise RuntimeError
        return {"cosigned": []}

    clock = Clock(*[5] * 30)
    with pytest.raises(RuntimeError):
        await heart.beat(pulse, clock, write, facts)
    with suppress(asyncio.CancelledError):
        await heart.beat(pulse, clock, write, facts)
    assert kept[1:] == [{HEARTBEAT: 60, REFUSED: 5, "cosigned": []}, {HEARTBEAT: 60, "cosigned": []}]


async def test_a_heartbeat_on_its_way_is_finished_before_the_end() -> None:
    """Else the last entry would tell again what it has told."""
    begun, go_on = threading.Event(), threading.Event()
    pulse, kept = Pulse(900, START), []

    def write(_: EntryKind, details: dict[str, Json]) -> None:
        begun.set()
        assert go_on.wait(30)
        kept.append(details)

    beating = asyncio.create_task(heart.beat(pulse, Clock(3605, 5, 5), write))
    await asyncio.to_thread(begun.wait, 30)
    beating.cancel()
    go_on.set()
    with suppress(asyncio.CancelledError):
        await beating
    assert kept == [{HEARTBEAT: 900, JUMP: 3600}]
    assert heart.last_beat(pulse, Clock(3610)) == {HEARTBEAT: 900}


def test_the_first_entry_tells_of_a_clock_that_was_set_back(ledger: SqliteLedger) -> None:
    """Since what this workstation did last; another's clock says nothing of this one's."""
    later = START + timedelta(hours=5)
    assert heart.first_beat(ledger.reader, "front-desk", START) == {}
    ledger.append(Entry(EntryKind.STARTED, START, "front-desk"), Entry(EntryKind.NOTED, later, "front-desk"))
    ledger.append(Entry(EntryKind.NOTED, later + timedelta(days=9), "elsewhere"))
    ledger.append(Entry(EntryKind.POLICY_LOADED, later + timedelta(days=9), "front-desk"))
    assert heart.first_beat(ledger.reader, "front-desk", START) == {JUMP: -5 * 3600}
    assert heart.first_beat(ledger.reader, "front-desk", later + timedelta(days=1)) == {}
    ledger.append(Entry(EntryKind.STOPPED, START + timedelta(hours=1), "front-desk"))
    assert heart.first_beat(ledger.reader, "front-desk", START) == {JUMP: -3600}


def test_signs_of_life_are_looked_for_since_the_last_start(ledger: SqliteLedger) -> None:
    """For the doctor: the last sign, and which of the house's own tasks failed."""
    assert heart.signs(ledger.reader, "front-desk") is None
    promise: dict[str, Json] = {HEARTBEAT: 900}

    def write(kind: EntryKind, minutes: int, details: dict[str, Json], workstation: str = "front-desk") -> None:
        ledger.append(Entry(kind, START + timedelta(minutes=minutes), workstation, details=details))

    write(EntryKind.FAILURE, 0, {"where": "reload"})
    write(EntryKind.STARTED, 1, promise)
    write(EntryKind.FAILURE, 2, {"where": "sweep"})
    write(EntryKind.FAILURE, 3, {"where": "sweep"})
    write(EntryKind.FAILURE, 4, {"where": "request addon.py:7"})
    for minutes in range(15, 15 * 150, 15):
        write(EntryKind.HEARTBEAT, minutes, promise)
    write(EntryKind.STOPPED, 9999, promise, "elsewhere")
    signs = heart.signs(ledger.reader, "front-desk")
    last = START + timedelta(minutes=15 * 149)
    assert signs == heart.Signs(last, 900, has_ended=False, failed={"sweep": START + timedelta(minutes=3)})
    assert not signs.is_silent(last + timedelta(minutes=29))
    assert signs.is_silent(last + timedelta(minutes=31))
    write(EntryKind.STOPPED, 9999, promise)
    ended = heart.signs(ledger.reader, "front-desk")
    assert ended is not None
    assert ended.has_ended


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
