"""The index of one small site (example.yaml): what its recognisers take, leave, and cannot read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from guardrail.model.action import Action, ActionKind, Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex, Unread, load_sites
from tests.recognise.conftest import EXAMPLE

LONG = 340282366841710300949128100000000000011


def get(path: str, query: str = "", host: str = "www.example.com", **headers: str) -> HttpRequest:
    """Make a GET."""
    raw = tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())
    return HttpRequest("GET", "https", host, 443, path, query, raw)


def post(path: str, body: bytes, kind: str = "application/x-www-form-urlencoded", **rest: Any) -> HttpRequest:
    """Make a POST with a body of a type."""
    return HttpRequest(
        "POST", "https", "www.example.com", 443, path, "", ((b"Content-Type", kind.encode()),), body, **rest
    )


@pytest.mark.parametrize(
    ("host", "watched"),
    [
        ("www.example.com", True),
        ("www.example.com.", True),
        ("example.com", False),
        ("mail.example.com", False),
        ("a.b.example.org", True),
        ("example.org", False),
        ("", False),
        (".", False),
    ],
)
def test_only_named_hosts_are_watched(example: SiteIndex, host: str, watched: bool) -> None:
    """Exact hosts are exact, `*.` takes any depth below but not the domain itself."""
    assert example.watches(host) is watched


@pytest.mark.parametrize(
    ("request_", "recogniser", "part", "value"),
    [
        (get("/search", "kind=person&q=jane+doe"), "own-words", "query", "jane doe"),
        (get("/FIND/", "q=%EF%BC%AA&kind=personal"), "own-words", "query", "Ｊ"),
        (get("/searches", "q=jane"), "profile", "handle", "searches"),
        (get("/Jane.Doe"), "profile", "handle", "jane.doe"),
        (get("//jane%2Edoe/;x=1"), "profile", "handle", "jane.doe"),
        (get("/jane/videos/1/2"), "profile", "handle", "jane"),
        (get("/id/12", cookie="me=13"), "profile", "id", "12"),
        (
            post("/graphql", b"operationName=UserFollow&variables=%7B%22input%22%3A%7B%22id%22%3A9%7D%7D"),
            "follow",
            "id",
            "9",
        ),
        (
            post("/graphql", b'{"operationName":"FriendRequest","variables":{"id":"7"}}', "application/json"),
            "connect",
            "id",
            "7",
        ),
        (post("/route", b"url=https%3A%2F%2Fwww.example.com%2Fid%2F4"), "profile", "id", "4"),
    ],
)
def test_requests_become_actions(
    example: SiteIndex, request_: HttpRequest, recogniser: str, part: str, value: str
) -> None:
    """Path, query, form, JSON and routed addresses all lead to the subject."""
    found = example.recognise(request_)
    assert isinstance(found, Action)
    assert found.recogniser == recogniser
    assert getattr(found.subject, part) == value


@pytest.mark.parametrize(
    "request_",
    [
        get("/"),
        get("/login"),
        get("/search", "q=&kind=person"),
        get("/jane.doe", sec_fetch_dest="image"),
        get("/id/12", cookie="a=b; me=12"),
        get("/jane.doe", host="cdn.example.com"),
        replace(get("/jane.doe"), method="OPTIONS"),
        post("/graphql", b"operationName=UserUnfollow&variables=%7B%22id%22%3A1%7D"),
        post("/graphql", b""),
        post("/route", b"url=https%3A%2F%2Felsewhere.example%2Fjane"),
    ],
)
def test_other_requests_are_no_action(example: SiteIndex, request_: HttpRequest) -> None:
    """Own profile, assets, reserved words, preflights, empty searches and undoing are left alone."""
    assert example.recognise(request_) is None


@pytest.mark.parametrize(
    ("request_", "kinds"),
    [
        (
            post("/graphql", b"", unreadable=True),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
        (
            post("/graphql", b'{"operationName":"UserFollow","vari', "application/json"),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
        (
            post("/graphql", b"[" * 100_000, "application/json"),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
        (
            post("/graphql", b"a=1&" * 30_000),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
        (
            post("/graphql", b"--other", "multipart/form-data; boundary=x"),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
        (
            post("/graphql", b"operationName=UserFollow&variables=%7B%22input%22%3A%7B%22id%22"),
            (ActionKind.FOLLOW,),
        ),
        (
            replace(post("/graphql", b"", unreadable=True), query="op=UserFollow"),
            (ActionKind.FOLLOW, ActionKind.CONNECT_REQUEST),
        ),
    ],
)
def test_what_cannot_be_read_is_said(example: SiteIndex, request_: HttpRequest, kinds: tuple[ActionKind, ...]) -> None:
    """A candidate whose body is there and cannot be read is Unread, never silently nothing."""
    found = example.recognise(request_)
    assert isinstance(found, Unread)
    assert found.site == "example"
    assert found.kinds == kinds
    assert example.scan_all(request_) == found


@pytest.mark.parametrize(
    ("path", "body", "recogniser", "ids"),
    [
        ("/a/re%76iews", b'{"review":{"id":1}}', "reply", ["1"]),
        ("/FEEDBACK", b'{"rating":{"id":2},"x":[{"review":{"urn":"urn:a:3"}}]}', "reply", ["3", "2"]),
        ("/reviews", b'{"a":{"review":{"id":4}},"b":{"review":{"id":4}},"c":{"review":{"id":5}}}', "reply", ["4", "5"]),
        ("/reviews", b'{"review":{"id":340282366841710300949128100000000000011}}', "reply", [str(LONG)]),
        ("/graphql", b'{"query":"mutation UserFollow($id: ID!) { f }","variables":{"id":"6"}}', "follow", ["6"]),
    ],
)
def test_hints_documents_and_places_at_any_depth(
    example: SiteIndex, path: str, body: bytes, recogniser: str, ids: list[str]
) -> None:
    """A hint is looked for in the decoded path; a document names its operation; every digit of an id is kept."""
    request = post(path, body, "application/json")
    found = example.recognise(request)
    assert isinstance(found, Action)
    assert found.recogniser == recogniser
    assert [one.id for one in (found.subject, *found.others)] == ids
    assert example.scan_all(request) == found


def test_a_name_too_long_to_look_through_is_unread(example: SiteIndex) -> None:
    """It may hold anything; to try every glob on it would take long."""
    request = post("/graphql", b"operationName=" + b"x" * 5000 + b"UserFollow")
    found = example.recognise(request)
    assert isinstance(found, Unread)
    assert example.scan_all(request) == found


def test_the_batch_gives_each_operation_its_own_variables(example: SiteIndex) -> None:
    """The id is that of the operation that is the action, not of its neighbour in the batch."""
    body = [
        {"operationName": "Feed", "variables": {"id": "1"}},
        {"operationName": "UserFollow", "variables": {"id": "2"}},
    ]
    found = example.recognise(post("/graphql", orjson.dumps(body), "application/json"))
    assert isinstance(found, Action)
    assert found.subject.id == "2"


def test_answers_teach(example: SiteIndex) -> None:
    """A person in an answer is learned, on the site's hosts and of the types that teach only."""
    request = get("/api/people")
    body = b'for (;;);{"users":[{"pk":5,"username":"Jane.Doe","full_name":"Jane Doe"},{"pk":6}]}'
    answer = HttpResponse(200, ((b"content-type", b"application/json"),), body)
    assert example.learns_from(request, "application/json")
    assert not example.learns_from(request, "image/png")
    assert not example.learns_from(get("/", host="elsewhere.example"), "application/json")
    assert example.learn(request, answer) == (Identity("example", "5", "jane.doe", "Jane Doe"),)


def test_a_profile_address_is_a_page(example: SiteIndex) -> None:
    """The Referer's address can be read as a profile; anything else is none."""
    found = example.page("https://www.example.com/jane.doe/photos?x=1")
    assert found is not None
    assert found.subject.handle == "jane.doe"
    assert example.page("https://www.example.com/search?q=jane&kind=person") is None
    assert example.page("\udcff//?") is None


def test_domains_are_registrable_and_the_revision_names_the_content(example: SiteIndex, tmp_path: Path) -> None:
    """Domains are what a CA can be constrained to; another content is another revision."""
    assert example.domains == ("example.com", "example.org")
    (tmp_path / "example.yaml").write_text(EXAMPLE.read_text().replace("name: Example", "name: Another"))
    assert load_sites([tmp_path], ours=None).revision != example.revision
