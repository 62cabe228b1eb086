"""The pages in real Chromium: accessible, answered with the keyboard alone, and answered without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from guardrail.model.action import ActionKind
from guardrail.model.hold import Hold
from guardrail.web.texts import TELLS
from tests.web.conftest import Site
from tests.web.scenes import SCENES, stop_writing

LOOKS = [
    pytest.param("en-CA", 1280, "light", id="en-wide-light"),
    pytest.param("fr-CA", 320, "dark", id="fr-phone-dark"),
]
GOOGLE = re.compile(r"https://www\.google\.com/")


@pytest.fixture
def look(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a tab in one look: language, width and colours."""
    language, width, scheme = request.param
    context = browser.new_context(
        extra_http_headers=site.proxy_headers,
        ignore_https_errors=True,
        locale=language,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 720},
    )
    yield context.new_page()
    context.close()


def _check(page: Page) -> None:
    """Hold the page against axe, sideways scrolling and small targets."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    small = page.evaluate(
        """[...document.querySelectorAll("button, summary, label.choice, a")]
            .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
            .map(one => one.outerHTML)"""
    )
    assert small == []


@pytest.mark.parametrize("look", [pytest.param(one.values, id=one.id) for one in LOOKS], indirect=True)
@pytest.mark.parametrize("scene", SCENES)
def test_pages_are_accessible(site: Site, look: Page, scene: str) -> None:
    """Each page, with all that it discloses, has no violation that axe finds, and fits the window."""
    faults: list[str] = []
    look.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    look.goto(site.address + SCENES[scene](site))
    _check(look)
    for summary in look.locator("details[name=way] > summary").all():
        summary.click()
        _check(look)
    assert faults == []


@pytest.mark.parametrize("look", [pytest.param(one.values, id=one.id) for one in LOOKS], indirect=True)
def test_mistakes_and_incidents_are_accessible(site: Site, look: Page) -> None:
    """A form with mistakes puts the focus on their summary, whose links lead to the fields; so does an incident."""
    look.goto(site.address + SCENES["search"](site))
    look.locator("details.crisis > summary").click()
    look.locator("#danger").check()
    look.locator("button.fast").click()
    expect(look.locator(".summary")).to_be_focused()
    expect(look.locator("#danger")).to_be_checked()
    _check(look)
    look.locator(".summary a[href='#line']").click()
    expect(look.locator("#line")).to_be_focused()
    look.keyboard.type("Goodbye text")
    look.locator("#purpose").check()
    look.locator("#means").check()
    again = stop_writing(site)
    look.locator("#line").press("Enter")
    expect(look.locator("code")).to_be_visible()
    _check(look)
    again()
    look.keyboard.press("Enter")  # "try again" has the focus, and what was typed is still there
    look.wait_for_url(GOOGLE)
    assert "justified" in site.kinds()


SEEN = """id => { const { top, bottom } = document.querySelector(id).getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight; }"""


@pytest.mark.parametrize("language", ["en-CA", "fr-CA"])
def test_the_first_screen_of_a_small_phone(browser: Browser, site: Site, language: str) -> None:
    """At 320 by 568 what was about to happen, to whom, and the way back are seen at once, for every action."""
    context = browser.new_context(
        extra_http_headers=site.proxy_headers,
        ignore_https_errors=True,
        locale=language,
        viewport={"width": 320, "height": 568},
    )
    page = context.new_page()
    page.goto(f"{site.address}/hold/{site.hold().id}")
    assert page.evaluate(SEEN, "h1")
    assert page.evaluate(SEEN, "#back")
    site.know()
    for kind in ActionKind:
        told = sorted(TELLS)[len(kind) % len(TELLS)]
        page.goto(f"{site.address}/hold/{site.hold(kind, 'google-business', tells=told).id}")
        expect(page.locator("#back")).to_be_focused()
        assert [place for place in ("h1", ".about", ".tells", "#back") if not page.evaluate(SEEN, place)] == [], kind
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_correction_begins_where_the_form_is(browser: Browser, site: Site, scripts: bool) -> None:
    """After a mistake the summary is in view and has the focus, its form open below it; with or without a script."""
    context = browser.new_context(
        extra_http_headers=site.proxy_headers, ignore_https_errors=True, java_script_enabled=scripts, locale="en-CA"
    )
    page = context.new_page()
    page.goto(site.address + SCENES["view"](site))
    page.get_by_text("The client agreed, and we are in session").click()
    page.locator("form[action$='/consent'] button").click()
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator(".summary")).to_be_in_viewport(ratio=1)
    expect(page.locator("#in_session")).to_be_in_viewport()
    page.get_by_role("link", name="We are in session now").click()
    page.keyboard.press("Space")
    expect(page.locator("#in_session")).to_be_checked()
    context.close()


@pytest.fixture
def question(tab: Page, site: Site) -> Hold:
    """Open a held search."""
    site.know()
    hold = site.hold()
    tab.goto(f"{site.address}/hold/{hold.id}")
    return hold


def test_the_way_back_comes_first(tab: Page, question: Hold) -> None:
    """Go back has the focus and is the largest control; Enter takes it."""
    back = tab.locator("#back")
    expect(back).to_be_focused()
    areas = tab.evaluate(
        """[...document.querySelectorAll("button, summary, a")].filter(one => one.checkVisibility())
            .map(one => [one.id, one.clientWidth * one.clientHeight])"""
    )
    assert max(areas, key=lambda one: one[1])[0] == "back"
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Nothing was sent")


def test_esc_goes_back(tab: Page, site: Site, question: Hold) -> None:
    """Esc backs out from anywhere but a field that holds words: there it first leaves the field."""
    tab.keyboard.press("Alt+c")
    tab.locator("#line").fill("half a sentence")
    tab.keyboard.press("Escape")
    expect(tab.locator("#back")).to_be_focused()
    expect(tab.locator("#line")).to_have_value("half a sentence")
    tab.keyboard.press("Escape")
    expect(tab.locator("h1")).to_have_text("Nothing was sent")
    assert site.kinds()[-1] == "backed_out"


def test_fast_path_with_the_keyboard_alone(tab: Page, site: Site, question: Hold) -> None:
    """Three coded answers and one line, in eight strokes and the line: nobody needs 15 seconds for that."""
    tab.keyboard.press("Alt+c")
    expect(tab.locator("a[href='tel:9-8-8']")).to_be_in_viewport()
    for key in ("Space", "Tab", "ArrowDown", "Tab", "Space", "Tab"):
        tab.keyboard.press(key)
    expect(tab.locator("#line")).to_be_focused()
    tab.keyboard.type("Goodbye text at 14:10, no answer since")
    tab.keyboard.press("Enter")
    tab.wait_for_url(GOOGLE)
    justified = next(entry for entry in site.entries() if entry.kind == "justified")
    assert justified.details["fast"] is True
    assert "narrative" in {duty.kind for duty in site.desk.duties(site.clinician)}


def test_answered_without_any_script(browser: Browser, site: Site) -> None:
    """With scripts off the notice, the full form and the way back all work."""
    context = browser.new_context(
        extra_http_headers=site.proxy_headers, ignore_https_errors=True, java_script_enabled=False, locale="en-CA"
    )
    page = context.new_page()
    hold = site.hold()
    page.goto(f"{site.address}/hold/{hold.id}")
    expect(page.locator(".scripted")).to_be_hidden()
    page.get_by_role("button", name="I have read this").click()
    page.locator("details.crisis > summary").click()
    page.locator("#danger").check()
    page.locator("#purpose").check()
    page.locator("[name='means.phone']").check()
    page.locator("[id='when.phone']").fill("9:00 and 9:30")
    page.get_by_text("Or write the full account now").click()
    page.locator("#narrative").fill("Two sessions missed, which never happened before.")
    page.locator("#duty_accepted").check()
    page.locator("button[value=full]").click()
    page.wait_for_url(GOOGLE)
    assert "justified" in site.kinds()
    page.goto(f"{site.address}/hold/{hold.id}")
    expect(page.locator("h1")).to_contain_text("You may go on until")
    page.goto(f"{site.address}/hold/{site.hold(site='bing').id}")
    page.get_by_role("button", name="Go back").click()
    expect(page.locator("h1")).to_have_text("Nothing was sent")
    context.close()


def test_means_ask_when_only_once_ticked(tab: Page, question: Hold) -> None:
    """When a means was tried is asked once it is ticked; no time needs no means."""
    tab.keyboard.press("Alt+c")
    when = tab.locator("[id='when.phone']")
    expect(when).to_be_hidden()
    tab.locator("[name='means.phone']").check()
    expect(when).to_be_visible()
    tab.locator("#means").check()
    expect(when).to_be_hidden()


def test_countdown_runs(tab: Page, site: Site) -> None:
    """The time that is left is shown, beside the time of day that needs no script."""
    tab.goto(site.address + SCENES["answered"](site))
    expect(tab.locator("[data-until]")).to_have_text(re.compile(r"^(59|60) min \d\d s$|^1 h 00 min$"))
