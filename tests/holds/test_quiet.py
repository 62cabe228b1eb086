"""`This is not my client`, remembered: the same words, of the same clinician, as long as they mean the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardrail.errors import HoldError
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, Verdict
from guardrail.model.entry import EntryKind
from guardrail.model.people import ClientMatch, Population, Strength
from tests.holds.conftest import Clinic

DAYS = 30


@pytest.fixture
def quiet(clinic: Clinic) -> Clinic:
    """Give a clinic whose policy does not ask twice."""
    clinic.policy = replace(clinic.policy, attestation=replace(clinic.policy.attestation, quiet_days=DAYS))
    return clinic


def match(ref: str, how: str = "name") -> ClientMatch:
    """Give a client whom words mean."""
    return ClientMatch(ref, "MO", Population.CURRENT, how, Strength.EXACT)


async def attest(clinic: Clinic, action: Action | None = None, decision: Decision | None = None) -> None:
    """Say that this is not a client, and let the short leave that this buys run out."""
    hold = await clinic.open(action, decision)
    await clinic.desk.attest(hold.id, clinic.wren, clinic.attestation())
    clinic.clock.advance(hours=1)
    await clinic.desk.sweep()


async def test_the_same_words_are_not_asked_about_again(quiet: Clinic) -> None:
    """On every site, in any case, after a restart too, until the days are over; each use is on the ledger."""
    await attest(quiet)
    for site, kind in (("google", ActionKind.SEARCH), ("facebook", ActionKind.SEARCH), ("bing", ActionKind.SUGGEST)):
        assert await quiet.use(quiet.action(kind, site, query=" Margit  OLLANDER"))
    assert len(quiet.of(EntryKind.GRANT_USED)) == 3
    quiet.desk = quiet.new_desk()
    assert await quiet.use()
    quiet.clock.advance(days=DAYS)
    assert await quiet.use() is None
    await quiet.desk.sweep()
    assert quiet.kinds().count("grant_expired") == 2


async def test_without_days_it_is_as_short_as_ever(clinic: Clinic) -> None:
    """The policy says whether anything is remembered."""
    clinic.policy = replace(clinic.policy, attestation=replace(clinic.policy.attestation, quiet_days=0))
    await attest(clinic)
    assert await clinic.use() is None
    assert len(clinic.of(EntryKind.GRANT_ISSUED)) == 1


OTHERS = {
    "other words": (Subject(query="margit ollander photos"), ("C-1001",), "name"),
    "an account": (Subject(query="margit ollander", handle="margit_o"), ("C-1001",), "name"),
    "an id": (Subject(query="margit ollander", id="7"), ("C-1001",), "name"),
    "an account of the roster": (Subject(query="margit ollander"), ("C-1001",), "handle"),
    "an address of the roster": (Subject(query="margit ollander"), ("C-1001",), "email"),
    "a number of the roster": (Subject(query="margit ollander"), ("C-1001",), "phone"),
    "another client": (Subject(query="margit ollander"), ("C-2002",), "name"),
    "one client more": (Subject(query="margit ollander"), ("C-1001", "C-2002"), "name"),
    "nobody known": (Subject(query="margit ollander"), (), "name"),
}


@pytest.mark.parametrize("what", OTHERS)
async def test_anything_else_is_asked_about(quiet: Clinic, what: str) -> None:
    """Other words, an account, and words that mean somebody else by now."""
    subject, refs, how = OTHERS[what]
    await attest(quiet)
    meant = tuple(match(ref, how) for ref in refs)
    decision = replace(quiet.decision(client=None), match=meant[0] if meant else None, also=meant[1:])
    assert await quiet.use(replace(quiet.action(), subject=subject), decision) is None
    assert await quiet.use()


async def test_it_is_for_one_clinician_and_listed_apart(quiet: Clinic) -> None:
    """Another is asked; who said it sees it apart from what may be done: where, for whom, until when."""
    await attest(quiet)
    assert await quiet.desk.use_grant(quiet.action(), quiet.decision(), quiet.hale) is None
    assert (quiet.desk.grants(quiet.wren), quiet.desk.quiet(quiet.hale)) == ((), ())
    [kept] = quiet.desk.quiet(quiet.wren)
    assert (kept.asked_on, kept.denies) == ("google", ("C-1001",))
    quiet.desk = quiet.new_desk()
    assert quiet.desk.quiet(quiet.wren) == (kept,)


async def test_it_is_taken_back_as_a_whole(quiet: Clinic) -> None:
    """Words that were attested in two windows are listed once, and asked about again once that is taken back."""
    decision = replace(quiet.decision(), also=(match("C-2002"),))
    holds = [await quiet.open(None, decision, quiet.page(query=f"q=margit&tab={tab}")) for tab in (1, 2)]
    for hold in holds:
        await quiet.desk.attest(hold.id, quiet.wren, quiet.attestation())
    quiet.clock.advance(hours=1)
    [kept] = quiet.desk.quiet(quiet.wren)
    assert kept.denies == ("C-1001", "C-2002")
    quiet.desk = quiet.new_desk()
    assert quiet.desk.quiet(quiet.wren) == (kept,)
    with pytest.raises(HoldError):
        await quiet.desk.revoke(kept.id, quiet.hale)
    assert await quiet.use(None, decision)
    await quiet.desk.revoke(kept.id, quiet.wren)
    assert quiet.desk.quiet(quiet.wren) == ()
    assert await quiet.use(None, decision) is None
    assert len(quiet.of(EntryKind.GRANT_REVOKED)) == 2
    quiet.desk = quiet.new_desk()
    assert await quiet.use(None, decision) is None


async def test_a_page_can_say_for_how_long(quiet: Clinic) -> None:
    """As many days as the policy says, where there are words alone and the rule takes such a word; else none."""
    held = {
        DAYS: await quiet.open(),
        0: await quiet.open(quiet.action(ActionKind.FOLLOW, "x", handle="margit_o"), request=quiet.fetch()),
    }
    assert {days: quiet.desk.quiet_days(hold) for days, hold in held.items()} == {DAYS: DAYS, 0: 0}
    assert quiet.desk.quiet_days(await quiet.open(None, quiet.decision(offers=("crisis",), rule="viewing"))) == 0


@pytest.mark.parametrize(
    ("verdict", "offers", "passes"),
    [
        (Verdict.SILENCE, (), True),
        (Verdict.WARN, ("attest",), True),
        (Verdict.WARN, ("acknowledge",), False),
        (Verdict.JUSTIFY, ("attest", "crisis"), True),
        (Verdict.JUSTIFY, ("crisis",), False),
        (Verdict.BLOCK, ("attest",), False),
    ],
)
async def test_a_rule_that_takes_no_such_word_asks(
    quiet: Clinic, verdict: Verdict, offers: tuple[str, ...], *, passes: bool
) -> None:
    """Where the rule of now does not offer the way, or blocks, what was said before opens nothing."""
    await attest(quiet)
    assert (await quiet.use(None, quiet.decision(verdict, offers=offers)) is not None) == passes


async def test_what_is_not_a_search_is_never_remembered(quiet: Clinic) -> None:
    """A message, a follow, a profile: asked about each time."""
    for kind in (ActionKind.MESSAGE, ActionKind.FOLLOW, ActionKind.VIEW_PROFILE):
        action = quiet.action(kind, "x", name="margit ollander")
        await attest(quiet, action)
        assert await quiet.use(action) is None


async def test_the_ledger_holds_a_token_and_no_word(quiet: Clinic) -> None:
    """The grant names a keyed token; the words stand only where what was typed is closed."""
    await attest(quiet)
    issued = [entry for entry in quiet.of(EntryKind.GRANT_ISSUED) if "quiet:" in str(entry.details["subject_key"])]
    assert len(issued) == 1
    assert "margit" not in str(issued[0]).casefold()
    assert issued[0].client_ref == "C-1001"
