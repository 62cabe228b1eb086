"""multipart/form-data (RFC 7578), read as leniently as servers do: text fields by name, files in passing.

Parts that no browser sends (folded headers, `name*=`, bare line feeds, multipart/mixed) are read by the
standard library's mail parser, whose rules they follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser

from guardrail.recognise.extract.urltext import MAX_FIELDS

MAX_TEXT = 2 * 1024 * 1024
"""Bytes of all text fields together."""
_MAX_FILE_TEXT = 64 * 1024  # of a part called a file that may be a field all the same
_MAX_HEAD = 4096
_MAX_ODD = 200
_MAX_DEPTH = 2
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_USUAL = re.compile(
    rb'content-disposition: *form-data; *name="([^"\\%\r\n]*)"(?:; *filename="([^"\\%\r\n]*)")?'
    rb"(?:\r\ncontent-type: *(?!multipart)[a-z0-9.+/-]+(?:; *charset=\"?utf-8\"?)?)?",
    re.IGNORECASE,
)
_BLANK = b" \t\r\n"
_PLAIN = ("", "7bit", "8bit", "binary")

type Fields = dict[str, list[str]]


class _OddError(ValueError):
    """The body is not what its type says, or too much to look through."""


def boundary_of(content_type: str) -> str | None:
    """Give the boundary that a Content-Type names; None where it names none."""
    for part in content_type.split(";")[1:]:
        key, _, value = part.strip().partition("=")
        if key.strip().lower() == "boundary":
            return value.strip().strip('"') or None
    return None


def split_multipart(body: bytes, boundary: str) -> Fields | None:
    """Give each field's values as text; None where a part cannot be read, or the boundary never stands in the body.

    Shapes: a part without a file name gives its text. A file gives its file name, and its content too where
    that is a short text: a server may take it for a field.
    """
    reader = _Reader()
    try:
        reader.take(body, boundary, None, 0)
    except _OddError:
        return None
    return reader.fields


class _Reader:
    """Gathers the fields of one body within the bounds."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.text = 0
        self.odd = 0

    def take(self, body: bytes, boundary: str, outer: str | None, depth: int) -> None:
        """Take every part; `outer` is the name of the part that this body stands in. Raise _OddError."""
        found = False
        for start, end in _parts(body, b"--" + boundary.encode("utf-8", "replace")):
            found = True
            place = _cut(body, start, end)
            if place is None:
                continue
            head, content = place
            usual = _USUAL.fullmatch(head)
            if usual is None:
                self._odd(head, body[content], outer, depth)
            else:
                name, filename = usual.groups()
                self._add(name.decode("utf-8", "replace"), filename, body, content, "utf-8")
        if not found:
            raise _OddError

    def _odd(self, head: bytes, content: bytes, outer: str | None, depth: int) -> None:
        self.odd += 1
        if self.odd > _MAX_ODD or len(head) > _MAX_HEAD:
            raise _OddError
        message = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        name = _parameter(message, "name") or outer
        if name is None or str(message.get("content-transfer-encoding", "")).strip().lower() not in _PLAIN:
            raise _OddError
        inner = message.get_boundary()
        if message.get_content_maintype() == "multipart":
            if inner is None or depth >= _MAX_DEPTH:
                raise _OddError
            self.take(content, inner, name, depth + 1)
            return
        filename = _parameter(message, "filename")
        self._add(
            name,
            None if filename is None else filename.encode("utf-8", "replace"),
            content,
            slice(len(content)),
            str(message.get_content_charset("utf-8")),
        )

    def _add(self, name: str, filename: bytes | None, body: bytes, place: slice, charset: str) -> None:
        values = self.fields.setdefault(name, [])
        size = place.stop - (place.start or 0)
        if filename is not None:
            values.append(filename.decode("utf-8", "replace"))
            if size > _MAX_FILE_TEXT or b"\0" in body[place]:
                return
        self.text += size
        if self.text > MAX_TEXT:
            raise _OddError
        content = body[place]
        try:
            values.append(content.decode(charset, "replace" if filename is None else "strict"))
        except LookupError:
            raise _OddError from None
        except UnicodeDecodeError:
            return  # a file that is no text


def _parts(body: bytes, mark: bytes) -> Iterator[tuple[int, int]]:
    """Give from where to where each part stands: boundaries are at the beginning of a line.

    What follows the closing boundary counts too, and a last part that is never closed: servers take them.
    """
    starts = [len(mark)] if body.startswith(mark) else []
    mark = b"\n" + mark
    at = body.find(mark)
    while at >= 0:
        starts.append(at + len(mark))
        if len(starts) > MAX_FIELDS:
            raise _OddError
        at = body.find(mark, at + len(mark))
    ends = [start - len(mark) for start in starts[1:]]
    yield from zip(starts, [*ends, len(body) - body.endswith(b"\n")], strict=True) if starts else ()


def _cut(body: bytes, start: int, end: int) -> tuple[bytes, slice] | None:
    """Give the head of a part and the place of its content; None for what is no part (an end, empty lines).

    `start` is behind its boundary, `end` before the line feed of the next. Raise _OddError.
    """
    top = body[start : min(end, start + _MAX_HEAD)]
    line, _, rest = top.partition(b"\n")
    if line.strip(_BLANK) not in (b"", b"--"):
        raise _OddError  # not the boundary but a longer word
    if not rest.strip(_BLANK):
        return None
    found = _HEAD_END.search(rest)
    if found is None:
        raise _OddError
    first = start + len(line) + 1 + found.end()
    if body[max(first, end - 1) : end] == b"\r":
        end -= 1
    return rest[: found.start()].lstrip(_BLANK), slice(first, max(first, end))


def _parameter(message: Message, name: str) -> str | None:
    value = message.get_param(name, header="content-disposition")
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        charset, _, text = value
        try:
            return text.encode("latin-1", "replace").decode(charset or "utf-8", "replace")
        except LookupError:
            raise _OddError from None
    return value
