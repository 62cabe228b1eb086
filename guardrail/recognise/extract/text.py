"""Small cuts of one text: parts of URNs and addresses, base64, signed fields, words in a path."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from guardrail.recognise.extract.jsontext import parse_text
from guardrail.recognise.extract.urltext import decode, split_fields, split_path, split_url


def before(text: str, mark: str) -> str:
    """Give what stands before the first `mark`; the whole text where it has none."""
    return text.partition(mark)[0]


def after(text: str, mark: str) -> str | None:
    """Give what stands after the first `mark`; None where it has none."""
    _, found, rest = text.partition(mark)
    return rest if found else None


def after_last(text: str, mark: str) -> str:
    """Give what stands after the last `mark`; the whole text where it has none."""
    return text.rpartition(mark)[2]


def urn_id(text: str) -> str:
    """Give the id of a URN (`urn:li:member:12` → `12`); of a nested one its last id; text gives itself."""
    if not text.startswith("urn:"):
        return text
    return text.rstrip(")").rpartition(",")[2].rpartition(":")[2]


def base64_text(text: str) -> str | None:
    """Undo base64 (plain or URL-safe, with or without padding); None where it is no UTF-8 text."""
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def signed(text: str) -> Any:
    """Read Instagram's `signed_body=SIGNATURE.{json}`; None where there is no JSON after the dot."""
    rest = text if text.startswith("{") else after(text, ".")
    return parse_text(rest) if rest else None


def words(text: str, marks: str) -> str:
    """Turn each of `marks` into a space, and runs of spaces into one."""
    for mark in marks:
        text = text.replace(mark, " ")
    return " ".join(text.split())


def param(url: str, key: str) -> str | None:
    """Give the first value of query parameter `key` of an address, decoded."""
    fields = split_fields(split_url(url)[2]) or {}
    return next((decode(value) for value in fields.get(key, ()) if value), None)


def segment(url: str, at: int) -> str | None:
    """Give the path segment number `at` (from 0; -1 is the last) of an address, decoded."""
    segments = split_path(split_url(url)[1])
    return segments[at] if -len(segments) <= at < len(segments) else None
