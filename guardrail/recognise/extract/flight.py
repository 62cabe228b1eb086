"""React's "flight" answers (`text/x-component`): rows of a number, a colon and JSON, as LinkedIn and Next.js send them.

Rows end with a line feed; a row of text (`T`) says instead how many bytes it has. Rows with another letter (an import,
a hint) name nobody. Source: the reading half of React's own client (react-client, `ReactFlightClient`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from guardrail.recognise.extract.jsontext import UNPARSED, parse

_ROW = re.compile(rb"([0-9a-f]{0,8}):")
_TEXT = re.compile(rb"T([0-9a-f]{1,8}),")
_MAX_ROWS = 20_000
_MARKS = (b"__next_f", b"__como_rehydration__")
_HANDED = re.compile(r"(?:__next_f\.push\(|__como_rehydration__\s{0,9}=)\s{0,9}(?=\[)")
_DECODER = json.JSONDecoder()


def stands_in(page: bytes) -> bool:
    """Whether a page's scripts may carry rows."""
    return any(mark in page for mark in _MARKS)


def rows(answer: str) -> Iterator[Any]:
    """Give the JSON of every row that is an object or a list; what is no row is passed over up to the next line."""
    body = answer.encode("utf-8", "replace")
    at = 0
    for _ in range(_MAX_ROWS):
        if at >= len(body):
            return
        number = _ROW.match(body, at)
        start = number.end() if number else at
        text = _TEXT.match(body, start) if number else None
        if text is not None:
            at = text.end() + int(text[1], 16)
            continue
        end = body.find(b"\n", start)
        end = len(body) if end < 0 else end
        if number and body[start : start + 1] in (b"{", b"["):
            value = parse(body[start:end])
            if value is not UNPARSED:
                yield value
        at = end + 1


def in_script(script: str) -> list[str]:
    """Give the texts that a script hands over; put together, in the order of the page, they are rows."""
    texts: list[str] = []
    mark = _HANDED.search(script)
    while mark is not None:
        try:
            value, end = _DECODER.raw_decode(script, mark.end())
        except (ValueError, RecursionError):
            break
        texts += [one for one in value if isinstance(one, str)]
        mark = _HANDED.search(script, end)
    return texts
