"""GraphQL operations out of every transport that names or numbers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from guardrail.recognise.extract.graphql import BROKEN, MAX_OPERATIONS, from_fields, from_json, named_in

VARIABLES = {"input": {"id": "12"}}
TEXT = orjson.dumps(VARIABLES).decode()


@pytest.mark.parametrize(
    "body",
    [
        {"operationName": "Follow", "variables": VARIABLES},
        {"fb_api_req_friendly_name": "Follow", "query_params": VARIABLES},
        {"friendly_name": "Follow", "variables": TEXT},
        [{"operationName": "Follow", "variables": VARIABLES}],
    ],
)
def test_a_json_body_names_its_operation(body: Any) -> None:
    """By any of the keys in use, with variables as an object or as text."""
    assert from_json(body) == [("Follow", VARIABLES)]


def once(fields: Mapping[str, str]) -> dict[str, list[str]]:
    """Give fields that each stand once."""
    return {key: [value] for key, value in fields.items()}


@pytest.mark.parametrize(
    "fields",
    [
        {"fb_api_req_friendly_name": "Follow", "variables": TEXT},
        {"fb_api_req_friendly_name": "Follow", "query_params": TEXT},
        {"queries": orjson.dumps({"o0": {"friendly_name": "Follow", "query_params": VARIABLES}}).decode()},
    ],
)
def test_fields_name_their_operation(fields: dict[str, str]) -> None:
    """In fields of their own, or in a batch of queries in one field."""
    assert from_fields(once(fields)) == [("Follow", VARIABLES)]


@pytest.mark.parametrize("body", [None, 1, "text", [], [1], {"payload": {}}])
def test_other_bodies_hold_none(body: Any) -> None:
    """What is no operation gives none."""
    assert from_json(body) == []


@pytest.mark.parametrize(
    ("fields", "operations"),
    [
        (
            {"operationName": ["Feed", "Follow"], "variables": ['{"a":1}', '{"a":2}']},
            [("Feed", {"a": 1}), ("Feed", {"a": 2}), ("Follow", {"a": 1}), ("Follow", {"a": 2})],
        ),
        ({"operationName": ["Feed"], "fb_api_req_friendly_name": ["Follow"]}, [("Follow", None), ("Feed", None)]),
        ({"variables": ["{}"], "batch": ['[{"friendly_name":"Follow"}]']}, [(None, {}), ("Follow", None)]),
        ({"queries": ['{"q0":']}, [(None, BROKEN)]),
        ({"queries": ["[" + "{}," * 60_000 + "{}]"]}, [(None, BROKEN)]),
        ({"variables": ["(" + "a:1," * 60_000 + ")"]}, [(None, BROKEN)]),
    ],
)
def test_nothing_hides_behind_another_field(fields: Mapping[str, list[str]], operations: list[Any]) -> None:
    """What stands twice counts twice, a batch beside variables counts too, and what cannot be parsed is said."""
    assert from_fields(fields) == operations


def test_a_body_may_name_its_operation_twice() -> None:
    """Each name is an operation; more of them than anybody sends are cut, one beyond the bound."""
    body = {"operationName": "Feed", "friendly_name": "Follow", "variables": VARIABLES}
    assert from_json(body) == [("Feed", VARIABLES), ("Follow", VARIABLES)]
    assert len(from_json([body] * 1000)) == MAX_OPERATIONS + 1


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ("mutation Reply($id: ID!) { reply(id: $id) { id } }", ["Reply"]),
        ("\n  query A { a }\nmutation B @live { b }", ["A", "B"]),
        ("fragment F on X { id } mutation C { c }", ["C"]),
        ("{ a }", []),
        ("mutation of the heart", []),
        ("\n" * 60_000, []),
        (None, []),
    ],
)
def test_a_document_names_its_operations(document: object, names: list[str]) -> None:
    """Every named definition counts; other text names none."""
    assert named_in(document) == names
    assert [name for name, _ in from_json({"query": document}) if name] == names


def test_a_name_beside_the_document_counts_alone() -> None:
    """What the client calls the operation is what the site heeds."""
    assert from_json({"operationName": "A", "query": "mutation B { b }"}) == [("A", None)]
