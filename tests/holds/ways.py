"""Every way in which a hold can be answered, and what each leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from guardrail.errors import HoldError
from guardrail.model.decision import Verdict
from guardrail.model.hold import Hold, HoldState

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

type Way = Callable[[Clinic, Hold], Awaitable[Hold]]

WAYS: dict[str, tuple[Verdict, Way, HoldState, list[str]]] = {
    "back_out": (Verdict.JUSTIFY, lambda c, h: c.desk.back_out(h.id, c.wren), HoldState.BACKED_OUT, ["backed_out"]),
    "justify": (
        Verdict.JUSTIFY,
        lambda c, h: c.desk.justify(h.id, c.wren, c.answers()),
        HoldState.JUSTIFIED,
        ["justified", "grant_issued", "duty_created", "duty_created"],
    ),
    "fast": (
        Verdict.JUSTIFY,
        lambda c, h: c.desk.justify(h.id, c.wren, c.answers(fast=True)),
        HoldState.JUSTIFIED,
        ["justified", "grant_issued", "duty_created", "duty_created", "duty_created"],
    ),
    "attest": (
        Verdict.JUSTIFY,
        lambda c, h: c.desk.attest(h.id, c.wren, c.attestation()),
        HoldState.ATTESTED,
        ["attested", "grant_issued", "grant_issued"],
    ),
    "consent": (
        Verdict.JUSTIFY,
        lambda c, h: c.desk.consent(h.id, c.wren, c.consent()),
        HoldState.CONSENTED,
        ["consent_used", "grant_issued"],
    ),
    "acknowledge": (
        Verdict.WARN,
        lambda c, h: c.desk.acknowledge(h.id, c.wren),
        HoldState.ACKNOWLEDGED,
        ["acknowledged", "grant_issued"],
    ),
}
EVERY_WAY = pytest.mark.parametrize("way", WAYS)


async def reason_of(step: Awaitable[Any]) -> str:
    """Give the reason for which a step is refused."""
    with pytest.raises(HoldError) as refused:
        await step
    return refused.value.reason
