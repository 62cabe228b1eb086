"""How a question can be answered: back out, not my client, consent, crisis; the notice first; both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from guardrail.practice.people import MARGIT
from tests.e2e.conftest import MakeScene
from tests.e2e.scene import FACEBOOK, GOOGLE, HOME, LINKEDIN, MARGIT_REF, Scene

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
K = EntryKind


def test_the_notice_comes_first_and_nothing_is_kept_before_it(make_scene: MakeScene) -> None:
    """On first use the hold stops, but shows what is recorded; only its acknowledgement begins the record."""
    scene = make_scene(fresh=True)
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    expect(asked.get_by_role("heading", name="Before the first question")).to_be_visible()
    scene.shot("notice")
    assert scene.ledger() == []
    asked.get_by_role("button", name="I have read this").click()
    expect(asked.get_by_text(MARGIT_REF)).to_be_visible()
    scene.shot("question")
    assert [entry.kind for entry in scene.ledger()] == [K.NOTICE_ACKNOWLEDGED, K.HOLD_OPENED]
    assert scene.arrived("Margit") == 0


def test_backing_out_at_the_notice_leaves_no_record(make_scene: MakeScene) -> None:
    """Who goes back before having read the notice has nothing on the ledger."""
    scene = make_scene(fresh=True)
    scene.page.goto(SEARCH)
    scene.go_back(scene.held_page())
    expect(scene.page.get_by_text("Nothing was sent").first).to_be_visible()
    assert scene.ledger() == []
    assert scene.arrived("Margit") == 0


def test_the_way_back_has_the_focus_and_esc_takes_it(scene: Scene) -> None:
    """Going back is the first control, holds the focus, is the largest, and Esc does it from anywhere."""
    scene.page.goto(f"{GOOGLE}/")
    scene.search("Margit Ollander")
    asked = scene.held_page()
    back = asked.get_by_role("button", name="Go back")
    expect(back).to_be_focused()
    areas = asked.get_by_role("button").evaluate_all("all => all.map(one => one.offsetWidth * one.offsetHeight)")
    assert areas[0] == max(areas)
    asked.keyboard.press("Escape")
    expect(scene.page).to_have_url(re.compile(re.escape(GOOGLE)))
    assert scene.kinds() == [K.HOLD_OPENED, K.BACKED_OUT]


def test_esc_closes_the_overlay(scene: Scene) -> None:
    """In the page, too, Esc goes back, and the focus returns to where it was."""
    scene.page.goto(f"{FACEBOOK}/")
    confirm = scene.page.get_by_role("button", name="Confirm Margit Ollander")
    asked = scene.overlay(confirm.click)
    expect(asked.get_by_role("button", name="Go back")).to_be_focused()
    scene.closes(asked, lambda: scene.page.keyboard.press("Escape"))
    expect(confirm).to_be_focused()
    assert scene.kinds() == [K.HOLD_OPENED, K.BACKED_OUT]
    scene.status("the site did not get it (answer 403)")


def test_not_my_client(scene: Scene) -> None:
    """An attestation is written down, buys a short leave for just this, and is not asked for again for these words."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    asked.get_by_text("This is not my client").first.click()
    scene.shot("form")
    asked.get_by_text("This is not my client").first.click()
    scene.attest(asked)
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    assert scene.kinds() == [K.HOLD_OPENED, K.ATTESTED, K.GRANT_ISSUED, K.GRANT_ISSUED, K.GRANT_USED]
    assert scene.arrived("q=Margit") == 1


def test_with_consent_in_session(scene: Scene) -> None:
    """Viewing together, with the client's consent, goes on to the very page."""
    scene.page.goto(f"{LINKEDIN}/in/{MARGIT.linkedin}/")
    asked = scene.held_page()
    expect(asked.get_by_text("LinkedIn would list you")).to_be_visible()
    scene.consent(asked)
    expect(scene.page.get_by_role("heading", level=1, name=MARGIT.name)).to_be_visible()
    scene.shot("released")
    assert scene.kinds()[:3] == [K.HOLD_OPENED, K.CONSENT_USED, K.GRANT_ISSUED]
    assert K.GRANT_USED in scene.kinds()


def test_the_fast_path_by_keyboard_alone(scene: Scene) -> None:
    """In a crisis: three coded answers and one line, without a pointer; the full account is then owed."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    keyboard = asked.keyboard
    asked.locator("details.crisis > summary").focus()
    keyboard.press("Enter")
    expect(asked.get_by_text("Sister, 604-555-0177")).to_be_visible()
    pressed = 1
    for name, key in (("danger", "Space"), ("purpose", "Space"), ("no_time", "Space")):
        while not asked.locator(f"[name='{name}']:focus").count():
            keyboard.press("Tab")
            pressed += 1
            assert pressed < 60, f"`{name}` is not reached by Tab"
        keyboard.press(key)
    while not asked.locator("[name=line]:focus").count():
        keyboard.press("Tab")
        pressed += 1
        assert pressed < 80, "the line is not reached by Tab"
    keyboard.type("Said goodbye by text, does not answer.")
    scene.shot("fast path")
    keyboard.press("Tab")
    expect(asked.locator("button[value=fast]")).to_be_focused()
    keyboard.press("Enter")
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    kinds = scene.kinds()
    assert kinds.index(K.JUSTIFIED) < kinds.index(K.GRANT_ISSUED) < kinds.index(K.GRANT_USED)
    duties = [entry.details for entry in scene.ledger() if entry.kind is K.DUTY_CREATED]
    assert len(duties) >= 3
    scene.page.goto(f"{HOME}/")
    expect(scene.page.get_by_role("heading", name=re.compile("full account"))).to_be_visible()
    scene.shot("own page")


def test_the_full_crisis_form(scene: Scene) -> None:
    """The full form asks for means tried and what happened, says what is missing, and keeps what was typed."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    asked.locator("details.crisis > summary").click()
    asked.locator("[name=line]").fill("A worrying message.")
    asked.locator("details.full > summary").click()
    asked.locator("button[value=full]").click()
    expect(asked.get_by_role("alert")).to_be_visible()
    expect(asked.locator("[name=line]")).to_have_value("A worrying message.")
    scene.shot("to correct")
    scene.justify(asked, full=True)
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    justified = next(entry for entry in scene.ledger() if entry.kind is K.JUSTIFIED)
    assert (justified.client_ref, justified.rule) == (MARGIT_REF, "searching")
    assert K.DUTY_CREATED in scene.kinds()


def test_the_exception_form_in_the_overlay(scene: Scene) -> None:
    """In the page the overlay takes the answer and says that it may now be done, once; then it is."""
    scene.page.goto(f"{FACEBOOK}/")
    asked = scene.overlay(lambda: scene.button("Confirm Margit Ollander"))
    scene.justify(asked)
    expect(asked.get_by_text(re.compile("You may do it now,\\s+once, until"))).to_be_visible()
    scene.shot("may go on")
    assert scene.arrived("FriendRequestConfirmMutation") == 0
    scene.close(asked)
    scene.button("Confirm Margit Ollander")
    scene.status("Accepting the request: done.")
    assert scene.arrived("FriendRequestConfirmMutation") == 1
    kinds = scene.kinds()
    assert kinds.index(K.JUSTIFIED) < kinds.index(K.GRANT_USED)


@pytest.mark.parametrize(
    ("locale", "language", "back", "before"),
    [
        ("en-CA", "en", "Go back", "Before the first question"),
        ("fr-CA", "fr", "Revenir", "Avant la première question"),
    ],
)
def test_both_languages(make_scene: MakeScene, locale: str, language: str, back: str, before: str) -> None:
    """The pages speak the browser's language, in the page and over it."""
    scene = make_scene(fresh=True, locale=locale)
    scene.page.goto(SEARCH)
    expect(scene.page.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
    expect(scene.page.get_by_role("heading", name=before)).to_be_visible()
    scene.shot("notice")
    scene.page.locator("form[action$='/notice'] button").click()
    expect(scene.page.get_by_role("button", name=re.compile(back))).to_be_visible()
    scene.shot("page")
    scene.page.goto(f"{FACEBOOK}/")
    asked = scene.overlay(lambda: scene.button("Confirm Margit Ollander"))
    expect(asked.locator("html")).to_have_attribute("lang", re.compile(f"^{language}"))
    scene.shot("overlay")
