"""What an answer buys: for whom, where, how often and until when."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from guardrail.practice.people import MARGIT, TOBIN
from tests.e2e.conftest import MakeScene
from tests.e2e.house import House
from tests.e2e.scene import FACEBOOK, GOOGLE, HOME, Scene, X

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
RESULTS = re.compile("^Results for")
K = EntryKind


def _searched(scene: Scene) -> None:
    """Search in a crisis, and get there."""
    scene.page.goto(SEARCH)
    scene.justify(scene.held_page())
    expect(scene.page.get_by_role("heading", name=RESULTS)).to_be_visible()


def test_in_a_crisis_searching_and_viewing_go_together(scene: Scene) -> None:
    """One justification covers this client on every watched site, and nobody else."""
    _searched(scene)
    scene.page.goto(f"{FACEBOOK}/{MARGIT.facebook}")
    expect(scene.page.get_by_role("heading", level=1, name=MARGIT.name)).to_be_visible()
    scene.page.goto(f"{X}/{TOBIN.x}")
    scene.held_page()
    assert scene.kinds().count(K.JUSTIFIED) == 1
    assert scene.kinds().count(K.GRANT_USED) >= 2


def test_a_grant_to_find_does_not_cover_contact(scene: Scene) -> None:
    """Who may look in a crisis may not follow: that asks by itself."""
    scene.page.goto(f"{X}/{MARGIT.x}")
    scene.justify(scene.held_page())
    expect(scene.page).to_have_url(f"{X}/{MARGIT.x}")
    scene.page.wait_for_load_state()
    asked = scene.overlay(lambda: scene.button("Follow"))
    scene.go_back(asked)
    assert scene.arrived("friendships/create") == 0


def test_a_follow_is_once_only(scene: Scene) -> None:
    """The leave to follow is used up by one follow; the next one asks again."""
    scene.view_with_consent(f"{X}/{MARGIT.x}")
    asked = scene.overlay(lambda: scene.button("Follow"))
    scene.justify(asked)
    scene.close(asked)
    scene.button("Follow")
    scene.status("Follow: done.")
    assert scene.arrived("friendships/create") == 1
    again = scene.overlay(lambda: scene.button("Follow"))
    scene.shot("asked again")
    scene.go_back(again)
    assert scene.arrived("friendships/create") == 1
    assert K.GRANT_USED_UP in scene.kinds()


def test_a_grant_is_the_clinicians_own(scene: Scene, make_scene: MakeScene) -> None:
    """Another clinician is asked, whatever this one was granted."""
    _searched(scene)
    other = make_scene()
    other.page.goto(SEARCH)
    other.held_page()
    assert other.kinds() == [K.HOLD_OPENED]


def test_anothers_hold_cannot_be_answered(scene: Scene, make_scene: MakeScene) -> None:
    """The address of a hold is of no use to somebody else; that is refused and recorded."""
    scene.page.goto(SEARCH)
    address = scene.held_page().url
    other = make_scene()
    other.page.goto(address)
    expect(other.page.get_by_role("heading", name="There is no such question for you")).to_be_visible()
    assert other.kinds() == [K.REFUSED]


def test_a_grant_can_be_ended_on_ones_own_page(scene: Scene) -> None:
    """The own page shows the leave with its countdown, and ends it; then one is asked again."""
    _searched(scene)
    scene.page.goto(f"{HOME}/")
    expect(scene.page.get_by_role("timer").first).to_contain_text("min")
    scene.shot("leave")
    scene.page.get_by_role("button", name="End this now").click()
    expect(scene.page.get_by_text("There is no live leave.")).to_be_visible()
    scene.page.goto(SEARCH)
    scene.held_page()
    assert K.GRANT_REVOKED in scene.kinds()


def test_a_grant_ends_by_itself(make_scene: MakeScene, workstation: House) -> None:
    """When its time is over the same search asks again."""
    scene = make_scene(inside=workstation)
    _searched(scene)
    scene.page.reload()
    expect(scene.page.get_by_role("heading", name=RESULTS)).to_be_visible()
    (workstation.folder / "forward").write_text("3700")
    scene.page.goto(SEARCH)
    scene.held_page()
    scene.shot("asked again")
    assert scene.kinds().count(K.HOLD_OPENED) == 2


def test_a_duty_is_done_on_ones_own_page(scene: Scene) -> None:
    """What a grant obliges to is written there, and is then off the list."""
    _searched(scene)
    scene.page.goto(f"{HOME}/")
    duty = scene.page.locator("article", has=scene.page.get_by_role("heading", name="Write down what came of it"))
    duty.get_by_role("textbox").fill("Found her sister's number; she is safe at home.")
    duty.get_by_role("button").click()
    expect(duty).to_have_count(0)
    assert K.DUTY_DONE in scene.kinds()
