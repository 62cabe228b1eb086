"""Texts of an examiner who had not seen the tests: forms in which people search, and what else fills a clinic's day.

`examined.tsv` has a class, the client who is meant (`examined_clients.csv`), how sure that is (`found`: in any way;
`none`: this client is not meant, or nobody) and the text as a JSON string. `examined_harmless.txt` means nobody.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from guardrail.model.people import Strength
from guardrail.roster import Roster, load_roster
from tests.roster.scene import KEY, MakeRoster

HERE = Path(__file__).parent

type Examined = tuple[str, str, str]  # the client's reference, how sure, the text


def examined() -> dict[str, list[Examined]]:
    """Read the texts by their class."""
    lines = (HERE / "examined.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {
        group: [(ref, sure, json.loads(text)) for _, ref, sure, text in found]
        for group, found in groupby(rows, key=lambda row: row[0])
    }


TEXTS = examined()


@pytest.fixture(scope="module")
def clients() -> Roster:
    """Give the invented people of many naming customs."""
    return load_roster(HERE / "examined_clients.csv", KEY)


def falls_short(roster: Roster, rows: list[Examined]) -> Iterator[tuple[str, str, str]]:
    """Give the texts that are not found as they should be, with what was found."""
    for ref, sure, text in rows:
        matches = roster.match_text(text)
        met = {match.client_ref: match.strength for match in matches}
        good = {
            "exact": met.get(ref) is Strength.EXACT,
            "found": ref in met,
            "none": not met if not ref else ref not in met,
        }
        if not good[sure]:
            yield text, sure, str(met)


@pytest.mark.parametrize("group", TEXTS)
def test_whoever_is_meant_is_found(clients: Roster, group: str) -> None:
    """Each class of texts as a whole."""
    assert list(falls_short(clients, TEXTS[group])) == []


def test_the_texts_are_many() -> None:
    """Nobody took out what did not pass."""
    assert sum(map(len, TEXTS.values())) >= 1000
    assert len(TEXTS) >= 60


def census(kind: str) -> tuple[list[str], list[int]]:
    """Read the names of the census and how many bear each."""
    with (HERE / f"census_{kind}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return [name for name, _ in rows], [int(count) for _, count in rows]


def test_what_fills_a_day_means_nobody(make_roster: MakeRoster) -> None:
    """Methods, places, shops, books, drugs, colleagues, famous people: against 400 clients as the census has them."""
    chance = random.Random(1)  # noqa: S311 - the same people in every run
    given, family = census("given"), census("family")
    firsts, middles = (chance.choices(given[0], given[1], k=400) for _ in range(2))
    lasts = chance.choices(family[0], family[1], k=400)
    roster = make_roster(
        *(
            {"given_name": f"{first} {middle}" if at % 3 == 0 else first, "family_name": last}
            for at, (first, middle, last) in enumerate(zip(firsts, middles, lasts, strict=True))
        )
    )
    lines = (HERE / "examined_harmless.txt").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if not line.startswith("#")]
    assert len(texts) >= 450
    alarms = {text: match[0].strength for text in texts if (match := roster.match_text(text))}
    assert len(alarms) <= 2, alarms  # a client may be a namesake of the famous
