"""The desk: nothing is released before its entry is durable, and every answer counts once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import HoldError, LedgerUnavailableError
from guardrail.model.action import ActionKind
from guardrail.model.decision import GrantTerms, Scope, Verdict
from guardrail.model.entry import Entry, EntryKind
from guardrail.model.hold import HoldState
from tests.holds.ways import EVERY_WAY, WAYS, reason_of

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


@EVERY_WAY
async def test_an_answer_is_one_append_and_ends_the_hold(
    clinic: Clinic, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered, what it buys and what it obliges to stand together on the ledger, or not at all."""
    verdict, answer, state, entries = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict))
    appended: list[int] = []
    append = clinic.ledger.append

    def spy(*new: Entry) -> int:
        appended.append(len(new))
        return append(*new)

    monkeypatch.setattr(clinic.ledger, "append", spy)
    over = await answer(clinic, hold)
    assert (over.state, appended) == (state, [len(entries)])
    assert clinic.kinds() == ["hold_opened", *entries]
    assert (over.grant_id is not None) is (way != "back_out")
    assert clinic.desk.grant(over.grant_id, clinic.wren) == (clinic.desk.grants(clinic.wren) or (None,))[0]
    assert {entry.hold for entry in clinic.ledger.entries} == {hold.id}


@EVERY_WAY
async def test_the_same_form_sent_twice_counts_once(clinic: Clinic, way: str) -> None:
    """Double submission, one after the other or both at once: the same hold, no second entry."""
    verdict, answer, _, _ = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict))
    first, second = await asyncio.gather(answer(clinic, hold), answer(clinic, hold))
    count = len(clinic.ledger.entries)
    assert first == second == await answer(clinic, hold)
    assert len(clinic.ledger.entries) == count
    assert len(clinic.desk.grants(clinic.wren)) == (way != "back_out")


@EVERY_WAY
async def test_where_the_ledger_takes_nothing_nothing_happens(clinic: Clinic, way: str) -> None:
    """The hold stays open, there is no grant and no duty; when the ledger is back the same answer goes through."""
    verdict, answer, state, _ = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict))
    clinic.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        await answer(clinic, hold)
    assert (await clinic.desk.hold(hold.id, clinic.wren)).state is HoldState.OPEN
    assert not clinic.desk.grants(clinic.wren)
    assert not clinic.desk.duties(clinic.wren)
    assert clinic.desk.awaits(hold.request) is None
    clinic.ledger.broken = False
    assert (await answer(clinic, hold)).state is state


@EVERY_WAY
async def test_the_hold_of_another_clinician_is_refused_on_record(clinic: Clinic, way: str) -> None:
    """Who guesses or is sent an id gets nothing by it."""
    verdict, answer, _, _ = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict), clinician=clinic.hale)
    assert await reason_of(answer(clinic, hold)) == "other_clinician"
    [refused] = clinic.of(EntryKind.REFUSED)
    assert (refused.clinician, refused.hold, refused.details["reason"]) == ("dr-wren", hold.id, "other_clinician")


@EVERY_WAY
async def test_a_forged_id_is_refused_on_record_and_not_quoted(clinic: Clinic, way: str) -> None:
    """What the forger typed does not reach the ledger."""
    verdict, answer, _, _ = WAYS[way]
    hold = await clinic.open(decision=clinic.decision(verdict))
    assert await reason_of(answer(clinic, replace(hold, id="<margit ollander>"))) == "unknown"
    [refused] = clinic.of(EntryKind.REFUSED)
    assert "margit" not in repr(refused)


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", WAYS)
async def test_another_answer_to_a_hold_that_is_over_is_refused(clinic: Clinic, first: str, second: str) -> None:
    """A replay with other answers buys nothing."""
    verdict, answer, state, _ = WAYS[first]
    hold = await clinic.open(decision=clinic.decision(verdict))
    await answer(clinic, hold)
    if first == second:
        return
    before = len(clinic.desk.grants(clinic.wren))
    assert await reason_of(WAYS[second][1](clinic, hold)) == "over"
    assert clinic.kinds()[-1] == "refused"
    assert len(clinic.desk.grants(clinic.wren)) == before
    assert (await clinic.desk.hold(hold.id, clinic.wren)).state is state


@pytest.mark.parametrize("way", [way for way in WAYS if way != "back_out"])
async def test_a_block_has_no_way_on(clinic: Clinic, way: str) -> None:
    """It can only be left."""
    hold = await clinic.open(decision=clinic.decision(Verdict.BLOCK))
    assert await reason_of(WAYS[way][1](clinic, hold)) == "not_offered"
    assert clinic.desk.ways_on(hold) == frozenset()
    assert (await clinic.desk.back_out(hold.id, clinic.wren)).state is HoldState.BACKED_OUT


@pytest.mark.parametrize(("way", "missing"), [("justify", "crisis"), ("attest", "attest"), ("consent", "consent")])
async def test_only_what_the_rule_offers_can_be_answered(clinic: Clinic, way: str, missing: str) -> None:
    """A form that the page did not show is refused when it is posted all the same."""
    offers = tuple(sorted({"crisis", "attest", "consent"} - {missing}))
    hold = await clinic.open(decision=clinic.decision(offers=offers))
    assert clinic.desk.ways_on(hold) == set(offers)
    assert await reason_of(WAYS[way][1](clinic, hold)) == "not_offered"


async def test_answers_that_are_not_whole_name_their_fields_and_leave_no_entry(clinic: Clinic) -> None:
    """The page shows what is missing; the hold waits."""
    hold = await clinic.open()
    with pytest.raises(HoldError) as refused:
        await clinic.desk.justify(hold.id, clinic.wren, replace(clinic.answers(), danger="", duty_accepted=False))
    assert refused.value.problems == {"danger": "missing", "duty_accepted": "not_accepted"}
    assert clinic.kinds() == ["hold_opened"]


@pytest.mark.parametrize(("hour", "passes"), [(11, True), (12, False)])
async def test_a_meeting_today_is_not_past_where_it_is_still_today(clinic: Clinic, hour: int, *, passes: bool) -> None:
    """A clinic west of Greenwich has its evening when UTC is on the next day."""
    answers = replace(clinic.answers(), next_meeting=clinic.clock.time.date())
    clinic.clock.time = clinic.clock.time.replace(hour=hour) + timedelta(days=1)
    hold = await clinic.open()
    if passes:
        assert (await clinic.desk.justify(hold.id, clinic.wren, answers)).state is HoldState.JUSTIFIED
    else:
        assert await reason_of(clinic.desk.justify(hold.id, clinic.wren, answers)) == "answers"


async def test_what_was_typed_stands_only_under_sealed(clinic: Clinic) -> None:
    """The query, the narrative, the notes and the subject's names are nowhere else."""
    secrets = ("margit ollander", "she wrote goodbye to everybody", "this morning", "a namesake from school")
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers(narrative=secrets[1]))
    await clinic.use()
    other = await clinic.open(clinic.action(name=secrets[0]))
    await clinic.desk.attest(other.id, clinic.wren, replace(clinic.attestation(), note=secrets[3]))
    for duty in clinic.desk.duties(clinic.wren):
        await clinic.desk.complete(duty.id, clinic.wren, secrets[1])
    await clinic.desk.note(clinic.action(), clinic.decision(Verdict.NOTE), clinic.wren)
    sealed = repr([entry.details.get("sealed") for entry in clinic.ledger.entries])
    clear = repr([replace(entry, details={**entry.details, "sealed": None}) for entry in clinic.ledger.entries])
    assert all(secret in sealed for secret in secrets)
    assert not any(secret in clear for secret in secrets)


async def test_entries_say_who_what_where_and_by_which_rule(clinic: Clinic) -> None:
    """A supervisor reads an episode without asking the policy of today."""
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    for entry in clinic.ledger.entries:
        facts = (entry.workstation, entry.clinician, entry.site, entry.action, entry.rule, entry.client_ref)
        assert facts == ("front-desk", "dr-wren", "google", "search", "searching", "C-1001")
        assert entry.policy_revision == clinic.policy.revision


# -- grants ----------------------------------------------------------------------------------------------------


async def test_a_grant_is_used_on_record_before_it_lets_anything_through(clinic: Clinic) -> None:
    """No entry, no passage."""
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    clinic.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        await clinic.use()
    clinic.ledger.broken = False
    grant = await clinic.use(clinic.action(ActionKind.VIEW_PROFILE, "facebook", handle="margit.ollander"))
    assert grant is not None
    [used] = clinic.of(EntryKind.GRANT_USED)
    assert (used.grant, used.hold, used.site, used.action) == (grant.id, hold.id, "facebook", "view_profile")


async def test_of_many_at_once_a_grant_for_one_use_lets_exactly_one_through(clinic: Clinic) -> None:
    """A page that fires the same call ten times gets one."""
    action, once = clinic.action(ActionKind.FOLLOW, "x", handle="margit_o"), GrantTerms(15, 1, Scope.ACTION)
    hold = await clinic.open(action, clinic.decision(terms=once), clinic.fetch())
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    grants = await asyncio.gather(*(clinic.use(action) for _ in range(10)))
    assert sum(grant is not None for grant in grants) == 1
    assert clinic.kinds()[-2:] == ["grant_used", "grant_used_up"]
    assert clinic.desk.grants(clinic.wren) == ()


async def test_a_grant_without_a_count_is_used_before_one_that_runs_out(clinic: Clinic) -> None:
    """Nothing is spent for nothing."""
    for terms in (GrantTerms(60, 1, Scope.ACTION), GrantTerms(30, None, Scope.FIND)):
        hold = await clinic.open(decision=clinic.decision(terms=terms))
        await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    assert [(await clinic.use()) is not None for _ in range(3)] == [True] * 3
    assert EntryKind.GRANT_USED_UP.value not in clinic.kinds()


async def test_another_clinicians_grant_covers_nothing(clinic: Clinic) -> None:
    """A grant is personal."""
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    assert await clinic.desk.use_grant(clinic.action(), clinic.decision(), clinic.hale) is None
    assert clinic.desk.grants(clinic.hale) == ()


async def test_a_revoked_grant_is_over_at_once(clinic: Clinic) -> None:
    """By its clinician, on record, once."""
    hold = await clinic.open()
    grant_id = (await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())).grant_id or ""
    assert await reason_of(clinic.desk.revoke(grant_id, clinic.hale)) == "grant"
    await clinic.desk.revoke(grant_id, clinic.wren)
    assert await clinic.use() is None
    assert await reason_of(clinic.desk.revoke(grant_id, clinic.wren)) == "grant"
    assert len(clinic.of(EntryKind.GRANT_REVOKED)) == 1


async def test_an_answer_whose_browser_hangs_up_still_counts_whole(clinic: Clinic) -> None:
    """The caller is cancelled while the append runs: entry and grant are both there, or neither."""
    hold = await clinic.open()
    answer = asyncio.create_task(clinic.desk.justify(hold.id, clinic.wren, clinic.answers()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    over = await clinic.desk.hold(hold.id, clinic.wren)  # waits for the turn of the answer
    assert over.state is HoldState.JUSTIFIED
    assert clinic.kinds().count("justified") == len(clinic.desk.grants(clinic.wren)) == 1


# -- duties ----------------------------------------------------------------------------------------------------


async def test_duties_are_open_until_they_are_done_and_each_is_done_once(clinic: Clinic) -> None:
    """Only by the clinician who owes them."""
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers(fast=True))
    duties = clinic.desk.duties(clinic.wren)
    assert sorted(duty.kind for duty in duties) == ["discuss", "narrative", "write_outcome"]
    assert [duty.due_at for duty in duties] == sorted(duty.due_at for duty in duties if duty.due_at)
    assert await reason_of(clinic.desk.complete(duties[0].id, clinic.hale)) == "duty"
    done = await clinic.desk.complete(duties[0].id, clinic.wren, "written down")
    assert done.done_at == clinic.clock.now()
    assert await reason_of(clinic.desk.complete(duties[0].id, clinic.wren)) == "duty"
    assert len(clinic.desk.duties(clinic.wren)) == 2


# -- the same action again -------------------------------------------------------------------------------------


async def test_a_page_that_retries_what_was_refused_meets_one_hold(clinic: Clinic) -> None:
    """Ten tries at once are one entry."""
    action = clinic.action(ActionKind.FOLLOW, "x", handle="margit_o")
    holds = await asyncio.gather(*(clinic.open(action, request=clinic.fetch()) for _ in range(10)))
    assert len({hold.id for hold in holds}) == 1
    assert clinic.kinds() == ["hold_opened"]


@pytest.mark.parametrize("change", ["clinician", "kind", "site", "subject", "rule", "surface", "over", "late"])
async def test_another_action_is_another_hold(clinic: Clinic, change: str) -> None:
    """Same clinician, rule, action, site, subject and surface, and still open: else it is asked again."""
    first = await clinic.open(clinic.action(handle="a"))
    if change == "over":
        await clinic.desk.back_out(first.id, clinic.wren)
    if change == "late":
        clinic.clock.advance(minutes=30)
    second = await clinic.open(
        clinic.action(
            ActionKind.VIEW_PROFILE if change == "kind" else ActionKind.SEARCH,
            "bing" if change == "site" else "google",
            handle="b" if change == "subject" else "a",
        ),
        clinic.decision(rule="other" if change == "rule" else "searching"),
        clinic.fetch() if change == "surface" else clinic.page(),
        clinic.hale if change == "clinician" else clinic.wren,
    )
    assert second.id != first.id


# -- refused and failed ----------------------------------------------------------------------------------------


async def test_refusals_and_failures_are_written_down_with_their_incident(clinic: Clinic) -> None:
    """Also those of nobody known."""
    await clinic.desk.refused("cross_site", None, site="google", incident="i-1")
    await clinic.desk.refused("cross_site", clinic.wren, hold="h-1")
    await clinic.desk.failed("i-2", "request", site="x")
    facts = [(e.kind.value, e.clinician, e.site, e.hold, e.details["incident"]) for e in clinic.ledger.entries]
    assert facts == [
        ("refused", None, "google", None, "i-1"),
        ("refused", "dr-wren", None, "h-1", None),
        ("failure", None, "x", None, "i-2"),
    ]


async def test_a_forged_id_is_refused_also_where_the_ledger_takes_nothing(clinic: Clinic) -> None:
    """The reason comes through; what cannot be recorded releases nothing."""
    clinic.ledger.broken = True
    assert await reason_of(clinic.desk.hold("forged", clinic.wren)) == "unknown"
