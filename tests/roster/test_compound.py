"""Names of several words with an error, another sound, a nickname or an initial in one of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.roster import Roster, build_index
from guardrail.roster.edits import SHORTEST
from guardrail.roster.index import Index
from tests.bench.roster_bench import make_roster
from tests.bench.roster_people import Named
from tests.roster.scene import KEY

FAMILIES = (
    "O'Donoghue", "D'Alessandro", "van Oetelaar", "van den Oetelaar", "Al-Mutawakil", "Abu Ghazaleh", "St. Laurent",
    "Mac Gillivray", "McGillivray", "Dela Fuente", "de la Fontaine", "Quillon-Ashdown", "Quillon Ashdown",
)  # fmt: skip
GIVENS = ("Elspeth Rowena", "Elspeth-Rowena", "Elspeth", "Bilal bin Khalid")
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# The family name for Elspeth, what is asked, how sure it is and what was changed.
CHANGED = [
    ("O'Donoghue", "elseth o'donoghue", "VARIANT", ("typo",)),
    ("O'Donoghue", "who is elseth o'donoghue vancouver", "VARIANT", ("typo",)),
    ("O'Donoghue", "elspeth o'donohue", "VARIANT", ("typo",)),
    ("O'Donoghue", "o'donohue, elspeth", "VARIANT", ("order", "typo")),
    ("O'Donoghue", "elspeth odonohue", "VARIANT", ("typo",)),
    ("O'Donoghue", "elspeth donohue", "WEAK", ("part", "typo")),
    ("O'Donoghue", "o'donoghue, e.", "WEAK", ("order", "initial")),
    ("van Oetelaar", "e. van oetelaar", "WEAK", ("initial",)),
    ("van den Oetelaar", "e. van den oetelaar", "WEAK", ("initial",)),
    ("van den Oetelaar", "where does E. van den Oetelaar live", "WEAK", ("initial",)),
    ("van den Oetelaar", "elspeth van den oetelar", "VARIANT", ("typo",)),
    ("St. Laurent", "e. st. laurent", "WEAK", ("initial",)),
    ("Al-Mutawakil", "al-mutawakil, e.", "WEAK", ("order", "initial")),
    ("Quillon-Ashdown", "elseth quillon-ashdown", "VARIANT", ("typo",)),
    ("Quillon-Ashdown", "elspeth qullon ashdown", "VARIANT", ("part", "apart")),
    ("Quillon-Ashdown", "elspeth quillon-ashdwon", "VARIANT", ("part",)),
    ("Quillon-Ashdown", "elspeth quilon", "WEAK", ("part", "typo")),
    ("Quillon-Ashdown", "elseth quillon", "WEAK", ("part", "typo")),
    ("de la Fontaine", "elspeth lafontaine", "VARIANT", ("part",)),
    ("Dela Cruz Bautista", "elspeth delacruz", "VARIANT", ("part",)),
]
# The given name for Thackeray.
GIVEN = [
    ("Elspeth Rowena", "elspeth rowena thaceray", "VARIANT", ("typo",)),
    ("Elspeth Rowena", "elseth rowena thackeray", "VARIANT", ("part",)),
    ("Elspeth Rowena", "thaceray, elspeth rowena", "VARIANT", ("order", "typo")),
    ("Elspeth Rowena", "elspeth r. thaceray", "VARIANT", ("apart", "typo")),
    ("Elspeth R.", "elspeth r. thaceray", "VARIANT", ("typo",)),
    ("Elspeth-Rowena", "elspeth-rowena thaceray", "VARIANT", ("typo",)),
    ("Elspeth-Rowena", "elseth thackeray", "WEAK", ("part", "typo")),
    ("Stephen", "stefen thackeray", "VARIANT", ("sound",)),
]


@pytest.mark.parametrize(
    ("name", "text", "strength", "kinds"),
    [(Named("Elspeth", family), *rest) for family, *rest in CHANGED]
    + [(Named(given_name, "Thackeray"), *rest) for given_name, *rest in GIVEN]
    + [
        (Named("Stephen", "O'Donoghue"), "stefen o'donoghue", "VARIANT", ("sound",)),
        (Named("Anne", "O'Connor"), "anne o conner", "VARIANT", ("typo",)),
        (Named("Yusuf", "Abu Ghazaleh"), "yousef abu ghazaleh", "VARIANT", ("sound",)),
        (Named("Abdulrahman bin Khalid", "Al-Mutawa"), "abdelrahman al mutawa", "VARIANT", ("sound",)),
        (Named("Thị Ngọc Ánh", "Nguyễn"), "ngocanh nguyen", "VARIANT", ("part",)),
        (Named("Clementine", "Ruddle", "Wexcombe"), "clementine wexcomb", "WEAK", ("other_name", "typo")),
    ],
    ids=lambda value: value.full if isinstance(value, Named) else None,
)
def test_a_name_of_several_words_is_found(name: Named, text: str, strength: str, kinds: tuple[str, ...]) -> None:
    """As one of two words would be; half a name with an error is weak."""
    found = [(match.strength.name, set(match.kinds)) for match in make_roster([name]).match_text(text)]
    assert found == [(strength, set(kinds))]


PEOPLE = [Named(given_name, family) for given_name in GIVENS for family in FAMILIES]
EVERYBODY = make_roster(PEOPLE)


@given(st.data())
def test_one_error_hides_nobody(data: st.DataObject) -> None:
    """A letter put in, left out, replaced or swapped in any word of five letters and more, with words around it."""
    at = data.draw(st.integers(0, len(PEOPLE) - 1))
    words = re.split(r"(\W)", PEOPLE[at].full.lower())
    which = data.draw(st.sampled_from([place for place, word in enumerate(words) if len(word) >= SHORTEST]))
    word = words[which]
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from(LETTERS))
    words[which] = data.draw(
        st.sampled_from(
            (
                word[:place] + letter + word[place:],
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            )
        )
    )
    around = data.draw(st.sampled_from(("{}", "who is {}", "{} facebook photos", '"{}" vancouver')))
    text = around.format("".join(words))
    assert str(at) in {match.client_ref for match in EVERYBODY.match_text(text)}, text


@pytest.mark.parametrize(
    "text",
    [
        "elseth van den berg",
        "van den oetelar",
        "e. van den berg",
        "al pacino films",
        "st laurent quebec weather",
        "mac and cheese for elspeth",
        "de la fontane",
        "d. la fontaine bakery",
    ],
)
def test_a_part_alone_is_nobody(text: str) -> None:
    """Both parts of a name must stand there; other people's particles mean nobody."""
    assert EVERYBODY.match_text(text) == ()


@given(st.lists(st.sampled_from(("van", "den", "o", "oetelaar", "elspeth", "e", "st", "", "陳", "-")), max_size=40))
def test_any_heap_of_particles_is_read(words: list[str]) -> None:
    """Total; each client once."""
    refs = [match.client_ref for match in EVERYBODY.match_text(" ".join(words))]
    assert len(refs) == len(set(refs))


def test_an_empty_roster_has_nobody() -> None:
    """No particle makes a client."""
    assert Roster(Index(build_index([], KEY), KEY)).match_text("elseth van den oetelaar") == ()
