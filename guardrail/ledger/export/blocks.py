"""What a report is made of, as plain data: sections of blocks, each of a `kind` that the template knows how to set."""

from __future__ import annotations

from collections.abc import Callable

from guardrail.model.entry import Json

type Block = dict[str, Json]
type Say = Callable[..., str]
"""Gives a text in the report's language, with its places filled."""


def section(heading: str, blocks: list[Block]) -> Block:
    """Give a section."""
    return {"heading": heading, "blocks": [*blocks]}


def plain(text: str) -> Block:
    """Give a paragraph."""
    return {"kind": "text", "text": text}


def facts(rows: list[tuple[str, str]]) -> Block:
    """Give names and values."""
    return {"kind": "facts", "rows": [[name, value] for name, value in rows]}
