"""GraphQL over any transport: the operations of a body or a query string, with their variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
_FEW_OPERATIONS = 16  # names: each goes with at most two variables
_DOCUMENT = "query"
_RAW_NAMES = frozenset(name.encode() for name in _FIELD_NAMES)
_RAW_VARIABLES = frozenset(name.encode() for name in _VARIABLES)
FIELDS = frozenset((*_FIELD_NAMES, *_VARIABLES, *_BATCHES, _DOCUMENT))
"""Fields that `from_fields` reads: where none of them stands, it finds nothing."""
NAMING = FIELDS.difference(_VARIABLES)
"""Those of them that may name an operation."""
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


def from_fields(fields: Mapping[str, Sequence[str]]) -> list[Operation]:
    """Give the operations that form or query fields carry; `fields` are those of FIELDS that are there, decoded.

    At most one more than MAX_OPERATIONS. Of a name or variables that stand twice nobody knows which the site
    takes: each name goes with each of the variables.
    """
    if len(fields) == 1 and len(alone := fields.get("variables", ())) == 1 and alone[0]:
        return [(None, _variables_of(alone[0]))]  # the usual GET: its path names the operation
    names = names_of(fields)
    texts = _unlike(*(fields[key] for key in _VARIABLES if key in fields))
    batches = _unlike(*(fields[key] for key in _BATCHES if key in fields))
    out = _paired(names, [_variables_of(text) for text in texts])
    for text in batches:
        value = parse_text(text)
        if value is None and is_broken(text):
            out.append((None, BROKEN))
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        out += _each(item for item in items if isinstance(item, dict))
    return out


def names_of(fields: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the names that fields carry beside a batch; few at most, or `from_fields` is to be asked."""
    told = _unlike(*([name.strip() for name in fields[key]] for key in _FIELD_NAMES if key in fields))
    return told or [name for text in fields.get(_DOCUMENT, ()) for name in named_in(text)]


def named_plainly(*places: Mapping[str, Sequence[str]] | tuple[()]) -> bool:
    """Whether form and query hold no batch, and so little else that `names_of` gives all names of `from_fields`."""
    return all(_BATCH_KEYS.isdisjoint(place) for place in places) and not any(
        len(place[key]) > _FEW for place in places if place for key in FIELDS.intersection(place)
    )


def told_plainly(noted: Iterable[tuple[bytes, bytes]]) -> list[str] | None:
    """Give the names that the noted fields of a form tell, where they are all that `from_fields` would find.

    None where a name is missing or written in codes, stands beside a batch, or among too many.
    """
    names: list[str] = []
    variables = 0
    for key, value in noted:
        if key in _RAW_NAMES:
            if not value or b"%" in value or b"+" in value:
                return None
            names.append(value.decode("utf-8", "replace").strip())
        elif key in _RAW_VARIABLES:
            variables += 1
        else:
            return None
    return names if names and len(names) <= _FEW and variables <= _FEW else None


def told_by(value: Any) -> list[str] | None:
    """Give the names in a JSON body, where each of a few operations has one; None where `from_json` is to be asked."""
    names: list[str] = []
    for item in value if value.__class__ is list else (value,):
        if item.__class__ is dict and not _KEYS.isdisjoint(item):
            own = [item[key].strip() for key in _NAMES if key in item and item[key].__class__ is str]
            if not own or not all(own):
                return None
            names += own
    return names if len(names) <= _FEW_OPERATIONS else None


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
    names = list(dict.fromkeys(item[key].strip() for key in _NAMES if isinstance(item.get(key), str)))
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
