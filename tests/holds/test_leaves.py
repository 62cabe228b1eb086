"""A clinician's live grants, as their page lists them, and which of them end together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guardrail.holds.leaves import ending, live, quiet, to_go_on
from guardrail.model.decision import Scope
from guardrail.model.hold import Grant
from tests.holds.conftest import START


def grant(name: str, key: str, days: int = 1, clinician: str = "dr-wren") -> Grant:
    """Give a grant under a key, from now on."""
    until = START + timedelta(days=days)
    return Grant(name, "hold", clinician, key, "p", Scope.FIND, frozenset({"search"}), None, START, until, None)


MINE = (
    grant("a", "C-1"),
    grant("b", "quiet:x", 2),
    grant("c", "attested:x"),
    grant("d", "quiet:x", 3),
    grant("e", "quiet:y"),
)


def names(grants: tuple[Grant, ...]) -> str:
    """Give the grants by their names."""
    return "".join(one.id for one in grants)


def test_what_is_over_or_another_s_is_not_live() -> None:
    """To the moment, and for this clinician alone."""
    every = {one.id: one for one in (*MINE, grant("f", "C-1", clinician="dr-hale"))}
    assert names(live(every, "dr-wren", START)) == "abcde"
    assert names(live(every, "dr-wren", START + timedelta(days=1))) == "bd"
    assert live({}, "dr-wren", START) == ()


def test_leave_to_go_on_and_words_not_asked_about_are_listed_apart() -> None:
    """Of the same words once: until when the last of them is."""
    assert names(to_go_on(MINE)) == "ac"
    assert names(quiet(MINE)) == "de"


@pytest.mark.parametrize(("named", "ends"), [("a", "a"), ("c", "c"), ("b", "bd"), ("d", "bd"), ("e", "e"), ("z", "")])
def test_words_end_as_a_whole(named: str, ends: str) -> None:
    """Whichever of them is given back; everything else ends by itself."""
    assert names(ending(MINE, named)) == ends
