"""Searches and visits that are actions and about no client: what is recognised all day and must never be held."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import guardrail
from tests.recognise.ordinary_day import SEED, cases, dressed, recorded, varied
from tests.recognise.ordinary_traffic import Fetch

# Things, places, public people and near misses: a word of a client's name beside another word.
SEARCHED = (
    "sertraline half life",
    "weather vancouver tomorrow",
    "rye bread starter",
    "emdr training online",
    "dsm-5 adjustment disorder",
    "bcacc code of ethics",
    "translink skytrain delays",
    "how to fix a dripping tap",
    "cheap flights to lisbon",
    "mary jane shoes",
    "jeff bezos",
    "margit name meaning",
    "margit schlachta",
    "tobin bridge boston",
    "ashgrove cheese tasmania",
    "lund university",
    "siobhan pronunciation",
    "jean-françois millet",
    "perpetua font",
    "van der waals forces",
    "annelien coorevits",
    "holtby village york",
    "zoë kravitz films",
    "wrenna name",
    "mary shelley",
    "людмила гурченко",
    "陳皮 recipe",
    "ليلى مراد",
    "clinique psychologique montréal",
    "jorunn halvorsdal",
    "bram overkirk",
    "acceptance and commitment therapy worksheets",
    "crisis line british columbia",
    "piano tuner near me",
    "margin of error",
    "hold music",
)
ASKED = ("search", "suggest", "view_profile")
COMMON = ("Mary", "Jane", "Jean")
"""Words of clients' names that stand in addresses of their own right."""
ROSTER = Path(guardrail.__file__).parent / "roster" / "sample.csv"


def errands(seed: int = SEED) -> list[Fetch]:
    """Give the same errands for the same seed, in the order in which they are run."""
    chance = Random(seed)  # noqa: S311 - the same errands for the same seed, nothing secret
    words = _client_words()
    run = [dressed(one, chance) for case in cases() for one in _errand(case, words, chance)]
    chance.shuffle(run)
    return run


def _client_words() -> frozenset[str]:
    """Give every word of what the clients of the sample roster are called, and their accounts, in lower case."""
    with ROSTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = " ".join(row[column] for row in rows for column in ("given_name", "family_name", "other_names"))
    accounts = [
        one.rpartition(":")[2].strip(" @").rpartition("/")[2] for row in rows for one in row["handles"].split(";")
    ]
    words = (word for word in re.findall(r"\w{4,}", names) if word not in COMMON)
    return frozenset(word.lower() for word in (*words, *accounts) if word)


def _errand(case: dict[str, Any], client_words: frozenset[str], chance: Random) -> Iterator[Fetch]:
    """Give the case's errand for something else; a visit as it is, unless it is to one of the sample's clients."""
    expected, fetch = case["expect"], recorded(case["request"])
    if expected["action"] not in ASKED:
        return
    words, others = expected.get("query"), chance.choice(SEARCHED)
    fetch = _instead(fetch, words, others) if words else varied(fetch, chance)
    said = (fetch.url, fetch.body or "", *fetch.headers.values())
    text = unquote_plus(unquote_plus(" ".join(said))).lower()
    # A case that spells a client's name in a way of its own keeps it, and is about a client.
    if not any(word in text for word in client_words.difference(others.split() if words else ())):
        yield fetch


def _instead(fetch: Fetch, words: str, others: str) -> Fetch:
    """Give the same search for other words, in whichever spelling the first ones stand."""

    def put(text: str, plain: Callable[[str], str]) -> str:
        for spell in (lambda one: quote(quote(one)), quote, quote_plus, lambda one: one.replace(" ", "-")):
            if spell(words) != words:  # a single word is spelt the same in all of them
                text = text.replace(spell(words), spell(others))
        return text.replace(words, plain(others))

    is_form = "=" in (fetch.body or "") and not (fetch.body or "").lstrip().startswith(("{", "["))
    body = None if fetch.body is None else put(fetch.body, quote_plus if is_form else str)
    headers = {name: put(text, quote) for name, text in fetch.headers.items()}
    return Fetch(fetch.kind, fetch.method, put(fetch.url, quote), headers, body)
