"""What a report is made of, as plain data: sections of blocks, each of a `kind` that the template knows how to set."""

from __future__ import annotations

import re
from collections.abc import Callable

from guardrail.model.entry import Json

_NOT_PRINTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

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


def printable(value: Json) -> Json:
    """Put U+FFFD where a character cannot be printed or would steer a terminal, and spaces for tabs."""
    if isinstance(value, str):
        return _NOT_PRINTED.sub("\ufffd", value.replace("\r\n", "\n").replace("\t", " "))
    if isinstance(value, dict):
        return {name: printable(one) for name, one in value.items()}
    return [printable(one) for one in value] if isinstance(value, list) else value
