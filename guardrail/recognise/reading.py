"""What a request says in its path, query, body and cookies: each part is parsed at most once, and only if asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

from guardrail.model.http import HttpRequest
from guardrail.recognise.extract.gateway import carried
from guardrail.recognise.extract.jsontext import UNPARSED, begins_as_fields, is_crowded, parse_exactly
from guardrail.recognise.extract.mqtt import publishes
from guardrail.recognise.extract.multipart import boundary_of, split_multipart
from guardrail.recognise.extract.pointer import MAX_SEARCHED, keyed, keys_of, walk
from guardrail.recognise.extract.urltext import RawFields, cookies, decode, joined, split_fields
from guardrail.recognise.glance import Glance

BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of a multipart body: its files are stepped over."""
TEXT_LIMIT = 2 * 1024 * 1024
"""Bytes of any other body: all of it is parsed, while all other traffic waits."""
QUERY_LIMIT = 64 * 1024
"""Characters of a query; no browser's address bar and no site's server takes more."""
FORM = "application/x-www-form-urlencoded"
NO_KEYS: AbstractSet[str] = frozenset()
_PUBLISHED, _NODES, _KEYED = ("published",), object(), object()
_FEW = 200  # objects and lists: to look through so many costs less than to sort them by their keys
_MAX_CODES = 80_000  # percent codes of a form: undoing them costs more than all the rest
_MULTIPART = "multipart/"
# Fields begin with a key and `=`, whatever type they are said to have; JSON, markup and binary forms do not.
_FIELDS = re.compile(rb"[& \t\r\n]*+(?![\[{\"<])[\x21-\x7e]{0,4096}?=")


class Reading:
    """A request's parts. Every method is total.

    `unread` turns true when somebody asked for a part that is there but cannot be read.
    """

    # Most requests are left after a glance: what is not asked for is not even set.
    unread = False
    _is_json: bool | None = None
    _query: RawFields | None = None
    _form: RawFields | None = None
    _json: Any = None
    _lowered: str | None = None
    _cookies: dict[str, str] | None = None
    _type: str | None = None
    _body_keys: AbstractSet[str] | None = None
    _unread_form = False
    _unread_json = False
    _unread_query = False

    def __init__(self, request: HttpRequest, segments: tuple[str, ...], glance: Glance | None = None) -> None:
        """Take the request, its path, already split, and what stood out in it."""
        self.request = request
        self.segments = segments
        self.glance = Glance(request) if glance is None else glance
        self.kept: dict[tuple[object, ...], Sequence[Any]] = {}
        self._heads: dict[str, Sequence[Any]] = {}
        self._decoded: dict[str, list[str]] = {}

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
        return self._form.keys() if self._form else NO_KEYS

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

    def body_keys(self) -> AbstractSet[str]:
        """Give every key that stands at any depth of a body of JSON."""
        keys = self._body_keys
        if keys is None:
            value = self.json()
            keys = self._body_keys = NO_KEYS if value is None else keys_of(self.nodes(value))
        if self._unread_json:
            self.unread = True
        return keys

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
        if kind == FORM or kind.startswith(_MULTIPART):
            return False
        return body[:64].lstrip()[:1] in (b"{", b"[") or (bool(kind) and not kind.startswith("text/"))
