"""GraphQL operations out of every transport that names or numbers them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from guardrail.recognise.extract.graphql import from_fields, from_json

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
    assert from_fields(fields.get) == [("Follow", VARIABLES)]


@pytest.mark.parametrize("body", [None, 1, "text", [], [1], {"payload": {}}])
def test_other_bodies_hold_none(body: Any) -> None:
    """What is no operation gives none."""
    assert from_json(body) == []
