"""Recorded traffic for `guardrail recognise`: JSON lines and HAR 1.2 in, one object per request out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest, HttpResponse, RawHeaders
from guardrail.recognise.index import SiteIndex

_TEXTUAL = ("text", "json", "xml", "javascript", "graphql", "x-www-form-urlencoded", "multipart")


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded request with its answer, if there was one."""

    id: str | None
    request: HttpRequest
    response: HttpResponse | None


class UnreadableSampleError(ValueError):
    """A line or entry is no recorded request; the text says what is missing."""


def read_samples(text: bytes) -> Iterator[Sample]:
    """Give the samples of a HAR file or of JSON lines; raise UnreadableSampleError naming the line or entry."""
    head = text[:4096].lstrip()
    if head.startswith(b"{") and b'"log"' in head:
        har = _parse(text, "the HAR file")
        if isinstance(har, dict) and isinstance(har.get("log"), dict):
            yield from _har(har["log"])
            return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield sample_of(_parse(line, f"line {number}"), f"line {number}")


def sample_of(value: Any, place: str = "the line") -> Sample:
    """Make a sample of one JSON line: `request` (method, url, headers, body), `response` or null, `id`."""
    request = _mapping(_mapping(value, place).get("request"), f"{place}: `request`")
    made = _request(request, _pairs(request.get("headers"), place), place)
    response = value.get("response")
    identity = value.get("id")
    return Sample(
        identity if isinstance(identity, str) else None,
        made,
        None if response is None else _response(_mapping(response, f"{place}: `response`"), place),
    )


def outcome_of(sample: Sample, index: SiteIndex) -> dict[str, Any]:
    """Give the output object of one sample: what is absent is None."""
    found = index.recognise(sample.request)
    action = found if isinstance(found, Action) else None
    learned = () if sample.response is None else index.learn(sample.request, sample.response)
    return {
        "id": sample.id,
        "site": action.site if action else None,
        "action": action.kind.value if action else None,
        "recogniser": action.recogniser if action else None,
        "query": action.subject.query if action else None,
        "target_id": action.subject.id if action else None,
        "target_handle": action.subject.handle if action else None,
        "target_name": action.subject.name if action else None,
        "actor_id": action.actor_id if action else None,
        "identities": [{"id": one.id, "handle": one.handle, "name": one.name} for one in learned],
    }


def _har(log: Mapping[str, Any]) -> Iterator[Sample]:
    entries = log.get("entries")
    for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
        place = f"entry {number}"
        request = _mapping(_mapping(entry, place).get("request"), f"{place}: `request`")
        headers = _pairs(request.get("headers"), place)
        body = request.get("postData")
        text: Any = None
        if isinstance(body, dict):
            text = body.get("text")
            if not text and isinstance(body.get("params"), list):
                fields = [(item.get("name", ""), item.get("value") or "") for item in body["params"]]
                text = urlencode(fields)
            if body.get("encoding") == "base64" and isinstance(text, str):
                text = _from_base64(text)
        answer = entry.get("response")
        known = entry.get("_id") if isinstance(entry.get("_id"), str) else None
        made = _request({"method": request.get("method"), "url": request.get("url"), "body": text}, headers, place)
        yield Sample(known, made, _har_response(answer, place) if isinstance(answer, dict) else None)
        for content in _sent(entry.get("_webSocketMessages")):
            yield Sample(known, replace(made, body=content), None)


def _sent(messages: Any) -> Iterator[bytes]:
    """Give what a page sent through a WebSocket, as Chromium records it: binary messages (opcode 2) in base64.

    Each is recognised as the proxy does it: as the body of the request that opened the socket.
    """
    for message in messages if isinstance(messages, list) else ():
        match message:
            case {"type": "send", "data": str(data), "opcode": 2}:
                yield _from_base64(data)
            case {"type": "send", "data": str(data)}:
                yield data.encode("utf-8", "surrogatepass")


def _har_response(answer: Mapping[str, Any], place: str) -> HttpResponse:
    content = answer.get("content")
    text: Any = content.get("text") if isinstance(content, dict) else None
    if isinstance(text, str) and isinstance(content, dict) and content.get("encoding") == "base64":
        text = _from_base64(text)
    return _response({"status": answer.get("status"), "headers": answer.get("headers"), "body": text}, place)


def _request(value: Mapping[str, Any], headers: RawHeaders, place: str) -> HttpRequest:
    method, url = value.get("method"), value.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        raise UnreadableSampleError(f"{place}: the request needs `method` and `url`")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnreadableSampleError(f"{place}: `url` is no address") from None
    scheme = parts.scheme or "https"
    return HttpRequest(
        method.upper(),
        scheme,
        (parts.hostname or "").lower(),
        port or (80 if scheme in ("http", "ws") else 443),
        parts.path or "/",
        parts.query,
        headers,
        _body(value.get("body"), headers),
    )


def _response(value: Mapping[str, Any], place: str) -> HttpResponse:
    headers = _pairs(value.get("headers"), place)
    status = value.get("status")
    return HttpResponse(status if isinstance(status, int) else 0, headers, _body(value.get("body"), headers))


def _body(value: Any, headers: RawHeaders) -> bytes:
    """Give the bytes of a body that a recording holds as text: UTF-8, or code points for binary kinds."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        return b""
    kind = next((text for name, text in headers if name.lower() == b"content-type"), b"").decode("latin-1").lower()
    if kind and not any(part in kind for part in _TEXTUAL):
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            pass
    return value.encode("utf-8", "surrogatepass")


def _pairs(value: Any, place: str) -> RawHeaders:
    """Read headers as an object, as pairs, or as HAR's name/value objects."""
    if value is None:
        return ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = [(item.get("name"), item.get("value")) if isinstance(item, dict) else tuple(item) for item in value]
    else:
        raise UnreadableSampleError(f"{place}: `headers` is neither an object nor a list")
    out = []
    for item in items:
        match item:
            case (str(name), str(text)):
                if not name.startswith(":"):  # HTTP/2's pseudo-headers are no headers
                    out.append((name.encode("utf-8"), text.encode("utf-8")))
            case _:
                raise UnreadableSampleError(f"{place}: a header is not name and value")
    return tuple(out)


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableSampleError(f"{place} is not a JSON object")
    return value


def _parse(text: bytes, place: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableSampleError(f"{place} is not JSON: {error.msg}") from None


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return b""
