"""Counts of what is recognised, and names of what looks like an action and is none."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.action import Action, ActionKind
from guardrail.model.http import HttpRequest
from guardrail.recognise import SiteIndex, Unread
from guardrail.recognise.tally import MAX_NAMES, Tally, action_name

HIT = Action(ActionKind.SEARCH, "google", "web-search")


def post(path: str, body: bytes = b"", **headers: str) -> HttpRequest:
    """Make a POST to a watched host."""
    raw = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return HttpRequest("POST", "https", "www.google.com", 443, path, "", raw, body)


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (post("/x", x_fb_friendly_name="CometFriendRequestSendMutation"), "CometFriendRequestSendMutation"),
        (post("/x", x_apollo_operation_name="CometUnfollowMutation"), None),
        (post("/x", x_apollo_operation_name="CometUnFollowMutation"), None),
        (post("/x", x_apollo_operation_name="FriendsListQuery"), None),
        (post("/x", x_apollo_operation_name="Reply jane@example.org"), None),
        (post("/x", b"a=1&fb_api_req_friendly_name=useFollowUser7Mutation&b=2"), "useFollowUser#Mutation"),
        (post("/x", b'{"operationName": "InviteUser","variables":{"name":"Jane"}}'), "InviteUser"),
        (post("/web/friendships/123456/follow/"), "follow"),
        (post("/api/friend_requests"), "friend_requests"),
        (post("/people/jane-friend"), None),
        (post("/in/connect-jane.doe"), None),
        (post("/follow/jane"), None),
        (post("/log/message_seen"), None),
        (post("/"), None),
    ],
)
def test_only_names_of_the_program_are_kept(request_: HttpRequest, name: str | None) -> None:
    """Operation names and ordinary words; never a word that may be somebody's, never a number."""
    assert action_name(request_) == name


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_request_can_be_counted(body: bytes, path: str) -> None:
    """No bytes raise, and what is kept is an identifier."""
    name = action_name(HttpRequest("POST", "https", "a.test", 443, f"/{path}", "", (), b"operationName" + body))
    assert name is None or name.replace("_", "").replace("#", "").replace(".", "").replace("-", "").isalnum()


def test_hits_misses_and_unread_are_counted(index: SiteIndex) -> None:
    """Each request of a watched host counts once, and the counts come back from the file."""
    tally = Tally()
    tally.saw(index, post("/search"), HIT)
    tally.saw(index, post("/x/follow"), None)
    tally.saw(index, post("/x"), Unread("google", ("web-search",), (ActionKind.SEARCH,)))
    tally.saw(index, HttpRequest("GET", "https", "www.google.com", 443, "/follow", ""), None)
    google = tally.sites["google"]
    assert (google.requests, google.unread, google.hits, google.missed) == (4, 1, {"web-search": 1}, {"follow": 1})
    assert Tally(orjson.loads(orjson.dumps(tally.as_json()))).as_json() == tally.as_json()


def test_a_recogniser_that_falls_silent_is_named(index: SiteIndex) -> None:
    """Often hit, then not for twenty times its usual gap and 2000 requests: silent; one hit, and it is not."""
    tally = Tally()
    for _ in range(10):
        tally.saw(index, post("/search"), HIT)
    for _ in range(2001):
        assert list(tally.warnings()) == []
        tally.saw(index, post("/x"), None)
    assert ("google", "silent for long: web-search") in list(tally.warnings())
    tally.saw(index, post("/search"), HIT)
    assert not any(says.startswith("silent") for _, says in tally.warnings())


def test_a_site_on_which_nothing_is_ever_recognised_is_named() -> None:
    """Much visited, never a hit."""
    tally = Tally({"google": {"requests": 2001}})
    assert list(tally.warnings()) == [("google", "2001 requests, and nothing was ever recognised")]


def test_names_are_bounded(index: SiteIndex) -> None:
    """A site that makes up names fills no memory."""
    tally = Tally()
    for number in range(MAX_NAMES * 3):
        letters = "".join(chr(97 + int(digit)) for digit in str(number))
        tally.saw(index, post("/x", x_operation_name=f"Follow{letters.capitalize()}"), None)
    missed = tally.sites["google"].missed
    assert len(missed) == MAX_NAMES + 1
    assert missed["(others)"] == MAX_NAMES * 2


@pytest.mark.parametrize("kept", [None, [], {"a": 3}, {"a": {"hits": [1], "requests": "x", "missed": {"n": "m"}}}])
def test_a_broken_file_counts_as_none(kept: object) -> None:
    """What is no tally is left out."""
    assert all(one.requests == 0 and not one.hits for one in Tally(kept).sites.values())
