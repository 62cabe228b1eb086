"""What may happen to a hold is one table, and the docs show that very table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import HoldError
from guardrail.holds.lifecycle import TRANSITIONS, Event, allows, mermaid, step, ways_on
from guardrail.model.decision import Verdict
from guardrail.model.hold import HoldState

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

DOCS = Path(__file__).parent.parent.parent / "docs" / "ledger.md"


@pytest.mark.parametrize("state", HoldState)
@pytest.mark.parametrize("event", Event)
def test_only_an_open_hold_takes_a_step_and_every_step_ends_it(state: HoldState, event: Event) -> None:
    """An answer is given once: whatever is over stays as it is."""
    if state is HoldState.OPEN:
        assert step(state, event) is not HoldState.OPEN
    else:
        with pytest.raises(HoldError) as refused:
            step(state, event)
        assert refused.value.reason == "over"


def test_every_state_can_be_reached() -> None:
    """No state of the model is left without a way to it."""
    assert {*TRANSITIONS.values(), HoldState.OPEN} == set(HoldState)


def test_the_diagram_in_the_docs_is_the_table() -> None:
    """docs/ledger.md shows what `mermaid()` draws."""
    assert f"```mermaid\n{mermaid()}\n```" in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("verdict", "offers", "ways"),
    [
        (Verdict.BLOCK, ("crisis", "attest"), set()),
        (Verdict.WARN, ("crisis",), {"acknowledge"}),
        (Verdict.JUSTIFY, ("crisis", "attest", "acknowledge"), {"crisis", "attest"}),
        (Verdict.JUSTIFY, (), set()),
        (Verdict.SILENCE, ("crisis",), set()),
    ],
)
def test_the_verdict_bounds_what_a_rule_may_offer(
    clinic: Clinic, verdict: Verdict, offers: tuple[str, ...], ways: set[str]
) -> None:
    """BLOCK leaves no way on, WARN the acknowledgement alone, and an acknowledgement never answers JUSTIFY."""
    assert ways_on(clinic.decision(verdict, offers=offers), clinic.policy.forms) == ways


def test_a_form_that_the_policy_has_no_longer_is_not_offered(clinic: Clinic) -> None:
    """A reloaded policy may have dropped the form that an open hold's rule names."""
    assert ways_on(clinic.decision(offers=("crisis", "attest")), {}) == {"attest"}
    assert ways_on(replace(clinic.decision(), rule=None), clinic.policy.forms) == frozenset()


@pytest.mark.parametrize("event", Event)
def test_going_back_needs_no_offer_and_every_way_on_does(event: Event) -> None:
    """A BLOCK hold can be left; it cannot be passed."""
    assert allows(frozenset(), event) is (event in {Event.BACK_OUT, Event.TIME_OUT})
