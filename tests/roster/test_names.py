"""Which spellings a person of the roster is known by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.people import Strength
from guardrail.roster.kinds import Kind
from guardrail.roster.names import family_units, given_units, person_names

EXACT, VARIANT, WEAK = Strength.EXACT, Strength.VARIANT, Strength.WEAK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ollander", {"ollander": EXACT}),
        ("O'Neil", {"oneil": EXACT, "neil": VARIANT}),
        ("ONeil", {"oneil": EXACT}),
        ("Smith-Jones", {"smithjones": EXACT, "smith": VARIANT, "jones": VARIANT}),
        ("García Márquez", {"garciamarquez": EXACT, "garcia": VARIANT, "marquez": VARIANT}),
        ("van der Berg", {"vanderberg": EXACT, "berg": VARIANT, "derberg": VARIANT}),
        ("de la Cruz", {"delacruz": EXACT, "cruz": VARIANT, "lacruz": VARIANT}),
        ("bin Rashid", {"binrashid": EXACT, "rashid": VARIANT}),
        ("MacDonald", {"macdonald": EXACT, "mcdonald": VARIANT}),
        (
            "Dela Cruz Bautista",
            {
                "delacruzbautista": EXACT,
                "cruzbautista": VARIANT,
                "cruz": VARIANT,
                "bautista": VARIANT,
                "delacruz": VARIANT,
            },
        ),
        ("Mc Donald", {"mcdonald": EXACT, "donald": VARIANT, "macdonald": VARIANT}),
        ("Doe Jr.", {"doe": EXACT}),
        ("Doe, PhD", {"doe": EXACT}),
        ("Härdtlinger", {"hardtlinger": EXACT, "haerdtlinger": EXACT}),
        ("Doe (née Roe)", {"doe": EXACT, "roe": VARIANT}),
        ("Van", {"van": EXACT}),
        ("", {}),
        ("…", {}),
    ],
)
def test_a_family_name_is_known_whole_and_by_its_parts(text: str, expected: dict[str, Strength]) -> None:
    """Particles, halves and Mac are variants of the whole."""
    assert {unit.key: unit.strength for unit in family_units(text)} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Margit", {"margit": EXACT}),
        ("Dr. Margit", {"margit": EXACT}),
        ("Dr", {"dr": EXACT}),
        ("Mary Jane", {"maryjane": EXACT, "mary": EXACT, "jane": VARIANT}),
        ("Anne-Marie", {"annemarie": EXACT, "anne": VARIANT, "marie": VARIANT}),
        (
            "Anne-Marie Lou",
            {
                "annemarielou": EXACT,
                "annemarie": EXACT,
                "anne": VARIANT,
                "marie": VARIANT,
                "lou": VARIANT,
                "marielou": VARIANT,
            },
        ),
        (
            "Thị Ngọc Ánh",
            dict.fromkeys(("thingocanh", "thi"), EXACT) | dict.fromkeys(("ngoc", "anh", "thingoc", "ngocanh"), VARIANT),
        ),
        ("J.", {"j": WEAK}),
        ("Mary J.", {"maryj": EXACT, "mary": EXACT}),
        ('Margaret "Peg"', {"margaret": EXACT, "peg": VARIANT}),
        ("曉霧", {"xiaowu": EXACT}),
    ],
)
def test_a_given_name_is_known_whole_and_by_its_first_word(text: str, expected: dict[str, Strength]) -> None:
    """The first of several given names is as good as all of them."""
    assert {unit.key: unit.strength for unit in given_units(text)} == expected


@pytest.mark.parametrize(
    ("given_name", "family", "preferred", "others", "pairs"),
    [
        ("Jane", "Doe", "", (), {"jane doe"}),
        ("Jane", "Doe", "Jenny", (), {"jane doe", "jenny doe"}),
        ("Jane", "Doe", "", ("Roe",), {"jane doe", "jane roe", "roe doe"}),
        ("Jane", "Doe", "", ("née Roe",), {"jane doe", "jane roe", "roe doe"}),
        ("Jane", "Doe", "", ("Jill van Roe",), {"jane doe", "jill vanroe", "jill roe"}),
        ("Jane", "Doe", "", ("Roe, Jill",), {"jane doe", "jill roe"}),
        ("Jane Doe", "", "", (), {"jane doe"}),
        ("Doe, Jane", "", "", (), {"jane doe"}),
        ("", "Doe, Jane", "", (), {"jane doe"}),
        ("陳曉霧", "", "", (), {"xiaowu chen"}),
        ("", "歐陽曉霧", "", (), {"xiaowu ouyang"}),
        ("김철수", "", "", (), {"cheolsu gim"}),
        ("Jane", "Doe", "", ("Dr. Jill van Roe Jr.",), {"jane doe", "jill vanroe", "jill roe"}),
        ("Jane", "Doe", "", ("Jill (Jo) Roe",), {"jane doe", "jill roe", "jo roe", "jill jo"}),
        ("陳 曉霧", "", "", (), {"chen xiaowu"}),
        ("Prisca", "", "", (), set()),
        ("Prisca, Jr.", "", "", (), set()),
        ("", "van der Berg", "", (), set()),
        ("", "García Márquez", "", (), set()),
    ],
)
def test_given_and_family_names_make_pairs(
    given_name: str, family: str, preferred: str, others: tuple[str, ...], pairs: set[str]
) -> None:
    """Only a given and a family name together name a person; other names join in."""
    names = person_names(given_name, family, preferred, others)
    kept = [pair for pair in names.pairs if Kind.SCRIPT not in pair.kinds]
    assert {f"{pair.given.key} {pair.family.key}" for pair in kept} == pairs


@pytest.mark.parametrize(
    ("given_name", "family", "alone"), [("Prisca", "", {"prisca"}), ("", "Quist", {"quist"}), ("Jane", "Doe", set())]
)
def test_a_name_of_one_part_stands_alone(given_name: str, family: str, alone: set[str]) -> None:
    """A person with one name only is known by that; nobody else by a part."""
    assert {unit.key for unit in person_names(given_name, family).alone} == alone


@pytest.mark.parametrize(
    ("given_name", "family", "initials"),
    [
        ("Margit", "Ollander", "MO"),
        ("Tobin", "Ashgrove-Lund", "TAL"),
        ("Jean-François", "D'Aubigny", "JD"),
        ("Annelien", "van der Berg", "AV"),
        ("曉霧", "陳", "XC"),
        ("", "", ""),
    ],
)
def test_initials_are_at_most_three_letters(given_name: str, family: str, initials: str) -> None:
    """What a page shows beside the reference."""
    assert person_names(given_name, family).initials == initials


@given(*[st.text(max_size=30)] * 3, st.lists(st.text(max_size=20), max_size=4))
def test_names_are_total(one: str, other: str, preferred: str, others: list[str]) -> None:
    """No text in any column raises, and nobody gets more than three initials."""
    names = person_names(one, other, preferred, others)
    assert len(names.initials) <= 3
    assert all(pair.given.key and pair.family.key for pair in names.pairs)
