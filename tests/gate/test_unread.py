"""What cannot be read, and what names nobody: leave for the very request, or for one's own list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardrail.gate import HoldOverlay, Pass
from guardrail.model.action import Action, ActionKind
from guardrail.model.decision import GrantTerms, Scope
from guardrail.model.hold import Attestation
from guardrail.recognise import Unread
from tests.gate.scene import FOLLOW, WREN, House, call


async def test_what_cannot_be_read_is_decided_by_the_rules_failure_modes(house: House) -> None:
    """A body in a coding that nobody knows is no way around."""
    unread = replace(FOLLOW, body=b"", unreadable=True)
    assert isinstance(house.gate.recognise(unread), Unread)
    met = await house.gate.check(unread, WREN)
    assert isinstance(met, HoldOverlay)
    assert met.hold.action.kind is ActionKind.FOLLOW
    await house.justify(unread)
    assert isinstance(await house.gate.check(unread, WREN), Pass)


async def test_leave_for_one_unread_request_is_leave_for_no_other(house: House) -> None:
    """Once, for the very one that was stopped: nobody can say that another one says the same."""
    unread = replace(FOLLOW, body=b"", unreadable=True, headers=(*FOLLOW.headers, (b"Content-Length", b"31")))
    met = await house.gate.check(unread, WREN)
    assert isinstance(met, HoldOverlay)
    await house.desk.attest(met.hold.id, WREN, Attestation(house.policy.attestation.reasons[0].code))
    for other in (
        replace(unread, query="x=1"),
        replace(unread, method="PUT"),
        replace(unread, headers=(*FOLLOW.headers, (b"Content-Length", b"32"))),
    ):
        assert not isinstance(await house.gate.decide(other, house.gate.recognise(unread), WREN), Pass)
    assert isinstance(await house.gate.check(unread, WREN), Pass)
    assert isinstance(await house.gate.check(unread, WREN), HoldOverlay)


@pytest.mark.parametrize(("kind", "again"), [(ActionKind.REVIEW_REPLY, False), (ActionKind.VIEW_FOLLOWERS, True)])
async def test_what_names_nobody_is_asked_each_time_but_for_ones_own_list(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: ActionKind, *, again: bool
) -> None:
    """Another answer to a review is another request; the list of one's own followers comes in many."""
    bare = Action(kind, "facebook", "bare", actor_id="61550098765432")
    shipped = house.policy.rule("review-replies")
    everybody = replace(shipped, fired=replace(shipped.fired, grant=GrantTerms(15, 3, Scope.ACTION)))
    monkeypatch.setattr(house.gate, "_policy", lambda: replace(house.policy, by_kind={kind: (everybody,)}))
    first, second = call("/bare", b"cursor=1"), call("/bare", b"cursor=2")
    met = await house.gate.decide(first, bare, WREN)
    assert isinstance(met, HoldOverlay)
    form = house.policy.forms["exception"]
    answers = replace(house.answers(), danger=form.danger[0].code, purpose=form.purposes[0].code)
    await house.desk.justify(met.hold.id, WREN, answers)
    assert isinstance(await house.gate.decide(second, bare, WREN), Pass) is again
    assert isinstance(await house.gate.decide(first, bare, WREN), Pass)
