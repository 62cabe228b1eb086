"""The JSON that a page carries: in scripts, in `data:` of Google's callbacks, in hidden `<code>`, in React's rows."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from guardrail.recognise.extract import flight
from guardrail.recognise.extract.jsontext import parse_text

_MAX_SCRIPTS = 400
_MAX_TAG = 2000
_MAX_PARSED = 2_000_000
_VALUE = re.compile(r"\bdata:\s{0,20}(?=[\[{])|=\s{0,9}(?=\{\")")
_MAX_MISSES = 40  # a page; each counts the lines before it
_FACTOR = 3  # times its length, at most, a script is read for values
_ELEMENT = re.compile(r"<(script|code)\b")
_COMMENT = ("<!--", "-->")
_DECODER = json.JSONDecoder()


def embedded(text: str) -> Iterator[Any]:
    """Give every JSON value in the scripts and hidden `<code>` of a page, in order; rows last. Linear in the text."""
    row_texts: list[str] = []
    chances = iter(range(_MAX_MISSES))
    for name, content in _elements(text):
        if name == "code":
            yield from _escaped(content)
        else:
            row_texts.extend(flight.in_script(content))
            yield from _values(content, chances)
    if row_texts:
        yield from flight.rows("".join(row_texts))


def unquoted(page: bytes) -> bytes:
    """Give a page in which keys stand as in plain JSON, those of `<code>` and of rows too: to search for words in."""
    if b"<code" in page:
        page = page.replace(b"&quot;", b'"').replace(b"&#34;", b'"')
    return page.replace(b'\\"', b'"') if flight.stands_in(page) else page


def _elements(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(_MAX_SCRIPTS):
        found = _ELEMENT.search(text, at)
        if found is None:
            return
        name, at = found[1], found.end()
        opening = text.find(">", at, at + _MAX_TAG)
        if opening < 0:
            continue
        end = text.find(f"</{name}", opening)
        yield name, text[opening + 1 : end if end >= 0 else len(text)].strip()
        if end < 0:
            return
        at = end


def _escaped(content: str) -> Iterator[Any]:
    """Give the value in a `<code>`, which is written as text of a page or as a comment."""
    bare = content.removeprefix(_COMMENT[0]).removesuffix(_COMMENT[1]).strip()
    if bare.startswith(("{", "[", "&#123;", "&#91;")):
        value = parse_text(html.unescape(bare), most=None)
        if value is not None:
            yield value


def _values(content: str, chances: Iterator[int]) -> Iterator[Any]:
    if content[:1] in ("{", "["):
        value = parse_text(content, most=None)
        if value is not None:
            yield value
        return
    if len(content) > _MAX_PARSED:
        return
    budget = _FACTOR * len(content)
    mark = _VALUE.search(content)
    while mark is not None and budget > 0:
        start = mark.end()
        try:
            value, end = _DECODER.raw_decode(content, start)
        except json.JSONDecodeError as error:
            if next(chances, None) is None:
                return
            end = start + 1
            budget -= error.pos - start
        except RecursionError:
            return
        else:
            budget -= end - start
            yield value
        mark = _VALUE.search(content, end)
