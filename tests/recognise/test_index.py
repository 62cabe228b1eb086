"""The index against its oracle, and against bytes that no site would send."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.model.action import Action, ActionKind, Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex, Unread, load_sites
from guardrail.recognise.lines import sample_of
from tests.recognise.conftest import CASES

LONG = 340282366841710300949128100000000000011
SITE = """\
site: example
name: Example
hosts: [www.example.com, "*.example.org"]
actor: [cookie me, form av]
operation: [query op]
reserved:
  pages: [login, about, search, find]
recognisers:
  - id: own-words
    action: search
    when: { path: [/search, /find], where: { query kind: ["person*", "!person-list"] } }
    take: { query: [query q, form q] }
    examples: { match: ["/search?q=jane&kind=person"], ignore: ["/search?q=jane&kind=person-list"] }
  - id: follow
    action: follow
    when: { method: POST, path: /graphql, operation: ["*Follow*", "!*Unfollow*"] }
    take: { id: [variable /id, variable /input/id] }
    examples:
      match: [{ url: /graphql, form: { operationName: UserFollow, variables: { id: 5 } }, expect: { id: "5" } }]
      ignore: [{ url: /graphql, form: { operationName: UserUnfollow, variables: { id: 5 } } }]
  - id: connect
    action: connect_request
    when: { method: POST, path: /graphql, operation: FriendRequest }
    take: { id: variable /id }
    examples:
      match: [{ url: /graphql, json: [{ operationName: A }, { operationName: FriendRequest, variables: { id: "7" } }] }]
      ignore: [{ url: /graphql, json: { operationName: A } }]
  - id: router
    route: form url
    when: { method: POST, path: /route }
    examples:
      match: [{ url: /route, form: { url: /jane.doe/photos, av: "1" }, expect: { handle: jane.doe, actor: "1" } }]
      ignore: [{ url: /route, form: { url: /login } }]
  - id: unnamed
    action: react
    when: { method: POST, path: /calls, operation: false, where: { form doc_id: true } }
    take: { id: variable /post }
    examples:
      match: [{ url: /calls, form: { doc_id: "1", variables: { post: "8" } }, expect: { id: "8" } }]
      ignore: [{ url: /calls, form: { doc_id: "1", operationName: A, variables: { post: "8" } } }]
  - id: reply
    action: review_reply
    confidence: low
    when: { method: POST, path: /**, hint: [eview, feedback] }
    take: { id: [json /**/review/id, json /**/review/urn | urn, json /**/rating/id] }
    examples:
      match: [{ url: /x/Reviews/1, json: { a: { review: { id: 5 } } }, expect: { id: "5" } }]
      ignore: [{ url: /x/1, json: { review: { id: 5 } } }, POST /revue]
  - id: profile
    action: view_profile
    when: { path: ["/{handle:name!pages}", "/{handle:name!pages}/photos|videos/**", "/id/{id:digits}"], page: true }
    examples: { match: [/Jane.Doe, /jane.doe/photos/9], ignore: [/login, /a%20b, POST /jane.doe] }
learn:
  objects:
    - { has: [pk, username], id: at /pk, handle: at /username, name: at /full_name }
"""


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> SiteIndex:
    """Give the index of the site above alone."""
    folder = tmp_path_factory.mktemp("sites")
    (folder / "example.yaml").write_text(SITE)
    return load_sites([folder], ours=None)


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


WORDS = st.sampled_from(
    [
        "search",
        "graphql",
        "route",
        "id",
        "login",
        "photos",
        "jane.doe",
        "12",
        "%",
        "%zz",
        ";",
        "**",
        "api",
        "voyager",
        "i",
    ]
)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["q", "kind", "op", "operationName", "variables", "url", "av", "f.req", "signed_body", "queries"]
        ),
        st.one_of(TEXT, st.sampled_from(["person", "UserFollow", '{"id":1}', "(a:(b:c", "/jane", "[[[", "4242["])),
    ),
    max_size=6,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    FIELDS.map(lambda fields: "&".join(f"{key}={value}" for key, value in fields).encode("utf-8", "replace")),
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), TEXT),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["operationName", "variables", "id", "input", "query", "messages"]), inner),
        ),
        max_leaves=8,
    ).map(orjson.dumps),
)
KINDS = st.sampled_from(
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "a/b",
    ]
)
HOSTS = st.one_of(
    st.sampled_from(["www.example.com", "a.example.org", "www.google.com", "x.com", "www.facebook.com"]),
    st.sampled_from(["www.linkedin.com", "www.instagram.com", "chatgpt.com", "copilot.microsoft.com", "."]),
    TEXT,
)


@st.composite
def any_request(draw: st.DrawFn) -> HttpRequest:
    """Draw a request: likely and unlikely parts, any bytes in headers and body."""
    headers = draw(
        st.lists(
            st.tuples(
                st.sampled_from([b"cookie", b"referer", b"x-fb-friendly-name", b"sec-fetch-dest"]),
                st.binary(max_size=30),
            ),
            max_size=4,
        )
    )
    return HttpRequest(
        draw(st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "PATCH", "\x00"])),
        "https",
        draw(HOSTS),
        443,
        "/" + "/".join(draw(st.lists(st.one_of(WORDS, TEXT), max_size=5))),
        "&".join(f"{key}={value}" for key, value in draw(FIELDS)),
        ((b"content-type", draw(KINDS).encode()), *headers),
        draw(BODIES),
        draw(st.booleans()),
    )


@settings(max_examples=400, deadline=None)
@given(request=any_request())
def test_no_bytes_raise_and_both_ways_agree(both: tuple[SiteIndex, SiteIndex], request: HttpRequest) -> None:
    """Recognising never raises, and the index says what the oracle says."""
    for one in both:
        assert one.recognise(request) == one.scan_all(request)
        one.page(request.url)


@settings(max_examples=150, deadline=None)
@given(request=any_request(), body=BODIES, kind=st.sampled_from(["application/json", "text/html", "text/javascript"]))
def test_no_answer_raises(both: tuple[SiteIndex, SiteIndex], request: HttpRequest, body: bytes, kind: str) -> None:
    """Learning never raises, and gives identities that name at least two things."""
    answer = HttpResponse(200, ((b"content-type", kind.encode()),), body)
    for one in both:
        for identity in one.learn(request, answer):
            assert sum(map(bool, (identity.id, identity.handle, identity.name, identity.aliases))) > 1


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_broken_real_requests_raise_nothing(both: tuple[SiteIndex, SiteIndex], data: st.DataObject) -> None:
    """A real request with a body cut or bytes exchanged is recognised, unread or nothing; both ways agree."""
    case = orjson.loads(data.draw(st.sampled_from(LINES)))
    request = sample_of(case).request
    at = data.draw(st.integers(0, max(len(request.body), 1)))
    filling = data.draw(st.binary(max_size=4))
    mangled = data.draw(st.sampled_from([request.body[:at], request.body[:at] + filling + request.body[at + 1 :]]))
    broken = replace(request, body=mangled, query=request.query[: data.draw(st.integers(0, len(request.query)))])
    assert both[1].recognise(broken) == both[1].scan_all(broken)


LINES = [line for file in sorted(CASES.glob("*.jsonl")) for line in file.read_bytes().splitlines() if line.strip()]


@pytest.fixture(scope="module")
def both(example: SiteIndex, index: SiteIndex) -> tuple[SiteIndex, SiteIndex]:
    """Give the small site's index and that of all sites."""
    return example, index


def test_a_header_flood_and_a_long_body_cost_no_exception(index: SiteIndex) -> None:
    """Ten megabytes of body, ten thousand headers, a hundred thousand segments: an outcome, no exception."""
    flood = tuple((b"x-%d" % number, b"v") for number in range(10_000))
    body = b'{"messages":[' + b"1," * 5_000_000 + b"1]}"
    request = HttpRequest("POST", "https", "chatgpt.com", 443, "/backend-api/conversation", "", flood, body)
    assert not isinstance(index.recognise(request), Action)
    deep = replace(request, path="/a" * 100_000)
    assert index.recognise(deep) is None
    longer = replace(request, headers=((b"content-type", b"application/json"),), body=b" " * (17 * 1024 * 1024))
    assert isinstance(index.recognise(longer), Unread)


def test_domains_are_registrable_and_the_revision_names_the_content(example: SiteIndex, tmp_path: Path) -> None:
    """Domains are what a CA can be constrained to; another content is another revision."""
    assert example.domains == ("example.com", "example.org")
    (tmp_path / "example.yaml").write_text(SITE.replace("name: Example", "name: Another"))
    assert load_sites([tmp_path], ours=None).revision != example.revision
