"""Maps as lists of entries: what an entry gives, and that nothing else gives anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.pairs import entries

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["key", "name", "value", "x"]), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("items", "values"),
    [
        ([{"key": "last", "value": "Quill"}, {"key": "first", "value": "Marta"}], ["Marta"]),
        ([{"key": "first", "value": ["Marta", "M."]}], ["Marta", "M."]),
        ([{"name": "first", "value": "Marta"}], ["Marta"]),
        ([{"type": "first", "values": [{"text": "Marta"}]}], [{"text": "Marta"}]),
        ([{"key": "first", "value": "a"}, {"key": "first", "value": "b"}], ["a", "b"]),
        ([{"key": "first"}], []),
        ([{"key": "first", "value": None}], []),
        ([["key", "first"], "first", None], []),
        ({"key": "first", "value": "Marta"}, []),
        ("first", []),
        (None, []),
    ],
)
def test_an_entry_gives_its_values(items: Any, values: list[Any]) -> None:
    """By `key`, `name` or `type`; a list of values gives each; what is no list of objects gives nothing."""
    assert entries(items, "first") == values


@given(JSON, st.text(max_size=5))
def test_no_json_makes_it_raise(items: Any, name: str) -> None:
    """Whatever stands there, the answer is a list."""
    assert isinstance(entries(items, name), list)
