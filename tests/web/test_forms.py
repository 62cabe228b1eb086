"""The forms of a hold over the wire: what they ask, what they say of mistakes, and that all that is typed arrives."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from guardrail.ledger.seal import open_sealed
from guardrail.model.action import ActionKind, Subject
from tests.ledger_keys import SUPERVISOR
from tests.web.conftest import Site
from tests.web.scenes import SCENES
from tests.web.steps import FAST, SEARCH, answer


def test_mistakes_keep_what_was_typed(site: Site) -> None:
    """Mistakes stand in a summary and beside their fields; what was typed is still there, escaped."""
    site.know()
    hold = site.hold()
    token = site.get(f"/hold/{hold.id}").token
    typed = {"token": token, "danger": "child", "means.phone": "1", "when.phone": "9:00", "line": '<b>"&' + "x" * 300}
    reply = site.post(f"/hold/{hold.id}/crisis", typed)
    assert reply.status == 422
    assert 'href="#purpose"' in reply.text
    assert 'href="#line"' in reply.text
    assert 'id="line-wrong"' in reply.text
    assert 'value="child" checked' in reply.text
    assert 'value="9:00"' in reply.text
    assert "&lt;b&gt;&#34;&amp;xxx" in reply.text
    assert site.kinds() == ["notice_acknowledged", "hold_opened"]


FULL = {"speed": "full", "means.phone": "1", "when.phone": "", "next_meeting": "yesterday"}


@pytest.mark.parametrize(
    ("step", "fields", "said"),
    [
        (
            "crisis",
            {"speed": "fast"},
            ["Who is in danger?", "What do you need to do?", "How did you try to reach them?"],
        ),
        ("crisis", {"speed": "fast"}, ["What happened, in one line – Say in one line"]),
        ("crisis", FULL, ["Phone or text, no answer – Say when", "When you next meet, if you know – Give the date"]),
        ("crisis", FULL, ["What happened? – Write at least", "I accept what this asks of me – Tick this"]),
        (
            "consent",
            {},
            ["We are in session now – Tick this", "The client agreed to this, for this purpose – Tick this"],
        ),
        ("consent", {}, ["What did you agree to look at together? – Choose"]),
        (
            "attest",
            {"note": "x" * 501},
            ["Why is this not your client? – Choose", "A line about it, if you wish – Keep"],
        ),
    ],
)
def test_the_summary_says_which_answer(site: Site, step: str, fields: Mapping[str, str], said: list[str]) -> None:
    """Each line of the summary names the question that it is about; the summary stands within the open form."""
    path = SCENES["view"](site)
    page = site.post(f"{path}/{step}", {"token": site.get(path).token, **fields}).text
    summary = page[page.index('<div class="summary"') :]
    summary = summary[: summary.index("</div>")]
    assert all(words in summary for words in said), summary
    assert summary.count("<li>") == summary.count(" – ")
    assert page.index('<div class="summary"') > page.index('name="way"')


def test_the_fast_way_says_what_one_accepts(site: Site) -> None:
    """Beside `go on now` stands all that is then owed, by when, and a date for the next meeting, which is kept."""
    path = SCENES["search"](site)
    page = site.get(path).text
    accepts = page[page.index('id="accepts"') : page.index('<details class="full"')]
    for words in (
        "full account, within 24 hours",
        "what came of it, within 24 hours",
        "with the client at the next meeting",
    ):
        assert words in accepts, words
    assert 'type="date" name="next_meeting"' in accepts
    site.post(f"{path}/crisis", {"token": site.get(path).token, **FAST, "next_meeting": "2999-12-31"})
    justified = next(entry for entry in site.entries() if entry.kind == "justified")
    assert justified.details["next_meeting"] == "2999-12-31"


def test_no_meeting_is_asked_for_where_none_is_owed(site: Site) -> None:
    """Where no client is meant, no next meeting is asked about."""
    site.know()
    page = "https://www.facebook.com/quietharbourpsychotherapy/followers/"
    hold = site.hold(
        ActionKind.VIEW_FOLLOWERS, "facebook", page, None, subject=Subject(handle="quietharbourpsychotherapy")
    )
    assert "next_meeting" not in site.get(f"/hold/{hold.id}").text


def test_a_long_narrative_in_any_script_is_taken(site: Site) -> None:
    """20,000 characters of four bytes each arrive whole."""
    site.know()
    hold = site.hold()
    fields = {**FAST, "speed": "full", "duty_accepted": "1", "line": "", "narrative": "🕊" * 20_000}
    assert answer(site, hold, "crisis", fields) == (303, SEARCH)
    justified = next(stored for stored in site.ledger.read() if stored.entry.kind == "justified")
    assert justified.payload is not None
    assert open_sealed(justified.payload, [SUPERVISOR])["narrative"] == "🕊" * 20_000
