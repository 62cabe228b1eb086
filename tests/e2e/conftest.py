"""One house and one Chromium for nearly all scenes; a new clinician and a new browser context for each.

So grants, duties and the first-use notice never leak from one scene into another, and nothing is started twice.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, ProxySettings, sync_playwright

from guardrail.ledger.keys import VERIFIER_FILE, read_verifiers
from guardrail.ledger.verify import verify
from guardrail.practice.browser import environment, find_browser, prepare_home
from guardrail.practice.people import PEOPLE
from tests.e2e.house import PASSWORD, House, start_house
from tests.e2e.scene import Scene

type MakeScene = Callable[..., Scene]

LATER = Path(__file__).with_name("later.py")
PATIENCE = 15_000.0
"""Milliseconds that a scene waits for anything: two busy cores are slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every scene, and play them after all else: the one Playwright of the session keeps an event loop running."""
    for item in items:
        if "tests/e2e/" in item.nodeid.replace("\\", "/"):
            item.add_marker("e2e")
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run the house in which the scenes are played; at the end its ledger is whole, and its log names nobody."""
    running = start_house(tmp_path_factory.mktemp("house"))
    yield running
    running.stop()
    report = verify(running.ledger, read_verifiers(running.data / VERIFIER_FILE))
    assert report.good, report
    assert not [person.family for person in PEOPLE if person.family in (running.folder / "log").read_text()]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, house: House) -> Iterator[Browser]:
    """Start a real Chromium that checks certificates and trusts one more CA: the house's."""
    program = find_browser()
    assert program is not None, "no Chromium or Chrome is here; `make test` brings one"
    home = prepare_home(house.ca)
    variables: dict[str, str | float | bool] = dict(environment(home))
    browser = playwright.chromium.launch(executable_path=program, env=variables, args=["--disable-quic"])
    yield browser
    browser.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def workstation(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a second house: one user's own workstation, whose clock can be put forward (later.py)."""
    folder = tmp_path_factory.mktemp("workstation")
    running = start_house(folder, sys.executable, str(LATER), like=house, log_ins=False)
    yield running
    running.stop()


@pytest.fixture
def make_scene(chromium: Browser, house: House, request: pytest.FixtureRequest) -> Iterator[MakeScene]:
    """Give what makes scenes: `make_scene(house=…, fresh=True, **options of the browser context)`."""
    contexts: list[BrowserContext] = []

    def make(*, inside: House = house, fresh: bool = False, **options: Any) -> Scene:
        clinician = inside.new_clinician()
        proxy: ProxySettings = {"server": inside.proxy}
        if inside.log_ins:
            proxy |= {"username": clinician, "password": PASSWORD}
        context = chromium.new_context(proxy=proxy, **({"locale": "en-CA"} | options))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if not fresh:
            inside.acknowledge(clinician)
        return Scene(inside, context, clinician, request.node.name.removeprefix("test_"))

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def scene(make_scene: MakeScene) -> Scene:
    """Bring in a clinician who has read the notice."""
    return make_scene()
