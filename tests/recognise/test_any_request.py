"""The index against its oracle, and against bytes that no site would send."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise import SiteIndex, Unread
from guardrail.recognise.lines import sample_of
from tests.recognise.conftest import CASES

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


LINES = [line for file in sorted(CASES.glob("*.jsonl")) for line in file.read_bytes().splitlines() if line.strip()]


@pytest.fixture(scope="module")
def both(example: SiteIndex, index: SiteIndex) -> tuple[SiteIndex, SiteIndex]:
    """Give the small site's index and that of all sites."""
    return example, index


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
