"""The clinic's rules as they stand: a warning, a block, and a change of the file while guardrail runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from tests.e2e.house import House
from tests.e2e.scene import FACEBOOK, GOOGLE, Scene

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
RESULTS = re.compile("^Results for")
K = EntryKind

type Rewrite = Callable[[str, EntryKind], None]


def _warning(text: str) -> str:
    """Give the policy with the rule about searching in its rollout mode `warn`, and without the policy's own tests."""
    return text.partition("\ntests:\n")[0].replace("  - id: searching\n", "  - id: searching\n    mode: warn\n")


@pytest.fixture
def rewrite(house: House) -> Iterator[Rewrite]:
    """Give what rewrites rules.yaml and waits until the running house has read it; undone at the end."""
    file = house.folder / "rules.yaml"
    before = file.read_text()

    def write(text: str, kind: EntryKind) -> None:
        seen = len(house.entries())
        file.write_text(text)
        house.wait_for(kind, seen)

    yield write
    if file.read_text() != before:
        write(before, K.POLICY_LOADED)


def test_a_warning_is_read_and_gone_past(scene: Scene, rewrite: Rewrite) -> None:
    """A rule that is set to warn, while guardrail runs, asks for nothing: one reads it and goes on, on record."""
    scene.page.goto(SEARCH)
    scene.go_back(scene.held_page())
    rewrite(_warning((scene.house.folder / "rules.yaml").read_text()), K.POLICY_LOADED)
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    scene.shot("warning")
    expect(asked.get_by_role("button", name="Go back")).to_be_focused()
    expect(asked.locator("section.ways form")).to_have_count(1)
    expect(asked.locator("details")).to_have_count(0)
    assert scene.axe(asked) == []
    asked.get_by_role("button", name="I have read this, go on").click()
    expect(scene.page.get_by_role("heading", name=RESULTS)).to_be_visible()
    assert scene.kinds()[2:4] == [K.HOLD_OPENED, K.ACKNOWLEDGED]
    assert K.JUSTIFIED not in scene.kinds()


def test_a_broken_policy_changes_nothing_but_the_record(scene: Scene, rewrite: Rewrite) -> None:
    """A file that cannot be read keeps the old policy at work, and that it was refused is on the ledger."""
    good = (scene.house.folder / "rules.yaml").read_text()
    loaded = [one.entry.policy_revision for one in scene.house.entries() if one.entry.kind is K.POLICY_LOADED]
    rewrite(good.replace("verdict: justify", "verdict: shrug", 1), K.POLICY_REFUSED)
    refused = [one.entry for one in scene.house.entries() if one.entry.kind is K.POLICY_REFUSED][-1]
    assert (refused.policy_revision, refused.details["problems"]) == (loaded[-1], 1)
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    expect(asked.locator("details.crisis")).to_be_visible()
    scene.go_back(asked)
    assert scene.arrived("q=Margit") == 0


def test_a_block_has_no_way_on(scene: Scene) -> None:
    """What is blocked shows the code's reason and the way back alone; a form made by hand is refused, on record."""
    scene.page.goto(f"{FACEBOOK}/quietharbourpsychotherapy")
    asked = scene.overlay(lambda: scene.button("Invite Margit Ollander"))
    expect(asked.get_by_text("There is no way on from here")).to_be_visible()
    expect(asked.get_by_text("ethics code (BCACC)")).to_be_visible()
    expect(asked.locator("form")).to_have_count(1)
    scene.shot("blocked")
    asked.locator("form").evaluate("form => { form.action = form.action.replace('/back', '/acknowledge'); }")
    asked.get_by_role("button", name="Go back").click()
    expect(asked.get_by_role("heading", name="This form was not accepted")).to_be_visible()
    assert scene.kinds() == [K.HOLD_OPENED, K.REFUSED]
    assert scene.arrived("InviteMutation") == 0
