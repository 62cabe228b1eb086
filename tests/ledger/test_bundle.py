"""The bundle in a real browser, without a network: the good one is good, and whatever is changed in it is found."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from guardrail.ledger.bundle import write_bundle
from guardrail.ledger.canonical import commitment, to_bytes
from guardrail.ledger.keys import read_verifiers
from guardrail.ledger.pulse import Beats
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.practice.browser import find_browser
from tests.ledger.golden import make

WITNESSES = read_verifiers(make.FOLDER / "witness.vkey")
_DATA = re.compile(r'(<script type="application/json" id="data">)(.*)(</script>\n<script>)', re.DOTALL)
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "locale": "en-CA"},
    {"color_scheme": "dark", "locale": "fr-CA", "viewport": {"width": 320, "height": 640}},
)


def bundle(shows: Callable[[int, Entry], bool] = lambda *_: True, ledger: Path = make.FOLDER / "good.sqlite3") -> str:
    """Give a ledger's bundle; without another, the golden one's."""
    keys, witnesses = (read_verifiers(make.FOLDER / name) for name in ("ledger.vkey", "witness.vkey"))
    out = io.StringIO()
    with closing(LedgerReader(ledger)) as reader:
        write_bundle(reader, out, keys, witnesses, shows)
    return out.getvalue()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
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


def _without_a_cosignature(states: list[str]) -> None:
    at = next(at for at, state in enumerate(states) if make.COSIGNER.verifier.name in state)
    states[at] = states[at].rpartition("— ")[0]


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
    ("a cosignature dropped", lambda data: _without_a_cosignature(data["states"]),
     "says that the witness association.example/golden had signed"),
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


BEATLESS: tuple[tuple[str, tuple[Entry, ...], str], ...] = (
    ("two hours", make.SILENT, "of front-desk is missing for 2.0 hours before entry 12: one was due every 15 minutes"),
    ("one dropped", make.DAY[:6] + make.DAY[7:], "is missing for 30 minutes before entry 7: one was due every"),
    ("the last dropped", (*make.DAY[:18], make.line(EntryKind.NOTED, 960), make.line(EntryKind.NOTED, 970)),
     "of front-desk is missing before entry 18: one was due every 15 minutes"),
    ("before a start", (*make.DAY[:5], make.line(EntryKind.NOTED, 40), make.line(EntryKind.NOTED, 50), *make.DAY[15:]),
     "of front-desk is missing before entry 5"),
)  # fmt: skip
"""Days that were signed, each with a heartbeat that is not there."""


@pytest.mark.parametrize(("day", "words"), [row[1:] for row in BEATLESS], ids=[row[0] for row in BEATLESS])
def test_a_missing_heartbeat_is_found(
    opened: Callable[..., Page], tmp_path: Path, day: tuple[Entry, ...], words: str
) -> None:
    """As `verify` finds it, by the same entry; every signature is good."""
    file = tmp_path / "ledger.sqlite3"
    make.record(file, day)
    page = opened(bundle(ledger=file))
    found = says(page)
    assert "This file is NOT whole." in found
    assert words in found
    findings = verify(file, read_verifiers(make.FOLDER / "ledger.vkey"), witnesses=WITNESSES).findings
    missing = [str(one.index) for one in findings if "heartbeat" in one.reason]
    assert set(missing) <= set(page.locator("#rows tr.bad td:first-child").all_inner_texts())
    expect(page.locator("#facts")).to_contain_text(f"{len(missing)} missing: see above")


def test_the_page_judges_any_run_as_verify_does(opened: Callable[..., Page]) -> None:
    """Two workstations, clocks that jump and are set, ends that are missing: the same entries are found, in each."""
    chance = random.Random(7)  # noqa: S311 - the same days every time
    stories = [[_any_entry(chance) for _ in range(chance.randrange(30))] for _ in range(400)]
    judged = []
    for story in stories:
        beats = Beats()
        seen = [beats.see(index, entry) for index, entry in enumerate(story)]
        judged.append(sorted(found[0] for found in (*seen, *beats.finish()) if found is not None))
    page = opened(bundle())
    says(page)
    given = [[json.loads(to_bytes(entry)) for entry in story] for story in stories]
    found = page.evaluate(
        """stories => stories.map((story) => {
          const found = [];
          beats(story, found);
          return found.map((one) => one.entry).sort((one, other) => one - other);
        })""",
        given,
    )
    assert found == judged
    assert sum(map(len, judged)) > 200


def _any_entry(chance: random.Random) -> Entry:
    kind = chance.choice([EntryKind.HEARTBEAT] * 4 + [EntryKind.NOTED] * 3 + [EntryKind.STARTED] * 2 + [
        EntryKind.STOPPED, EntryKind.DUTY_DONE])  # fmt: skip
    details: dict[str, Json] = {}
    if kind in (EntryKind.HEARTBEAT, EntryKind.STARTED, EntryKind.STOPPED) and chance.random() < 0.9:
        details["heartbeat_seconds"] = chance.choice([300, 900])
    for name in ("jump_seconds", "refused_seconds"):
        if chance.random() < 0.1:
            details[name] = chance.randrange(-2000, 4000)
    entry = make.line(kind, chance.choice([0, 5, 10, 15, 16, 17, 30, 45]) + chance.randrange(40), details)
    return replace(entry, workstation=chance.choice(["a", "a", "b"]))


def test_a_gap_that_is_told_is_none(opened: Callable[..., Page], tmp_path: Path) -> None:
    """The computer slept, the disk was full: the next heartbeat said so."""
    file = tmp_path / "ledger.sqlite3"
    slept = make.line(EntryKind.HEARTBEAT, 150, {**make.BEATS, "jump_seconds": 3600, "refused_seconds": 2700})
    make.record(file, (*make.DAY[:12], slept, make.line(EntryKind.STOPPED, 151, make.BEATS)))
    page = opened(bundle(ledger=file))
    assert "Everything in this file is whole" in says(page)
    expect(page.locator("#facts")).to_contain_text("3, none is missing")


def test_it_says_what_it_cannot_see(opened: Callable[..., Page]) -> None:
    """A missing heartbeat among entries that are not shown, and closed texts: in so many words, in both languages."""
    page = opened(bundle(lambda index, _: index > 12, make.FOLDER / "silent.sqlite3"))
    assert "Everything in this file is whole" in says(page)
    facts = page.locator("#facts")
    expect(facts).to_contain_text("cannot be seen where entries are not shown (13 of them)")
    page.get_by_role("button", name="Français").click()
    expect(facts).to_contain_text("ne se voit pas là où des inscriptions ne sont pas montrées (il y en a 13)")
    whole = opened(bundle()).locator("#facts")
    expect(whole).to_contain_text("5, none is missing")
    expect(whole).to_contain_text("3, of which 0 destroyed. The texts are not in this file. So this page cannot know")


def _texts(index: int, *hashes: str) -> dict[str, Json]:
    return {"texts": [[index, *hashes]]}


OLD = commitment(make.Closed().close({"query": "somebody"}))["sha256"]
CHAINS: tuple[tuple[str, tuple[tuple[EntryKind, dict[str, Json]], ...], str], ...] = (
    ("good", ((EntryKind.RESEALED, _texts(3, str(OLD), "b" * 64)), (EntryKind.RESEALED, _texts(3, "b" * 64, "c" * 64)),
              (EntryKind.DESTROYED, {"indexes": [3]})), "Everything in this file is whole: 23 entries"),
    ("another text", ((EntryKind.RESEALED, _texts(3, "a" * 64, "b" * 64)),),
     "Entry 20 sealed another text anew than that of entry 3"),
    ("after its end", ((EntryKind.DESTROYED, {"indexes": [3]}), (EntryKind.RESEALED, _texts(3, str(OLD), "b" * 64))),
     "Entry 21 sealed another text anew than that of entry 3"),
    ("there was none", ((EntryKind.DESTROYED, {"indexes": [5]}),), "the closed text of entry 5 was destroyed"),
    ("no list", ((EntryKind.DESTROYED, {"indexes": 5}),), "Entry 20 cannot be read"),
    ("no hash", ((EntryKind.NOTED, {"sealed": None}),), "Entry 20 does not say by a hash"),
)  # fmt: skip


@pytest.mark.parametrize(("told", "words"), [row[1:] for row in CHAINS], ids=[row[0] for row in CHAINS])
def test_what_entries_tell_of_closed_texts_fits(
    opened: Callable[..., Page], tmp_path: Path, told: tuple[tuple[EntryKind, dict[str, Json]], ...], words: str
) -> None:
    """The chain of hashes, from sealed over sealed anew to destroyed; the texts themselves are not needed for that."""
    file = tmp_path / "ledger.sqlite3"
    entries = (make.line(kind, 921 + more, details) for more, (kind, details) in enumerate(told))
    make.record(file, (*make.DAY, *entries))
    assert words in says(opened(bundle(ledger=file)))


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
