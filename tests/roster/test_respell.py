"""Spellings that sound alike, made by rewriting letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.edits import SHORTEST, one_edit_apart
from guardrail.roster.respell import sound_alikes


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("stephen", "steven"),
        ("philip", "filip"),
        ("geoffrey", "jeffrey"),
        ("catherine", "katheryne"),
        ("jon", "john"),
        ("schmidt", "shmit"),
        ("leigh", "ley"),
        ("ann", "anne"),
        ("kim", "kym"),
    ],
)
def test_a_word_is_known_as_it_sounds(word: str, other: str) -> None:
    """Two places of a long word, one of a short one."""
    assert other in sound_alikes(word)


@pytest.mark.parametrize("word", ["", "li", "4you"])
def test_what_is_too_short_or_no_word_has_none(word: str) -> None:
    """Two letters sound like everything."""
    assert sound_alikes(word) == ()


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_spellings_are_few_and_new(word: str) -> None:
    """At most twelve, none the word itself, and of a long word none that an edit finds."""
    found = sound_alikes(word)
    assert len(found) == len(set(found)) <= 12
    assert word not in found
    assert len(word) < SHORTEST or not any(one_edit_apart(word, one) for one in found)
