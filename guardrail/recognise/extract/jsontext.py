"""JSON as sites send it: strict first, lenient where a browser is, prefixes against inclusion undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from string import ascii_letters
from typing import Any

import orjson

MAX_ITEMS = 50_000
"""Values of a JSON text that came in a request; all other traffic waits while they are looked through."""
_LENIENT_LIMIT = 1_000_000
_EXACT_LIMIT = 256 * 1024
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 19
_PREFIXES = (")]}'", "for (;;);", "while(1);", "throw 1; <dont be evil>", "&&&START&&&")
_MAX_DOCUMENTS = 500
_OPENING = frozenset("{[")
_LETTERS = frozenset(bytes([at]) for at in b"_" + ascii_letters.encode())
_WORDS = (b"true", b"false", b"null", b"NaN", b"Infinity")


class _Unparsed:
    """The mark of a text that is no JSON; None is a JSON value of its own."""


UNPARSED = _Unparsed()


def parse(text: str | bytes) -> Any:
    """Parse one JSON document; give UNPARSED where it is none.

    orjson refuses lone surrogates, which JavaScript escapes and sends; such a text is read again by the
    standard library, if it is not too long.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _parse_leniently(text)


def begins_as_fields(body: bytes) -> bool:
    """Whether a body begins with a letter and is no word of JSON: told at its first bytes, without a failed parse."""
    return body[:1] in _LETTERS and not body.startswith(_WORDS)


def parse_exactly(text: str | bytes) -> Any:
    """Parse one JSON document with every digit of its numbers: orjson rounds integers beyond 64 bits.

    Some ids have 39 digits. In a long text (no request that names somebody is one) they are rounded, and so no text.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) <= _EXACT_LIMIT and _LONG_NUMBER in raw.translate(_DIGITS):
        value = _parse_leniently(text)
        if value is not UNPARSED:
            return value
    return parse(text)


def _parse_leniently(text: str | bytes) -> Any:
    if len(text) > _LENIENT_LIMIT:
        return UNPARSED
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return UNPARSED


def parse_text(text: str, *, most: int | None = MAX_ITEMS) -> Any:
    """Parse the JSON in a field's text, after a prefix against script inclusion.

    None where it is none, or may hold more than `most` values.
    """
    if most is not None and is_crowded(text, most):
        return None
    value = parse(_bare(text)) if most is None else parse_exactly(_bare(text))
    return None if isinstance(value, _Unparsed) else value


def is_broken(text: str) -> bool:
    """Whether a text begins as JSON does and is none that `parse_text` takes: cut off, too deep, too much."""
    bare = _bare(text)
    return bare[:1] in ("{", "[", '"') and (is_crowded(text) or parse(bare) is UNPARSED)


def is_crowded(text: str | bytes, most: int = MAX_ITEMS) -> bool:
    """Whether a JSON text may hold more than `most` values, by what stands before each of them. Very quick."""
    if len(text) <= most:
        return False
    if isinstance(text, str):
        return text.count(",") + text.count("{") + text.count("[") > most
    return text.count(b",") + text.count(b"{") + text.count(b"[") > most


def documents(body: bytes) -> Iterator[Any]:
    """Give every JSON document of an answer: one, or one a line, after its prefix."""
    if body[:1] in (b"{", b"["):
        try:  # the usual answer, without a copy of it as text
            whole = orjson.loads(body)
        except orjson.JSONDecodeError:
            pass
        else:
            yield whole
            return
    bare = _bare(body.decode("utf-8", "replace"))
    whole = parse(bare)
    if not isinstance(whole, _Unparsed):
        yield whole
        return
    for line in bare.split("\n", _MAX_DOCUMENTS)[:_MAX_DOCUMENTS]:
        stripped = _bare(line)
        if stripped[:1] in ("{", "["):
            value = parse(stripped)
            if not isinstance(value, _Unparsed):
                yield value


def _bare(text: str) -> str:
    if text[:1] in _OPENING:
        return text
    text = text.lstrip("\ufeff \t\r\n")
    for prefix in _PREFIXES:
        if text.startswith(prefix):
            return text[len(prefix) :].lstrip()
    return text
