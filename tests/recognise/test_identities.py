"""Identities: learned, bounded, and filled into subjects that name only a number."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.action import Action, ActionKind, Identity, Subject
from guardrail.recognise import Identities

JANE = Identity("example", "5", "jane.doe", "Jane Doe", ("inv-1",))


def page(url: str) -> Action | None:
    """Read `/in/<handle>` as a profile."""
    _, found, handle = url.partition("/in/")
    return Action(ActionKind.VIEW_PROFILE, "example", "profile", Subject(handle=handle)) if found else None


def test_a_number_becomes_a_person() -> None:
    """An id fills in handle and name; a handle fills in the id; another site's id does not."""
    known = Identities(10)
    known.learn([JANE])
    assert known.resolve("example", Subject(id="5")) == Subject(id="5", handle="jane.doe", name="Jane Doe")
    assert known.resolve("example", Subject(handle="jane.doe")).id == "5"
    assert known.resolve("other", Subject(id="5")) == Subject(id="5")


def test_an_invitation_becomes_a_person() -> None:
    """An alias resolves, and the person's own id is then the second id."""
    known = Identities(10)
    known.learn([JANE])
    found = known.resolve("example", Subject(id="inv-1"))
    assert found == Subject(id="inv-1", alt_id="5", handle="jane.doe", name="Jane Doe")


def test_every_alias_resolves_however_many_a_person_has() -> None:
    """A channel's hundredth video leads to its owner as the first does, in one answer or in many."""
    videos = [f"v{number}" for number in range(100)]
    at_once, one_by_one = Identities(1000), Identities(1000)
    at_once.learn([replace(JANE, aliases=tuple(videos))])
    for video in videos:
        one_by_one.learn([replace(JANE, aliases=(video,))])
    for known in (at_once, one_by_one):
        assert {known.resolve("example", Subject(id=video)).name for video in videos} == {"Jane Doe"}


def test_answers_add_up() -> None:
    """What a later answer leaves out is kept; what it says counts."""
    known = Identities(10)
    known.learn([JANE, Identity("example", "5", None, "Jane D.")])
    assert known.resolve("example", Subject(id="5")) == Subject(id="5", handle="jane.doe", name="Jane D.")
    known.learn([Identity("example", "6", "joan", None), Identity("example", None, "joan", "Joan")])
    assert known.resolve("example", Subject(id="6")).name == "Joan"


def test_the_page_speaks_only_for_an_unknown_number() -> None:
    """The profile from which the request came is the person, unless the id is known or a name is there."""
    known = Identities(10, page)
    referer = "https://www.example.com/in/jane.doe"
    assert known.resolve("example", Subject(id="5"), referer).handle == "jane.doe"
    assert known.resolve("example", Subject(query="x"), referer) == Subject(query="x")
    assert known.resolve("other", Subject(id="5"), referer) == Subject(id="5")
    assert known.resolve("example", Subject(id="5"), "https://www.example.com/") == Subject(id="5")
    known.learn([Identity("example", "9", "joan", "Joan"), JANE])
    assert known.resolve("example", Subject(id="9"), referer).handle == "joan"
    assert known.resolve("example", Subject(id="7"), referer).name == "Jane Doe"


@given(st.lists(st.tuples(st.text("ab", max_size=2), st.text("ab", max_size=2)), max_size=30), st.integers(0, 5))
def test_memory_is_bounded(people: list[tuple[str, str]], limit: int) -> None:
    """However much is learned, no more than the limit is kept."""
    known = Identities(limit)
    known.learn(Identity("example", one or None, two or None, "x") for one, two in people)
    assert len(known) <= limit


def test_the_longest_unused_goes_first() -> None:
    """What was asked for lately stays."""
    known = Identities(2)
    known.learn([Identity("example", "1", None, "A"), Identity("example", "2", None, "B")])
    known.resolve("example", Subject(id="1"))
    known.learn([Identity("example", "3", None, "C")])
    assert known.resolve("example", Subject(id="1")).name == "A"
    assert known.resolve("example", Subject(id="2")).name is None
