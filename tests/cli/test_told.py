"""A document on a terminal: every block of it, and nothing in it that steers the terminal or is markup."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from guardrail.cli.told import tell
from guardrail.model.entry import Json

BLOCKS: list[Json] = [
    {"kind": "text", "text": "a text"},
    {"kind": "closed", "text": "closed to us"},
    {"kind": "facts", "rows": [["name", "value"]]},
    {"kind": "steps", "rows": [["at noon", "it began"]]},
    {"kind": "list", "items": ["one", "another"]},
    {"kind": "quote", "title": "a title", "text": "first line\nsecond line"},
    {"kind": "duty", "title": "to discuss", "text": "done"},
]


def document(*blocks: Json) -> dict[str, Json]:
    """Give a document with these blocks."""
    return {
        "title": "t", "subtitle": "s", "facts": [["Clinic", "Quiet Harbour"]], "footer": "confidential",
        "status": {"finished": False, "title": "not finished", "items": ["owed"], "notes": ["a note"]},
        "sections": [{"heading": "a heading", "blocks": [*blocks]}],
    }  # fmt: skip


def printed(told: dict[str, Json], width: int = 80, **options: Any) -> str:
    """Give what stands on a terminal so wide."""
    out = io.StringIO()
    tell(told, Console(file=out, width=width, **options))
    return out.getvalue()


@pytest.mark.parametrize("width", [24, 80, 300])
def test_every_block_is_shown(width: int) -> None:
    """At any width; lines are no longer than can be read."""
    said = printed(document(*BLOCKS), width)
    words = " ".join(said.split())
    for text in ("Quiet Harbour", "not finished", "owed", "a note", "a heading", "closed to us", "value", "it began",
                 "- another", "second line", "to discuss", "confidential"):  # fmt: skip
        assert text in words
    assert max(map(len, said.splitlines())) <= min(width, 100)


def test_a_block_that_it_does_not_know_is_not_left_out() -> None:
    """It fails, and says which."""
    with pytest.raises(ValueError, match="no terminal shows: table"):
        printed(document({"kind": "table", "head": [], "rows": []}))


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_nothing_in_it_steers_the_terminal(text: str) -> None:
    """Whatever a site or a person typed: no escape, no bell, no other control; brackets are no markup."""
    told = document(
        {"kind": "quote", "title": f"[bold]{text}", "text": text}, {"kind": "facts", "rows": [[text, f"[/]{text}"]]}
    )
    said = printed(told, 400)
    assert not [letter for letter in said if letter != "\n" and (ord(letter) < 32 or 127 <= ord(letter) < 160)]
    assert "[bold]" in said
    assert "[/]" in said
