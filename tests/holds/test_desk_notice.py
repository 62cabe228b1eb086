"""Before the notice is acknowledged nothing about the clinician is written; with it, what is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guardrail.model.decision import Verdict
from guardrail.model.entry import EntryKind
from tests.holds.ways import WAYS, reason_of

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


async def test_before_the_notice_nothing_about_the_clinician_is_written(fresh: Clinic) -> None:
    """Holds stop all the same; backing out works; nothing is kept."""
    hold = await fresh.open()
    left = await fresh.open(fresh.action(query="other"))
    await fresh.desk.back_out(left.id, fresh.wren)
    await fresh.desk.note(fresh.action(), fresh.decision(Verdict.NOTE), fresh.wren)
    await fresh.desk.refused("forged", fresh.wren)
    assert await reason_of(fresh.desk.hold("no-such-id", fresh.wren)) == "unknown"
    for way in ("justify", "attest", "consent"):
        assert await reason_of(WAYS[way][1](fresh, hold)) == "notice"
    fresh.clock.advance(minutes=31)
    await fresh.desk.sweep()
    assert fresh.ledger.entries == []


async def test_with_the_notice_the_hold_that_is_looked_at_is_written_down(fresh: Clinic) -> None:
    """What was left before it stays unrecorded."""
    hold = await fresh.open()
    other = await fresh.open(fresh.action(query="other"))
    assert not fresh.desk.has_acknowledged(fresh.wren)
    await fresh.desk.acknowledge_notice(fresh.wren, hold.id)
    await fresh.desk.acknowledge_notice(fresh.wren)
    assert fresh.desk.has_acknowledged(fresh.wren)
    assert not fresh.desk.has_acknowledged(fresh.hale)
    assert fresh.kinds() == ["notice_acknowledged", "hold_opened"]
    await fresh.desk.justify(hold.id, fresh.wren, fresh.answers())
    assert fresh.kinds().count("hold_opened") == 1
    await fresh.desk.attest(other.id, fresh.wren, fresh.attestation())
    assert [entry.hold for entry in fresh.of(EntryKind.HOLD_OPENED)] == [hold.id, other.id]


async def test_without_a_hold_in_view_all_open_ones_are_written_down(fresh: Clinic) -> None:
    """A notice may be acknowledged on its own page."""
    await fresh.open()
    await fresh.open(fresh.action(query="other"))
    await fresh.desk.acknowledge_notice(fresh.wren)
    assert fresh.kinds() == ["notice_acknowledged", "hold_opened", "hold_opened"]
