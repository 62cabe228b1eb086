"""What is said not to be a client again and again is counted by its token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from guardrail.holds.attested import attested, uses_of_exceptions
from guardrail.holds.words import typed_token
from guardrail.model.action import ActionKind
from guardrail.model.entry import Entry, EntryKind
from guardrail.model.people import ClientMatch, Population, Strength
from tests.holds.conftest import START, Clinic

KEY = b"k" * 32


async def attest(clinic: Clinic, query: str, site: str = "google", *more: str) -> None:
    """Say that words are not a client, though they are taken for C-1001 and `more`."""
    clinic.clock.advance(hours=1)
    also = tuple(ClientMatch(ref, "XX", Population.CURRENT, "name", Strength.EXACT) for ref in more)
    who = clinic.hale if site == "bing" else clinic.wren
    action, decision = clinic.action(site=site, query=query), replace(clinic.decision(), also=also)
    hold = await clinic.open(action, decision, clinician=who)
    await clinic.desk.attest(hold.id, who, clinic.attestation())


async def test_attestations_are_counted_by_their_words(clinic: Clinic) -> None:
    """Times, clinicians, sites and the client for whom it was taken; the most often first; rare ones left out."""
    clinic.policy = replace(clinic.policy, attestation=replace(clinic.policy.attestation, quiet_days=0))
    for query, site in (
        ("margit ollander", "google"),
        ("Margit Ollander ", "bing"),
        ("margit ollander", "google"),
        ("margit o", "google"),
    ):
        await attest(clinic, query, site)
    often, rare = attested(clinic.ledger.read())
    assert (often.times, often.clinicians, often.sites) == (3, {"dr-wren", "dr-hale"}, {"google", "bing"})
    assert (often.clients, rare.times) == ({"C-1001"}, 1)
    assert often.last == rare.last - timedelta(hours=1) if rare.last else False
    assert often.opened is not None
    assert often.opened.entry.details["sealed"] == {"query": "margit ollander"}
    assert attested(clinic.ledger.read(), at_least=2) == (often,)
    assert (often.token, often.is_words) == (typed_token("margit ollander", ["C-1001"], KEY), True)


async def test_words_that_mean_more_clients_by_now_are_counted_apart(clinic: Clinic) -> None:
    """An exception for the one would not be one for the other; every client is named."""
    await attest(clinic, "margit ollander")
    await attest(clinic, "margit ollander", "google", "C-2002")
    found = {one.token: one.clients for one in attested(clinic.ledger.read())}
    assert found == {
        typed_token("margit ollander", refs, KEY): set(refs) for refs in (["C-1001"], ["C-1001", "C-2002"])
    }


async def test_an_account_is_counted_and_is_no_words(clinic: Clinic) -> None:
    """It is asked about each time: there is nothing to except."""
    for _ in range(2):
        clinic.clock.advance(hours=1)
        hold = await clinic.open(clinic.action(ActionKind.FOLLOW, "x", handle="margit_o"), request=clinic.fetch())
        await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
    [one] = attested(clinic.ledger.read())
    assert (one.times, one.is_words, one.clients) == (2, False, {"C-1001"})


async def test_the_ledger_says_what_is_excepted_and_how_often_that_was_used(clinic: Clinic) -> None:
    """The last word counts: set, taken back, set again; each use is counted by its token."""
    await attest(clinic, "margit ollander")
    [one] = attested(clinic.ledger.read())
    known = {"words": one.token, "by": "admin"}
    until = START + timedelta(days=9)
    to_set = Entry(EntryKind.EXCEPTION_SET, START, "desk", details={**known, "until": until.isoformat()})
    clinic.ledger.append(to_set)
    [one] = attested(clinic.ledger.read())
    assert (one.excepted, one.is_excepted(START), one.is_excepted(until)) == (until, True, False)
    clinic.ledger.append(Entry(EntryKind.EXCEPTION_REMOVED, START, "desk", details={**known}))
    assert attested(clinic.ledger.read())[0].excepted is None
    clinic.ledger.append(to_set)
    assert attested(clinic.ledger.read())[0].excepted == until
    clinic.excepted[one.token] = until
    clinic.clock.time = START
    for _ in range(2):
        assert await clinic.desk.use_exception(clinic.action(), clinic.decision(), clinic.wren)
    assert uses_of_exceptions(clinic.ledger.read()) == {one.token: (2, START)}
