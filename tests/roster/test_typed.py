"""The words of one text: tokens in bulk are those of each word, and what is left out of a long text is grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.people import Population
from guardrail.roster import build_index
from guardrail.roster.census import ORDINARY, census_entries, census_entry
from guardrail.roster.edits import SHORTEST
from guardrail.roster.fold import split_words
from guardrail.roster.index import Index
from guardrail.roster.layout import BLOCK
from guardrail.roster.names import person_names
from guardrail.roster.person import Client, Person
from guardrail.roster.typed import FUNCTION_WORDS, Typed
from tests.roster.scene import KEY

INDEX = Index(
    build_index([Person(Client("R1", "WS", Population.CURRENT), person_names("Will", "So"))], KEY),
    KEY,
)
LONG = "the small bird will sing a song so that we may sleep and then " * 4


def typed(text: str, *more: str) -> Typed:
    """Give the words of a text."""
    return Typed(INDEX, split_words(text), text, more)


@given(st.lists(st.text("abcé字 ", max_size=20), max_size=8))
def test_tokens_in_bulk_are_those_of_each_word(texts: list[str]) -> None:
    """Whatever stands beside a word, of whatever script and length, its token is the same."""
    tokens = INDEX.tokens
    assert tokens.of_words(texts) == b"".join(tokens.words(tokens.block(text)) for text in texts)


@pytest.mark.parametrize("text", ["jane doe", "jane jane doe", LONG, "who is " * 20 + "will so"])
def test_every_word_that_is_kept_has_its_token(text: str) -> None:
    """In its place in the row, whether words repeat or not."""
    one = typed(text, "more")
    assert len(one.row) == BLOCK * len(one.kept)
    for place in one.kept:
        assert one.token(place) == INDEX.tokens.of_words((one.latin[place],))
    assert one.singles == INDEX.tokens.of_words([*one.distinct, "more"])


def test_grammar_is_left_out_of_a_long_text_but_for_names_of_the_roster() -> None:
    """A short text is kept whole; in a long one `so` stays, since a client is called so."""
    short, long = typed("the bird so small"), typed(LONG)
    assert list(short.kept) == [0, 1, 2, 3]
    left_out = set(long.latin) - set(long.distinct)
    assert left_out == (FUNCTION_WORDS & set(long.latin)) - {"so"}
    assert [long.latin[place] for place in long.kept[:4]] == ["small", "bird", "will", "sing"]
    assert long.parts(["will", "so", "bird"]) | {"will": True, "so": True, "bird": False} == long.parts(())


def test_words_of_grammar_are_ordinary_ones() -> None:
    """So that no look for mistyped words has to ask for them apart."""
    assert [word for word in FUNCTION_WORDS if len(word) >= SHORTEST and not census_entry(word) & ORDINARY] == []


def test_the_census_is_asked_in_bulk_as_word_by_word() -> None:
    """One entry a word, 0 for an unknown one."""
    words = ("rose", "ollander", "smith", "photos", "")
    assert census_entries(words) == {word: census_entry(word) for word in words}
