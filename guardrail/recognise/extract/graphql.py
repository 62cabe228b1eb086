"""GraphQL over any transport: the operations of a body or a query string, with their variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from typing import Any

from guardrail.recognise.extract.jsontext import UNPARSED, is_broken, is_crowded, parse_text
from guardrail.recognise.extract.restli import parse_restli

_NAMES = ("operationName", "operation_name", "fb_api_req_friendly_name", "friendly_name")
_VARIABLES = ("variables", "query_params")
_FIELD_NAMES = ("fb_api_req_friendly_name", "operationName")
_BATCHES = ("queries", "batch")
_BATCH_KEYS = frozenset(_BATCHES)
_FEW = 2  # values of one field: so many give fewer than MAX_OPERATIONS, however they are put together
_DOCUMENT = "query"
FIELDS = frozenset((*_FIELD_NAMES, *_VARIABLES, *_BATCHES, _DOCUMENT))
"""Fields that `from_fields` reads: where none of them stands, it finds nothing."""
MAX_OPERATIONS = 64
"""Operations of one request; a batch of more is not looked through."""

# GraphQL, section 2.3: `mutation Name($id: ID!) @directive {`, where the text or a line begins, or after a `}`
_DEFINITION = re.compile(
    r"(?:^|[}\n])[ \t,]{0,64}+(?:mutation|query|subscription)\s++([A-Za-z_]\w*+)\s*+[({@]", re.ASCII
)
_MAX_DOCUMENT = 64 * 1024
_MAX_DEFINITIONS = 8
_MAX_TUPLE = 20_000  # values: it is read here, not by a parser in C

BROKEN = UNPARSED
"""Variables that are there and cannot be parsed."""

type Operation = tuple[str | None, Any]


def from_json(value: Any) -> list[Operation]:
    """Give name and variables of each operation of a JSON body: one object, or a batch of them.

    At most one more than MAX_OPERATIONS. An object with two names is an operation by each of them.
    """
    items = value if isinstance(value, list) else [value]
    return _each(item for item in items if isinstance(item, dict) and not item.keys().isdisjoint(_KEYS))


def from_fields(field: Callable[[str], Sequence[str]]) -> list[Operation]:
    """Give the operations that form or query fields carry; `field` reads all values of one of them, decoded.

    At most one more than MAX_OPERATIONS. Of a name or variables that stand twice nobody knows which the site
    takes: each name goes with each of the variables.
    """
    names = names_of(field)
    texts = _unlike(*map(field, _VARIABLES))
    batches = _unlike(*map(field, _BATCHES))
    out = _paired(names, [_variables_of(text) for text in texts])
    for text in batches:
        value = parse_text(text)
        if value is None and is_broken(text):
            out.append((None, BROKEN))
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        out += _each(item for item in items if isinstance(item, dict))
    return out


def names_of(field: Callable[[str], Sequence[str]]) -> list[str]:
    """Give the names that fields carry beside a batch; few at most, or `from_fields` is to be asked."""
    return _unlike(*map(field, _FIELD_NAMES)) or [name for text in field(_DOCUMENT) for name in named_in(text)]


def named_plainly(*places: Mapping[str, Sequence[str]] | tuple[()]) -> bool:
    """Whether form and query hold no batch, and so little else that `names_of` gives all names of `from_fields`."""
    return all(_BATCH_KEYS.isdisjoint(place) for place in places) and not any(
        len(place[key]) > _FEW for place in places if place for key in FIELDS.intersection(place)
    )


def named_in(document: Any) -> list[str]:
    """Give the names of the operations that the text of a GraphQL document defines; anything else has none."""
    if not isinstance(document, str) or "{" not in document:
        return []
    return [found[1] for found in islice(_DEFINITION.finditer(document[:_MAX_DOCUMENT]), _MAX_DEFINITIONS)]


def parse_variables(text: str) -> Any:
    """Read a `variables` text: JSON, or LinkedIn's Rest.li tuple; None where it is neither."""
    if text.startswith("("):
        return parse_restli(text)
    return parse_text(text)


_KEYS = frozenset((*_NAMES, *_VARIABLES, "query", "queryId", "doc_id", "extensions"))


def _each(items: Iterable[Mapping[Any, Any]]) -> list[Operation]:
    found = (operation for item in items for operation in _of_one(item))
    return list(islice(found, MAX_OPERATIONS + 1))


def _of_one(item: Mapping[Any, Any]) -> list[Operation]:
    names = list(dict.fromkeys(item[key] for key in _NAMES if isinstance(item.get(key), str)))
    names = names or named_in(item.get(_DOCUMENT))
    variables = [_variables_of(item[key]) for key in _VARIABLES if item.get(key) is not None]
    return _paired(names, variables) or [(None, None)]


def _paired(names: Sequence[str], variables: Sequence[Any]) -> list[Operation]:
    if not names and not variables:
        return []
    return list(islice(product(names or (None,), variables or (None,)), MAX_OPERATIONS + 1))


def _variables_of(value: Any) -> Any:
    """Give variables parsed; an object stays itself, a text that was to be JSON and is none is BROKEN."""
    if not isinstance(value, str):
        return value
    if value.startswith("(") and is_crowded(value, _MAX_TUPLE):
        return BROKEN
    variables = parse_variables(value)
    return BROKEN if variables is None and is_broken(value) else variables


def _unlike(*values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value for some in values for value in some if value))
