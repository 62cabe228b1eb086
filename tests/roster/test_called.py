"""Spellings of one given name, and what its bearers are called, in languages that the public list does not know."""

from __future__ import annotations

import pytest

from guardrail.roster.called import called, spelled
from guardrail.roster.fold import fold
from tests.roster.scene import MakeRoster

SPELLED = [
    ("Sean", "Shaun"), ("Catherine", "Kathryn"), ("Geoffrey", "Jeffrey"), ("Deborah", "Debra"), ("Zoe", "Zoey"),
    ("Rebekah", "Rebecca"), ("Brittany", "Britney"), ("Mohammed", "Muhammad"), ("Yusuf", "Yousef"),
    ("Fatima", "Fatemeh"), ("Aleksandr", "Alexander"), ("Kaitlin", "Katelyn"), ("Dmitri", "Dmitriy"),
    ("Yaakov", "Jacob"),
]  # fmt: skip
CALLED = [
    ("Alexander", "Sasha"), ("Mikhail", "Misha"), ("Ekaterina", "Katya"), ("Jose", "Pepe"), ("Francisco", "Pancho"),
    ("Guadalupe", "Lupe"), ("Malgorzata", "Gosia"), ("Krishna", "Krish"), ("Charles", "Chas"), ("Benjamin", "Benji"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "typed", "kind"),
    [(*pair, "sound") for pair in SPELLED] + [(*pair, "nickname") for pair in CALLED],
)
def test_a_name_is_found_by_its_other_forms(make_roster: MakeRoster, given: str, typed: str, kind: str) -> None:
    """Beside a family name that few bear, in either direction."""
    for on_file, asked in ((given, typed), (typed, given)):
        (match,) = make_roster({"given_name": on_file, "family_name": "Pettibone"}).match_text(f"{asked} pettibone")
        assert (match.strength.name, match.kinds) == ("VARIANT", (kind,))


def test_a_name_that_many_bear_is_not_taken_for_another_spelling(make_roster: MakeRoster) -> None:
    """Shawn Smith is himself, not Sean Smith with an error."""
    assert not make_roster({"given_name": "Sean", "family_name": "Smith"}).match_text("shawn smith")


@pytest.mark.parametrize("forms", [spelled, called])
def test_forms_know_each_other_and_are_folded(forms: object) -> None:
    """Whoever is known by a form is found from it; none stands for itself."""
    assert callable(forms)
    for name in {one for pair in (*SPELLED, *CALLED) for one in map(str.lower, pair)}:
        for other in forms(name):
            assert other == fold(other)
            assert other != name
            assert name in forms(other)
