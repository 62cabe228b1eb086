"""One edit is found by equal patterns, and nothing further away is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster.edits import SHORTEST, one_edit_apart, stored_patterns, typed_patterns
from guardrail.roster.tokens import BLOCK

WORDS = st.text("abc", min_size=SHORTEST, max_size=9)


def meet(kept: str, typed: str) -> bool:
    """Whether a typed word is looked up under a pattern of the kept one."""
    asked = {typed}
    if len(typed) >= SHORTEST:
        patterns = typed_patterns(typed)
        asked |= {patterns[at : at + BLOCK].rstrip(b"\0").decode() for at in range(0, len(patterns), BLOCK)}
    return kept == typed or not asked.isdisjoint(stored_patterns(kept))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("smith", "smith", True),
        ("smith", "smit", True),
        ("smith", "smitth", True),
        ("smith", "smyth", True),
        ("smith", "simth", True),
        ("smith", "xsmith", True),
        ("smith", "mithx", False),
        ("smith", "smy", False),
        ("smith", "imsth", False),
        ("", "", True),
        ("", "a", True),
    ],
)
def test_one_edit(one: str, other: str, *, near: bool) -> None:
    """An insertion, a deletion, a replacement, a swap of neighbours."""
    assert one_edit_apart(one, other) is near
    assert one_edit_apart(other, one) is near


@given(WORDS, st.text("abc", min_size=SHORTEST - 1, max_size=10))
def test_words_meet_exactly_when_one_edit_apart(kept: str, typed: str) -> None:
    """The patterns of both sides are an exact test for one edit."""
    assert meet(kept, typed) is one_edit_apart(kept, typed)


def test_short_words_have_no_patterns() -> None:
    """Of four letters nearly every edit is another word."""
    assert stored_patterns("jane") == ()
