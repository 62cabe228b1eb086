"""Real traffic through a real mitmproxy: what passes, what is answered, what is never seen."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from guardrail.gate import Answered, HoldOverlay, HoldPage, Pass, Refused, Silence, Speculative
from guardrail.model.action import Action, ActionKind
from guardrail.model.decision import Decision, Verdict
from guardrail.model.hold import Hold
from guardrail.model.http import HttpRequest
from guardrail.model.people import Account, Clinician, Population
from guardrail.proxy.overlay import tag
from tests.proxy.conftest import HARD, PAGE
from tests.proxy.rig import FREE, NAVIGATION, SECRET, WATCHED, Rig


def hold(request: HttpRequest, clinician: Clinician) -> Hold:
    """Make a hold of the request."""
    decision = Decision(Verdict.JUSTIFY, None, (), None, Population.UNKNOWN, Account.PRIVATE, (), "r")
    action = Action(ActionKind.SEARCH, "watched", "test")
    return Hold("the-hold", dt.datetime.now(dt.UTC), clinician, action, decision, request, "page")


def test_a_watched_asset_passes_untouched(rig: Rig) -> None:
    """What is no action goes on and comes back as it is, but for the way around the proxy."""
    answer = rig.curl(rig.url("/asset"))
    assert (answer.status, answer.json()) == (200, {"path": "/asset", "id": 7})
    assert "alt-svc" not in answer.headers
    assert [one.path for one in rig.gate.seen] == ["/asset"]


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_both_protocols(rig: Rig, version: str) -> None:
    """HTTP/2 stays HTTP/2 towards the client; the host is known in both."""
    answer = rig.curl(rig.url("/asset?q=%C3%A9&b=1"), version)
    assert (answer.status, answer.version) == (200, {"--http1.1": "1.1", "--http2": "2"}[version])
    seen = rig.gate.seen[0]
    assert (seen.host, seen.path, seen.query, seen.scheme) == (WATCHED, "/asset", "q=%C3%A9&b=1", "https")
    assert seen.port == rig.site.port


def test_an_unwatched_host_shows_its_own_certificate(rig: Rig) -> None:
    """It is not decrypted: our authority is not trusted for it and need not be, and the gate hears nothing."""
    assert rig.curl(rig.url("/free", FREE), ca=rig.site.ca).status == 200
    assert rig.curl(rig.url("/free", FREE)).exit_code == 60  # curl: the certificate cannot be verified
    assert rig.gate.seen == []


def test_a_watched_host_does_not_show_its_own_certificate(rig: Rig) -> None:
    """The other way round: with the site's own authority alone a watched host is not trusted."""
    assert rig.curl(rig.url("/asset"), ca=rig.site.ca).exit_code == 60


def test_a_watched_name_behind_an_address(rig: Rig) -> None:
    """A client that connects to an address still names the host in TLS: it is guarded, and its leaf is valid."""
    route = ("--connect-to", f"{WATCHED}:{rig.site.port}:127.0.0.1:{rig.site.port}")
    answer = rig.curl(rig.url("/asset"), *route)
    assert answer.status == 200
    assert [one.host for one in rig.gate.seen] == [WATCHED]


@pytest.mark.parametrize(("method", "status"), [("GET", 302), ("POST", 303)])
def test_a_held_page_load_is_redirected(rig: Rig, method: str, status: int) -> None:
    """To the hold's page on our own host; nothing reaches the site."""
    rig.gate.decide_with = lambda request, clinician: HoldPage(hold(request, clinician))
    answer = rig.curl(rig.url("/held"), "-X", method, headers=NAVIGATION)
    assert (answer.status, answer.headers["location"]) == (status, "https://guardrail.internal/hold/the-hold")
    assert answer.headers["cache-control"] == "no-store"
    assert rig.site.seen == []


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_held_fetch_is_a_problem_that_the_page_can_read(rig: Rig, version: str) -> None:
    """403 with RFC 9457's members, and the CORS headers that let a script of another watched origin see it."""
    rig.gate.decide_with = lambda request, clinician: HoldOverlay(hold(request, clinician))
    answer = rig.curl(rig.url("/held"), version, "-d", "a=b", headers=(f"origin: https://{WATCHED}",))
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == f"https://{WATCHED}"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.json()["hold"] == "the-hold"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()
    assert rig.site.seen == []


@pytest.mark.parametrize("origin", [f"https://{FREE}", "null", "https://[", f"https://{WATCHED}.evil.test"])
@pytest.mark.parametrize("kind", ["overlay", "silence", "speculative"])
def test_no_other_page_of_the_web_can_ask_who_is_a_client(rig: Rig, origin: str, kind: str) -> None:
    """To a script of a page that is not watched, a held request is the same network error as any other."""

    def decide(request: HttpRequest, clinician: Clinician) -> Answered:
        answers: dict[str, Answered] = {
            "overlay": HoldOverlay(hold(request, clinician)),
            "silence": Silence("application/json", b"[]"),
            "speculative": Speculative(),
        }
        return answers[kind]

    rig.gate.decide_with = decide
    answer = rig.curl(rig.url("/held"), headers=(f"origin: {origin}",))
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_silence_speculation_and_refusal(rig: Rig) -> None:
    """An empty answer in the site's format; a non-2xx for what is asked ahead; an incident for what cannot be."""
    rig.gate.decide_with = lambda _request, _clinician: Silence("application/json", b"[]")
    answer = rig.curl(rig.url("/held"))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"[]", "application/json")
    rig.gate.decide_with = lambda _request, _clinician: Speculative()
    answer = rig.curl(rig.url("/held"))
    assert (answer.status, answer.body, answer.headers["cache-control"]) == (503, b"", "no-store")
    rig.gate.decide_with = lambda _request, _clinician: Refused("abc", "the ledger is full")
    assert rig.curl(rig.url("/held")).json()["incident"] == "abc"
    page = rig.curl(rig.url("/held"), headers=NAVIGATION)
    assert page.headers["content-type"].startswith("text/html")
    assert b"the ledger is full" in page.body
    assert b"abc" in page.body
    assert b"<script" not in page.body
    assert rig.site.seen == []


def test_the_very_request_goes_on(rig: Rig) -> None:
    """A page load that stands for a stopped POST is sent as that POST, body and all, with today's cookie."""
    stopped = HttpRequest(
        "POST",
        "https",
        WATCHED,
        443,
        "/held/search",
        "a=1",
        ((b"Content-Type", b"text/plain"), (b"Cookie", b"old"), (b"Host", b"x"), (b"Content-Length", b"99")),
        b"who",
    )
    rig.gate.decide_with = lambda _request, _clinician: Pass(None, stopped)
    assert rig.curl(rig.url("/held/search"), headers=("cookie: new",)).status == 200
    assert rig.site.seen == [("POST", "/held/search", b"who")]


def test_a_request_body_comes_to_the_gate_decoded(rig: Rig) -> None:
    """A body whose coding hides what is asked is undone; one that is too long or broken counts as unread."""
    import gzip  # noqa: PLC0415 - this scene's alone

    def post(body: bytes, coding: str) -> HttpRequest:
        rig.gate.seen.clear()
        headers = (f"content-encoding: {coding}",) if coding else ()
        assert rig.curl(rig.url("/asset"), "--data-binary", "@-", headers=headers, stdin=body).status == 200
        return rig.gate.seen[0]

    assert post(gzip.compress(b"who"), "gzip").body == b"who"
    assert post(gzip.compress(bytes(10_000_000)), "gzip") == dataclasses.replace(rig.gate.seen[0], unreadable=True)
    assert post(b"broken", "gzip").unreadable
    assert post(b"x" * 100_001, "").unreadable
    assert post(b"x" * 100_000, "").body == b"x" * 100_000


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_our_own_pages(rig: Rig, version: str) -> None:
    """guardrail.internal is on this machine; who asks is told by the proxy, never by the client."""
    forged = ("X-Guardrail-Clinician: mallory", "x-guardrail-secret: guess")
    answer = rig.curl("https://guardrail.internal/hold/x?y=%26", version, headers=forged)
    told = answer.json()
    assert told["path"] == "http://guardrail.internal/hold/x?y=%26"
    assert told["headers"]["x-guardrail-clinician"] == "dr-wren"
    assert told["headers"]["x-guardrail-how"] == "os-user"
    assert told["headers"]["x-guardrail-secret"] == SECRET
    assert rig.gate.seen == []


def test_our_own_pages_are_https(rig: Rig) -> None:
    """A visit in plain http is sent on."""
    answer = rig.curl("http://guardrail.internal/hold/x")
    assert (answer.status, answer.headers["location"]) == (308, "https://guardrail.internal/hold/x")


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_page_gets_the_overlay(rig: Rig, version: str) -> None:
    """Under its own nonce, with our frame let in, decoded, and otherwise as it was."""
    answer = rig.curl(rig.url("/page"), version, headers=NAVIGATION)
    assert answer.body == PAGE.replace(b"<head>", b"<head>" + tag("site"))
    assert answer.headers["content-security-policy"] == HARD.replace("'none'", "https://guardrail.internal")
    assert "content-encoding" not in answer.headers


def test_what_is_no_page_load_gets_no_overlay(rig: Rig) -> None:
    """HTML that a script or a frame asks for stays as it is."""
    for headers in ((), ("sec-fetch-mode: navigate", "sec-fetch-dest: iframe", "accept: text/html")):
        answer = rig.curl(rig.url("/page"), "--compressed", headers=headers)
        assert answer.body == PAGE
        assert answer.headers["content-security-policy"] == HARD


def test_a_page_without_a_body(rig: Rig) -> None:
    """HEAD and 204 have nothing to put a tag into."""
    assert rig.curl(rig.url("/page"), "-I", headers=NAVIGATION).status == 200
    assert rig.curl(rig.url("/nothing"), headers=NAVIGATION).status == 204


def test_answers_teach(rig: Rig) -> None:
    """An answer that the sites learn from comes to the gate whole; another does not."""
    rig.curl(rig.url("/learn/profile"))
    rig.curl(rig.url("/other"))
    assert [json.loads(one.body)["path"] for one in rig.gate.learned] == ["/learn/profile"]


def test_only_readable_codings_are_asked_for(rig: Rig) -> None:
    """Shared dictionaries are not offered to a site, as we could not undo them."""
    offer = ("accept-encoding: gzip, br;q=0.9, dcb, dcz",)
    assert rig.curl(rig.url("/asset"), headers=offer).headers["x-encoding"] == "gzip, br;q=0.9"
