"""Between mitmproxy's messages and the core's: headers without a copy, bodies with their coding undone."""

from __future__ import annotations

import re
from dataclasses import replace

from mitmproxy import http

from guardrail.model.http import HttpRequest, HttpResponse, RawHeaders
from guardrail.proxy.coding import decode

_NOT_ASCII = re.compile(rb"[^\x21-\x7e]")
# These belong to the connection and to now: the cookie that was stopped minutes ago may be worn out.
_OF_NOW = frozenset({b"host", b"cookie"})
_DROPPED = _OF_NOW | {b"content-length", b"content-encoding", b"transfer-encoding", b"connection"}


def plain_host(name: str) -> str:
    """Give a host as the core knows it: lower case, without the root's dot."""
    return name.lower().rstrip(".")


def to_request(message: http.Request, scheme: str, host: str, port: int, limit: int) -> HttpRequest:
    """Give the core's view of a request to this place; a body over `limit` bytes counts as unreadable."""
    path, query = _target(message)
    body, unreadable = _body(message, limit)
    return HttpRequest(
        method=message.method.upper(),
        scheme=scheme,
        host=host,
        port=port,
        path=path,
        query=query,
        headers=message.headers.fields,
        body=body,
        unreadable=unreadable,
    )


def to_frame(handshake: HttpRequest, content: bytes, limit: int) -> HttpRequest:
    """Give a WebSocket message as the body of the request that opened its socket: so site files describe it."""
    too_long = len(content) > limit
    return replace(handshake, body=b"" if too_long else content, unreadable=too_long)


def to_response(message: http.Response, limit: int, body: bytes | None = None) -> HttpResponse | None:
    """Give the core's view of an answer, with `body` if it was read while it streamed by.

    None where its body cannot be read within `limit` bytes.
    """
    if body is None:
        body, unreadable = _body(message, limit)
        if unreadable:
            return None
    return HttpResponse(message.status_code, message.headers.fields, body)


def rewrite(message: http.Request, request: HttpRequest) -> None:
    """Make `message` the very request that was stopped: its method, target, headers and body.

    Where it goes stays: the gate gives back only requests to the address that is being asked for.
    """
    message.method = request.method
    message.path = f"{request.path}?{request.query}" if request.query else request.path
    kept: RawHeaders = tuple((name, value) for name, value in request.headers if name.lower() not in _DROPPED)
    live: RawHeaders = tuple((name, value) for name, value in message.headers.fields if name.lower() in _OF_NOW)
    message.headers = http.Headers(live + kept)
    message.raw_content = request.body
    if request.body:
        message.headers["content-length"] = str(len(request.body))


def _target(message: http.Request) -> tuple[str, str]:
    """Split the raw target. Bytes outside of ASCII become percent codes, as the URL standard has it."""
    raw = message.data.path
    text = _NOT_ASCII.sub(lambda found: b"%%%02X" % found[0][0], raw).decode("ascii")
    path, _, query = text.partition("#")[0].partition("?")
    return path, query


def _body(message: http.Message, limit: int) -> tuple[bytes, bool]:
    raw = message.raw_content
    if not raw:
        # None: mitmproxy let the body through without keeping it, so nobody can say what it was.
        return b"", raw is None
    # Several header lines are one list (RFC 9110 section 5.3), and every coding is undone.
    codings = [value for name, value in message.headers.fields if name.lower() == b"content-encoding"]
    body = decode(raw, b",".join(codings).decode("latin-1"), limit)
    return (b"", True) if body is None else (body, False)
