"""What the fuzzer mutates: a request as text, and an answer to it; seeds and words from the corpora and the site files.

A sample looks as HTTP does: `GET https://host/path?query`, a header a line, an empty line, the body. A header
`x-answer: TYPE` makes the body the answer's, of that type.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.proxy.coding import decode
from guardrail.recognise.lines import sample_of

TESTS = Path(__file__).parent.parent.parent
CORPORA = ("cases/*.jsonl", "recognise/forms/*.jsonl", "recognise/*.jsonl")
LARGE = 1024 * 1024
"""Bytes to which some samples are blown up."""
_DEEP = 20_000
_MAX_BODY = 2 * 1024 * 1024
_ANSWER = b"x-answer"
_ONE_IN = 400
_WORD = re.compile(rb"[A-Za-z0-9._-]{4,40}")

type Blow = Callable[[HttpRequest], HttpRequest]


def read(data: bytes) -> tuple[HttpRequest, HttpResponse | None]:
    """Give the request, and the answer if there is one, that any bytes stand for; codings are undone as at the door."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, url = first.decode("utf-8", "surrogateescape").partition(" ")
    scheme, found, rest = url.partition("://")
    if not found:
        scheme, rest = "https", url
    place, slash, target = rest.partition("/")
    path, _, query = target.partition("?")
    pairs = [line.partition(b":") for line in lines]
    headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
    answer = next((value for name, value in headers if name == _ANSWER), None)
    request = HttpRequest(method.upper(), scheme, place.lower(), 443, slash + path or "/", query, headers)
    coding = request.header("content-encoding")
    content = decode(body, coding, _MAX_BODY) if coding else body
    if answer is not None:
        return request, HttpResponse(200, ((b"content-type", answer),), content or b"")
    return replace(request, body=content or b"", unreadable=content is None), None


def write(request: HttpRequest, answer: HttpResponse | None = None) -> bytes:
    """Give the text of a sample: `read` gives it back, as far as it has no line feeds where HTTP has none."""
    headers = list(request.headers)
    body = request.body
    if answer is not None:
        headers.append((_ANSWER, (answer.header("content-type") or "").encode("latin-1")))
        body = answer.body
    lines = [f"{request.method} {request.url}".encode("utf-8", "surrogateescape")]
    lines += [name + b": " + value for name, value in headers]
    return b"\n".join(lines) + b"\n\n" + body


def seeds() -> Iterator[bytes]:
    """Give every recorded request of the corpora, and every answer."""
    for line in _lines():
        sample = sample_of(line)
        yield write(sample.request)
        if sample.response is not None:
            yield write(replace(sample.request, body=b""), sample.response)


def words(folder: Path) -> Iterator[bytes]:
    """Give what stands in the site files between marks: paths' words, operations' names, keys."""
    seen: dict[bytes, None] = {}
    for file in sorted(folder.rglob("*.yaml")):
        seen.update(dict.fromkeys(_WORD.findall(file.read_bytes())))
    yield from seen


def blown_up(data: bytes, request: HttpRequest, answer: HttpResponse | None) -> tuple[HttpRequest, HttpResponse | None]:
    """Give some samples (by their bytes) with one part so large that what is not linear shows; others as they are."""
    kind = zlib.crc32(data) % _ONE_IN
    if answer is not None:
        how = _BODIES.get(kind)
        return request, answer if how is None else replace(answer, body=how(answer.body))
    if kind in _BODIES:
        return replace(request, body=_BODIES[kind](request.body)), None
    blow = _PARTS.get(kind)
    return request if blow is None else blow(request), None


def _lines() -> Iterator[Mapping[str, Any]]:
    for pattern in CORPORA:
        for file in sorted(TESTS.glob(pattern)):
            yield from map(orjson.loads, filter(None, map(bytes.strip, file.read_bytes().splitlines())))


def _repeated(part: bytes, mark: bytes = b"") -> bytes:
    return mark.join([part] * max(1, LARGE // (len(part) + len(mark) + 1)))


_BODIES: Mapping[int, Callable[[bytes], bytes]] = {
    1: _repeated,
    2: lambda body: _repeated(body, b"&"),
    3: lambda body: b"[" + _repeated(body, b",") + b"]",
    4: lambda body: b'{"a":' * _DEEP + body + b"}" * _DEEP,
    5: lambda body: _repeated(body, b"\n"),
    6: lambda body: body + b"[" * LARGE,
}
_PARTS: Mapping[int, Blow] = {
    7: lambda request: replace(request, query=_repeated(request.query.encode("utf-8", "replace"), b"&").decode()),
    8: lambda request: replace(request, path=_repeated(request.path.encode("utf-8", "replace")).decode()),
    9: lambda request: replace(request, headers=request.headers * (5000 // (len(request.headers) + 1))),
    10: lambda request: replace(request, query=request.query + "%25" * 20_000),
}


def dictionary(found: Iterable[bytes]) -> str:
    """Give libFuzzer's dictionary of these words."""
    return "".join(f'"{word.decode("ascii")}"\n' for word in found)
