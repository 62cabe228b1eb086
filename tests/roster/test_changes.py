"""What another list changes, and the sealed facts of one that was imported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.changes import Facts, compare, open_facts, seal_facts
from tests.roster.scene import KEY

ROWS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("12"))
FACTS = Facts(datetime(2026, 3, 2, 9, tzinfo=UTC), "jane", "f" * 32, 2, 1, "ab" * 16, {"C-1": "11", "C-2": "22"})


def test_a_comparison_names_references() -> None:
    """New, gone and changed, and how many in a hundred of before are gone."""
    changes = compare({"a": "1", "b": "1", "c": "1", "d": "1"}, {"b": "2", "c": "1", "e": "1"})
    assert (changes.new, changes.gone, changes.changed) == (("e",), ("a", "d"), ("b",))
    assert changes.lost_percent == 50
    assert compare({}, {"a": "1"}).lost_percent == 0


@given(ROWS, ROWS)
def test_every_reference_is_told_once_or_is_the_same(before: dict[str, str], after: dict[str, str]) -> None:
    """Nobody is lost between the three lists."""
    changes = compare(before, after)
    told = [*changes.new, *changes.gone, *changes.changed]
    same = [ref for ref in before if after.get(ref) == before[ref]]
    assert sorted(told + same) == sorted({*before, *after})


def test_facts_open_with_their_key_and_number_alone() -> None:
    """They come back whole; another key or number, and any changed byte, is refused."""
    data = seal_facts(FACTS, KEY, 3)
    assert open_facts(data, KEY, 3) == FACTS
    for wrong in ((data, bytes(32), 3), (data, KEY, 4), (data[:-1], KEY, 3), (b"", KEY, 3), (data[:20], KEY, 3)):
        with pytest.raises(ValueError, match="facts"):
            open_facts(*wrong)
    for at in range(0, len(data), 97):
        with pytest.raises(ValueError, match="facts"):
            open_facts(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], KEY, 3)


def test_the_length_tells_no_number_of_clients() -> None:
    """Lists of few and of many have the same length; nothing of a reference can be read; nothing repeats."""
    many = replace(FACTS, clients=50, digests={f"C-{at}": "0" * 32 for at in range(50)})
    assert len(seal_facts(many, KEY, 1)) == len(seal_facts(FACTS, KEY, 1))
    assert b"C-1" not in seal_facts(FACTS, KEY, 1)
    assert seal_facts(FACTS, KEY, 1) != seal_facts(FACTS, KEY, 1)
    assert "C-1" not in repr(FACTS)
