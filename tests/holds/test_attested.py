"""What is said not to be a client again and again is counted by its token."""

from __future__ import annotations

from guardrail.holds.attested import attested
from tests.holds.conftest import Clinic


async def test_attestations_are_counted_by_subject(clinic: Clinic) -> None:
    """Times, clinicians, sites and the client for whom it was taken; the most often first; rare ones left out."""
    for query, site, who in (
        ("margit ollander", "google", clinic.wren),
        ("Margit Ollander ", "bing", clinic.hale),
        ("margit ollander", "google", clinic.wren),
        ("margit o", "google", clinic.wren),
    ):
        clinic.clock.advance(hours=1)
        hold = await clinic.open(clinic.action(site=site, query=query), clinician=who)
        await clinic.desk.attest(hold.id, who, clinic.attestation())
    often, rare = attested(clinic.ledger.read())
    assert (often.times, often.clinicians, often.sites) == (3, {"dr-wren", "dr-hale"}, {"google", "bing"})
    assert (often.clients, rare.times) == ({"C-1001"}, 1)
    assert often.last == rare.last.replace(hour=rare.last.hour - 1) if rare.last else False
    assert often.opened is not None
    assert often.opened.entry.details["sealed"] == {"query": "margit ollander"}
    assert attested(clinic.ledger.read(), at_least=2) == (often,)
    assert "margit" not in often.token
