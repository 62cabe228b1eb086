"""The JSON that a page carries: whole scripts of JSON, and `data:` of Google's callbacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from guardrail.recognise.extract.jsontext import parse_text

_MAX_SCRIPTS = 400
_MAX_TAG = 2000
_MAX_PARSED = 2_000_000
_DATA = re.compile(r"\bdata:\s{0,20}(?=[\[{])")
_DECODER = json.JSONDecoder()


def embedded(text: str) -> Iterator[Any]:
    """Give every JSON value in the scripts of a page, in order. Linear in the text."""
    at = 0
    for _ in range(_MAX_SCRIPTS):
        at = text.find("<script", at)
        if at < 0:
            return
        at += len("<script")
        opening = text.find(">", at, at + _MAX_TAG)
        if opening < 0:
            continue
        end = text.find("</script", opening)
        content = text[opening + 1 : end if end >= 0 else len(text)].strip()
        yield from _values(content)
        if end < 0:
            return
        at = end


def _values(content: str) -> Iterator[Any]:
    if content[:1] in ("{", "["):
        value = parse_text(content, most=None)
        if value is not None:
            yield value
        return
    if len(content) > _MAX_PARSED:
        return
    mark = _DATA.search(content)
    while mark is not None:
        try:
            value, end = _DECODER.raw_decode(content, mark.end())
        except (ValueError, RecursionError):
            return
        yield value
        mark = _DATA.search(content, end)
