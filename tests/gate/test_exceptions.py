"""The clinic's exceptions on the road: from real bytes and a real roster to what passes and what stands on record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.gate import Gate, HoldPage, Pass, Refused, Silence
from guardrail.holds.attested import attested
from guardrail.model.entry import EntryKind
from guardrail.model.hold import Attestation
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.recognise import Identities, SiteIndex
from guardrail.roster import load_roster
from tests.gate.scene import HALE, PROFILE, ROSTER, SEARCH, WREN, House, RandomIds, page

SUGGEST = page("/complete/search", "q=Margit%20Ollander")
LATER = ROSTER + "C-3,Margit,Ollander,,prospective\n"


@pytest.fixture
async def excepting(house: House) -> House:
    """Give a house in which the words were attested, and then excepted by the token on the ledger."""
    for clinician in (WREN, HALE):
        met = await house.gate.check(SEARCH, clinician)
        assert isinstance(met, HoldPage)
        await house.desk.attest(met.hold.id, clinician, Attestation(house.policy.attestation.reasons[0].code))
    [one] = attested(house.ledger.read(), at_least=2)
    house.clock.time += timedelta(days=house.policy.attestation.quiet_days + 1)
    house.excepted[one.token] = house.clock.time + timedelta(days=9)
    await house.desk.sweep()
    return house


def last(house: House) -> tuple[str, object]:
    """Give the kind of the last entry, and by which exception that passed."""
    *_, stored = house.ledger.read()
    return stored.entry.kind.value, stored.entry.details.get("exception")


@pytest.mark.parametrize(
    "request_",
    [SEARCH, page("/search", "q=+MARGIT++ollander"), SUGGEST],
    ids=["search", "other case and gaps", "suggestion"],
)
@pytest.mark.parametrize("clinician", [WREN, HALE, Clinician("dr-new", "os-user")], ids=lambda one: one.id)
async def test_the_very_words_pass_on_record(excepting: House, request_: HttpRequest, clinician: Clinician) -> None:
    """For every clinician who has read the notice, also as a suggestion; the ledger names the exception."""
    await excepting.desk.acknowledge_notice(clinician)
    assert isinstance(await excepting.gate.check(request_, clinician), Pass)
    [token] = excepting.excepted
    assert last(excepting) == ("noted", token)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (page("/search", "q=margit+ollander+vancouver"), HoldPage),
        (page("/search", "q=margti+ollander"), HoldPage),
        (page("/search", "q=margit+ollander+tobin+ashgrove"), HoldPage),
        (page("/search", "q=tobin+ashgrove"), HoldPage),
        (page("/complete/search", "q=margit+olland"), Silence),
        (PROFILE, HoldPage),
    ],
    ids=["more words", "mistyped", "two clients", "another client", "a beginning", "a profile"],
)
async def test_nothing_else_passes(excepting: House, request_: HttpRequest, kind: type) -> None:
    """Other words that mean the same client, another client, the client's own profile."""
    assert isinstance(await excepting.gate.check(request_, WREN), kind)


async def test_it_passes_while_the_ledger_takes_entries_and_until_its_end(
    excepting: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be recorded is refused; what is over is held."""
    excepting.clock.time += timedelta(days=9)
    assert isinstance(await excepting.gate.check(SEARCH, WREN), HoldPage)
    excepting.clock.time -= timedelta(days=1)

    def full(*_: object) -> int:
        raise LedgerUnavailableError("the disk is full")

    monkeypatch.setattr(excepting.ledger, "append", full)
    assert isinstance(await excepting.gate.check(SEARCH, WREN), Refused)


async def test_a_client_of_the_same_name_who_comes_later_ends_it(
    excepting: House, sites: SiteIndex, tmp_path: Path
) -> None:
    """The words then mean another client too: they are held, and what is said of them anew is counted apart."""
    file = tmp_path / "later.csv"
    file.write_text(LATER, encoding="utf-8")
    roster, policy = load_roster(file, b"k" * 32), excepting.policy
    parts = (Identities(100, sites.page), excepting.desk, excepting.clock, RandomIds())
    gate = Gate(lambda: sites, lambda: roster, lambda: policy, *parts)
    for request in (SEARCH, SUGGEST):
        assert not isinstance(await gate.check(request, WREN), Pass)
    assert [one.entry.details.get("also") for one in excepting.ledger.read()][-1] == ["C-3"]
    assert EntryKind.NOTED not in {one.entry.kind for one in excepting.ledger.read()}
