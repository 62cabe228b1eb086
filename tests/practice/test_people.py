"""The people of the practice world, and that they are those of the sample roster."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from guardrail.practice.people import PEOPLE, Person, find, search

SITES = ("facebook", "instagram", "linkedin", "x")


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_people_are_found_by_each_id_and_handle(person: Person) -> None:
    """Every id and handle leads back to its person, and to nobody else."""
    for site in SITES:
        assert find(site, getattr(person, site)) is person
        assert find(site, getattr(person, f"{site}_id").upper()) is person
    assert find("yelp", person.yelp_id) is person
    assert find("google", person.google_id) is person
    assert person in search(person.name)
    assert len(person.x) <= 15


@pytest.mark.parametrize("text", ["", " ", "zz", "ma", "nobody at all"])
def test_a_text_that_names_nobody_finds_nobody(text: str) -> None:
    """No name, or only the very beginning of one: no result."""
    assert search(text) == ()


@pytest.mark.parametrize("text", ["margit", '"Margit Ollander" Victoria', "OLLANDER", "síobhan"])
def test_a_name_is_found_within_a_text(text: str) -> None:
    """Case, accents and words around it do not hide a name."""
    assert search(text)


def test_clients_are_those_of_the_sample_roster() -> None:
    """Whoever has a reference stands on the sample roster under it, and the roster's handles are theirs."""
    with files("guardrail.roster").joinpath("sample.csv").open(encoding="utf-8") as file:
        rows = {row["client_ref"]: row for row in csv.DictReader(file)}
    names = {f"{row['given_name']} {row['family_name']}" for row in rows.values()}
    for person in PEOPLE:
        if person.client_ref is None:
            assert person.name not in names
            continue
        row = rows[person.client_ref]
        assert f"{row['given_name']} {row['family_name']}" == person.name
        for handle in filter(None, row["handles"].split("; ")):
            site, _, value = handle.partition(":")
            if site in SITES:
                assert find(site, value) is person
