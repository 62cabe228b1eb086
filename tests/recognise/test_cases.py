"""The golden corpus: 478 requests of real shapes, each with the action that it is (invented names and ids)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from guardrail.recognise import SiteIndex
from guardrail.recognise.lines import sample_of
from tests.recognise.score import judge

SITES = (
    "bing",
    "birdeye",
    "bluesky",
    "brave",
    "canada411",
    "chatgpt",
    "copilot",
    "duckduckgo",
    "ecosia",
    "facebook",
    "gemini",
    "google",
    "google-business",
    "instagram",
    "linkedin",
    "mylife",
    "perplexity",
    "pinterest",
    "ratemds",
    "reddit",
    "snapchat",
    "spokeo",
    "startpage",
    "thatsthem",
    "threads",
    "tiktok",
    "truepeoplesearch",
    "trustpilot",
    "whitepages",
    "x",
    "yahoo",
    "yelp",
    "youtube",
)

KNOWN_WRONG: dict[str, str] = {}
"""What comes out otherwise than expected (case and field), each with the reason why that is accepted."""


def test_the_corpus_is_whole(cases: list[dict[str, Any]]) -> None:
    """Nobody loses a case without saying so: the counts stand here."""
    assert len(cases) == 478
    assert Counter(case["expect"].get("action") is not None for case in cases) == {True: 309, False: 169}
    assert {case["site"] for case in cases} == set(SITES)
    assert {key.partition(":")[0] for key in KNOWN_WRONG} <= {case["id"] for case in cases}


@pytest.mark.parametrize("site", SITES)
def test_cases_come_out_as_expected(site: str, index: SiteIndex, cases: list[dict[str, Any]]) -> None:
    """Action, query, ids and learned identities are those of the case, except where a reason stands above."""
    judged = [judge(case, index) for case in cases if case["site"] == site]
    wrong = {f"{one.id}: {name}": (one.expected.get(name), one.got[name]) for one in judged for name in one.wrong}
    assert {key: both for key, both in wrong.items() if key not in KNOWN_WRONG} == {}


def test_the_index_and_the_oracle_agree_on_the_corpus(index: SiteIndex, cases: list[dict[str, Any]]) -> None:
    """Trying every recogniser one by one gives the same for every case."""
    for case in cases:
        request = sample_of(case).request
        assert index.recognise(request) == index.scan_all(request), case["id"]
