"""What else a server may take a request for: the same bytes, another method or another split of the path."""

from __future__ import annotations

from dataclasses import replace

from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.urltext import decode, split_fields
from guardrail.recognise.glance import MAX_HEADERS, OVERRIDING_HEADERS, Glance

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_OVERRIDING_FIELDS = ("_method", "method")
_FORM = "application/x-www-form-urlencoded"
_LENGTHS = frozenset(map(len, OVERRIDING_HEADERS))
_LOOKED_AT = 64 * 1024


def meanings(request: HttpRequest, glance: Glance | None = None) -> tuple[HttpRequest, ...]:
    """Give the requests that a server may see in `request`, the plain one first; usually that one alone.

    A HEAD is a GET whose answer has no body. A method in a header, or in a field (Rails, the Graph API),
    overrides the request's; a GET inside a POST has its query in the body (Rest.li's tunnelling). Some
    servers undo `%2F` before they split the path.
    """
    if len(request.headers) > MAX_HEADERS:
        request = replace(request, headers=request.headers[:MAX_HEADERS])
    if request.method == "OPTIONS":
        return (request,)
    if request.method == "HEAD":
        request = replace(request, method="GET")
    if glance is None and request.body:
        glance = Glance(request)
    methods = _overriding(request, glance)
    split = "%2" in request.path and "%2f" in request.path.lower()
    if not methods and not split:
        return (request,)
    found = [request, *(_by(request, method) for method in methods)]
    if split:
        found += [replace(one, path=one.path.replace("%2f", "/").replace("%2F", "/")) for one in found]
    return tuple(found)


def _overriding(request: HttpRequest, glance: Glance | None) -> list[str]:
    """Give the other methods that the request asks to be taken for."""
    if glance is None:
        heads = [(key.lower(), value) for key, value in request.headers if len(key) in _LENGTHS]
    else:
        heads = glance.heads
    texts = [value.decode("latin-1") for key, value in heads if key in OVERRIDING_HEADERS] if heads else []
    if "method=" in request.query:
        fields = split_fields(request.query) or {}
        texts += [value for key in _OVERRIDING_FIELDS for value in fields.get(key, ())]
    if request.method == "POST" and b"method=" in (start := request.body[:_LOOKED_AT]):
        fields = split_fields(start.decode("utf-8", "replace")) or {}
        texts += [decode(value) for key in _OVERRIDING_FIELDS for value in fields.get(key, ())]
    if not texts:
        return texts
    methods = dict.fromkeys(text.strip().upper() for text in texts)
    return [method for method in methods if method in _METHODS and method != request.method]


def _by(request: HttpRequest, method: str) -> HttpRequest:
    if method != "GET" or not request.body:
        return replace(request, method=method)
    query = request.query
    if (request.header("content-type") or "").lower().startswith(_FORM):
        query = "&".join(filter(None, (query, request.body.decode("utf-8", "replace"))))
        return replace(request, method=method, query=query, body=b"")
    return replace(request, method=method)
