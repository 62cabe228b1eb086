"""The table of what the site files see."""

from __future__ import annotations

from pathlib import Path

from guardrail.model.action import ActionKind
from guardrail.recognise import load_sites
from guardrail.recognise.coverage import cells, guesses, markdown

SITE = """\
site: example
name: Example
hosts: [www.example.com]
unseen: { review_reply: nobody reviews here, message: some frames are encrypted }
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
    when: { path: /chat, where: { "mqtt | at /topic": /ls_req } }
    take: { query: mqtt | at /payload/text }
    examples: { match: [{ url: /chat, body: "0\\x13\\0\\a/ls_req{\\"text\\":1}" }], ignore: [/chat] }
  - id: socket
    action: message
    confidence: low
    when: { path: /chat, where: { header upgrade: websocket, body: false } }
    examples: { match: [{ url: /chat, headers: { upgrade: websocket } }], ignore: [/chat] }
  - id: follow
    action: follow
    confidence: low
    when: { method: POST, path: /follow }
    examples: { match: [/follow], ignore: [GET /follow] }
"""


def test_every_surface_has_its_word(tmp_path: Path) -> None:
    """Address, request, frame, upgrade; what is guessed and what cannot be seen says so."""
    folder = tmp_path / "social"
    folder.mkdir()
    (folder / "example.yaml").write_text(SITE, encoding="utf-8")
    (site,) = load_sites((folder,), ours=None).sites
    shown = {kind: str(cell) for kind, cell in cells(site).items()}
    assert shown[ActionKind.SEARCH] == "address, request"
    assert shown[ActionKind.MESSAGE] == "frame, upgrade; not all: some frames are encrypted"
    assert shown[ActionKind.FOLLOW] == "request (low)"
    assert shown[ActionKind.REVIEW_REPLY] == "impossible: nobody reviews here"
    assert shown[ActionKind.COMMENT] == "–"
    assert guesses(site) == ("find-again", "socket", "follow")
    assert site.kind == "social"
    lines = list(markdown((site,)))
    assert "## Social" in lines
    assert "| review_reply | impossible: nobody reviews here |" in lines
