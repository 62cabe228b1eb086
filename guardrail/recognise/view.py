"""One request, parsed lazily: each part at most once, only when a candidate asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.gateway import carried
from guardrail.recognise.extract.graphql import (
    BROKEN,
    FIELDS,
    MAX_OPERATIONS,
    NAMING,
    Operation,
    from_fields,
    from_json,
    named_plainly,
    names_of,
    told_by,
    told_plainly,
)
from guardrail.recognise.extract.jsontext import UNPARSED, begins_as_fields, is_crowded, parse_exactly
from guardrail.recognise.extract.mqtt import publishes
from guardrail.recognise.extract.multipart import boundary_of, split_multipart
from guardrail.recognise.extract.pointer import MAX_SEARCHED, keyed, keys_of, walk
from guardrail.recognise.extract.urltext import MAX_FIELDS, RawFields, cookies, decode, joined, split_fields
from guardrail.recognise.glance import OPERATION_HEADERS, Glance

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of a multipart body: its files are stepped over."""
TEXT_LIMIT = 2 * 1024 * 1024
"""Bytes of any other body: all of it is parsed, while all other traffic waits."""
_PUBLISHED, _NODES, _KEYED = ("published",), object(), object()
_FEW = 200  # objects and lists: to look through so many costs less than to sort them by their keys
QUERY_LIMIT = 64 * 1024
"""Characters of a query; no browser's address bar and no site's server takes more."""
_NO_KEYS: AbstractSet[str] = frozenset()
_MAX_CODES = 80_000  # percent codes of a form: undoing them costs more than all the rest
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/"
# Fields begin with a key and `=`, whatever type they are said to have; JSON, markup and binary forms do not.
_FIELDS = re.compile(rb"[& \t\r\n]*+(?![\[{\"<])[\x21-\x7e]{0,4096}?=")


class View:
    """What recognisers read from a request. Every method is total.

    `unread` turns true when somebody asked for a body that is there but cannot be read; `operation`
    is the operation's name that made the present candidate one, `instance` which one of that name (None: all);
    `captures` its path placeholders.
    """

    # Most requests are left after a glance: what is not asked for is not even set.
    unread = False
    operation: str | None = None
    instance: int | None = None
    actor: str | None = None
    captures: Mapping[str, str] = {}
    _is_json: bool | None = None
    _query: RawFields | None = None
    _form: RawFields | None = None
    _json: Any = None
    _lowered: str | None = None
    _operations: list[Operation] | None = None
    _cookies: dict[str, str] | None = None
    _type: str | None = None
    _body_keys: AbstractSet[str] | None = None
    _unread_form = False
    _unread_json = False
    _unread_query = False
    _unread_operations = False

    def __init__(self, request: HttpRequest, segments: tuple[str, ...], glance: Glance | None = None) -> None:
        """Take the request, its path, already split, and what stood out in it."""
        self.request = request
        self.segments = segments
        self.glance = Glance(request) if glance is None else glance
        self.kept: dict[tuple[object, ...], Sequence[Any]] = {}
        self._heads: dict[str, Sequence[Any]] = {}
        self._decoded: dict[str, list[str]] = {}
        self._keys: dict[tuple[str | None, int | None], AbstractSet[str]] = {}
        self._variables: dict[tuple[str | None, int | None], tuple[list[Any], bool]] = {}

    @property
    def lowered_path(self) -> str:
        """The path's segments, decoded and in lower case, each after a slash."""
        if self._lowered is None:
            self._lowered = joined(self.segments)
        return self._lowered

    def raw_query(self, key: str) -> list[str]:
        """Give the undecoded values of query parameter `key`."""
        if self._query is None:
            query = self.request.query
            fields = (split_fields(query) if len(query) <= QUERY_LIMIT else None) if query else {}
            self._unread_query = fields is None
            self._query = fields or {}
        self.unread = self.unread or self._unread_query
        return self._query.get(key, [])

    def query(self, key: str) -> list[str]:
        """Give the decoded values of query parameter `key`."""
        values = self.raw_query(key)
        return [decode(value) for value in values] if values else values

    def form(self, key: str) -> list[str]:
        """Give the values of body field `key`: urlencoded or multipart."""
        if self._form is None:
            fields = self._read_form()
            self._unread_form = fields is None
            self._form = fields or {}
        self.unread = self.unread or self._unread_form
        values = self._form.get(key)
        if values is None:
            return []
        if self.content_type.startswith(_MULTIPART):
            return values
        decoded = self._decoded.get(key)
        if decoded is None:
            decoded = self._decoded[key] = [decode(value) for value in values]
        return decoded

    def form_keys(self) -> AbstractSet[str]:
        """Give the names of the body's fields."""
        self.form("")
        return self._form.keys() if self._form else _NO_KEYS

    def json(self) -> Any:
        """Give the body as JSON; None where it is none."""
        value = self._parsed()
        self.unread = self.unread or self._unread_json
        return None if value is UNPARSED else value

    def _parsed(self) -> Any:
        if self._json is None:
            body = self.request.body
            readable = (
                body
                and not begins_as_fields(body)
                and not self._beyond_reading
                and not self.content_type.startswith(_MULTIPART)
            )
            self._json = parse_exactly(body) if readable and not is_crowded(body) else UNPARSED
            self._unread_json = self._json is UNPARSED and (self._beyond_reading or self._declares_json())
        return self._json

    def nodes(self, value: Any) -> Sequence[Any]:
        """Give every object and list inside `value`, a part of this request; walked once."""
        key = (_NODES, id(value))
        found = self.kept.get(key)
        if found is None:
            # the value is kept with its nodes: an id may be given again once its object is gone
            found = self.kept[key] = (value, walk(value, MAX_SEARCHED))
        nodes: Sequence[Any] = found[1]
        return nodes

    def anywhere(self, value: Any, key: str) -> Sequence[Any]:
        """Give what stands under `key` at any depth of `value`, a part of this request; sorted by key once."""
        if value is None:
            return ()
        place = (key, id(value))
        found = self.kept.get(place)
        if found is None:
            found = self.kept[place] = (value, self._sorted_out(value, key))
        values: Sequence[Any] = found[1]
        return values

    def body_anywhere(self, key: str) -> Sequence[Any]:
        """Give what stands under `key` at any depth of a body of JSON."""
        found = self._heads.get(key)
        if found is None:
            found = self.anywhere(self.json(), key) if key in self.body_keys() else ()
            if not self._unread_json:
                self._heads[key] = found
        return found

    def _sorted_out(self, value: Any, key: str) -> Sequence[Any]:
        nodes = self.nodes(value)
        if len(nodes) <= _FEW:
            found = [node[key] for node in nodes if node.__class__ is dict and key in node]
            # bodies say many a thing twice: what follows on its like is left out
            return found if len(found) < 2 else [one for one, _ in groupby(found)]  # noqa: PLR2004  the usual request
        place = (_KEYED, id(value))
        kept = self.kept.get(place)
        if kept is None:
            kept = self.kept[place] = (value, keyed(nodes))
        by_key: dict[str, list[Any]] = kept[1]
        return by_key.get(key, ())

    def body_text(self) -> str:
        """Give the body as text, what is no UTF-8 replaced."""
        if self._beyond_reading or len(self.request.body) > TEXT_LIMIT:
            self.unread = True
            return ""
        return self.request.body.decode("utf-8", "replace")

    def published(self) -> Sequence[Any]:
        """Give the messages that the body carries, where it is a WebSocket frame of MQTT or of Meta's gateway."""
        if self._beyond_reading:
            self.unread = True
            return ()
        found = self.kept.get(_PUBLISHED)
        if found is None:
            found = self.kept[_PUBLISHED] = publishes(self.request.body) or carried(self.request.body)
        return found

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
            self._type = self.glance.media_type
        return self._type

    def header_operations(self) -> list[str]:
        """Give the operations that headers name."""
        return [value.decode("latin-1").strip() for key, value in self.glance.heads if key in OPERATION_HEADERS]

    def operations(self) -> list[Operation]:
        """Give the GraphQL operations of body and query, with their variables; at most MAX_OPERATIONS."""
        if self._operations is None:
            before, self.unread = self.unread, False
            found = self._read_operations()
            # a batch that cannot be parsed hides the very names
            hidden = (None, BROKEN) in found
            self._unread_operations = self.unread or hidden or len(found) > MAX_OPERATIONS
            self._operations = found[:MAX_OPERATIONS]
            self.unread = before
        self.unread = self.unread or self._unread_operations
        return self._operations

    def operation_names(self) -> Sequence[str]:
        """Give the names of `operations`; where they are told plainly, without reading the variables."""
        if self._operations is None:
            names = self._told_at_a_glance()
            if names is not None:
                if not names:
                    self._operations = []
                return names
            if not self._reads_as_json():
                self.form("")
                self.raw_query("")
                named = not NAMING.isdisjoint(self._form or ()) or not NAMING.isdisjoint(self._query or ())
                if named and named_plainly(self._form or (), self._query or ()):
                    names = names_of({key: self._fields(key) for key in FIELDS})
                    if names:
                        return names
        return [name for name, _ in self.operations() if name]

    def _told_at_a_glance(self) -> list[str] | None:
        """Give the names that the body tells, where it is plain that the query tells none and nothing is unread."""
        request = self.request
        if request.unreadable:
            return None
        if request.query:
            self.raw_query("")
            if self._unread_query or not FIELDS.isdisjoint(self._query or ()):
                return None
        if not request.body:
            return []
        kind = self.content_type
        if kind.startswith(_FORM):
            noted = self.glance.fields
            return None if noted is None or len(request.body) > MAX_FIELDS else told_plainly(noted)
        if "json" in kind.partition(";")[0]:
            value = self._parsed()
            return None if value is UNPARSED else told_by(value)
        return None

    def count(self, operation: str) -> int:
        """Give how often an operation of this name stands in the request, in a header or path alone once."""
        return max(1, sum(name == operation for name, _ in self.operations()))

    def variables(self) -> list[Any]:
        """Give the variables of the present candidate's operation; of every operation where none is named.

        Variables that stand without a name belong to every operation.
        """
        place = (self.operation, self.instance)
        kept = self._variables.get(place)
        if kept is None:
            before, self.unread = self.unread, False
            kept = self._variables[place] = (self._wanted_variables(), self.unread)
            self.unread = before
        wanted, unread = kept
        self.unread = self.unread or unread
        return wanted

    def _wanted_variables(self) -> list[Any]:
        found = self.operations()
        if len(found) == 1 and not self.instance and found[0][1] is not BROKEN:
            return [found[0][1]]  # the usual request: whatever it is called, these are the variables
        own = [variables for name, variables in found if name == self.operation and name is not None]
        if self.instance is not None:
            own = own[self.instance : self.instance + 1]
        unnamed = [variables for name, variables in found if name is None and variables is not None]
        wanted = [*own, *unnamed] or [variables for _, variables in found]
        if any(variables is BROKEN for variables in wanted):
            self.unread = True
            wanted = [None if variables is BROKEN else variables for variables in wanted]
        return wanted

    def variable_keys(self) -> AbstractSet[str]:
        """Give every key that stands at any depth of `variables`."""
        place = (self.operation, self.instance)
        values = self.variables()
        keys = self._keys.get(place)
        if keys is None:
            keys = self._keys[place] = keys_of([node for value in values for node in self.nodes(value)])
        return keys

    def body_keys(self) -> AbstractSet[str]:
        """Give every key that stands at any depth of a body of JSON."""
        keys = self._body_keys
        if keys is None:
            value = self.json()
            keys = self._body_keys = _NO_KEYS if value is None else keys_of(self.nodes(value))
        if self._unread_json:
            self.unread = True
        return keys

    def _read_operations(self) -> list[Operation]:
        found: list[Operation] = []
        if self._reads_as_json():
            found = from_json(self.json())
        self.form("")
        self.raw_query("")
        there = FIELDS.intersection(self._form) if self._form else _NO_KEYS
        if self._query:
            there = there | FIELDS.intersection(self._query)
        return found + from_fields({key: self._fields(key) for key in there}) if there else found

    def _fields(self, key: str) -> list[str]:
        """Give a field's values: the form's, then the query's."""
        has_body = self.request.body or self.request.unreadable
        # Rest.li is decoded leaf by leaf: a decoded comma would be taken for one of its own
        query = [raw if raw.startswith("(") else decode(raw) for raw in self.raw_query(key)]
        return [*self.form(key), *query] if has_body else query

    @property
    def _beyond_reading(self) -> bool:
        if self.request.unreadable:
            return True
        size = len(self.request.body)
        return size > TEXT_LIMIT and (size > BODY_LIMIT or not self.content_type.startswith(_MULTIPART))

    def _read_form(self) -> RawFields | None:
        """Give the body's fields; None where there is a body that should have some and cannot be read."""
        body = self.request.body
        if self._beyond_reading:
            return None
        if self.content_type.startswith(_MULTIPART):
            boundary = boundary_of(self.content_type)
            return split_multipart(body, boundary) if boundary else None
        if not body:
            return {}
        if self._reads_as_json():
            return None if self._parsed() is UNPARSED else {}
        if len(body) > _MAX_CODES and body.count(b"%") > _MAX_CODES:
            return None
        return split_fields(body.decode("utf-8", "replace"))

    def _reads_as_json(self) -> bool:
        if self._is_json is None:
            self._is_json = self._declares_json() and not self._like_fields()
        return self._is_json

    def _like_fields(self) -> bool:
        """Whether the body looks like urlencoded fields, and nothing says that it is anything else readable."""
        return _FIELDS.match(self.request.body) is not None and self._parsed() is UNPARSED

    def _declares_json(self) -> bool:
        """Whether the body says that it is JSON, or is nothing that could be read as fields or text."""
        body = self.request.body
        if not body:
            return False
        kind = self.content_type.partition(";")[0]
        if "json" in kind:
            return True
        if kind == _FORM or kind.startswith(_MULTIPART):
            return False
        return body[:64].lstrip()[:1] in (b"{", b"[") or (bool(kind) and not kind.startswith("text/"))
