"""Requests as the core sees them: what is a page, what is asked ahead of the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.model.http import HttpRequest, find_header


def _request(method: str = "GET", **headers: str) -> HttpRequest:
    raw = tuple((key.replace("_", "-").encode(), value.encode()) for key, value in headers.items())
    return HttpRequest(method, "https", "www.example.org", 443, "/a", "b=c", raw)


@pytest.mark.parametrize(
    ("request_", "is_navigation"),
    [
        (_request(sec_fetch_mode="navigate", sec_fetch_dest="document"), True),
        (_request("POST", sec_fetch_mode="navigate", sec_fetch_dest="document"), True),
        (_request(sec_fetch_mode="navigate", sec_fetch_dest="iframe"), True),
        (_request(sec_fetch_mode="navigate", sec_fetch_dest="embed"), False),
        (_request(sec_fetch_mode="cors", sec_fetch_dest="empty", accept="text/html"), False),
        (_request(accept="text/html,*/*"), True),
        (_request(accept="text/html,*/*", x_requested_with="XMLHttpRequest"), False),
        (_request(accept="text/html,*/*", origin="https://www.example.org"), False),
        (_request("POST", accept="text/html,*/*", origin="https://www.example.org"), True),
        (_request(accept="*/*"), False),
        (_request(), False),
    ],
)
def test_a_navigation_is_what_becomes_a_page(request_: HttpRequest, is_navigation: bool) -> None:
    """Fetch metadata decides; without it, a request that asks for HTML and is no XHR."""
    assert request_.is_navigation is is_navigation


@pytest.mark.parametrize(
    ("headers", "is_speculative"),
    [
        ({"Sec-Purpose": "prefetch;prerender"}, True),
        ({"Purpose": "prefetch"}, True),
        ({"X-Purpose": "preview"}, True),
        ({"X-Moz": "prefetch"}, True),
        ({"Purpose": "payment"}, False),
        ({}, False),
    ],
)
def test_speculative_requests_are_known_by_their_header(headers: dict[str, str], is_speculative: bool) -> None:
    """All four headers that browsers send ahead of the person count."""
    assert _request(**headers).is_speculative is is_speculative


@pytest.mark.parametrize(
    ("scheme", "port", "url"),
    [
        ("https", 443, "https://www.example.org/a?b=c"),
        ("https", 8443, "https://www.example.org:8443/a?b=c"),
        ("http", 80, "http://www.example.org/a?b=c"),
        ("http", 443, "http://www.example.org:443/a?b=c"),
    ],
)
def test_the_url_is_what_a_person_would_see(scheme: str, port: int, url: str) -> None:
    """The port stands only where it is not the usual one."""
    assert HttpRequest("GET", scheme, "www.example.org", port, "/a", "b=c").url == url


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=8)), max_size=5), st.sampled_from(["accept", "X"]))
def test_no_header_bytes_make_the_look_up_raise(headers: list[tuple[bytes, bytes]], name: str) -> None:
    """Headers are bytes from the wire: the look-up is total."""
    find_header(tuple(headers), name)


def test_the_first_of_two_equal_headers_counts_in_any_case() -> None:
    """Header names have no case."""
    assert find_header(((b"X-A", b"1"), (b"x-a", b"2")), "x-A") == "1"
