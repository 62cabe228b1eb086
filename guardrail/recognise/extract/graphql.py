"""GraphQL over any transport: the operations of a body or a query string, with their variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardrail.recognise.extract.jsontext import UNPARSED, is_broken, parse_text
from guardrail.recognise.extract.restli import parse_restli

_NAMES = ("operationName", "operation_name", "fb_api_req_friendly_name", "friendly_name")

BROKEN = UNPARSED
"""Variables that are there and cannot be parsed."""

type Operation = tuple[str | None, Any]


def from_json(value: Any) -> list[Operation]:
    """Give name and variables of each operation of a JSON body: one object, or a batch of them."""
    items = value if isinstance(value, list) else [value]
    return [_one(item) for item in items if isinstance(item, dict) and not item.keys().isdisjoint(_KEYS)]


def from_fields(field: Callable[[str], str | None]) -> list[Operation]:
    """Give the operations that form or query fields carry; `field` reads one of them, decoded."""
    name = field("fb_api_req_friendly_name") or field("operationName")
    text = field("variables") or field("query_params")
    if text is None:
        batch = field("queries") or field("batch")
        if batch is not None:
            return _batch(parse_text(batch))
        return [(name, None)] if name else []
    variables = parse_variables(text)
    return [(name, BROKEN if variables is None and is_broken(text) else variables)]


def parse_variables(text: str) -> Any:
    """Read a `variables` text: JSON, or LinkedIn's Rest.li tuple; None where it is neither."""
    if text.startswith("("):
        return parse_restli(text)
    return parse_text(text)


_KEYS = frozenset((*_NAMES, "variables", "query_params", "query", "queryId", "doc_id", "extensions"))


def _one(item: dict[Any, Any]) -> Operation:
    name = next((item[key] for key in _NAMES if isinstance(item.get(key), str)), None)
    variables = item.get("variables", item.get("query_params"))
    if isinstance(variables, str):
        variables = parse_variables(variables)
    return name, variables


def _batch(value: Any) -> list[Operation]:
    if isinstance(value, dict):
        return [_one(item) for item in value.values() if isinstance(item, dict)]
    return [_one(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []
