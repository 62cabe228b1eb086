"""A request that names only a thread, an invitation or a post is about the person whom an earlier answer showed."""

from __future__ import annotations

from typing import Any

import pytest

from guardrail.model.action import Action
from guardrail.recognise import SiteIndex
from guardrail.recognise.identities import Identities
from guardrail.recognise.lines import sample_of

JONAS = ("ACoAAAdClqcByBzdu_PRCpck43xp4zlXvVVqnx0", "Jonas Eichwald-Brandt")
TOBIAH = ("ACoAAASbrAgBtK8pWjllu9d4yFM1mEpXt951R04", "Tobiah Wrenfield")


@pytest.mark.parametrize(
    ("answer", "request_", "person"),
    [
        ("li-obs-conversations-50", "li-voy-message-45", JONAS),
        ("li-obs-invitationviews-30", "li-voy-accept-28", TOBIAH),
        ("x-web-tweetdetail-13", "x-web-like-25", ("2277310984", "Tobiah Wrenfield")),
        ("x-web-tweetdetail-13", "x-web-reply-28", ("2277310984", "Tobiah Wrenfield")),
        ("x-web-search-gql-people-01", "x-web-dm-31", ("1583920471029387264", "Marta Quillfeather")),
    ],
)
def test_what_was_seen_says_whom_it_is_about(
    answer: str, request_: str, person: tuple[str, str], index: SiteIndex, cases: list[dict[str, Any]]
) -> None:
    """The id of the thread, the invitation or the post stays; the person's own id and name come from the answer."""
    by_id = {case["id"]: sample_of(case) for case in cases}
    seen = by_id[answer]
    known = Identities(1000)
    assert seen.response is not None
    known.learn(index.learn(seen.request, seen.response))
    action = index.recognise(by_id[request_].request)
    assert isinstance(action, Action)
    subject = known.resolve(action.site, action.subject)
    assert subject.id == action.subject.id
    assert (subject.alt_id or subject.id, subject.name) == person
