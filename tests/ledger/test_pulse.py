"""A heart that beats is silent in the check; one that stopped is found, whatever the clock did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.ledger.pulse import CHECKPOINT, HEARTBEAT, JUMP, REFUSED, TURN_SECONDS, Beats, Pulse, lasts, set_back
from guardrail.model.entry import Entry, EntryKind, Json

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTES_15 = 900

type Line = tuple[EntryKind, float, dict[str, Json]]

STARTED: Line = (EntryKind.STARTED, 0, {HEARTBEAT: MINUTES_15, CHECKPOINT: 64})


def beat(minutes: float, jump: int = 0) -> Line:
    """Give a heartbeat at so many minutes."""
    return EntryKind.HEARTBEAT, minutes, {HEARTBEAT: MINUTES_15, **({JUMP: jump} if jump else {})}


def started(minutes: float, jump: int = 0) -> Line:
    """Give a start at so many minutes."""
    return EntryKind.STARTED, minutes, {HEARTBEAT: MINUTES_15, **({JUMP: jump} if jump else {})}


def stopped(minutes: float) -> Line:
    """Give an end at so many minutes."""
    return EntryKind.STOPPED, minutes, {HEARTBEAT: MINUTES_15}


def noted(minutes: float) -> Line:
    """Give a line of traffic at so many minutes."""
    return EntryKind.NOTED, minutes, {}


def gaps(*lines: Line, workstation: str = "front-desk", beats: Beats | None = None) -> list[int]:
    """Walk along the lines, and give at which entries a gap was found."""
    walk = beats or Beats()
    seen = [
        walk.see(index, Entry(kind, START + timedelta(minutes=at), workstation, details=details))
        for index, (kind, at, details) in enumerate(lines)
    ]
    return [found[0] for found in [*seen, *walk.finish()] if found is not None]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([STARTED, beat(15), beat(30), stopped(40)], []),
        ([STARTED, beat(15.9), stopped(31.8)], []),
        ([STARTED, beat(17)], [1]),
        ([STARTED, beat(15), beat(120), beat(135)], [2]),
        ([STARTED, beat(15), stopped(600)], [2]),
        ([STARTED, beat(15), beat(600, jump=34_200)], []),
        ([STARTED, beat(15), beat(600, jump=30_000)], [2]),
        ([STARTED, beat(15), beat(-100, jump=-7_800)], []),
        ([STARTED, beat(15), beat(-100, jump=-9_000)], [2]),
        ([STARTED, beat(15), started(20), beat(35)], []),
        ([STARTED, beat(15), beat(10), beat(25)], [2]),
        ([STARTED, noted(14), beat(10, jump=-240)], []),
        ([STARTED, beat(15), stopped(20), started(-600), beat(-585)], [3]),
        ([STARTED, beat(15), stopped(20), started(-600, jump=-37_200), beat(-585)], []),
        ([STARTED, noted(14), started(-600)], [2]),
        ([STARTED, noted(14), started(-600, jump=-36_840)], []),
        ([STARTED, stopped(10), started(9.5), stopped(20)], []),
        ([STARTED, stopped(1), noted(600), noted(700)], []),
        ([STARTED, noted(10), noted(20), noted(25), noted(30)], [2]),
        ([STARTED, noted(10), noted(20), noted(25), stopped(26)], [2]),
        ([STARTED, noted(600), beat(600.1, jump=35_100)], []),
        ([STARTED, noted(600)], []),
        ([STARTED, noted(600), (EntryKind.VIEWED, 900, {})], []),
        ([(EntryKind.STARTED, 0, {}), noted(600), noted(700)], []),
        ([noted(0), noted(600)], []),
    ],
)  # fmt: skip
def test_where_a_heartbeat_is_missing(lines: list[Line], found: list[int]) -> None:
    """Awake and silent is a gap; asleep, ended, broken off, or never promised is none."""
    assert gaps(*lines) == found


def test_each_workstation_has_its_own_heart() -> None:
    """One that beats hides no other that does not."""
    walk = Beats()
    assert gaps(STARTED, beat(15), beat(30), workstation="a", beats=walk) == []
    assert gaps(STARTED, beat(60), workstation="b", beats=walk) == [1]
    assert set(walk.open()) == {"a", "b"}


def test_what_is_worth_knowing_is_counted() -> None:
    """Sleeps, and runs that broke off."""
    walk = Beats()
    gaps(STARTED, beat(600, jump=35_100), STARTED, beat(15), stopped(20), STARTED, beats=walk)
    assert (walk.jumps, walk.unclean, walk.every) == (1, 1, {"front-desk": 64})


def test_the_words_say_whose_how_long_and_before_which_entry() -> None:
    """So that somebody can go and look."""
    walk, found = Beats(), None
    for index, (kind, at, details) in enumerate((STARTED, beat(15), beat(200))):
        found = walk.see(index, Entry(kind, START + timedelta(minutes=at), "front-desk", details=details))
    assert found == (
        2,
        "the heartbeat of `front-desk` is missing for 3.1 hours before entry 2: one was due every 15 minutes",
    )


@given(st.lists(st.tuples(st.sampled_from(["turn", "sleep", "set"]), st.integers(-90_000, 90_000)), max_size=40))
def test_what_the_pulse_writes_the_check_takes(events: list[tuple[str, int]]) -> None:
    """Whatever the clock does, a house that writes what its pulse says has no gap in its ledger."""
    now = START
    pulse = Pulse(60, now)
    lines: list[Line] = [(EntryKind.STARTED, 0.0, {HEARTBEAT: 60})]
    for what, number in events:
        turns = abs(number) % 40 if what == "turn" else 1
        for _ in range(turns):
            jump = {"turn": 0, "sleep": abs(number), "set": number}[what]
            now += timedelta(seconds=TURN_SECONDS + jump)
            if pulse.turn(now):
                lines.append((EntryKind.HEARTBEAT, (now - START).total_seconds() / 60, pulse.details()))
                pulse.written()
    assert gaps(*lines) == []


def test_a_clock_that_is_set_back_in_small_steps_is_told_too() -> None:
    """None of them is a jump; together they would be hours that were there twice."""
    pulse, now = Pulse(MINUTES_15, START), START
    due = []
    for _ in range(3):
        now -= timedelta(seconds=20)
        due.append(pulse.turn(now))
    assert due == [False, True, True]
    assert pulse.details() == {HEARTBEAT: MINUTES_15, JUMP: -50}


def test_a_start_tells_of_a_clock_that_was_set_back_meanwhile() -> None:
    """By how much; that it went on is what time does."""
    assert set_back(START, START - timedelta(hours=1)) == {JUMP: -3600}
    assert set_back(START, START - timedelta(seconds=10)) == {}
    assert set_back(START, START + timedelta(days=9)) == {}
    assert set_back(None, START) == {}


def test_a_heartbeat_that_was_not_written_stays_due() -> None:
    """With what it has to tell."""
    pulse = Pulse(MINUTES_15, START)
    assert not pulse.turn(START + timedelta(seconds=5))
    assert pulse.turn(START + timedelta(hours=1))
    assert pulse.turn(START + timedelta(hours=1, seconds=5))
    assert pulse.details() == {HEARTBEAT: MINUTES_15, JUMP: 3590}
    pulse.written()
    assert not pulse.turn(START + timedelta(hours=1, seconds=10))
    assert pulse.details() == {HEARTBEAT: MINUTES_15}


def test_a_ledger_that_took_no_heartbeat_for_a_while_is_no_gap() -> None:
    """A full disk, a database that is away too long: once it is over the heartbeat says so, and how long it was due.

    A clock that jumped meanwhile is told by itself; the time that nobody tells is a gap still.
    """
    pulse, now = Pulse(MINUTES_15, START), START
    for late in (*[0] * 2000, 3600, *[0] * 100):
        now += timedelta(seconds=TURN_SECONDS + late)
        if pulse.turn(now):
            pulse.refused()
    told, end = pulse.details(), (now - START).total_seconds() / 60
    assert told == {HEARTBEAT: MINUTES_15, JUMP: 3600, REFUSED: 2101 * 5 - MINUTES_15}
    begun: Line = (EntryKind.STARTED, 0, {HEARTBEAT: MINUTES_15})
    assert gaps(begun, (EntryKind.HEARTBEAT, end, told)) == []
    assert gaps(begun, (EntryKind.HEARTBEAT, end + 17, told)) == [1]
    pulse.written()
    assert pulse.details() == {HEARTBEAT: MINUTES_15}


@pytest.mark.parametrize(
    ("kind", "size", "every", "stays"),
    [
        (EntryKind.NOTED, 64, [64], True),
        (EntryKind.NOTED, 63, [64], False),
        (EntryKind.NOTED, 64, [], False),
        (EntryKind.NOTED, 64, [64, 100], False),
        (EntryKind.NOTED, 1600, [64, 100], True),
        (EntryKind.HEARTBEAT, 7, [], True),
        (EntryKind.STARTED, 1, [64], True),
        (EntryKind.STOPPED, 9, [64], True),
        (EntryKind.KEY_ROTATED, 9, [64], True),
        (EntryKind.VIEWED, 9, [64], True),
        (EntryKind.REVIEWED, 9, [64], True),
    ],
)
def test_which_states_stay(kind: EntryKind, size: int, every: list[int], stays: bool) -> None:
    """Two programs on one ledger that promised differently: what both would have signed."""
    assert lasts(kind, size, every) is stays
