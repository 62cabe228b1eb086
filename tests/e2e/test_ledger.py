"""A ledger that takes no entry: nothing is released, the page says so, and all comes back with it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from guardrail.model.entry import EntryKind
from tests.e2e.house import House
from tests.e2e.scene import FACEBOOK, GOOGLE, HOME, Scene

SEARCH = f"{GOOGLE}/search?q=Margit+Ollander"
INCIDENT = re.compile(r"^[\w-]{8,}$")
K = EntryKind


HOLDER = """import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()"""

type Lock = Callable[[], Callable[[], None]]


@pytest.fixture
def lock(house: House) -> Iterator[Lock]:
    """Give what locks the ledger against every writer, from a program of its own; that gives what unlocks it."""
    with ExitStack() as open_ones:

        def locked() -> Callable[[], None]:
            command = [sys.executable, "-c", HOLDER, str(house.ledger)]
            holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            open_ones.enter_context(holder)
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"

            def unlock() -> None:
                holder.communicate()

            return unlock

        yield locked


def _again(scene: Scene, origin: str, act: Callable[[], object]) -> None:
    """Try until that leads to `origin`: for a moment after a ledger that kept everybody waiting, none is tried."""
    give_up = time.monotonic() + 15
    act()
    while not scene.page.url.startswith(origin) or scene.page.get_by_text("Incident").count():
        assert time.monotonic() < give_up, scene.page.url
        act()


def test_an_answer_waits_for_the_ledger(scene: Scene, lock: Lock) -> None:
    """While the ledger is locked an answer releases nothing; what was typed is kept, and sent again it goes on."""
    scene.page.goto(SEARCH)
    asked = scene.held_page()
    unlock = lock()
    scene.justify(asked)
    expect(asked.get_by_role("heading", name="guardrail cannot write this down right now")).to_be_visible()
    expect(asked.locator("code")).to_have_text(INCIDENT)
    scene.shot("incident")
    assert scene.axe(asked) == []
    assert scene.arrived("q=Margit") == 0
    unlock()
    assert scene.kinds() == [K.HOLD_OPENED]
    _again(scene, GOOGLE, asked.get_by_role("button", name="Try again").click)
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    assert scene.kinds()[:3] == [K.HOLD_OPENED, K.JUSTIFIED, K.GRANT_ISSUED]


def test_what_cannot_be_held_is_refused(scene: Scene, lock: Lock) -> None:
    """A question that cannot be recorded is none: page load and fetch are refused, with an incident, until it can."""
    scene.page.goto(f"{FACEBOOK}/")
    unlock = lock()
    scene.button("Confirm Margit Ollander")
    scene.status("the site did not get it (answer 503)")
    scene.page.goto(SEARCH)
    expect(scene.page.get_by_role("heading", name="Not sent")).to_be_visible()
    expect(scene.page.locator("code")).to_have_text(INCIDENT)
    scene.shot("refused")
    assert scene.arrived("q=Margit") + scene.arrived("FriendRequestConfirmMutation") == 0
    unlock()
    _again(scene, HOME, lambda: scene.page.goto(SEARCH))
    scene.held_page()
    assert scene.kinds() == [K.HOLD_OPENED]
