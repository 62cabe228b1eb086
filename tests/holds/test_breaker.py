"""A ledger that is held by somebody else costs one request its waiting time, not every request in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.holds.breaker import REST, Breaker
from guardrail.model.entry import Entry, EntryKind
from tests.holds.conftest import START, HandClock, MemoryLedger

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

ENTRY = Entry(EntryKind.POLICY_LOADED, START, "front-desk")


class HeldLedger(MemoryLedger):
    """A ledger that another program holds: every try waits `seconds`, in vain, while it is broken."""

    def __init__(self, clock: HandClock, seconds: float = 2) -> None:
        """Begin as held."""
        super().__init__()
        self.clock, self.seconds, self.tries, self.broken = clock, seconds, 0, True

    def append(self, *entries: Entry) -> int:
        """Wait, then say so."""
        self.tries += 1
        if self.broken:
            self.clock.advance(seconds=self.seconds)
        return super().append(*entries)


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that is set by hand."""
    return HandClock()


async def failure(breaker: Breaker) -> str:
    """Give the words of an append that fails."""
    with pytest.raises(LedgerUnavailableError) as failed:
        await breaker.append(ENTRY)
    return str(failed.value)


async def test_after_a_wait_in_vain_the_next_fail_at_once_with_the_same_words(clock: HandClock) -> None:
    """Ten requests in a row cost one waiting time; a second later one tries again, and all is well."""
    ledger = HeldLedger(clock)
    breaker = Breaker(ledger, clock)
    assert len({await failure(breaker) for _ in range(10)}) == 1
    assert (ledger.tries, (clock.now() - START).total_seconds()) == (1, 2)
    clock.time += REST
    ledger.broken = False
    await breaker.append(ENTRY)
    await breaker.append(ENTRY)
    assert (ledger.tries, ledger.entries) == (3, [ENTRY, ENTRY])


async def test_a_failure_that_comes_at_once_is_tried_again_at_once(clock: HandClock) -> None:
    """A full disk that has room again is used from the next entry on."""
    ledger = HeldLedger(clock, seconds=0)
    breaker = Breaker(ledger, clock)
    await failure(breaker)
    ledger.broken = False
    await breaker.append(ENTRY)
    assert ledger.entries == [ENTRY]


async def test_a_clock_that_is_set_back_does_not_keep_the_ledger_closed(clock: HandClock) -> None:
    """An hour back is not an hour of refusals."""
    ledger = HeldLedger(clock)
    breaker = Breaker(ledger, clock)
    await failure(breaker)
    clock.advance(hours=-1)
    ledger.broken = False
    await breaker.append(ENTRY)
    assert ledger.entries == [ENTRY]


async def test_requests_that_are_stopped_meanwhile_are_refused_at_once(clinic: Clinic) -> None:
    """Of five holds that cannot be written down, one waits."""
    ledger = HeldLedger(clinic.clock)
    ledger.entries.append(Entry(EntryKind.NOTICE_ACKNOWLEDGED, START, "front-desk", clinic.wren.id))
    clinic.ledger = ledger
    clinic.desk = clinic.new_desk()
    for at in range(5):
        with pytest.raises(LedgerUnavailableError):
            await clinic.open(clinic.action(query=str(at)))
    assert ledger.tries == 1
