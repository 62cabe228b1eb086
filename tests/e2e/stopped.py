"""One action that the policy forbids, as the tables of the browser tests write it; and where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guardrail.model.entry import EntryKind
from guardrail.practice.people import MARGIT
from tests.e2e.scene import FACEBOOK, INSTAGRAM, LINKEDIN, MARGIT_REF, Scene, X

BACK_OUT = [EntryKind.HOLD_OPENED, EntryKind.BACKED_OUT]
ANYBODY = None

FB_MARGIT = f"{FACEBOOK}/{MARGIT.facebook}"
IG_MARGIT = f"{INSTAGRAM}/{MARGIT.instagram}/"
LI_MARGIT = f"{LINKEDIN}/in/{MARGIT.linkedin}/"
X_MARGIT = f"{X}/{MARGIT.x}"
FB_CLINIC = f"{FACEBOOK}/quietharbourpsychotherapy"
TRUSTPILOT = "https://businessapp.b2b.trustpilot.com/reviews"


@dataclass(frozen=True, slots=True)
class Stopped:
    """One action: where it is done, how, and what the ledger must say of it.

    `address` is opened first; `viewing` says that it is a client's page, which one opens with consent.
    `arrives` is what would be seen of the action at the site, `tells` what the page says that it tells a client.
    """

    id: str
    address: str
    do: Callable[[Scene], object]
    action: str
    rule: str
    arrives: str
    client: str | None = MARGIT_REF
    viewing: bool = False
    way_on: bool = True
    tells: str = ""
