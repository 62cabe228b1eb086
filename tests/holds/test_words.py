"""Words and the clients whom they mean make one token: what is said of them is said of nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from guardrail.holds.words import excepting, quiet_key, typed_token, words_token
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Concern, Decision, FiredRule, GrantTerms, Mode, Scope, Verdict
from guardrail.model.people import Account, ClientMatch, Population, Strength
from tests.holds.conftest import START

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

KEY = b"k" * 32
LATER = START + timedelta(days=1)
HOWS = ("name", "name", "prefix", "id", "handle", "email", "phone")
REFS = st.lists(st.sampled_from(["C-1", "C-2", "C-3", "C-1\0C-2", ""]), max_size=3, unique=True)
TEXTS = st.one_of(
    st.sampled_from(
        ["margit ollander", "Margit  OLLANDER ", "margit\tollander", "margit ollander\0C-1", '","C-1"]', ""]
    ),
    st.text(max_size=20),
)
PARTS = st.sampled_from([None, None, None, None, "7", "margit_o"])


def client(ref: str, how: str = "name") -> ClientMatch:
    """Give a client whom words mean."""
    return ClientMatch(ref, "MO", Population.CURRENT, how, Strength.EXACT)


def decided(
    clients: list[ClientMatch], verdict: Verdict = Verdict.JUSTIFY, offers: tuple[str, ...] = ("attest",)
) -> Decision:
    """Give what a policy says about these clients."""
    fired = FiredRule("searching", verdict, Mode.ENFORCE, "crisis", GrantTerms(60, None, Scope.FIND), (), offers)
    first, also = (clients[0], tuple(clients[1:])) if clients else (None, ())
    population = Population.CURRENT if clients else Population.UNKNOWN
    return Decision(verdict, fired, (fired,), first, population, Account.PRIVATE, (), "r", also)


def searched(query: str | None = "margit ollander", kind: ActionKind = ActionKind.SEARCH) -> Action:
    """Give a search."""
    return Action(kind, "google", "google-search", Subject(query=query))


ONE = decided([client("C-1")])
TOKEN = typed_token("margit ollander", ["C-1"], KEY)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Action, Decision]:
    """Give anything at all that may be asked for, and what the policy says."""
    subject = Subject(draw(TEXTS), draw(PARTS), draw(PARTS), draw(PARTS), draw(st.one_of(st.none(), TEXTS)))
    clients = [client(ref, draw(st.sampled_from(HOWS))) for ref in draw(REFS)]
    offers = draw(st.sampled_from([("attest",), ("crisis", "attest"), ("crisis",), ()]))
    decision = decided(clients, draw(st.sampled_from(Verdict)), offers)
    others = draw(st.sampled_from([(), (), (Subject(query="another"),)]))
    if draw(st.booleans()):
        decision = replace(decision, concerns=tuple(Concern(who, decision.clients) for who in (subject, *others)))
    kind = draw(st.one_of(st.sampled_from([ActionKind.SEARCH, ActionKind.SUGGEST]), st.sampled_from(ActionKind)))
    action = Action(kind, "google", "r", subject, others=others)
    return replace(action, request=draw(st.sampled_from([None, None, "digest"]))), decision


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(about=asked(), other=st.one_of(st.none(), st.tuples(TEXTS, REFS)))
def test_an_exception_never_silences_more_than_its_own_words_and_clients(
    about: tuple[Action, Decision], other: tuple[str, list[str]] | None
) -> None:
    """Whatever is asked for: it passes only as a search for these words, meaning these clients, by names alone."""
    action, decision = about
    subject = action.subject
    typed = subject.query or subject.name or ""
    # Half of them are made of the very words and clients that are asked about, else hardly any would pass.
    words, refs = other or (typed, [one.client_ref for one in decision.clients])
    if excepting({typed_token(words, refs, KEY): LATER}, action, decision, KEY, START) is None:
        event("held")
        return
    event("passed")
    assert " ".join(typed.casefold().split()) == " ".join(words.casefold().split()) != ""
    assert {one.client_ref for one in decision.clients} == set(refs)
    assert {one.how for one in decision.clients} <= {"name", "prefix"}
    assert action.kind in {ActionKind.SEARCH, ActionKind.SUGGEST}
    assert (subject.id, subject.alt_id, subject.handle, action.others, action.request) == (None, None, None, (), None)
    assert decision.verdict < Verdict.BLOCK


@settings(deadline=None)
@given(first=st.tuples(TEXTS, REFS), second=st.tuples(TEXTS, REFS))
def test_only_the_same_words_for_the_same_clients_have_one_token(
    first: tuple[str, list[str]], second: tuple[str, list[str]]
) -> None:
    """Case and gaps aside; the order of the clients says nothing."""
    same = [(" ".join(words.casefold().split()), frozenset(refs)) for words, refs in (first, second)]
    assert (typed_token(*first, KEY) == typed_token(*second, KEY)) == (same[0] == same[1])


@pytest.mark.parametrize(
    ("action", "decision", "passes"),
    [
        (searched(), ONE, True),
        (searched(" Margit  OLLANDER"), ONE, True),
        (searched(kind=ActionKind.SUGGEST), decided([client("C-1", "prefix")], Verdict.SILENCE, ()), True),
        (searched("margit ollander photos"), ONE, False),
        (searched(kind=ActionKind.MESSAGE), ONE, False),
        (searched(), decided([client("C-2")]), False),
        (searched(), decided([client("C-1"), client("C-2")]), False),
        (searched(), decided([]), False),
        (searched(), decided([client("C-1", "email")]), False),
        (searched(), decided([client("C-1")], Verdict.BLOCK), False),
        (searched(), decided([client("C-1")], offers=("crisis",)), False),
        (replace(searched(), subject=Subject(query="margit ollander", handle="m")), ONE, False),
        (replace(searched(), others=(Subject(query="tobin"),)), ONE, False),
    ],
)
def test_what_an_exception_lets_pass(action: Action, decision: Decision, *, passes: bool) -> None:
    """Its own words and clients, by name alone, where the rule would take such a word; until its end."""
    assert excepting({TOKEN: LATER}, action, decision, KEY, START) == (TOKEN if passes else None)
    assert excepting({TOKEN: LATER}, action, decision, KEY, LATER) is None
    assert excepting({}, action, decision, KEY, START) is None


def test_the_token_is_what_an_attestation_writes_down(clinic: Clinic) -> None:
    """What a person types, the search itself and the quiet grant's key are one token; another key makes another."""
    decision = clinic.decision(client="C-1")
    assert words_token(searched(), decision, KEY) == TOKEN
    assert quiet_key(searched(), decision, KEY) == f"quiet:{TOKEN}"
    assert typed_token("margit ollander", ["C-1"], b"l" * 32) != TOKEN
