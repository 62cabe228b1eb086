"""How often names are borne, and which words are ordinary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.census import Facts, bearers, census_entry, facts_of, may_be_name


def facts(word: str) -> Facts:
    """Give what the table says of a word."""
    return facts_of(census_entry(word))


@pytest.mark.parametrize(
    ("word", "given_name", "family", "ordinary"),
    [
        ("jennifer", True, False, False),
        ("smith", False, True, False),
        ("rose", True, True, True),
        ("summer", True, True, True),
        ("jordan", True, True, True),
        ("photos", False, False, True),
        ("ollander", False, False, False),
    ],
)
def test_words_are_told_apart(word: str, *, given_name: bool, family: bool, ordinary: bool) -> None:
    """Given names, family names, ordinary words; one may be all of them."""
    found = facts(word)
    assert (found.given > 8, found.family > 4, found.word > 0) == (given_name, family, ordinary)


def test_common_pairs_are_borne_by_many() -> None:
    """John Smith by tens of thousands, in either order; a name that is not listed by nobody."""
    john, smith, unknown = facts("john"), facts("smith"), facts("ollander")
    assert bearers(john, smith) == bearers(smith, john) > 10_000
    assert bearers(john, unknown) == bearers(unknown, smith) == 0
    assert 1 < bearers(facts("jane"), facts("doe")) < 100


def test_what_is_only_a_word_is_no_name() -> None:
    """An unknown word may be a name; `photos` is none, `rose` is both."""
    assert [may_be_name(census_entry(word)) for word in ("ollander", "rose", "photos")] == [True, True, False]


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", max_size=40))
def test_any_word_is_looked_up(word: str) -> None:
    """Classes stay in their range."""
    found = facts(word)
    assert all(0 <= one <= 15 for one in (found.given, found.family, found.word))
