"""Several people and several actions in one request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.model.http import HttpRequest
from guardrail.recognise import SiteIndex, Unread
from guardrail.recognise.together import MAX_SUBJECTS, MAX_TEXT, bounded, together

SEARCH = Action(ActionKind.SEARCH, "x", "search", Subject(query="a"))
FOLLOW = Action(ActionKind.FOLLOW, "x", "follow", Subject(id="1"))
UNREAD = Unread("x", ("message",), (ActionKind.MESSAGE,))
GRAPHQL = "https://www.facebook.com/api/graphql/"


def request(url: str, body: Any = None, kind: str = "", **headers: str) -> HttpRequest:
    """Make a request; a mapping or list of pairs is a form, bytes stay as they are, anything else is JSON."""
    host, _, rest = url.removeprefix("https://").partition("/")
    path, _, query = rest.partition("?")
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if body is None:
        return HttpRequest("GET", "https", host, 443, "/" + path, query, tuple(raw))
    form = kind.endswith("urlencoded")
    content = body if isinstance(body, bytes) else urlencode(body).encode() if form else orjson.dumps(body)
    raw.append((b"content-type", (kind or "application/json").encode()))
    return HttpRequest("POST", "https", host, 443, "/" + path, query, tuple(raw), content)


def form(url: str, body: Any, **headers: str) -> HttpRequest:
    """Make a POST of a form; its values are JSON where they are no text."""
    pairs = body.items() if isinstance(body, dict) else body
    texts = [(key, value if isinstance(value, str) else orjson.dumps(value).decode()) for key, value in pairs]
    return request(url, texts, "application/x-www-form-urlencoded", **headers)


def test_nothing_is_nothing() -> None:
    """No outcome at all, or only empty ones."""
    assert together([]) is None
    assert together([None, None]) is None


def test_one_kind_becomes_one_action() -> None:
    """The first subject stays the subject, the others follow it once each; nobody is nobody else."""
    second = replace(FOLLOW, subject=Subject(id="2"), others=(Subject(id="1"), Subject(id="3")))
    found = together([FOLLOW, second, replace(FOLLOW, subject=Subject())])
    assert found == replace(FOLLOW, others=(Subject(id="2"), Subject(id="3")))


def test_the_most_consequential_kind_leads() -> None:
    """Others go along, each of its kind; what is sure is not judged as softly as what is not."""
    soft = replace(FOLLOW, subject=Subject(id="2"), confidence=Confidence.LOW)
    found = together([SEARCH, soft, FOLLOW])
    assert found == replace(FOLLOW, others=(Subject(id="2"),), along=(SEARCH,))
    assert together([SEARCH, found]) == found


def test_what_cannot_be_read_is_not_outweighed() -> None:
    """The result is unread, and what was read is kept for the judge."""
    assert together([UNREAD, SEARCH, FOLLOW]) == replace(UNREAD, seen=(replace(FOLLOW, along=(SEARCH,)),))
    both = together([UNREAD, replace(UNREAD, recognisers=("react",), kinds=(ActionKind.REACT,), seen=(SEARCH,))])
    assert both == Unread("x", ("message", "react"), (ActionKind.MESSAGE, ActionKind.REACT), (SEARCH,))


def test_more_than_can_be_judged_is_unread() -> None:
    """Too many people: the first are judged all the same. Too long a text: none."""
    many = replace(FOLLOW, others=tuple(Subject(id=str(at)) for at in range(2, 200)))
    found = bounded(many)
    assert isinstance(found, Unread)
    assert len(found.seen[0].others) == MAX_SUBJECTS - 1
    for text in ("x" * (MAX_TEXT + 1), "\u738b" * 30_000, "\ufdfa" * 10_000):
        assert bounded(replace(SEARCH, subject=Subject(query=text))) == Unread("x", ("search",), (ActionKind.SEARCH,))
    longest = replace(SEARCH, subject=Subject(query="x" * MAX_TEXT))
    assert bounded(longest) is longest


@pytest.mark.parametrize(
    ("request_", "subject", "others"),
    [
        (request("https://www.google.com/search?q=parking&q=Jane+Doe"), {"query": "parking"}, {"Jane Doe"}),
        (
            form("https://www.startpage.com/sp/search?query=parking", {"query": "Jane Doe", "q": "Jo Roe"}),
            {"query": "parking"},
            {"Jane Doe", "Jo Roe"},
        ),
        (
            form(
                GRAPHQL,
                {
                    "fb_api_req_friendly_name": "FriendRequestSendMutation",
                    "variables": {"input": {"friend_requestee_ids": ["1", "2", "3"], "actor_id": "9"}},
                },
            ),
            {"id": "1"},
            {"2", "3"},
        ),
        (
            form(
                "https://i.instagram.com/api/v1/direct_v2/threads/broadcast/text/", {"recipient_users": [["1"], ["2"]]}
            ),
            {"id": "1"},
            {"2"},
        ),
        (
            request(
                "https://www.linkedin.com/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage",
                {"hostRecipientUrns": ["urn:li:fsd_profile:A", "urn:li:fsd_profile:B"]},
            ),
            {"id": "A"},
            {"B"},
        ),
        (
            form(
                "https://www.facebook.com/messaging/send/",
                {"specific_to_list[0]": "fbid:1", "specific_to_list[1]": "fbid:2"},
            ),
            {"id": "1"},
            {"2"},
        ),
        (form("https://x.com/i/api/1.1/dm/new2.json", {"recipient_ids": "1,2"}), {"id": "1"}, {"2"}),
        (
            form(
                GRAPHQL,
                [
                    ("fb_api_req_friendly_name", "FriendRequestSendMutation"),
                    ("variables", {"input": {"friend_requestee_id": "1"}}),
                    ("variables", {"input": {"friend_requestee_id": "2"}}),
                ],
            ),
            {"id": "1"},
            {"2"},
        ),
        (
            form(
                "https://graph.facebook.com/v21.0/",
                {
                    "batch": [
                        {"method": "POST", "relative_url": "me/friends/1"},
                        {"method": "POST", "relative_url": "me/friends/2"},
                    ]
                },
            ),
            {"id": "1"},
            {"2"},
        ),
        (
            request("https://www.google.com/search?as_q=parking&as_q=Jane&as_epq=lot&as_epq=Doe&as_oq="),
            {"query": "parking lot"},
            {"parking Doe", "Jane lot", "Jane Doe"},
        ),
    ],
)
def test_every_person_of_a_request_is_named(
    index: SiteIndex, request_: HttpRequest, subject: dict[str, str], others: set[str]
) -> None:
    """Lists, parameters that stand twice, in the address and the body, batches: the first leads, all others follow."""
    found = index.recognise(request_)
    assert isinstance(found, Action)
    assert found.subject == Subject(**subject)
    assert {one.query or one.id for one in found.others} >= others
    assert index.scan_all(request_) == found


@pytest.mark.parametrize(
    "request_",
    [
        form(
            GRAPHQL,
            {
                "fb_api_req_friendly_name": "FriendRequestSendMutation",
                "variables": {"input": {"friend_requestee_id": "1"}},
            },
            x_fb_friendly_name="CometNewsFeedQuery",
        ),
        form(
            GRAPHQL + "?fb_api_req_friendly_name=CometNewsFeedQuery",
            {
                "fb_api_req_friendly_name": "FriendRequestSendMutation",
                "variables": {"input": {"friend_requestee_id": "1"}},
            },
        ),
        form(
            GRAPHQL,
            [
                ("fb_api_req_friendly_name", "CometNewsFeedQuery"),
                ("fb_api_req_friendly_name", "FriendRequestSendMutation"),
                ("variables", {"input": {"friend_requestee_id": "1"}}),
            ],
        ),
        request(
            GRAPHQL,
            [
                {"operationName": "CometNewsFeedQuery"},
                {"operationName": "FriendRequestSendMutation", "variables": {"input": {"friend_requestee_id": "1"}}},
            ],
        ),
    ],
)
def test_a_harmless_name_hides_no_other(index: SiteIndex, request_: HttpRequest) -> None:
    """Header, address and body may each name an operation; every one counts."""
    found = index.recognise(request_)
    assert isinstance(found, Action)
    assert (found.kind, found.subject.id) == (ActionKind.CONNECT_REQUEST, "1")


def test_a_batch_is_all_of_its_operations(index: SiteIndex) -> None:
    """Two requests to connect and a message: the requests lead, the message goes along."""
    batch = [
        {"operationName": "useSendMessageMutation", "variables": {"input": {"recipient_ids": ["7"]}}},
        {"operationName": "FriendRequestSendMutation", "variables": {"input": {"friend_requestee_id": "1"}}},
        {"operationName": "FriendRequestSendMutation", "variables": {"input": {"friend_requestee_id": "2"}}},
    ]
    found = index.recognise(request(GRAPHQL, batch))
    assert isinstance(found, Action)
    assert (found.kind, found.subject.id, found.others) == (ActionKind.CONNECT_REQUEST, "1", (Subject(id="2"),))
    assert [one.kind for one in found.along] == [ActionKind.MESSAGE]
    many = index.recognise(request(GRAPHQL, batch * 30))
    assert isinstance(many, Unread)
    assert many.seen


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream", "text/plain", "a/b", "text/json"])
def test_fields_are_read_whatever_their_type(index: SiteIndex, kind: str) -> None:
    """A form that is called JSON, bytes or text is a form all the same; what looks like nothing is unread."""
    url = "https://www.startpage.com/sp/search"
    found = index.recognise(request(url, b"&query=Jane+Doe&cat=web", kind))
    assert isinstance(found, Action)
    assert found.subject.query == "Jane Doe"
    if kind != "text/plain":
        assert isinstance(index.recognise(request(url, b"\x00\x01Jane Doe", kind)), Unread)
        assert isinstance(index.recognise(request(url + "?query=parking", b"\x00Jane Doe", kind)), Unread)


def test_what_the_address_says_is_kept_where_the_body_cannot_be_read(index: SiteIndex) -> None:
    """A broken body does not turn a name in the address into something that only failure modes judge."""
    broken = request("https://www.startpage.com/sp/search?query=Jane+Doe", b"{", "application/json")
    found = index.recognise(broken)
    assert isinstance(found, Unread)
    assert [one.subject.query for one in found.seen] == ["Jane Doe"]
    assert index.scan_all(broken) == found


@pytest.mark.parametrize(
    "body",
    [
        b'{"action":"next","messages":[{"content":{"parts":["' + b"word " * 20_000 + b'"]}}]}',
        b'{"action":"next","messages":[{"content":{"parts":[' + b'"a",' * 60_000 + b'"b"]}}]}',
        b'{"action":"next","messages":[{"content":{"parts":["' + b"x" * 2_100_000 + b'"]}}]}',
    ],
)
def test_what_would_take_long_is_unread(index: SiteIndex, body: bytes) -> None:
    """A long question, a crowd of values, megabytes: nobody waits for them, and nobody lets them by."""
    assert isinstance(index.recognise(request("https://chatgpt.com/backend-api/f/conversation", body)), Unread)


def test_an_upload_is_no_long_text(index: SiteIndex) -> None:
    """A picture of megabytes beside a field is stepped over, and the field is read."""
    picture = b'--X\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + bytes(range(256)) * 20_000
    field = b'\r\n--X\r\nContent-Disposition: form-data; name="query"\r\n\r\nJane Doe\r\n--X--'
    found = index.recognise(
        request("https://www.startpage.com/sp/search", picture + field, "multipart/form-data; boundary=X")
    )
    assert isinstance(found, Action)
    assert found.subject.query == "Jane Doe"
