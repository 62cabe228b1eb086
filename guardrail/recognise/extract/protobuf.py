"""Protocol Buffers without a schema: the value at a path of field numbers, as in YouTube's `params`.

Source: the public description of the wire format (varints, length-delimited fields, two fixed widths).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote

from guardrail.recognise.extract.varint import read_varint

_VARINT = 0
_FIXED = {1: 8, 5: 4}
_LENGTH = 2
_LOWEST_TAG = 8  # the low three bits of a tag are the type, and no field has the number 0
_VARINT_BYTES = 10
_MAX_FIELDS = 10_000

type Path = tuple[int, ...]


def compile_path(text: str) -> Path:
    """Read a path of field numbers (`2`, `5/1`); raise ValueError where it is none."""
    parts = text.split("/")
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise ValueError(f"`{text}` is no path of field numbers such as `2` or `5/1`")
    return tuple(int(part) for part in parts)


def from_text(text: str, path: Path) -> list[int | str]:
    """Give the values at `path` of a message in base64: plain or URL-safe, padded or not, percent-coded or not."""
    plain = unquote(text).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        message = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return []
    return values_at(message, path)


def values_at(message: bytes, path: Path) -> list[int | str]:
    """Give the numbers and UTF-8 texts at `path`, as far as the bytes are a message."""
    found = [value for number, value in _fields(message) if number == path[0]]
    if len(path) > 1:
        return [one for value in found if isinstance(value, bytes) for one in values_at(value, path[1:])]
    texts = (value if isinstance(value, int) else _text(value) for value in found)
    return [one for one in texts if one is not None]


def _text(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Give number and value of each field, up to the first that is cut off or of an unknown type."""
    at = 0
    for _ in range(_MAX_FIELDS):
        tag, at = read_varint(message, at, _VARINT_BYTES)
        if tag is None or tag < _LOWEST_TAG:
            return
        kind = tag & 7
        value: bytes | int | None
        if kind == _VARINT:
            value, at = read_varint(message, at, _VARINT_BYTES)
        elif kind == _LENGTH:
            size, at = read_varint(message, at, _VARINT_BYTES)
            value, at = (None, at) if size is None else (message[at : at + size], at + size)
        elif kind in _FIXED:
            size = _FIXED[kind]
            value, at = int.from_bytes(message[at : at + size], "little"), at + size
        else:
            return
        if value is None or at > len(message):
            return
        yield tag >> 3, value
