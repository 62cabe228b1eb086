"""What the site files see, and the page that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.errors import SiteFileError
from guardrail.model.action import ActionKind
from guardrail.recognise import SiteIndex, load_sites
from guardrail.recognise.coverage import Mark, coverage, guesses
from guardrail.recognise.coverage_page import COMMAND, page
from guardrail.recognise.schema import Surface

PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
SITE = """\
site: example
name: Example
hosts: [www.example.com, api.example.com]
unseen:
  comment: nobody knows its requests
  message socket: some frames are encrypted
  "* api": programs ask, not people
absent:
  - { actions: [react], why: nothing can be liked }
recognisers:
  - id: find
    action: search
    when: { path: /search }
    take: { query: query q }
    examples: { match: ["/search?q=x"], ignore: [/search] }
  - id: find-again
    action: search
    confidence: low
    when: { method: POST, path: /search }
    take: { query: form q }
    examples: { match: [{ url: /search, form: { q: x } }], ignore: [/search] }
  - id: frame
    action: message
    when: { path: /chat, where: { "published | at /topic": /ls_req } }
    take: { query: published | at /payload/text }
    examples: { match: [{ url: /chat, body: "0\\x13\\0\\a/ls_req{\\"text\\":1}" }], ignore: [/chat] }
  - id: socket
    action: connect_request
    confidence: low
    when: { path: /chat, where: { header upgrade: websocket, body: false } }
    examples: { match: [{ url: /chat, headers: { upgrade: websocket } }], ignore: [/chat] }
  - id: follow
    action: follow
    confidence: low
    when: { method: POST, path: /follow }
    examples: { match: [/follow], ignore: [GET /follow] }
"""
KIND = """\
fragment: everybody
kind: social
absent:
  - { actions: [review_reply, comment], why: nobody is reviewed there }
  - { actions: [suggest], on: [api], why: nobody types there }
"""


@pytest.fixture
def example(tmp_path: Path) -> SiteIndex:
    """Give an index of one site, and of what its kind's fragment adds without being asked for."""
    folder = tmp_path / "social"
    folder.mkdir()
    (folder / "example.yaml").write_text(SITE, encoding="utf-8")
    (folder / "everybody.yaml").write_text(KIND, encoding="utf-8")
    return load_sites((folder,), ours=None)


def test_every_action_has_a_mark_on_every_surface(example: SiteIndex) -> None:
    """Seen, guessed, opened, impossible, not yet seen, no such action; a word of the site goes before its kind's."""
    (site,) = example.sites
    said = coverage(site)
    assert said.surfaces == (Surface.WEB, Surface.API, Surface.SOCKET)
    shown = {action: "".join(cell.mark for cell in said.row(action)) for action in ActionKind}
    assert shown == {
        ActionKind.SEARCH: "●✕–",
        ActionKind.SUGGEST: "·––",
        ActionKind.VIEW_PROFILE: "·✕–",
        ActionKind.CONNECT_REQUEST: "·✕◇",
        ActionKind.CONNECT_ACCEPT: "·✕–",
        ActionKind.FOLLOW: "○✕–",
        ActionKind.VIEW_FOLLOWERS: "·✕–",
        ActionKind.REACT: "–––",
        ActionKind.COMMENT: "✕✕–",
        ActionKind.MESSAGE: "·✕●",
        ActionKind.REVIEW_REPLY: "–––",
        ActionKind.REVIEW_SOLICIT: "·✕–",
    }
    assert "".join(said.whole(action) for action in ActionKind) == "◐·✕◇✕○✕–✕◐–✕"


def test_a_line_says_how_an_action_is_seen(example: SiteIndex) -> None:
    """As `guardrail sites coverage` prints it; nothing where nothing can be said."""
    (site,) = example.sites
    said = coverage(site)
    assert said.words(ActionKind.SEARCH) == "web; not all: programs ask, not people"
    assert said.words(ActionKind.MESSAGE) == "socket; not all: programs ask, not people; some frames are encrypted"
    assert (said.words(ActionKind.FOLLOW) or "").startswith("web (low); ")
    assert (said.words(ActionKind.CONNECT_REQUEST) or "").startswith("socket (that it is opened); ")
    assert said.words(ActionKind.COMMENT) == "impossible: nobody knows its requests"
    assert said.words(ActionKind.REACT) is None
    assert said.words(ActionKind.SUGGEST) is None
    assert guesses(site) == ("find-again", "socket", "follow")


def test_the_page_gives_reasons(example: SiteIndex) -> None:
    """Those of the kind once, those of the site under its name."""
    lines = list(page(example.sites))
    assert "- `review_reply`, `comment`: nobody is reviewed there." in lines
    assert "- `suggest` (interface): nobody types there." in lines
    assert "- `react`: nothing can be liked." in lines
    assert "- `message` (WebSocket): not all is seen: some frames are encrypted." in lines
    assert "- `comment`: cannot be seen: nobody knows its requests." in lines
    assert "| `message` | · | ✕ | ● |" in lines


@pytest.mark.parametrize("key", ["shout", "message sky", ""])
def test_what_is_unseen_must_be_an_action(tmp_path: Path, key: str) -> None:
    """A misspelt word is refused with its place."""
    file = tmp_path / "example.yaml"
    file.write_text(SITE.replace("message socket", f'"{key}"'), encoding="utf-8")
    with pytest.raises(SiteFileError) as refused:
        load_sites((file,), ours=None)
    assert "is no " in str(refused.value.problems[0])


def test_the_page_in_the_manual_is_the_generators(index: SiteIndex) -> None:
    """`docs/coverage.md` is renewed whenever the site files change."""
    made = "\n".join(page(index.sites)) + "\n"
    assert PAGE.read_text(encoding="utf-8") == made, f"the site files say other things now; run: {COMMAND}"


def test_every_site_and_every_action_stands_there(index: SiteIndex) -> None:
    """One row a site, one column an action, a mark in every cell."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("## All sites") + 2
    head, rows = lines[start], lines[start + 2 : lines.index("", start)]
    assert [cell.strip(" `") for cell in head.strip("|").split("|")][1:] == list(ActionKind)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    marks = {row[0]: row[1:] for row in cells if not row[0].startswith("**")}
    assert set(marks) == {site.name for site in index.sites}
    assert {mark for row in marks.values() for mark in row} <= set(Mark)
    assert {len(row) for row in marks.values()} == {len(ActionKind)}


def test_no_site_says_that_there_is_no_such_action_and_recognises_it(index: SiteIndex) -> None:
    """A site's own `absent` is taken at its word."""
    said = [coverage(site) for site in index.sites]
    wrong = [
        (one.site.id, action, surface)
        for one in said
        for (action, surface), cell in one.cells.items()
        if cell.mark is not Mark.ABSENT
        and any(action in absent.actions and surface in absent.on for absent in one.site.notes.absent)
    ]
    assert wrong == []
