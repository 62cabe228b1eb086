"""The road of one request, from real bytes through real parts to the ledger and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import LedgerUnavailableError
from guardrail.gate import HoldOverlay, HoldPage, Pass, Refused, Silence, Speculative
from guardrail.model.action import Action, ActionKind
from guardrail.model.decision import Verdict
from guardrail.model.hold import Attestation
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.model.people import Clinician, Population
from tests.gate.scene import FOLLOW, HALE, PROFILE, SEARCH, WREN, House, call, page


@pytest.mark.parametrize(
    "request_",
    [page("/imghp"), page("/search", "q=weather+today"), page("/people/somebody", host="www.facebook.com")],
    ids=["no action", "nobody", "a stranger"],
)
async def test_what_no_rule_speaks_of_passes_without_a_trace(house: House, request_: HttpRequest) -> None:
    """Nothing is written about it."""
    met = await house.gate.check(request_, WREN)
    assert isinstance(met, Pass)
    assert met.replacement is None
    assert house.kinds() == []


@pytest.mark.parametrize(
    ("request_", "kind", "surface"),
    [
        (SEARCH, HoldPage, "page"),
        (page("/search", method="POST", body=b"q=Ollander%2C+Margit"), HoldPage, "page"),
        (PROFILE, HoldPage, "page"),
        (FOLLOW, HoldOverlay, "overlay"),
        (
            replace(PROFILE, headers=((b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"iframe"))),
            HoldOverlay,
            "overlay",
        ),
    ],
    ids=["search", "post search", "profile", "call", "framed"],
)
async def test_what_a_rule_stops_is_held_on_record(
    house: House, request_: HttpRequest, kind: type[HoldPage | HoldOverlay], surface: str
) -> None:
    """A page load by a page; a call, or a page inside a page, by an overlay: a redirect would break those."""
    met = await house.gate.check(request_, WREN)
    assert isinstance(met, kind)
    assert (met.hold.surface, met.hold.clinician) == (surface, WREN)
    assert met.hold.decision.match is not None
    assert met.hold.decision.match.client_ref == "C-1"
    assert house.kinds() == ["hold_opened"]


@pytest.mark.parametrize("query", ["margit+ollander", "margit+oll"])
async def test_suggestions_about_a_client_are_silent_and_leave_no_trace(house: House, query: str) -> None:
    """Also at a name's beginning; an entry at every key would be a record of keys."""
    met = await house.gate.check(page("/complete/search", f"q={query}"), WREN)
    assert isinstance(met, Silence)
    assert met.content_type.startswith("application/")
    assert met.body.startswith(b'["margit oll')
    assert house.kinds() == []
    assert isinstance(await house.gate.check(page("/complete/search", "q=weather"), WREN), Pass)


@pytest.mark.parametrize("request_", [SEARCH, PROFILE], ids=["search", "profile"])
async def test_a_speculative_request_is_refused_and_not_counted(house: House, request_: HttpRequest) -> None:
    """A prefetched page would be shown later with no request at all."""
    ahead = replace(request_, headers=(*request_.headers, (b"Sec-Purpose", b"prefetch;prerender")))
    assert await house.gate.check(ahead, WREN) == Speculative()
    assert house.kinds() == []
    await house.justify(request_)
    assert await house.gate.check(ahead, WREN) == Speculative()
    assert "grant_used" not in house.kinds()
    stranger = replace(ahead, query="q=weather", path="/search", host="www.google.com")
    assert isinstance(await house.gate.check(stranger, WREN), Pass)


async def test_after_the_answer_the_very_request_goes_on_under_its_grant(house: House) -> None:
    """Redirected back with a GET, the POST that was stopped is sent; a reload is an ordinary request."""
    stopped = page("/search", method="POST", body=b"q=margit+ollander")
    await house.justify(stopped)
    back = page("/search")
    recognised = house.gate.recognise(back)
    assert isinstance(recognised, Action)
    met = await house.gate.decide(back, recognised, WREN)
    assert isinstance(met, Pass)
    assert met.replacement == stopped
    assert house.kinds()[-1] == "grant_used"
    again = await house.gate.check(back, WREN)
    assert again == Pass(None, None)


async def test_somebody_elses_resumption_is_not_taken(house: House) -> None:
    """Two clinicians behind one proxy: the address alone says nothing."""
    await house.justify(page("/search", method="POST", body=b"q=margit+ollander"))
    assert await house.gate.check(page("/search"), HALE) == Pass(None, None)
    met = await house.gate.check(page("/search"), WREN)
    assert isinstance(met, Pass)
    assert met.replacement is not None


async def test_a_resumed_request_whose_grant_is_over_is_held_again(house: House) -> None:
    """The way back carries no leave of its own."""
    hold = await house.justify(SEARCH)
    await house.desk.revoke(hold.grant_id or "", WREN)
    met = await house.gate.check(SEARCH, WREN)
    assert isinstance(met, HoldPage)
    assert met.hold.id != hold.id


async def test_one_crisis_grant_finds_the_client_everywhere_and_follows_nowhere(house: House) -> None:
    """Search, suggestion and profile pass with an entry each; another client, or a follow, does not."""
    await house.justify(SEARCH)
    for request in (SEARCH, SEARCH, PROFILE, page("/complete/search", "q=margit+ollander")):
        assert isinstance(await house.gate.check(request, WREN), Pass)
    assert house.kinds()[-4:] == ["grant_used"] * 4
    assert isinstance(await house.gate.check(FOLLOW, WREN), HoldOverlay)
    assert isinstance(await house.gate.check(page("/search", "q=tobin+ashgrove"), WREN), HoldPage)
    assert isinstance(await house.gate.check(SEARCH, HALE), HoldPage)
    house.clock.time += timedelta(minutes=60)
    assert isinstance(await house.gate.check(SEARCH, WREN), HoldPage)


async def test_a_follow_is_let_through_once(house: House) -> None:
    """The page's second try meets a new hold."""
    await house.justify(FOLLOW)
    assert isinstance(await house.gate.check(FOLLOW, WREN), Pass)
    assert isinstance(await house.gate.check(FOLLOW, WREN), HoldOverlay)


async def test_an_attested_stranger_passes_and_the_client_does_not(house: House) -> None:
    """`Not my client` is about the words that were searched, not about the client's own account."""
    met = await house.gate.check(SEARCH, WREN)
    assert isinstance(met, HoldPage)
    await house.desk.attest(met.hold.id, WREN, Attestation(house.policy.attestation.reasons[0].code))
    assert isinstance(await house.gate.check(SEARCH, WREN), Pass)
    assert isinstance(await house.gate.check(PROFILE, WREN), HoldPage)


@pytest.mark.parametrize("request_", [SEARCH, FOLLOW, PROFILE], ids=["page", "call", "profile"])
async def test_where_the_ledger_takes_nothing_nothing_passes(
    house: House, request_: HttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a hold nor a grant's use: refused, with an incident; and all is well when it is back."""
    await house.justify(request_)

    def full(*_: object) -> int:
        raise LedgerUnavailableError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(house.ledger, "append", full)
        met = await house.gate.check(request_, WREN)
        assert isinstance(met, Refused)
        assert met.incident
        assert met.reason == "the disk is full"
        assert isinstance(await house.gate.check(request_, HALE), Refused)
    assert isinstance(await house.gate.check(request_, WREN), Pass)


async def test_what_cannot_be_noted_does_not_pass(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that only wants a record wants that record."""
    noting = tuple(
        replace(rule, fired=replace(rule.fired, verdict=Verdict.NOTE))
        for rule in house.policy.by_kind[ActionKind.SEARCH]
    )
    softer = replace(house.policy, by_kind={**house.policy.by_kind, ActionKind.SEARCH: noting})
    monkeypatch.setattr(house.gate, "_policy", lambda: softer)
    assert isinstance(await house.gate.check(SEARCH, WREN), Pass)
    assert house.kinds() == ["noted"]
    assert isinstance(await house.gate.check(SEARCH, Clinician("new-here", "os-user")), Pass)
    assert house.kinds() == ["noted"]

    def full(*_: object) -> int:
        raise LedgerUnavailableError("the disk is full")

    monkeypatch.setattr(house.ledger, "append", full)
    assert isinstance(await house.gate.check(SEARCH, WREN), Refused)


async def test_a_request_that_is_too_large_to_hold_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not go on as it was after the answer; it does not pass either."""
    monkeypatch.setattr(house.desk, "_most", 10_000)
    met = await house.gate.check(page("/search", method="POST", body=b"q=margit+ollander&x=" + b"x" * 10_000), WREN)
    assert isinstance(met, Refused)
    assert "too large" in met.reason
    assert house.kinds() == ["refused"]


async def test_the_gate_asks_its_parts_at_each_request(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reloaded policy counts from the next request on."""
    empty = replace(house.policy, by_kind={})
    monkeypatch.setattr(house.gate, "_policy", lambda: empty)
    assert isinstance(await house.gate.check(SEARCH, WREN), Pass)


def test_only_hosts_of_a_site_are_watched(house: House) -> None:
    """What is not watched is not looked at."""
    assert house.gate.watches("www.google.com")
    assert not house.gate.watches("www.mybank.example")


async def test_a_number_is_matched_to_the_person_whose_profile_was_seen(house: House) -> None:
    """A follow carries only a number; an answer before it said whose."""
    follow = call("/follow", b"id=4711")
    seen = HttpResponse(200, ((b"content-type", b"application/json"),), b'{"uid": "4711", "label": "Margit Ollander"}')
    house.gate.learn(call("/profile", b""), seen)
    met = await house.gate.check(follow, WREN)
    assert isinstance(met, HoldOverlay)
    assert (met.hold.action.subject.name, met.hold.decision.population) == ("Margit Ollander", Population.CURRENT)


def test_learning_takes_any_answer(house: House) -> None:
    """An answer that teaches nothing is no error."""
    house.gate.learn(SEARCH, HttpResponse(200, ((b"content-type", b"text/html"),), b"<html>"))
    house.gate.learn(SEARCH, HttpResponse(204))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "\x00"]),
    host=st.sampled_from(["www.google.com", "www.facebook.com", "elsewhere.example"]),
    path=st.sampled_from(["/search", "/complete/search", "/follow", "/people/%FF"]) | st.text(max_size=20),
    query=st.text(max_size=30) | st.binary(max_size=20).map(lambda raw: "q=" + raw.decode("latin-1")),
    headers=st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=4),
    body=st.binary(max_size=40),
    unreadable=st.booleans(),
)
async def test_no_bytes_on_the_wire_make_the_gate_raise(  # noqa: PLR0917 - the parts of a request
    house: House,
    method: str,
    host: str,
    path: str,
    query: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    *,
    unreadable: bool,
) -> None:
    """Garbage passes, is held, or is refused; it never gets past by an exception."""
    request = HttpRequest(method, "https", host, 443, path, query, tuple(headers), body, unreadable)
    met = await house.gate.check(request, WREN)
    assert isinstance(met, Pass | HoldPage | HoldOverlay | Silence | Speculative)
