"""What no rule is about reaches its site, and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.scene import FACEBOOK, GOOGLE, LINKEDIN, Scene

HARMLESS: tuple[tuple[str, str, Callable[[Scene], object], str], ...] = (
    ("an ordinary search", f"{GOOGLE}/", lambda s: s.search("sertraline half life"), "q=sertraline"),
    (
        "a stranger's profile",
        f"{FACEBOOK}/",
        lambda s: s.page.get_by_role("link", name="Jorunn").click(),
        "jorunn.halvorsdal",
    ),
    (
        "a stranger's request",
        f"{FACEBOOK}/",
        lambda s: s.button("Confirm Odalys Ferncombe"),
        "FriendRequestConfirmMutation",
    ),
    (
        "reading reviews",
        f"{GOOGLE}/",
        lambda s: s.page.get_by_role("link", name="Reviews").click(),
        "customers/reviews",
    ),
    (
        "a stranger on linkedin",
        f"{LINKEDIN}/feed/",
        lambda s: s.page.get_by_role("link", name="Ossian").click(),
        "/in/ossian",
    ),
)


@pytest.mark.parametrize(("name", "address", "do", "arrives"), HARMLESS, ids=[case[0] for case in HARMLESS])
def test_what_no_rule_is_about_just_works(
    scene: Scene, name: str, address: str, do: Callable[[Scene], object], arrives: str
) -> None:
    """Harmless work reaches its site, and nothing is written about it."""
    scene.page.goto(address)
    before = scene.arrived(arrives)
    with scene.page.expect_response(lambda answer: "practice" not in answer.url or "/practice/" not in answer.url):
        do(scene)
    expect(scene.page.get_by_text("Practice site")).to_be_visible()
    scene.page.wait_for_load_state("networkidle")
    assert scene.arrived(arrives) > before
    assert scene.kinds() == []


def test_a_listed_colleague_may_be_asked_to_connect(scene: Scene) -> None:
    """A health professional on the clinic's list is reached without a question, from a professional account."""
    scene.page.goto(f"{LINKEDIN}/in/anselm-whitlock-rcc/")
    scene.button("Connect")
    scene.status("Invitation: done.")
    assert scene.kinds() == []
