"""What the large sites answer on their several surfaces teaches who is behind a number or a handle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from guardrail.recognise import SiteIndex
from guardrail.recognise.lines import sample_of
from tests.recognise.score import judge

FORMS = [orjson.loads(line) for line in (Path(__file__).parent / "forms" / "answers.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("form", FORMS, ids=[form["id"] for form in FORMS])
def test_an_answer_teaches_whom_it_shows(form: dict[str, Any], index: SiteIndex) -> None:
    """Pages, hover cards, lists, plain or inside of a page: each person with all parts."""
    judged = judge(form, index)
    assert judged.wrong == (), judged.got


@pytest.mark.parametrize("form", FORMS, ids=[form["id"] for form in FORMS])
def test_another_type_of_answer_is_not_looked_at(form: dict[str, Any], index: SiteIndex) -> None:
    """The same bytes as an image or a style sheet teach nothing, and cost nothing."""
    sample = sample_of(form)
    assert not index.learns_from(sample.request, "image/png")
    assert not index.learns_from(sample.request, "text/css")
