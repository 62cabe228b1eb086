"""The second look: ordinary words, common names, and letters that are no initials."""

from __future__ import annotations

import pytest

from guardrail.model.people import Strength
from guardrail.roster import Roster
from guardrail.roster.index import Index
from tests.bench.roster_bench import make_roster
from tests.bench.roster_people import Named

PEOPLE = (
    Named("Rose", "Garden"),
    Named("Will", "Smith"),
    Named("Will", "Ollander"),
    Named("Jane", "Gould"),
    Named("William", "Good"),
    Named("Sam", "Young"),
    Named("Dora", "Quill"),
    Named("John", "Fort"),
    Named("Anna", "Lee"),
    Named("Paul", "Tyler"),
    Named("Kirsten", "Wojcikowski"),
    Named("Dwayne Rachel", "Okonjo"),
    Named("David Mary", "Little"),
    Named("Thomas", "Boswell"),
    Named("Elspeth", "O'Donoghue"),
)


@pytest.fixture(scope="module")
def roster() -> Roster:
    """Give a roster of people whose names are words."""
    return make_roster(PEOPLE)


@pytest.mark.parametrize(
    ("text", "name", "strength"),
    [
        ("rose garden", "Rose Garden", Strength.WEAK),
        ("rose garden wedding photos", "Rose Garden", Strength.WEAK),
        ("will smith", "Will Smith", Strength.WEAK),
        ("will ollander", "Will Ollander", Strength.EXACT),
        ("jane gould", "Jane Gould", Strength.EXACT),
        ("jane goudl vancouver", "Jane Gould", Strength.VARIANT),
        ("d quill", "Dora Quill", Strength.WEAK),
        ("d.r. okonjo", "Dwayne Rachel Okonjo", Strength.WEAK),
        ("dwayne okonjo", "Dwayne Rachel Okonjo", Strength.EXACT),
        ("elspeth donohue", "Elspeth O'Donoghue", Strength.WEAK),
        ("who is elspeth donoguhe", "Elspeth O'Donoghue", Strength.WEAK),
        ("where does D. Quill live", "Dora Quill", Strength.WEAK),
        ("where does D Quill live", "Dora Quill", Strength.WEAK),
        ("sam young", "Sam Young", Strength.WEAK),
        ("anna lee", "Anna Lee", Strength.EXACT),
        ("kristen wojcikowski", "Kirsten Wojcikowski", Strength.VARIANT),
        ("john x fort", "John Fort", Strength.WEAK),
        ("dr okonjo", None, None),
        ("Dr. Okonjo psychiatrist vancouver", None, None),
        ("mary had a little lamb", None, None),
        ("tom my boswell", None, None),
        ("who is elspeth donahue", None, None),
        ("rose", None, None),
        ("garden", None, None),
        ("jane could you call me", None, None),
        ("good will hunting", None, None),
        ("that's young adult fiction", None, None),
        ("vitamin d quill pens", None, None),
        ("road to fort st john", None, None),
        ("annalee vancouver", None, None),
        ("paula tyler", None, None),
        ("paul taylor", None, None),
    ],
)
def test_a_second_look_is_taken(roster: Roster, text: str, name: str | None, strength: Strength | None) -> None:
    """Words of a name that are ordinary ones leave it weak; a common name is nobody's typing error."""
    found = [(PEOPLE[int(match.client_ref)].full, match.strength) for match in roster.match_text(text)]
    assert found == ([] if name is None else [(name, strength)])


def test_an_index_says_nothing_of_itself(roster: Roster) -> None:
    """`repr` tells how many there are."""
    index = roster._index
    assert isinstance(index, Index)
    assert repr(index) == f"Index({len(PEOPLE)} clients)"
