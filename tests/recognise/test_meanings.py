"""What a server may take a request for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise import SiteIndex
from guardrail.recognise.meanings import meanings

GET = HttpRequest("GET", "https", "www.google.com", 443, "/search", "q=jane")
POST = replace(GET, method="POST")
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)
OVERRIDE = (b"X-HTTP-Method-Override", b"get")


@pytest.mark.parametrize(
    ("request_", "seen"),
    [
        (GET, [("GET", "/search", "q=jane")]),
        (replace(GET, method="HEAD"), [("GET", "/search", "q=jane")]),
        (replace(GET, method="OPTIONS", headers=(OVERRIDE,)), [("OPTIONS", "/search", "q=jane")]),
        (replace(GET, path="/a%2Fb%2fc"), [("GET", "/a%2Fb%2fc", "q=jane"), ("GET", "/a/b/c", "q=jane")]),
        (replace(GET, path="/a%20b"), [("GET", "/a%20b", "q=jane")]),
        (replace(POST, headers=(OVERRIDE,)), [("POST", "/search", "q=jane"), ("GET", "/search", "q=jane")]),
        (
            replace(POST, headers=(OVERRIDE, *FORM), body=b"q=doe"),
            [("POST", "/search", "q=jane"), ("GET", "/search", "q=jane&q=doe")],
        ),
        (replace(GET, query="method=post"), [("GET", "/search", "method=post"), ("POST", "/search", "method=post")]),
        (
            replace(POST, headers=FORM, body=b"x=1&_method=PUT"),
            [("POST", "/search", "q=jane"), ("PUT", "/search", "q=jane")],
        ),
        (
            replace(GET, query="payment_method=post&method=card"),
            [("GET", "/search", "payment_method=post&method=card")],
        ),
    ],
)
def test_a_request_may_mean_another(request_: HttpRequest, seen: list[tuple[str, str, str]]) -> None:
    """HEAD is GET, a method may be overridden, an encoded slash may divide; a preflight is nothing else."""
    assert [(one.method, one.path, one.query) for one in meanings(request_)] == seen


@pytest.mark.parametrize(
    "request_",
    [
        replace(GET, method="HEAD"),
        replace(GET, path="/./search"),
        replace(GET, path="/maps/../search"),
        replace(GET, path="/%2e%2e/%2e/search"),
        replace(GET, path="//search/"),
        replace(GET, path="/x/..%2Fsearch"),
        replace(GET, path="/maps%2F..%2Fsearch"),
        replace(GET, path="/" * 200 + "search"),
        replace(POST, headers=(OVERRIDE,)),
        replace(POST, headers=(OVERRIDE, *FORM), query="", body=b"q=jane"),
    ],
)
def test_a_search_stays_a_search(index: SiteIndex, request_: HttpRequest) -> None:
    """Whatever way the same address is written, and the same for the oracle."""
    found = index.recognise(request_)
    assert isinstance(found, Action)
    assert found.subject.query == "jane"
    assert index.scan_all(request_) == found
