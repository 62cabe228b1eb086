"""One clinician in one browser: what they do, what they meet, and what came of it on the ledger and at the sites."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Frame, Locator, Page, expect

from guardrail.model.entry import Entry, EntryKind
from guardrail.practice.people import PEOPLE
from tests.e2e.house import ROOT, House
from tests.in_page import UNCOVERED

HOME = "https://guardrail.internal"
SCREENSHOTS = ROOT / "screenshots"

FACEBOOK = "https://www.facebook.com"
INSTAGRAM = "https://www.instagram.com"
LINKEDIN = "https://www.linkedin.com"
X = "https://x.com"
GOOGLE = "https://www.google.com"
STARTPAGE = "https://www.startpage.com"
MARGIT_REF = "C-1001"

type Place = Page | Frame


class Scene:
    """A clinician's browser in the house."""

    def __init__(self, house: House, context: BrowserContext, clinician: str, name: str) -> None:
        """Take a new context whose proxy log-in is `clinician`; `name` goes into the screenshots' names."""
        self.house = house
        self.context = context
        self.clinician = clinician
        self.page = context.new_page()
        self._name = name
        self._shots = 0
        self._first = len(house.entries(clinician))
        self._before = max((one["number"] for one in house.arrived()), default=0)

    # -- what the clinician does -------------------------------------------------------------------

    def search(self, text: str, page: Page | None = None) -> None:
        """Type a text into the site's search box and send it."""
        page = page or self.page
        page.get_by_role("combobox", name=re.compile("^Search ")).fill(text)
        page.get_by_role("combobox", name=re.compile("^Search ")).press("Enter")

    def button(self, name: str) -> None:
        """Press one of the site's buttons."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def write(self, field: str, text: str, button: str) -> None:
        """Fill one of the site's one-line forms and send it."""
        self.page.get_by_label(field, exact=True).fill(text)
        self.button(button)

    def start(self, address: str, *, viewing: bool) -> None:
        """Open the page where a scene begins; with `viewing` it is a client's."""
        if viewing:
            self.view_with_consent(address)
        else:
            self.page.goto(address)

    def view_with_consent(self, address: str) -> None:
        """Open a client's profile the allowed way: together, in session."""
        self.page.goto(address)
        self.consent(self.held_page())
        expect(self.page).to_have_url(address)
        self.page.wait_for_load_state()  # the site's scripts are there: before that its buttons do nothing

    # -- what the clinician meets ------------------------------------------------------------------

    def held_page(self, page: Page | None = None) -> Page:
        """Expect the interstitial in place of a page."""
        page = page or self.page
        expect(page).to_have_url(re.compile(rf"^{re.escape(HOME)}/hold/"))
        expect(page.get_by_role("button", name=re.compile("^(Go back|Revenir)"))).to_be_visible()
        return page

    def overlay(self, act: Callable[[], object], page: Page | None = None) -> Frame:
        """Do `act` and expect the overlay in the page; gives the frame in which guardrail asks."""
        page = page or self.page
        with page.expect_event("framenavigated", lambda frame: frame.url.startswith(f"{HOME}/overlay/")) as event:
            act()
        frame: Frame = event.value
        expect(frame.get_by_role("button", name=re.compile("^(Go back|Revenir)"))).to_be_visible()
        return frame

    def closes(self, frame: Frame, act: Callable[[], object]) -> None:
        """Do `act` and expect that it takes the overlay away."""
        act()
        frame.page.evaluate(UNCOVERED)

    def close(self, frame: Frame) -> None:
        """Close an answered overlay."""
        self._away_by(frame, frame.get_by_role("button", name="Close"))

    def _away_by(self, frame: Frame, button: Locator) -> None:
        """Press a button that takes the overlay away, by the key.

        A click waits in vain for a frame that goes away under it; and on a busy machine it can come before the browser
        knows that the frame of another process stands there, and then falls on the page below.
        """
        button.focus()
        self.closes(frame, lambda: frame.page.keyboard.press("Enter"))

    def status(self, text: str) -> None:
        """Expect what the site itself says about the last thing that one did."""
        expect(self.page.locator("#status")).to_contain_text(text)

    def says_no_name(self, place: Place, tells: str = "") -> None:
        """Expect that guardrail says what the site `tells`, and names nobody: not even in the page's code."""
        if tells:
            expect(place.locator(".tells")).to_contain_text(tells)
        said = place.content().lower()
        assert [person.name for person in PEOPLE if person.family.lower() in said] == []

    # -- the answers -------------------------------------------------------------------------------

    def go_back(self, place: Place) -> None:
        """Press the first control; an overlay goes away with it."""
        back = place.get_by_role("button", name=re.compile("^(Go back|Revenir)"))
        if isinstance(place, Frame):
            self._away_by(place, back)
        else:
            back.click()

    def consent(self, place: Place) -> None:
        """Go on with the client's consent, in session."""
        place.get_by_text("The client agreed, and we are in session").click()
        way = place.locator("form[action$='/consent']")
        way.get_by_label("We are in session now").check()
        way.get_by_label("The client agreed to this, for this purpose").check()
        way.get_by_label("Something the client wants to show").check()
        way.get_by_role("button", name="Record this and go on").click()

    def attest(self, place: Place) -> None:
        """Say that this is not a client."""
        place.get_by_text("This is not my client").first.click()
        way = place.locator("form[action$='/attest']")
        way.get_by_label("Someone else with the same name").check()
        way.get_by_role("button", name="Record this and go on").click()

    def justify(self, place: Place, *, full: bool = False) -> None:
        """Answer the crisis form (or that of an exception), by its fast way or in full."""
        way = place.locator("form[action$='/crisis']")
        if not way.is_visible():
            place.locator("details.crisis > summary").click()
        way.locator("[name=danger]").first.check()
        way.locator("[name=purpose]").first.check()
        if full:
            way.locator("[name^='means.']").first.check()
            way.locator("[name^='when.']").first.fill("today at nine, and again at ten")
        else:
            way.locator("[name=no_time]").check()
        way.locator("[name=line]").fill("She did not come, and said goodbye in her last message.")
        if not full:
            way.locator("button[value=fast]").click()
            return
        if not way.locator("[name=narrative]").is_visible():
            way.locator("details.full > summary").click()
        way.locator("[name=narrative]").fill(
            "No appointment, no answer by phone, a worrying last message; her sister knows nothing."
        )
        way.locator("[name=duty_accepted]").check()
        way.locator("button[value=full]").click()

    # -- what came of it ---------------------------------------------------------------------------

    def ledger(self) -> list[Entry]:
        """Give this clinician's entries since the scene began, oldest first."""
        return [stored.entry for stored in self.house.entries(self.clinician)[self._first :]]

    def kinds(self) -> list[EntryKind]:
        """Give the kinds of this clinician's entries, without the notice."""
        return [entry.kind for entry in self.ledger() if entry.kind is not EntryKind.NOTICE_ACKNOWLEDGED]

    def questions(self, start: int = 0) -> list[Entry]:
        """Give the entries from the `start`th on but those that say that a page used a grant once more."""
        return [entry for entry in self.ledger()[start:] if entry.kind is not EntryKind.GRANT_USED]

    def arrived(self, part: str) -> int:
        """Count the requests since the scene began whose host, path, query, operation or body hold `part`."""
        return sum(part in json.dumps(one, ensure_ascii=False) for one in self.house.arrived(self._before))

    def shot(self, label: str, page: Page | None = None) -> None:
        """Keep a picture of what the clinician sees."""
        self._shots += 1
        SCREENSHOTS.mkdir(exist_ok=True)
        file = re.sub(r"[^a-z0-9]+", "-", f"{self._name} {self._shots} {label}".lower()).strip("-")
        (page or self.page).screenshot(path=SCREENSHOTS / f"{file}.png")

    def axe(self, place: Place) -> list[str]:
        """Give the violations that axe-core finds in a page or a frame: the rule, and the first place."""
        found: Any = Axe().run(place).response["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def note(name: str, figures: object) -> None:
    """Keep a measured figure beside the screenshots."""
    SCREENSHOTS.mkdir(exist_ok=True)
    with Path(SCREENSHOTS / "figures.jsonl").open("a") as file:
        file.write(json.dumps({"name": name, "figures": figures}) + "\n")
