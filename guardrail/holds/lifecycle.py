"""What may happen to a hold: one table. The diagram in docs/ledger.md is drawn from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from guardrail.errors import HoldError
from guardrail.model.decision import Decision, Verdict
from guardrail.model.hold import HoldState


class Event(StrEnum):
    """What can happen to a hold."""

    BACK_OUT = "back_out"
    JUSTIFY = "justify"
    ATTEST = "attest"
    CONSENT = "consent"
    ACKNOWLEDGE = "acknowledge"
    TIME_OUT = "time_out"


TRANSITIONS: Mapping[tuple[HoldState, Event], HoldState] = MappingProxyType(
    {
        (HoldState.OPEN, Event.BACK_OUT): HoldState.BACKED_OUT,
        (HoldState.OPEN, Event.JUSTIFY): HoldState.JUSTIFIED,
        (HoldState.OPEN, Event.ATTEST): HoldState.ATTESTED,
        (HoldState.OPEN, Event.CONSENT): HoldState.CONSENTED,
        (HoldState.OPEN, Event.ACKNOWLEDGE): HoldState.ACKNOWLEDGED,
        (HoldState.OPEN, Event.TIME_OUT): HoldState.ABANDONED,
    }
)

# The way on that a rule must offer for an event to be taken; going back and time need no offer.
_OFFER = {
    Event.JUSTIFY: "crisis",
    Event.ATTEST: "attest",
    Event.CONSENT: "consent",
    Event.ACKNOWLEDGE: "acknowledge",
}


def step(state: HoldState, event: Event) -> HoldState:
    """Give the state after `event`. Raise HoldError(`over`) where the table has no such step."""
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise HoldError("over")
    return after


def ways_on(decision: Decision, forms: Collection[str]) -> frozenset[str]:
    """Say which ways on a decision leaves besides going back; `forms` are the crisis forms that there are.

    BLOCK leaves none, WARN only the acknowledgement, JUSTIFY what its strongest rule offers.
    """
    if decision.verdict is Verdict.WARN:
        return frozenset({"acknowledge"})
    if decision.verdict is not Verdict.JUSTIFY or decision.rule is None:
        return frozenset()
    offers = frozenset(decision.rule.offers) - {"acknowledge"}
    return offers if decision.rule.form in forms else offers - {"crisis"}


def allows(ways: frozenset[str], event: Event) -> bool:
    """Say whether an event may happen on a hold that leaves these ways on."""
    needed = _OFFER.get(event)
    return needed is None or needed in ways


def mermaid() -> str:
    """Draw the table as a Mermaid state diagram."""
    ends = dict.fromkeys(after for (_, _), after in TRANSITIONS.items())
    lines = ["stateDiagram-v2", f"    [*] --> {HoldState.OPEN}"]
    lines += [f"    {before} --> {after}: {event}" for (before, event), after in TRANSITIONS.items()]
    lines += [f"    {state} --> [*]" for state in ends if not any(before is state for before, _ in TRANSITIONS)]
    return "\n".join(lines)
