"""What one user's workstation is given: the trainer's browser with its PAC file, and a record that can be checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, expect

from guardrail.practice.browser import Road, arguments, environment, find_browser, prepare_home
from tests.e2e.conftest import MakeScene
from tests.e2e.house import House
from tests.e2e.scene import FACEBOOK, GOOGLE, Scene


@pytest.fixture
def trainer(playwright: Playwright, workstation: House) -> Iterator[BrowserContext]:
    """Open the very browser that `guardrail browser` opens, but without its window."""
    home = prepare_home(workstation.ca)
    flags = arguments(home, Road(pac_url=workstation.facts["pac"]))
    profile = next(flag.partition("=")[2] for flag in flags if flag.startswith("--user-data-dir="))
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=find_browser(),
        env=dict(environment(home)),
        args=[flag for flag in flags if not flag.startswith("--user-data-dir=")],
    )
    yield context
    context.close()
    shutil.rmtree(home, ignore_errors=True)


def test_the_trainers_browser_goes_through_the_pac_file(trainer: BrowserContext) -> None:
    """The PAC file brings the practice sites, and the question, with certificates checked."""
    page = trainer.new_page()
    page.goto(f"{FACEBOOK}/")
    expect(page.get_by_text("Practice site — not the real Facebook.")).to_be_visible()
    page.goto(f"{GOOGLE}/search?q=Perpetua+Lindqvarn")
    expect(page.get_by_role("button", name="Go back")).to_be_visible()


def test_the_record_can_be_listed_and_checked(scene: Scene) -> None:
    """What happened in a browser stands on the ledger as the commands show it, and the chain is whole."""
    scene.page.goto(f"{GOOGLE}/search?q=Margit+Ollander")
    scene.justify(scene.held_page())
    expect(scene.page.get_by_role("heading", name="Results for Margit Ollander")).to_be_visible()
    listed = scene.house.command("ledger", "list", "--json", "--data-dir", str(scene.house.data))
    entries = [json.loads(line) for line in listed.stdout.splitlines()]
    kinds = [entry["kind"] for entry in entries if entry["clinician"] == scene.clinician]
    assert kinds.index("hold_opened") < kinds.index("justified") < kinds.index("grant_used")
    assert "goodbye" not in listed.stdout
    checked = scene.house.command("ledger", "verify", "--json", "--data-dir", str(scene.house.data))
    assert (checked.returncode, json.loads(checked.stdout)["good"]) == (0, True)


def test_the_clinician_is_the_workstations_user(make_scene: MakeScene, workstation: House) -> None:
    """Without a log-in at the proxy the record names the one whose workstation it is."""
    scene = make_scene(inside=workstation)
    scene.page.goto(f"{GOOGLE}/search?q=Tobin+Ashgrove-Lund")
    scene.held_page()
    assert {entry.clinician for entry in scene.ledger()} == {"clinician-0"}


def test_a_crash_would_leave_no_image_of_the_memory(workstation: House) -> None:
    """What clinicians typed stands in it: the running house may not be dumped."""
    limits = Path(f"/proc/{workstation.process.pid}/limits").read_text()
    [limit] = [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")]
    assert limit == ["1", "1"]  # byte: see guardrail/proxy/crash.py
