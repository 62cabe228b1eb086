"""The bundle in a real browser, without a network: the good one is good, and whatever is changed in it is found."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from guardrail.ledger.bundle import write_bundle
from guardrail.ledger.keys import read_verifiers
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry
from tests.ledger.golden import make

CHROMIUM = "/usr/bin/chromium"
_DATA = re.compile(r'(<script type="application/json" id="data">)(.*)(</script>\n<script>)', re.DOTALL)
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "locale": "en-CA"},
    {"color_scheme": "dark", "locale": "fr-CA", "viewport": {"width": 320, "height": 640}},
)


def bundle(shows: Callable[[int, Entry], bool] = lambda *_: True) -> str:
    """Give the golden ledger's bundle."""
    keys, witnesses = (read_verifiers(make.FOLDER / name) for name in ("ledger.vkey", "witness.vkey"))
    out = io.StringIO()
    with closing(LedgerReader(make.FOLDER / "good.sqlite3")) as reader:
        assert write_bundle(reader, out, keys, witnesses, shows) == len(make.DAY)
    return out.getvalue()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Give a way to open a bundle as a file, with no network; nothing but that file may be asked for."""
    contexts = []
    asked: list[str] = []

    def show(text: str, **options: Any) -> Page:
        file = tmp_path / "bundle.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_offline(offline=True)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert {url.partition(":")[0] for url in asked} == {"file"}
    assert len(asked) == len(contexts)


def says(page: Page) -> str:
    """Give the verdict once there is one, and what was found."""
    expect(page.locator("#says .good, #says .bad")).to_be_visible()
    return page.locator("#verdict").inner_text()


def with_data(text: str, change: Callable[[Any], object]) -> str:
    """Give the bundle with its record changed."""
    found = _DATA.search(text)
    assert found is not None
    data = json.loads(found[2])
    change(data)
    kept = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return text[: found.start(2)] + kept + text[found.end(2) :]


@pytest.mark.parametrize("look", _LOOKS, ids=["light", "small, dark, French"])
def test_the_good_one_is_good_and_everybody_can_read_it(opened: Callable[..., Page], look: dict[str, Any]) -> None:
    """In both languages, and in either look; axe finds nothing, and nothing is wider than a small window."""
    page = opened(bundle(), **look)
    in_french = look["locale"] == "fr-CA"
    assert ("Tout est intact dans ce fichier : 20" if in_french else "Everything in this file is whole: 20") in says(
        page
    )
    assert page.evaluate("document.documentElement.lang") == ("fr" if in_french else "en")
    expect(page.locator("#facts")).to_contain_text("association.example/golden")
    expect(page.locator("#facts")).to_contain_text("2026-03-02 09:15:00 UTC")
    expect(page.locator("#vkeys code").first).to_have_text(str(make.SIGNER.verifier))
    assert page.locator("#rows tr").count() == 20
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="English" if in_french else "Français").click()
    assert ("Everything in this file" if in_french else "Tout est intact") in says(page)
    assert page.get_by_role("button", name="Français").get_attribute("aria-pressed") == str(not in_french).lower()


def test_what_does_not_concern_one_is_a_hash(opened: Callable[..., Page]) -> None:
    """And the whole still stands: the tree needs no more. What was typed is in no bundle."""
    text = bundle(lambda _, entry: entry.hold == "h1")
    assert "policy_loaded" not in text
    assert "age-encryption" not in text
    page = opened(text)
    assert "whole: 20 entries" in says(page)
    expect(page.locator("#rows tr").nth(1)).to_contain_text("not shown")
    expect(page.locator("#rows tr").nth(3)).to_contain_text("hold_opened")


def _swap(data: Any) -> None:
    data["entries"][5], data["entries"][6] = data["entries"][6], data["entries"][5]


TAMPERINGS: tuple[tuple[str, Callable[[Any], object], str], ...] = (
    ("a body", lambda data: data["entries"][4].update(body=data["entries"][4]["body"].replace("locate", "crisis")),
     "Entry 4 was changed"),
    ("a hash", lambda data: data["entries"][9].update(leaf=data["entries"][8]["leaf"]), "Entry 9 was changed"),
    ("swapped", _swap, "is of another ledger: an entry from 1 to 6"),
    ("the last dropped", lambda data: data["entries"].pop(), "counts 20 entries, there are 19"),
    ("a range dropped", lambda data: data["entries"].__delitem__(slice(8, 10)), "an entry from 8 to 10"),
    ("the head dropped", lambda data: data["states"].pop(), "counts 19 entries, there are 20"),
    ("no state", lambda data: data["states"].clear(), "No signed state"),
    ("another key", lambda data: data.update(keys=data["witnesses"]), "no good signature of the ledger's key"),
    ("a changed key", lambda data: data.update(keys=[data["keys"][0].replace("+", "x+", 1)]), "A key in this file"),
    ("no witness", lambda data: data["witnesses"].clear(), "of nobody whose key is in this file"),
    ("a signature dropped", lambda data: data["states"].__setitem__(2, data["states"][2].rpartition("— ")[0]),
     "The signed state number 2 cannot be read"),
    ("a state of others", lambda data: data["states"].__setitem__(0, data["states"][5]), "stands in the wrong place"),
    ("no entries", lambda data: data.pop("entries"), "cannot be read: it was changed"),
)  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in TAMPERINGS], ids=[row[0] for row in TAMPERINGS])
def test_each_tampering_is_found_and_named(
    opened: Callable[..., Page], change: Callable[[Any], object], words: str
) -> None:
    """By the first bad entry, where there is one."""
    found = says(opened(with_data(bundle(), change)))
    assert "This file is NOT whole." in found
    assert words in found


def test_any_changed_byte_of_the_record_is_found(opened: Callable[..., Page]) -> None:
    """One bit, along the whole record; only another spelling of the very same record may pass."""
    page = opened(bundle())
    says(page)
    passed = page.evaluate(
        """async (step) => {
          const text = document.getElementById("data").textContent, good = JSON.stringify(JSON.parse(text));
          const passed = [];
          for (let place = 0, bit = 0; place < text.length; place += step, bit = (bit + 1) % 7) {
            const letter = String.fromCharCode(text.charCodeAt(place) ^ (1 << bit));
            let data;
            try { data = JSON.parse(text.slice(0, place) + letter + text.slice(place + 1)); } catch { continue; }
            if (JSON.stringify(data) === good) continue;
            try { if ((await check(data)).found.length === 0) passed.push([place, letter]); } catch { continue; }
          }
          return passed;
        }""",
        11,
    )
    assert passed == []


def test_a_changed_script_does_not_run(opened: Callable[..., Page]) -> None:
    """The page's own policy allows the one script by its hash: then it says that nothing was checked."""
    page = opened(bundle().replace('found.push({ code: "changed"', 'void ({ code: "changed"'))
    expect(page.locator("#says")).to_contain_text("has not checked anything")
