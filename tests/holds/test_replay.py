"""A restart neither loses nor resurrects: what is open is read back from the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.holds.replay import HOLD_OVER
from guardrail.model.action import ActionKind
from guardrail.model.decision import GrantTerms, Scope
from guardrail.model.entry import GRANT_OVER, Entry, EntryKind

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


def known(clinic: Clinic) -> object:
    """Give all that a restart must not change."""
    return (
        clinic.desk.grants(clinic.wren),
        clinic.desk.duties(clinic.wren),
        clinic.desk.has_acknowledged(clinic.wren),
        clinic.desk._state.overdue,
    )


async def take(clinic: Clinic, step: str, at: int) -> None:
    """Let one thing happen; `at` tells its subject from others."""
    follow = clinic.action(ActionKind.FOLLOW, "x", handle="margit_o")
    match step:
        case "justify":
            hold = await clinic.open(clinic.action(query=str(at)))
            answers = replace(clinic.answers(fast=at % 2 == 0), next_meeting=None)
            await clinic.desk.justify(hold.id, clinic.wren, answers)
        case "once":
            terms = GrantTerms(15, 2, Scope.ACTION)
            hold = await clinic.open(follow, clinic.decision(terms=terms, rule=str(at)), clinic.fetch())
            await clinic.desk.justify(hold.id, clinic.wren, replace(clinic.answers(), next_meeting=None))
        case "attest":
            hold = await clinic.open(clinic.action(query=str(at)))
            await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
        case "use":
            await clinic.use(follow)
        case "revoke":
            for grant in clinic.desk.grants(clinic.wren)[:1]:
                await clinic.desk.revoke(grant.id, clinic.wren)
        case "complete":
            for duty in clinic.desk.duties(clinic.wren)[:1]:
                await clinic.desk.complete(duty.id, clinic.wren)
        case "wait":
            clinic.clock.advance(hours=13)
        case _:
            await clinic.desk.sweep()


def check_record(entries: list[Entry]) -> None:
    """Hold a record to its rules: answered once, bought by an answer, used while live and no more often than bought."""
    answered: set[str | None] = set()
    left: dict[str | None, int | None] = {}
    for entry in entries:
        if entry.kind in HOLD_OVER:
            assert entry.hold not in answered
            answered.add(entry.hold)
        elif entry.kind is EntryKind.GRANT_ISSUED:
            assert entry.hold in answered
            uses = entry.details["uses"]
            left[entry.grant] = uses if isinstance(uses, int) else None
        elif entry.kind is EntryKind.GRANT_USED:
            uses = left[entry.grant]
            assert uses != 0
            left[entry.grant] = uses if uses is None else uses - 1
        elif entry.kind in GRANT_OVER:
            del left[entry.grant]


@pytest.fixture
async def noticed(fresh: Clinic) -> Clinic:
    """Give a clinic whose ledger holds the notice of dr-wren."""
    await fresh.desk.acknowledge_notice(fresh.wren)
    return fresh


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(steps=st.lists(st.sampled_from(["justify", "once", "use", "attest", "revoke", "wait", "sweep", "complete"])))
async def test_after_any_history_a_restart_knows_the_same(fresh: Clinic, steps: list[str]) -> None:
    """Grants with their uses, duties, notices: all of it, and no more."""
    clinic = replace(fresh)
    clinic.ledger.entries.clear()
    clinic.desk = clinic.new_desk()
    await clinic.desk.acknowledge_notice(clinic.wren)
    for at, name in enumerate(steps):
        await take(clinic, name, at)
    before = known(clinic)
    clinic.desk = clinic.new_desk()
    assert known(clinic) == before
    check_record(clinic.ledger.entries)


async def test_a_used_up_grant_does_not_come_back(noticed: Clinic) -> None:
    """Once only is once only, also over a restart."""
    action = noticed.action(ActionKind.FOLLOW, "x", handle="margit_o")
    hold = await noticed.open(action, request=noticed.fetch())
    await noticed.desk.justify(hold.id, noticed.wren, noticed.answers())
    noticed.desk = noticed.new_desk()
    assert await noticed.use(action) is not None
    noticed.desk = noticed.new_desk()
    assert await noticed.use(action) is None


async def test_a_grant_that_expired_while_nobody_ran_is_written_down_and_covers_nothing(noticed: Clinic) -> None:
    """Its end stands on the ledger once guardrail is back."""
    hold = await noticed.open()
    await noticed.desk.justify(hold.id, noticed.wren, noticed.answers())
    noticed.clock.advance(hours=2)
    noticed.desk = noticed.new_desk()
    assert await noticed.use() is None
    await noticed.desk.sweep()
    await noticed.desk.sweep()
    assert len(noticed.of(EntryKind.GRANT_EXPIRED)) == 1


async def test_a_hold_that_was_open_at_the_end_is_abandoned_with_its_cause(noticed: Clinic) -> None:
    """Its request is gone with the process: nobody can answer it any more."""
    hold = await noticed.open()
    noticed.desk = noticed.new_desk()
    await noticed.desk.sweep()
    await noticed.desk.sweep()
    [abandoned] = noticed.of(EntryKind.ABANDONED)
    assert (abandoned.hold, abandoned.details["cause"], abandoned.client_ref) == (hold.id, "restart", "C-1001")
    noticed.desk = noticed.new_desk()
    await noticed.desk.sweep()
    assert len(noticed.of(EntryKind.ABANDONED)) == 1


async def test_another_workstations_entries_open_nothing_here(noticed: Clinic) -> None:
    """Grants live on the workstation on which they were issued."""
    hold = await noticed.open()
    await noticed.desk.justify(hold.id, noticed.wren, noticed.answers())
    noticed.ledger.entries[:] = [replace(entry, workstation="back-room") for entry in noticed.ledger.entries]
    noticed.desk = noticed.new_desk()
    assert not noticed.desk.grants(noticed.wren)
    assert not noticed.desk.duties(noticed.wren)
    assert not noticed.desk.has_acknowledged(noticed.wren)
