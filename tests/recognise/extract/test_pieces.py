"""Objects in pieces of JSON that are cut off at both ends."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.pieces import objects_with


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('cut": 1}, {"pk": 1, "n": "x"}, {"pk": 2', [{"pk": 1, "n": "x"}]),
        ('[{"a": {"b": 1}, "pk": 3}]', [{"a": {"b": 1}, "pk": 3}]),
        ('{"t": "{", "pk": 4}', [{"t": "{", "pk": 4}]),
        ('{"outer": {"pk": 5}, "pk": 6', [{"pk": 5}]),
        ('"pk": 7}', []),
        ("nothing", []),
    ],
)
def test_objects_that_stand_whole_are_found(text: str, found: list[dict[str, Any]]) -> None:
    """The innermost object around the key, whatever is cut off around it."""
    assert list(objects_with(text, ["pk"])) == found


@given(st.integers(1, 30), st.integers(0, 200), st.integers(0, 200))
def test_a_cut_loses_only_what_it_cuts(people: int, before: int, after: int) -> None:
    """Of a list that is cut anywhere, every object between the cuts is found."""
    whole = [{"pk": number, "more": {"x": [number]}} for number in range(people)]
    text = orjson.dumps(whole).decode()
    piece = text[before : len(text) - after]
    inside = [one for one in whole if orjson.dumps(one).decode() in piece]
    assert [one for one in objects_with(piece, ["pk"]) if "more" in one] == inside


@pytest.mark.parametrize("part", ['{"pk":', '{"pk"', '"pk"{', '[{"pk":1},', "{" * 50 + '"pk"'])
def test_the_work_is_bounded(part: str) -> None:
    """A hostile text ends too, and gives no more than it holds."""
    text = part * (200_000 // len(part))
    assert sum(1 for _ in objects_with(text, ["pk"])) <= text.count("pk")


def test_several_keys_are_looked_for_at_once() -> None:
    """Each object once, whichever of the keys it has, in the order of the text, with what is inside of it."""
    text = '..{"pk": 1, "id": 2}, {"id": {"pk": 3}}, {"no": 4}, {"pk": 5}, {"id":'
    assert list(objects_with(text, ["pk", "id", "none"])) == [{"pk": 1, "id": 2}, {"id": {"pk": 3}}, {"pk": 5}]


def test_many_small_objects_are_all_found() -> None:
    """What can be read is no charge on the bound."""
    text = '{"badges":{"kind":1},"pk":1,"name":"Jane Doe"},' * 5_000
    assert sum(1 for _ in objects_with(text, ["pk"])) == 5_000
