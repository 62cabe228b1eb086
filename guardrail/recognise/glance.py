"""What stands out in a request at a glance: the headers and body fields that decide, found without parsing either."""

from __future__ import annotations

import re
from functools import lru_cache

from guardrail.model.http import HttpRequest

MAX_HEADERS = 1000
"""Headers that are looked at; servers take some hundred."""
OPERATION_HEADERS = frozenset(
    {b"x-fb-friendly-name", b"x-apollo-operation-name", b"x-operation-name", b"x-graphql-operation"}
)
OPERATION_LENGTHS = frozenset(map(len, OPERATION_HEADERS))
"""Of those names: nearly every other header is told apart by its length."""
OVERRIDING_HEADERS = frozenset({b"x-http-method-override", b"x-http-method", b"x-method-override"})
NOTED_HEADERS = frozenset({b"content-type", b"x-root-field-name"}) | OPERATION_HEADERS | OVERRIDING_HEADERS
"""Headers that are noted in the one pass over all of them."""

_LENGTHS = frozenset(map(len, NOTED_HEADERS))
_LOOKED_AT = 16 * 1024
_USUAL_TYPE = 200  # characters: longer ones are not remembered
_JSON = frozenset({b"{", b"["})
# Fields that name an operation, and any field whose name is written in codes: it may be one of those.
_NOTED_FIELDS = re.compile(
    rb"&(?:(fb_api_req_friendly_name|operationName|queries|batch|variables|query_params)(?:=([^&]*+)|(?=&|$))"
    rb"|[^=&%+]*+[%+])"
)

type NotedFields = list[tuple[bytes, bytes]]
"""Raw name and value of fields in their order; the name is empty where it is written in codes."""


class Glance:
    """The noted headers of a request, names in lower case, in their order; of its body's fields, the noted ones."""

    __slots__ = ("_body", "_fields", "heads")

    def __init__(self, request: HttpRequest) -> None:
        """Look at `request`."""
        self.heads = [(key.lower(), value) for key, value in request.headers[:MAX_HEADERS] if len(key) in _LENGTHS]
        self._body = request.body
        self._fields: NotedFields | None = None

    @property
    def fields(self) -> NotedFields | None:
        """The noted fields, if the body is one of fields; None where it is too long for a glance."""
        body = self._body
        if self._fields is None and len(body) <= _LOOKED_AT:
            single = body[:1] in _JSON and b"&" not in body  # one field, and its name begins with a bracket
            self._fields = [] if single else _NOTED_FIELDS.findall(b"&" + body)
        return self._fields

    @property
    def media_type(self) -> str:
        """The body's media type with its parameters, the type in lower case."""
        text = self.header(b"content-type") or ""
        return _usual_type(text) if len(text) < _USUAL_TYPE else _lowered(text)

    def header(self, name: bytes) -> str | None:
        """Give the first value of a noted header, as text."""
        for key, value in self.heads:
            if key == name:
                return value.decode("latin-1")
        return None


def _lowered(text: str) -> str:
    kind, mark, rest = text.partition(";")
    return kind.strip().lower() + mark + rest


_usual_type = lru_cache(maxsize=256)(_lowered)
