"""One request as recognisers see it: its parts, and the GraphQL operations in them; all is read only if asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from guardrail.model.http import HttpRequest
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
from guardrail.recognise.extract.jsontext import UNPARSED
from guardrail.recognise.extract.pointer import keys_of
from guardrail.recognise.extract.urltext import MAX_FIELDS, decode
from guardrail.recognise.glance import OPERATION_HEADERS, Glance
from guardrail.recognise.reading import FORM, NO_KEYS, Reading


class View(Reading):
    """What recognisers read from a request. Every method is total.

    `operation` is the operation's name that made the present candidate one, `instance` which one of that name (None:
    all); `captures` its path placeholders.
    """

    operation: str | None = None
    instance: int | None = None
    actor: str | None = None
    captures: Mapping[str, str] = {}
    _operations: list[Operation] | None = None
    _unread_operations = False

    def __init__(self, request: HttpRequest, segments: tuple[str, ...], glance: Glance | None = None) -> None:
        """Take the request, its path, already split, and what stood out in it."""
        super().__init__(request, segments, glance)
        self._keys: dict[tuple[str | None, int | None], AbstractSet[str]] = {}
        self._variables: dict[tuple[str | None, int | None], tuple[list[Any], bool]] = {}

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

    def variable_keys(self) -> AbstractSet[str]:
        """Give every key that stands at any depth of `variables`."""
        place = (self.operation, self.instance)
        values = self.variables()
        keys = self._keys.get(place)
        if keys is None:
            keys = self._keys[place] = keys_of([node for value in values for node in self.nodes(value)])
        return keys

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
        if kind.startswith(FORM):
            noted = self.glance.fields
            return None if noted is None or len(request.body) > MAX_FIELDS else told_plainly(noted)
        if "json" in kind.partition(";")[0]:
            value = self._parsed()
            return None if value is UNPARSED else told_by(value)
        return None

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

    def _read_operations(self) -> list[Operation]:
        found: list[Operation] = []
        if self._reads_as_json():
            found = from_json(self.json())
        self.form("")
        self.raw_query("")
        there = FIELDS.intersection(self._form) if self._form else NO_KEYS
        if self._query:
            there = there | FIELDS.intersection(self._query)
        return found + from_fields({key: self._fields(key) for key in there}) if there else found

    def _fields(self, key: str) -> list[str]:
        """Give a field's values: the form's, then the query's."""
        has_body = self.request.body or self.request.unreadable
        # Rest.li is decoded leaf by leaf: a decoded comma would be taken for one of its own
        query = [raw if raw.startswith("(") else decode(raw) for raw in self.raw_query(key)]
        return [*self.form(key), *query] if has_body else query
