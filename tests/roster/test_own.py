"""The clinician's own name and the clinic's are never a client's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster import Roster, load_roster
from guardrail.roster.fold import split_words
from guardrail.roster.own import OwnNames
from tests.roster.scene import KEY, SAMPLE


@pytest.fixture(scope="module")
def roster() -> Roster:
    """Give the sample, used by a clinician who has a client's name."""
    return load_roster(SAMPLE, KEY, own_names=("Margit Ollander", "Tobin Lund Clinic", "Wrenna"))


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("margit ollander", []),
        ("Ollander, Margit reviews", []),
        ("dr margit ollander vancouver", []),
        ("tobin lund clinic opening hours", []),
        ("tobin lund", ["C-1002"]),
        ("margit ollander and tobin lund", ["C-1002"]),
        ("margit olander", ["C-1001"]),
        ("wrenna mcholtby", ["C-1013"]),
        ("tobin margit ollander lund", []),
    ],
)
def test_an_own_name_is_read_past(roster: Roster, text: str, refs: list[str]) -> None:
    """What else a text says is still found; a name of one word counts for nothing."""
    assert [match.client_ref for match in roster.match_text(text)] == refs


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=60))
def test_own_names_are_total(names: list[str], text: str) -> None:
    """No name and no text raise; a text keeps its length in words."""
    words = split_words(text)
    left = OwnNames(names).without(words)
    assert len(left.latin) == len(left.native) == len(words.latin)
