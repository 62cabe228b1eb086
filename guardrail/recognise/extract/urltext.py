"""Query strings, urlencoded bodies and paths: split once, decode only what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

MAX_FIELDS = 5_000
MAX_PATH = 64 * 1024
"""Characters of a path that are looked at; no server takes as many."""

type RawFields = dict[str, list[str]]


def decode(text: str, *, plus: bool = True) -> str:
    """Undo percent codes (and `+` for a space); bytes that are not UTF-8 are read as Windows-1252.

    Invalid codes stay as they are. Old forms still send names in the page's own encoding.
    """
    if plus and "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    raw = _undone(text)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _undone(text: str) -> bytes:
    r"""Undo percent codes; where all are valid, by way of `\xNN`, which a decoder in C reads five times as fast."""
    if not text.isascii():
        return unquote_to_bytes(text.encode("utf-8", "replace"))  # a lone surrogate is no text
    try:
        escaped = text.replace("\\", "\\\\").replace("%", "\\x").encode("ascii")
        return escaped.decode("unicode_escape").encode("latin-1")
    except UnicodeDecodeError:
        return unquote_to_bytes(text)


def split_fields(text: str) -> RawFields | None:
    """Split `a=1&b=2` into raw values by decoded key; None where there are too many to read."""
    parts = text.split("&", MAX_FIELDS)
    if len(parts) > MAX_FIELDS:
        return None
    try:  # the usual form: each name once, none in codes
        out: RawFields = {key: [value] for key, value in [part.split("=", 1) for part in parts]}
    except ValueError:
        out = {}
    else:
        keys = "".join(out)
        if len(out) == len(parts) and "%" not in keys and "+" not in keys and "" not in out:
            return out
        out = {}
    for part in parts:
        key, _, value = part.partition("=")
        if "%" in key or "+" in key:
            key = decode(key)
        if key in out:
            out[key].append(value)
        elif key:
            out[key] = [value]
    return out


def split_path(path: str) -> tuple[str, ...]:
    """Split a raw path into decoded segments, without empty ones and without matrix parameters.

    `.` and `..`, also behind percent codes, are followed as servers and the URL standard do.
    """
    segments = path[:MAX_PATH].split("/")
    if ";" in path:
        segments = [segment.partition(";")[0] for segment in segments]
    if "%" in path:
        segments = [decode(segment, plus=False) for segment in segments]
    elif "/." not in path:
        return tuple([segment for segment in segments if segment])
    found: list[str] = []
    for segment in segments:
        if segment == "..":
            del found[-1:]
        elif segment not in ("", "."):
            found.append(segment)
    return tuple(found)


def joined(segments: Iterable[str]) -> str:
    """Give a path's segments in lower case, each after a slash."""
    return "".join(["/" + segment.lower() for segment in segments])


def split_url(url: str) -> tuple[str, str, str]:
    """Split an address or a path into host (empty where relative), path and query."""
    host = ""
    rest = url.partition("#")[0]
    if "://" in rest[:12]:
        rest = rest.partition("://")[2]
        place, slash, rest = rest.partition("/")
        rest = slash + rest
        if "?" in place:
            place, mark, query = place.partition("?")
            rest = mark + query + rest
        host = place.rpartition("@")[2].partition(":")[0].lower()
    path, _, query = rest.partition("?")
    return host, path or "/", query


def cookies(header: str) -> dict[str, str]:
    """Read a Cookie header; the first of two equal names counts, quotes and percent codes stay."""
    out: dict[str, str] = {}
    for part in header.split(";"):
        name, found, value = part.partition("=")
        if found:
            out.setdefault(name.strip(), value.strip())
    return out
