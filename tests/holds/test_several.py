"""An action about several people: leave for one of them is not leave for the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Concern, Decision, GrantTerms, Scope
from guardrail.model.entry import EntryKind
from guardrail.model.people import ClientMatch, Population

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

TOBIN = ClientMatch("C-1002", "TA", Population.CURRENT, "name")
ODA = ClientMatch("C-1003", "OK", Population.FORMER, "name")


def both(clinic: Clinic) -> Decision:
    """Give a decision about two clients whom one text names."""
    return replace(clinic.decision(), also=(TOBIN,))


def batch(clinic: Clinic, *people: tuple[str, tuple[ClientMatch, ...]]) -> tuple[Action, Decision]:
    """Give a message to several accounts, with what the policy found out about each."""
    subjects = tuple(Subject(handle=handle) for handle, _ in people)
    action = replace(clinic.action(ActionKind.MESSAGE, "x", handle=people[0][0]), others=subjects[1:])
    concerns = tuple(Concern(subject, clients) for subject, (_, clients) in zip(subjects, people, strict=True))
    clients = tuple(dict.fromkeys(client for concern in concerns for client in concern.clients))
    terms = GrantTerms(15, 1, Scope.ACTION)
    match = clients[0] if clients else None
    return action, replace(clinic.decision(terms=terms), match=match, also=clients[1:], concerns=concerns)


@pytest.mark.parametrize("first", ["C-1001", "C-1002"])
async def test_a_grant_for_one_of_two_does_not_open_what_names_both(clinic: Clinic, first: str) -> None:
    """Whichever of the two the search would be judged by; with leave for both it passes."""
    second = "C-1002" if first == "C-1001" else "C-1001"
    for client, passes in ((first, False), (second, True)):
        hold = await clinic.open(decision=clinic.decision(client=client))
        await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
        assert (await clinic.use(decision=both(clinic)) is not None) is passes
    assert [entry.client_ref for entry in clinic.of(EntryKind.GRANT_USED)[-2:]] == ["C-1001", "C-1002"]


async def test_one_justification_buys_leave_for_all_whom_the_hold_concerns(clinic: Clinic) -> None:
    """One grant each, every reference on record, what is discussed owed to each, the rest once."""
    hold = await clinic.open(decision=both(clinic))
    over = await clinic.desk.justify(hold.id, clinic.wren, clinic.answers(fast=True))
    for kind in (EntryKind.HOLD_OPENED, EntryKind.JUSTIFIED):
        assert [(entry.client_ref, entry.details["also"]) for entry in clinic.of(kind)] == [("C-1001", ["C-1002"])]
    issued = clinic.of(EntryKind.GRANT_ISSUED)
    assert [(entry.client_ref, entry.details["subject_key"]) for entry in issued] == [
        ("C-1001", "C-1001"),
        ("C-1002", "C-1002"),
    ]
    assert over.grant_id == issued[0].grant
    duties = {(duty.kind, duty.client_ref, duty.grant_id) for duty in clinic.desk.duties(clinic.wren)}
    assert duties == {
        ("write_outcome", "C-1001", issued[0].grant),
        ("narrative", "C-1001", issued[0].grant),
        ("discuss", "C-1001", issued[0].grant),
        ("discuss", "C-1002", issued[1].grant),
    }
    clinic.desk = clinic.new_desk()
    assert await clinic.use(decision=both(clinic)) is not None
    assert await clinic.use() is not None
    assert await clinic.use(decision=clinic.decision(client="C-1002")) is not None
    assert await clinic.use(decision=replace(both(clinic), also=(TOBIN, ODA))) is None


async def test_leave_for_one_time_is_used_for_all_at_once_or_for_nobody(clinic: Clinic) -> None:
    """A message to two takes both leaves; where one is missing the other is not spent."""
    action, decision = batch(clinic, ("margit", (*clinic.decision().clients,)), ("tobin", (TOBIN,)))
    alone = batch(clinic, ("margit", clinic.decision().clients))
    hold = await clinic.open(*alone, request=clinic.fetch())
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    assert await clinic.use(action, decision) is None
    assert clinic.of(EntryKind.GRANT_USED) == []
    assert await clinic.use(*alone) is not None
    hold = await clinic.open(action, decision, clinic.fetch())
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    assert await clinic.use(action, decision) is not None
    assert clinic.kinds()[-4:] == ["grant_used", "grant_used_up"] * 2
    assert await clinic.use(action, decision) is None


async def test_what_is_attested_of_one_account_says_nothing_of_the_next(clinic: Clinic) -> None:
    """`Not my client` holds for the accounts of the request on which it was said, for each of them."""
    three = batch(clinic, ("a", (TOBIN,)), ("b", (ODA,)), ("c", ()))
    hold = await clinic.open(*batch(clinic, ("a", (TOBIN,))), request=clinic.fetch())
    await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
    assert await clinic.use(*three) is None
    hold = await clinic.open(*three, request=clinic.fetch())
    await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
    assert await clinic.use(*three) is not None
    assert await clinic.use(*batch(clinic, ("b", (ODA,)), ("d", ()))) is None
    assert await clinic.use(*batch(clinic, ("d", (ODA,)))) is None


async def test_further_subjects_stand_under_sealed(clinic: Clinic) -> None:
    """They name people too."""
    await clinic.open(*batch(clinic, ("margit", (TOBIN,)), ("oda.k", (ODA,))), request=clinic.fetch())
    [opened] = clinic.of(EntryKind.HOLD_OPENED)
    assert opened.details["sealed"] == {"handle": "margit", "others": [{"handle": "oda.k"}]}
    assert "oda.k" not in repr(replace(opened, details={**opened.details, "sealed": None}))


async def test_leave_for_what_names_nobody_is_leave_for_that_very_request_once(clinic: Clinic) -> None:
    """Whatever the terms say, and whichever way it was bought."""
    bare, nobody = Action(ActionKind.SEARCH, "google", "search", request="digest"), clinic.decision(client=None)
    for way in ("attest", "justify"):
        hold = await clinic.open(bare, nobody)
        if way == "attest":
            await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
        else:
            await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
        assert await clinic.use(replace(bare, request="another"), nobody) is None
        assert await clinic.use(bare, nobody) is not None
        assert await clinic.use(bare, nobody) is None
