"""The road of one request, from real bytes through real parts to the ledger and back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import LedgerUnavailableError
from guardrail.gate import Gate, HoldOverlay, HoldPage, Pass, Refused, Silence, Speculative
from guardrail.holds.desk import Desk
from guardrail.ledger.store import SqliteLedger
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import GrantTerms, Scope, Verdict
from guardrail.model.hold import Attestation, Hold, Justification
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.model.people import Clinician, Population
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import Identities, SiteIndex, Unread, load_sites
from guardrail.roster import Roster, load_roster
from tests.ledger_keys import opened

ROOT = Path(__file__).parent.parent
WREN = Clinician("dr-wren", "os-user")
HALE = Clinician("dr-hale", "os-user")

SEARCHES = """
site: google
name: Google
hosts: [www.google.com]
recognisers:
  - id: search
    action: search
    when: { method: [GET, POST], path: [/search] }
    take: { query: [query q, form q] }
    examples: { match: [{ url: "/search?q=jane+doe", expect: { query: jane doe } }], ignore: [/imghp] }
  - id: suggest
    action: suggest
    silence: opensearch
    when: { path: [/complete/search] }
    take: { query: query q }
    examples: { match: [{ url: "/complete/search?q=jane", expect: { query: jane } }], ignore: ["/complete/search?q="] }
"""
SOCIAL = """
site: facebook
name: Facebook
hosts: [www.facebook.com]
recognisers:
  - id: profile
    action: view_profile
    when: { path: ["/people/{handle}"] }
    take: { handle: path handle }
    examples: { match: [{ url: /people/jane.doe, expect: { handle: jane.doe } }], ignore: [/people] }
  - id: follow
    action: follow
    when: { method: POST, path: [/follow] }
    take: { id: form id }
    examples: { match: [{ url: /follow, method: POST, form: { id: "7" }, expect: { id: "7" } }], ignore: [/following] }
learn:
  objects:
    - { has: [uid, label], id: at /uid, name: at /label }
"""
ROSTER = """client_ref,given_name,family_name,handles,status
C-1,Margit,Ollander,facebook:margit.ollander; facebook:77,current
C-2,Tobin,Ashgrove,facebook:88,former
"""


class HandClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        """Begin at nine on a Monday."""
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the time as it was set."""
        return self.time


class RandomIds:
    """Ids as in earnest."""

    def new(self) -> str:
        """Give 128 random bits."""
        return secrets.token_urlsafe(16)


@dataclass
class House:
    """The gate and what stands around it."""

    gate: Gate
    desk: Desk
    ledger: SqliteLedger
    clock: HandClock
    policy: Policy

    def kinds(self) -> list[str]:
        """Give the kinds of all entries since the notices."""
        return [stored.entry.kind.value for stored in self.ledger.read()][2:]

    def answers(self) -> Justification:
        """Give whole answers to the crisis form, on the fast path."""
        form = self.policy.forms["crisis"]
        codes = (form.danger[0].code, (), True, form.purposes[0].code)
        return Justification(*codes, narrative="sent a goodbye", fast=True, duty_accepted=True)

    async def justify(self, request: HttpRequest) -> Hold:
        """Stop at the request and answer the form of its rule."""
        met = await self.gate.check(request, WREN)
        assert isinstance(met, HoldPage | HoldOverlay)
        rule = met.hold.decision.rule
        assert rule is not None
        form = self.policy.forms[rule.form or ""]
        answers = replace(self.answers(), danger=form.danger[0].code, purpose=form.purposes[0].code)
        return await self.desk.justify(met.hold.id, WREN, answers)


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> SiteIndex:
    """Give two small sites of this test's own."""
    folder = tmp_path_factory.mktemp("sites")
    (folder / "google.yaml").write_text(SEARCHES, encoding="utf-8")
    (folder / "facebook.yaml").write_text(SOCIAL, encoding="utf-8")
    return load_sites([folder], ours=None)


@pytest.fixture(scope="session")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    """Give two clients."""
    file = tmp_path_factory.mktemp("roster") / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    return load_roster(file, b"k" * 32)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Give the policy of the repository."""
    return load_policy(ROOT / "rules.yaml")


@pytest.fixture
async def house(sites: SiteIndex, roster: Roster, policy: Policy, tmp_path: Path) -> House:
    """Give a gate over a real ledger; both clinicians have acknowledged the notice."""
    ledger, clock, ids = opened(tmp_path / "ledger.sqlite3"), HandClock(), RandomIds()
    desk = Desk(ledger, clock, ids, "front-desk", b"k" * 32, lambda: policy)
    await desk.acknowledge_notice(WREN)
    await desk.acknowledge_notice(HALE)
    identities = Identities(100, sites.page)
    gate = Gate(lambda: sites, lambda: roster, lambda: policy, identities, desk, clock, ids)
    return House(gate, desk, ledger, clock, policy)


def page(
    path: str, query: str = "", host: str = "www.google.com", method: str = "GET", body: bytes = b""
) -> HttpRequest:
    """Give a navigation."""
    headers = [(b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"document")]
    if body:
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
    return HttpRequest(method, "https", host, 443, path, query, tuple(headers), body)


def call(path: str, body: bytes, host: str = "www.facebook.com") -> HttpRequest:
    """Give a call that a page's script sends."""
    headers = (
        (b"Sec-Fetch-Mode", b"cors"),
        (b"Origin", f"https://{host}".encode()),
        (b"Content-Type", b"application/x-www-form-urlencoded"),
    )
    return HttpRequest("POST", "https", host, 443, path, "", headers, body)


SEARCH = page("/search", "q=margit+ollander")
FOLLOW = call("/follow", b"id=77")
PROFILE = page("/people/margit.ollander", host="www.facebook.com")


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


async def test_what_cannot_be_read_is_decided_by_the_rules_failure_modes(house: House) -> None:
    """A body in a coding that nobody knows is no way around."""
    unread = replace(FOLLOW, body=b"", unreadable=True)
    assert isinstance(house.gate.recognise(unread), Unread)
    met = await house.gate.check(unread, WREN)
    assert isinstance(met, HoldOverlay)
    assert met.hold.action.kind is ActionKind.FOLLOW
    await house.justify(unread)
    assert isinstance(await house.gate.check(unread, WREN), Pass)


async def test_leave_for_one_unread_request_is_leave_for_no_other(house: House) -> None:
    """Once, for the very one that was stopped: nobody can say that another one says the same."""
    unread = replace(FOLLOW, body=b"", unreadable=True, headers=(*FOLLOW.headers, (b"Content-Length", b"31")))
    met = await house.gate.check(unread, WREN)
    assert isinstance(met, HoldOverlay)
    await house.desk.attest(met.hold.id, WREN, Attestation(house.policy.attestation.reasons[0].code))
    for other in (
        replace(unread, query="x=1"),
        replace(unread, method="PUT"),
        replace(unread, headers=(*FOLLOW.headers, (b"Content-Length", b"32"))),
    ):
        assert not isinstance(await house.gate.decide(other, house.gate.recognise(unread), WREN), Pass)
    assert isinstance(await house.gate.check(unread, WREN), Pass)
    assert isinstance(await house.gate.check(unread, WREN), HoldOverlay)


@pytest.mark.parametrize(("kind", "again"), [(ActionKind.REVIEW_REPLY, False), (ActionKind.VIEW_FOLLOWERS, True)])
async def test_what_names_nobody_is_asked_each_time_but_for_ones_own_list(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: ActionKind, *, again: bool
) -> None:
    """Another answer to a review is another request; the list of one's own followers comes in many."""
    bare = Action(kind, "facebook", "bare", actor_id="61550098765432")
    shipped = house.policy.rule("review-replies")
    everybody = replace(shipped, fired=replace(shipped.fired, grant=GrantTerms(15, 3, Scope.ACTION)))
    monkeypatch.setattr(house.gate, "_policy", lambda: replace(house.policy, by_kind={kind: (everybody,)}))
    first, second = call("/bare", b"cursor=1"), call("/bare", b"cursor=2")
    met = await house.gate.decide(first, bare, WREN)
    assert isinstance(met, HoldOverlay)
    form = house.policy.forms["exception"]
    answers = replace(house.answers(), danger=form.danger[0].code, purpose=form.purposes[0].code)
    await house.desk.justify(met.hold.id, WREN, answers)
    assert isinstance(await house.gate.decide(second, bare, WREN), Pass) is again
    assert isinstance(await house.gate.decide(first, bare, WREN), Pass)


@pytest.mark.parametrize("leave", ["margit+ollander", "tobin+ashgrove"])
async def test_leave_for_one_client_does_not_open_a_search_for_two(house: House, leave: str) -> None:
    """Whichever of the two names stands first; the answer to the search for both is leave for both."""
    await house.justify(page("/search", f"q={leave}"))
    both = ("tobin+ashgrove+and+margit+ollander", "margit+ollander+tobin+ashgrove")
    for names in both:
        met = await house.gate.check(page("/search", f"q={names}"), WREN)
        assert isinstance(met, HoldPage)
        assert {client.client_ref for client in met.hold.decision.clients} == {"C-1", "C-2"}
    await house.justify(page("/search", f"q={both[0]}"))
    for names in (*both, "margit+ollander", "tobin+ashgrove"):
        assert isinstance(await house.gate.check(page("/search", f"q={names}"), WREN), Pass)


async def test_suggestions_that_mean_another_client_too_stay_silent(house: House) -> None:
    """Leave to look for one is not leave to send the other's name, letter by letter."""
    await house.justify(SEARCH)
    assert isinstance(await house.gate.check(page("/complete/search", "q=margit+ollander"), WREN), Pass)
    met = await house.gate.check(page("/complete/search", "q=margit+ollander+tobin+ashgrove"), WREN)
    assert isinstance(met, Silence)


async def test_leave_for_one_of_two_namesakes_is_asked_for_both(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words mean either; one answer is about both, and both stand on record."""
    file = tmp_path / "namesakes.csv"
    file.write_text(ROSTER + "C-3,Margit,Ollander,facebook:99,current\n", encoding="utf-8")
    namesakes = load_roster(file, b"k" * 32)
    monkeypatch.setattr(house.gate, "_roster", lambda: namesakes)
    await house.justify(PROFILE)
    met = await house.gate.check(SEARCH, WREN)
    assert isinstance(met, HoldPage)
    assert {client.client_ref for client in met.hold.decision.clients} == {"C-1", "C-3"}
    await house.justify(SEARCH)
    assert isinstance(await house.gate.check(SEARCH, WREN), Pass)


@pytest.mark.parametrize("at", [0, 1, 40, 63, 64, 500])
async def test_a_client_anywhere_among_the_subjects_is_seen(house: House, at: int) -> None:
    """A follow of many at once is held for the one, and beyond what is looked at, as what cannot be read."""
    people = [Subject(id=str(number)) for number in range(1000, 1000 + at)] + [Subject(id="77")]
    many = Action(ActionKind.FOLLOW, "facebook", "follow", people[0], others=tuple(people[1:]))
    met = await house.gate.decide(FOLLOW, many, WREN)
    assert isinstance(met, HoldOverlay)
    assert [client.client_ref for client in met.hold.decision.clients] == (["C-1"] if at < 64 else [])
    assert met.hold.action.subject.id == ("77" if at < 64 else None)


async def test_what_a_batch_does_besides_is_judged_too(house: House) -> None:
    """A harmless action leads, and a client among what goes along with it is held under that action's own kind."""
    along = Action(ActionKind.VIEW_PROFILE, "facebook", "profile", Subject(handle="margit.ollander"))
    batch = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="1"), along=(along,))
    met = await house.gate.decide(FOLLOW, batch, WREN)
    assert isinstance(met, HoldOverlay)
    assert met.hold.action.kind is ActionKind.VIEW_PROFILE
    assert [client.client_ref for client in met.hold.decision.clients] == ["C-1"]


async def test_what_could_be_read_of_a_request_is_judged_beside_what_could_not(house: House) -> None:
    """A name in the address is not left to the failure modes because the body is broken."""
    seen = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="77"))
    unread = Unread("facebook", ("profile",), (ActionKind.VIEW_PROFILE,), (seen,))
    met = await house.gate.decide(FOLLOW, unread, WREN)
    assert isinstance(met, HoldOverlay)
    assert "C-1" in {client.client_ref for client in met.hold.decision.clients}
    assert met.hold.action.request is not None


async def test_strangers_among_the_subjects_need_no_leave(house: House) -> None:
    """Several people nobody knows pass as one does."""
    several = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="1"), others=(Subject(id="2"),))
    assert isinstance(await house.gate.decide(FOLLOW, several, WREN), Pass)


async def test_leave_to_follow_one_is_not_leave_to_follow_two(house: House) -> None:
    """And the numbers of both are resolved: a page that was seen says whose they are."""
    seen = HttpResponse(200, ((b"content-type", b"application/json"),), b'{"uid": "4711", "label": "Tobin Ashgrove"}')
    house.gate.learn(call("/profile", b""), seen)
    await house.justify(FOLLOW)
    two = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="77"), others=(Subject(id="4711"),))
    met = await house.gate.decide(FOLLOW, two, WREN)
    assert isinstance(met, HoldOverlay)
    assert [client.client_ref for client in met.hold.decision.also] == ["C-2"]
    assert isinstance(await house.gate.check(FOLLOW, WREN), Pass)


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


@pytest.fixture(autouse=True)
def _closed(house: House) -> Iterator[None]:
    """Let go of the ledger's file at the end."""
    yield
    house.ledger.close()
