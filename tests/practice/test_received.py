"""What reached the sites can be read back, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.practice.conftest import Practice

FORM = "application/x-www-form-urlencoded"


def test_an_action_is_remembered_with_its_body(practice: Practice) -> None:
    """A follow that arrives stands in the record with path and body, and the site still gets that body."""
    before = practice.received()
    answer = practice.ask(
        "www.facebook.com",
        "/api/graphql/",
        "fb_api_req_friendly_name=CometUserFollowMutation&variables=%7B%22a%22%3A1%7D",
        content_type=FORM,
        x_fb_friendly_name="CometUserFollowMutation",
    )
    assert answer.json()["data"] == {"taken": "CometUserFollowMutation"}
    (arrival,) = practice.received(since=before[-1]["number"] if before else 0)
    assert (arrival["host"], arrival["path"], arrival["method"]) == ("www.facebook.com", "/api/graphql/", "POST")
    assert arrival["operation"] == "CometUserFollowMutation"
    assert '{"a":1}' in arrival["body"]


def test_every_host_shows_the_same_record(practice: Practice) -> None:
    """The record is one for all sites; reading it, and assets, leave no trace in it."""
    practice.ask("x.com", "/home")
    assert practice.received("x.com") == practice.received("www.bing.com")
    assert not [one for one in practice.received() if one["path"].startswith("/practice/")]


def test_a_strange_since_gives_everything(practice: Practice) -> None:
    """A `since` that is no number counts as the beginning."""
    assert practice.ask("x.com", "/practice/received?since=x").json() == practice.received()
