"""One request, parsed lazily: each part at most once, only when a candidate asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.graphql import BROKEN, Operation, from_fields, from_json
from guardrail.recognise.extract.jsontext import UNPARSED, parse
from guardrail.recognise.extract.multipart import boundary_of, split_multipart
from guardrail.recognise.extract.pointer import MAX_SEARCHED, walk
from guardrail.recognise.extract.urltext import RawFields, cookies, decode, split_fields

BODY_LIMIT = 16 * 1024 * 1024
OPERATION_HEADERS = (b"x-fb-friendly-name", b"x-apollo-operation-name", b"x-operation-name", b"x-graphql-operation")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


class View:
    """What recognisers read from a request. Every method is total.

    `unread` turns true when somebody asked for a body that is there but cannot be read; `operation`
    is the operation's name that made the present candidate one; `captures` its path placeholders.
    """

    __slots__ = (
        "_cookies",
        "_form",
        "_json",
        "_operations",
        "_query",
        "_type",
        "_unread_form",
        "_unread_json",
        "_unread_query",
        "actor",
        "captures",
        "kept",
        "operation",
        "request",
        "segments",
        "unread",
    )

    def __init__(self, request: HttpRequest, segments: tuple[str, ...]) -> None:
        """Take the request and its path, already split."""
        self.request = request
        self.segments = segments
        self.unread = False
        self.operation: str | None = None
        self.captures: Mapping[str, str] = {}
        self.actor: str | None = None
        self.kept: dict[tuple[object, ...], Sequence[Any]] = {}
        self._query: RawFields | None = None
        self._form: RawFields | None = None
        self._json: Any = None
        self._operations: list[Operation] | None = None
        self._cookies: dict[str, str] | None = None
        self._type: str | None = None
        self._unread_form = False
        self._unread_json = False
        self._unread_query = False

    def raw_query(self, key: str) -> list[str]:
        """Give the undecoded values of query parameter `key`."""
        if self._query is None:
            fields = split_fields(self.request.query)
            self._unread_query = fields is None
            self._query = fields or {}
        self.unread = self.unread or self._unread_query
        return self._query.get(key, [])

    def query(self, key: str) -> list[str]:
        """Give the decoded values of query parameter `key`."""
        return [decode(value) for value in self.raw_query(key)]

    def form(self, key: str) -> list[str]:
        """Give the values of body field `key`: urlencoded or multipart."""
        if self._form is None:
            fields = self._read_form()
            self._unread_form = fields is None
            self._form = fields or {}
        self.unread = self.unread or self._unread_form
        values = self._form.get(key, [])
        return values if self.content_type.startswith(_MULTIPART) else [decode(value) for value in values]

    def json(self) -> Any:
        """Give the body as JSON; None where it is none."""
        if self._json is None:
            body = self.request.body
            self._json = UNPARSED if not body or self._beyond_reading else parse(body)
            self._unread_json = self._json is UNPARSED and (self._beyond_reading or self._declares_json())
        self.unread = self.unread or self._unread_json
        return None if self._json is UNPARSED else self._json

    def nodes(self, value: Any) -> Sequence[Any]:
        """Give every object and list inside `value`, a part of this request; walked once."""
        key = ("nodes", id(value))
        found = self.kept.get(key)
        if found is None:
            # the value is kept with its nodes: an id may be given again once its object is gone
            found = self.kept[key] = (value, tuple(walk(value, MAX_SEARCHED)))
        nodes: Sequence[Any] = found[1]
        return nodes

    def body_text(self) -> str:
        """Give the body as text, what is no UTF-8 replaced."""
        if self._beyond_reading:
            self.unread = True
            return ""
        return self.request.body.decode("utf-8", "replace")

    def cookie(self, name: str) -> str | None:
        """Give a cookie's value; None where it is absent."""
        if self._cookies is None:
            lines = [value.decode("latin-1") for key, value in self.request.headers if key.lower() == b"cookie"]
            self._cookies = cookies("; ".join(lines))
        return self._cookies.get(name)

    @property
    def content_type(self) -> str:
        """The body's media type with its parameters, the type in lower case."""
        if self._type is None:
            kind, mark, rest = (self.request.header("content-type") or "").partition(";")
            self._type = kind.strip().lower() + mark + rest
        return self._type

    def header_operation(self) -> str | None:
        """Give the operation that a header names."""
        for key, value in self.request.headers:
            if key.lower() in OPERATION_HEADERS:
                return value.decode("latin-1")
        return None

    def operations(self) -> list[Operation]:
        """Give the GraphQL operations of body and query, with their variables."""
        if self._operations is None:
            found = self._read_operations()
            if self.unread:  # not kept, so that the next candidate that asks is marked too
                return found
            self._operations = found
        return self._operations

    def variables(self) -> list[Any]:
        """Give the variables of the present candidate's operation; of every operation where none is named."""
        found = self.operations()
        if any(variables is BROKEN for _, variables in found):
            self.unread = True
            found = [(name, None if variables is BROKEN else variables) for name, variables in found]
        own = [variables for name, variables in found if name == self.operation]
        return own or [variables for _, variables in found]

    def _read_operations(self) -> list[Operation]:
        body = self.json() if self._declares_json() else None
        if body is not None:
            return from_json(body)
        if self.request.body or self.request.unreadable:
            found = from_fields(self._first_form)
            if found:
                return found
        return from_fields(self._first_query)

    def _first_form(self, key: str) -> str | None:
        return next((value for value in self.form(key) if value), None)

    def _first_query(self, key: str) -> str | None:
        raw = next((value for value in self.raw_query(key) if value), None)
        # Rest.li is decoded leaf by leaf: a decoded comma would be taken for one of its own
        return raw if raw is None or raw.startswith("(") else decode(raw)

    @property
    def _beyond_reading(self) -> bool:
        return self.request.unreadable or len(self.request.body) > BODY_LIMIT

    def _read_form(self) -> RawFields | None:
        """Give the body's fields; None where there is a body that should have some and cannot be read."""
        body = self.request.body
        if self._beyond_reading:
            return None
        if self.content_type.startswith(_MULTIPART):
            boundary = boundary_of(self.content_type)
            return split_multipart(body, boundary) if boundary else None
        if not body or self._declares_json():
            return {}
        return split_fields(body.decode("utf-8", "replace"))

    def _declares_json(self) -> bool:
        """Whether the body says that it is JSON, or is nothing that could be read as fields or text."""
        body = self.request.body
        if not body:
            return False
        kind = self.content_type.partition(";")[0]
        if "json" in kind:
            return True
        if kind in (_FORM, _MULTIPART):
            return False
        return body[:64].lstrip()[:1] in (b"{", b"[") or (bool(kind) and not kind.startswith("text/"))
