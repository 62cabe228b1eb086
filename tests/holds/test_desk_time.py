"""What is over is written down once, and late answers are no answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import EntryKind
from guardrail.model.hold import HoldState
from tests.holds.ways import EVERY_WAY, WAYS, reason_of

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


async def test_time_is_written_down_once(clinic: Clinic) -> None:
    """Abandoned holds, expired grants, overdue duties: however often the sweep comes by."""
    answered = await clinic.open()
    await clinic.desk.justify(answered.id, clinic.wren, clinic.answers(fast=True))
    left = await clinic.open(clinic.action(query="m ollander"))
    count = len(clinic.ledger.entries)
    clinic.clock.advance(minutes=29)
    await clinic.desk.sweep()
    assert len(clinic.ledger.entries) == count
    clinic.clock.advance(days=30)
    for _ in range(3):
        await clinic.desk.sweep()
    assert sorted(clinic.kinds()[count:]) == ["abandoned", *["duty_overdue"] * 3, "grant_expired"]
    assert clinic.of(EntryKind.ABANDONED)[0].hold == left.id
    assert clinic.desk.grants(clinic.wren) == ()
    assert len(clinic.desk.duties(clinic.wren)) == 3  # late, and owed all the same


async def test_a_sweep_that_finds_the_ledger_closed_is_made_up_for(clinic: Clinic) -> None:
    """Nothing is forgotten because it could not be written."""
    hold = await clinic.open()
    clinic.clock.advance(minutes=30)
    clinic.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        await clinic.desk.sweep()
    clinic.ledger.broken = False
    await clinic.desk.sweep()
    assert clinic.kinds() == ["hold_opened", "abandoned"]
    assert (await clinic.desk.hold(hold.id, clinic.wren)).state is HoldState.ABANDONED


@EVERY_WAY
async def test_an_answer_that_comes_too_late_is_refused_also_before_the_sweep(clinic: Clinic, way: str) -> None:
    """Half an hour is half an hour."""
    verdict, answer, _, _ = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict))
    clinic.clock.advance(minutes=30)
    assert await reason_of(answer(clinic, hold)) == "over"


async def test_a_hold_that_is_over_is_known_for_a_while_and_then_forgotten(clinic: Clinic) -> None:
    """Back and reload find it; memory does not grow for ever."""
    hold = await clinic.open()
    await clinic.desk.back_out(hold.id, clinic.wren)
    clinic.clock.advance(minutes=29)
    await clinic.desk.sweep()
    assert (await clinic.desk.hold(hold.id, clinic.wren)).state is HoldState.BACKED_OUT
    clinic.clock.advance(minutes=1)
    await clinic.desk.sweep()
    assert await reason_of(clinic.desk.hold(hold.id, clinic.wren)) == "unknown"
