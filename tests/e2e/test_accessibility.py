"""Everybody can use what guardrail shows: axe-core finds nothing, 320 pixels are enough, no script is needed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from tests.e2e.conftest import MakeScene
from tests.e2e.scene import FACEBOOK, GOOGLE, HOME, Scene

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
SMALL = {"width": 320, "height": 640}
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("light", {"color_scheme": "light"}),
    ("dark", {"color_scheme": "dark"}),
    ("small", {"viewport": SMALL}),
    ("small and dark, in French", {"viewport": SMALL, "color_scheme": "dark", "locale": "fr-CA"}),
)


@pytest.mark.parametrize(("name", "options"), LOOKS, ids=[look[0] for look in LOOKS])
def test_nothing_is_found_by_axe(make_scene: MakeScene, name: str, options: dict[str, Any]) -> None:
    """The notice, the question with every form open, the overlay and the own page are without violations."""
    scene = make_scene(fresh=True, **options)
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    scene.shot("notice")
    assert scene.axe(asked) == []
    asked.locator("form[action$='/notice'] button").click()
    scene.held_page()
    assert _wide(scene) <= 0
    for way in asked.locator("section.ways > details").all():
        way.locator("summary").first.click()
        assert scene.axe(asked) == []
        assert _wide(scene) <= 0
        scene.shot("form")
    scene.page.goto(f"{FACEBOOK}/")
    over = scene.overlay(lambda: scene.button("Confirm Margit Ollander"))
    scene.shot("overlay")
    assert scene.axe(over) == []
    scene.justify(over)
    expect(over.locator("[data-close]")).to_be_visible()
    scene.shot("may go on")
    assert scene.axe(over) == []
    scene.page.goto(f"{HOME}/")
    scene.shot("own page")
    assert scene.axe(scene.page) == []
    assert _wide(scene) <= 0


def _wide(scene: Scene) -> int:
    """Give how many pixels a page is wider than its window."""
    wide: int = scene.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


def test_the_form_needs_no_script(make_scene: MakeScene) -> None:
    """With scripts switched off the notice, the form and going on work all the same."""
    scene = make_scene(fresh=True, java_script_enabled=False)
    scene.page.goto(SEARCH)
    scene.page.locator("form[action$='/notice'] button").click()
    scene.justify(scene.held_page())
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    assert EntryKind.JUSTIFIED in scene.kinds()


PRACTICE = (
    f"{FACEBOOK}/jorunn.halvorsdal",
    "https://www.instagram.com/",
    "https://www.linkedin.com/feed/",
    "https://x.com/home",
    f"{GOOGLE}/search?q=rain",
    "https://www.bing.com/",
    "https://www.startpage.com/",
    "https://www.yelp.com/biz/quiet-harbour-psychotherapy",
    "https://businessapp.b2b.trustpilot.com/reviews",
)


def test_the_practice_sites_are_accessible_too(scene: Scene) -> None:
    """One trains on pages that everybody can use."""
    for address in PRACTICE:
        scene.page.goto(address)
        assert scene.axe(scene.page) == [], address
    scene.shot("last")
