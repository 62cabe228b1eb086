"""One action that the policy forbids, as the tables of the browser tests write it; where it is done, how it is met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from guardrail.practice.people import MARGIT
from tests.e2e.scene import FACEBOOK, INSTAGRAM, LINKEDIN, MARGIT_REF, Place, Scene, X

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


def meets(scene: Scene, case: Stopped, surface: str, ask: Callable[[], Place]) -> None:
    """Do what `case` says, read what it is asked and go back: nothing has arrived, and the ledger says what happened.

    `ask` does the action and gives the page or the frame that asks; `surface` names the picture of it.
    """
    scene.start(case.address, viewing=case.viewing)
    before, seen = scene.arrived(case.arrives), len(scene.ledger())
    asked = ask()
    if case.client:
        expect(asked.get_by_text(case.client)).to_be_visible()
    expect(asked.locator("section.ways")).to_have_count(1 if case.way_on else 0)
    scene.says_no_name(asked, case.tells)
    scene.shot(surface)
    scene.go_back(asked)
    expect(
        scene.page.get_by_text("Nothing was sent").or_(scene.page.get_by_text("Practice site")).first
    ).to_be_visible()
    assert scene.arrived(case.arrives) == before
    opened, backed = scene.questions(seen)
    assert [opened.kind, backed.kind] == [EntryKind.HOLD_OPENED, EntryKind.BACKED_OUT]
    assert (opened.action, opened.rule, opened.client_ref) == (case.action, case.rule, case.client)
    assert opened.hold == backed.hold
