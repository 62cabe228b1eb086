"""Who may speak to the pages, and what every answer carries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.web.security import (
    Tokens,
    from_our_own_page,
    page_headers,
    page_origin,
    web_origin,
)

HOME = "https://guardrail.internal"
TOKENS = Tokens(b"the run's key")
ADA, BEA = Clinician("ada", "os-user"), Clinician("bea", "os-user")


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-origin", "origin": HOME}, True),
        ({"origin": HOME}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://www.facebook.com"}, False),
        ({"origin": "http://guardrail.internal"}, False),
        ({"origin": HOME + ".example"}, False),
        ({"sec-fetch-site": "cross-site", "origin": HOME}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "https://www.facebook.com"}, False),
    ],
)
def test_forms_of_our_own_pages(headers: dict[str, str], ours: bool) -> None:
    """Only a form that the browser says is ours is taken."""
    assert from_our_own_page(headers) is ours


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_token_fits_one_form_of_one_clinician(about: str, other: str) -> None:
    """A token is accepted for its clinician and its form, and for nothing else."""
    token = TOKENS.token(ADA, about)
    assert TOKENS.accepts(token, ADA, about)
    assert not TOKENS.accepts(token, BEA, about)
    assert not Tokens(b"another run").accepts(token, ADA, about)
    assert other == about or not TOKENS.accepts(token, ADA, other)
    assert other == token or not TOKENS.accepts(other, ADA, about)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://www.facebook.com/a?b#c", "https://www.facebook.com"),
        ("https://WWW.Facebook.com", "https://www.facebook.com"),
        ("https://www.facebook.com:443/", "https://www.facebook.com"),
        ("https://localhost:8443/", "https://localhost:8443"),
        ("http://www.facebook.com", None),
        ("https://user@www.facebook.com", None),
        ("https://www.facebook.com; script-src *", None),
        ("https://*.facebook.com", None),
        ("https://x:99999999", None),
        ("https://[::1", None),
        ("javascript:alert(1)", None),
        ("", None),
        (None, None),
    ],
)
def test_origins(address: str | None, origin: str | None) -> None:
    """Only a plain https origin may get into a header of ours."""
    assert web_origin(address) == origin


@settings(deadline=None)
@given(st.text())
def test_no_address_breaks_a_policy(address: str) -> None:
    """No text makes an origin that could end a directive or raise."""
    origin = web_origin(address)
    assert origin is None or not set(origin) & set(" ;,*'\"\r\n")


def _request(host: str, port: int = 443, scheme: str = "https", **headers: str) -> HttpRequest:
    raw = tuple((name.encode(), value.encode()) for name, value in headers.items())
    return HttpRequest("POST", scheme, host, port, "/", "", raw)


@pytest.mark.parametrize(
    ("request_", "origin"),
    [
        (_request("i.instagram.com", Origin="https://www.instagram.com"), "https://www.instagram.com"),
        (_request("x.com", Origin="null", Referer="https://x.com/jane"), "https://x.com"),
        (_request("x.com"), "https://x.com"),
        (_request("localhost", 8443), "https://localhost:8443"),
        (_request("x.com", 80, "http"), "https://x.com"),
        (_request("bad host"), "'none'"),
    ],
)
def test_the_page_that_may_frame_a_hold(request_: HttpRequest, origin: str) -> None:
    """The overlay may stand in the page that sent the request, as the browser names it, and in no other."""
    assert page_origin(request_) == origin


@pytest.mark.parametrize("ancestors", [None, "https://x.com"])
def test_headers_of_a_page(ancestors: str | None) -> None:
    """A page is kept nowhere, runs our scripts alone, and stands in no frame but the one that is meant."""
    headers = page_headers("abc", ancestors)
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'nonce-abc'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == (ancestors or "'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert ("X-Frame-Options" in headers) is (ancestors is None)
