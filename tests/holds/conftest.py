"""A desk with everything around it: a clock that is set by hand, counted ids, a ledger in memory, the real policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.holds.desk import Desk
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, FiredRule, GrantTerms, Mode, Scope, Verdict
from guardrail.model.entry import Entry, EntryKind, Json, StoredEntry
from guardrail.model.hold import Attestation, Consent, Grant, Hold, Justification, MeansTried
from guardrail.model.http import HttpRequest
from guardrail.model.people import Account, ClientMatch, Clinician, Population, Strength
from guardrail.policy.load import load_policy
from guardrail.policy.terms import CrisisForm, Policy
from tests.entry_schema import problems

RULES = Path(__file__).parent.parent.parent / "rules.yaml"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WREN = Clinician("dr-wren", "os-user")
HALE = Clinician("dr-hale", "os-user")
FIND = GrantTerms(60, None, Scope.FIND)
OFFERS = ("crisis", "attest", "consent")


class HandClock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        """Begin at nine on a Monday."""
        self.time = START

    def now(self) -> datetime:
        """Give the time as it was set."""
        return self.time

    def advance(self, **parts: float) -> None:
        """Let time pass: `minutes=5`."""
        self.time += timedelta(**parts)


class CountedIds:
    """Ids that a test can read."""

    def __init__(self) -> None:
        """Begin with 1."""
        self.count = 0

    def new(self) -> str:
        """Give the next id."""
        self.count += 1
        return f"id-{self.count:04d}"


class MemoryLedger:
    """A ledger of this process alone; `broken` makes it take nothing."""

    def __init__(self) -> None:
        """Begin empty."""
        self.entries: list[Entry] = []
        self.broken = False

    def append(self, *entries: Entry) -> int:
        """Keep all entries, or none."""
        if self.broken:
            raise LedgerUnavailableError("the ledger takes no entry now: the test says so")
        assert [problem for entry in entries for problem in problems(entry)] == []
        self.entries.extend(entries)
        return len(self.entries) - 1

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give what was kept."""
        for index, entry in enumerate(self.entries[start:], start):
            yield StoredEntry(index, entry, "")


@dataclass(repr=False)
class Clinic:
    """The scene of a test: parts, and short ways to say what happens."""

    policy: Policy
    clock: HandClock = field(default_factory=HandClock)
    ids: CountedIds = field(default_factory=CountedIds)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    excepted: dict[str, datetime] = field(default_factory=dict)
    wren: Clinician = WREN
    hale: Clinician = HALE

    def __post_init__(self) -> None:
        self.desk = self.new_desk()

    def new_desk(self) -> Desk:
        """Start anew on the same ledger, as after a restart."""
        parts = (self.ledger, self.clock, self.ids, "front-desk", b"k" * 32, lambda: self.policy, 30)
        return Desk(*parts, excepted=lambda: self.excepted)

    @property
    def form(self) -> CrisisForm:
        """The crisis form of the policy."""
        return self.policy.forms["crisis"]

    def kinds(self) -> list[str]:
        """Give the kinds of all entries, in order."""
        return [entry.kind.value for entry in self.ledger.entries]

    def of(self, kind: EntryKind) -> list[Entry]:
        """Give the entries of one kind."""
        return [entry for entry in self.ledger.entries if entry.kind is kind]

    def action(
        self,
        kind: ActionKind = ActionKind.SEARCH,
        site: str = "google",
        *,
        query: str | None = "margit ollander",
        handle: str | None = None,
        name: str | None = None,
    ) -> Action:
        """Give an action about a client, unless told otherwise."""
        subject = Subject(query=None if handle or name else query, handle=handle, name=name)
        return Action(kind, site, f"{site}-{kind}", subject)

    def decision(
        self,
        verdict: Verdict = Verdict.JUSTIFY,
        *,
        client: str | None = "C-1001",
        offers: tuple[str, ...] = OFFERS,
        terms: GrantTerms | None = FIND,
        duties: tuple[str, ...] = ("write_outcome", "discuss"),
        rule: str = "searching",
    ) -> Decision:
        """Give a decision about a client (None: about nobody known)."""
        fired = FiredRule(rule, verdict, Mode.ENFORCE, "crisis", terms, duties, offers)
        population = Population.CURRENT if client else Population.UNKNOWN
        match = ClientMatch(client, "MO", population, "name", Strength.EXACT) if client else None
        account = Account.PRIVATE
        return Decision(verdict, fired, (fired,), match, population, account, (), self.policy.revision)

    def page(
        self, url_path: str = "/search", query: str = "q=margit", method: str = "GET", body: bytes = b""
    ) -> HttpRequest:
        """Give a navigation."""
        headers = ((b"Sec-Fetch-Mode", b"navigate"), (b"Sec-Fetch-Dest", b"document"))
        return HttpRequest(method, "https", "www.google.com", 443, url_path, query, headers, body)

    def fetch(self, origin: str | None = "https://www.facebook.com", host: str = "www.facebook.com") -> HttpRequest:
        """Give a request that a page's script sends."""
        headers: tuple[tuple[bytes, bytes], ...] = ((b"Sec-Fetch-Mode", b"cors"), (b"Sec-Fetch-Dest", b"empty"))
        if origin:
            headers = (*headers, (b"Origin", origin.encode()))
        return HttpRequest("POST", "https", host, 443, "/api/graphql/", "", headers, b"doc_id=1")

    def answers(self, *, fast: bool = False, narrative: str | None = None, **changes: object) -> Justification:
        """Give whole answers to the crisis form, with changes."""
        form = self.form
        whole: dict[str, object] = {
            "danger": form.danger[0].code,
            "means": (MeansTried(form.means[0].code, "this morning"),),
            "no_time": False,
            "purpose": form.purposes[0].code,
            "narrative": narrative or ("sent a goodbye" if fast else "w" * max(form.narrative_min, 20)),
            "fast": fast,
            "duty_accepted": True,
            "next_meeting": date(2026, 3, 5),
        }
        return Justification(**{**whole, **changes})  # type: ignore[arg-type]  # the keys are its own

    def attestation(self) -> Attestation:
        """Give a whole attestation."""
        return Attestation(self.policy.attestation.reasons[0].code, "somebody else")

    def consent(self) -> Consent:
        """Give a whole consent."""
        return Consent(self.policy.consent.purposes[0].code, in_session=True, agreed=True)

    async def open(
        self,
        action: Action | None = None,
        decision: Decision | None = None,
        request: HttpRequest | None = None,
        clinician: Clinician | None = None,
    ) -> Hold:
        """Open a hold on a search for a client, unless told otherwise."""
        return await self.desk.open(
            request or self.page(), action or self.action(), decision or self.decision(), clinician or self.wren
        )

    async def use(self, action: Action | None = None, decision: Decision | None = None) -> Grant | None:
        """Try the action under a grant."""
        return await self.desk.use_grant(action or self.action(), decision or self.decision(), self.wren)


@pytest.fixture(scope="session")
def policy() -> Policy:
    """Give the policy of the repository, compiled once."""
    return load_policy(RULES)


@pytest.fixture
def fresh(policy: Policy) -> Clinic:
    """Give a clinic in which nobody has seen the notice yet."""
    return Clinic(policy)


@pytest.fixture
def clinic(fresh: Clinic) -> Clinic:
    """Give a clinic in which dr-wren and dr-hale have acknowledged the notice; the entries of that are left out."""
    for clinician in (fresh.wren, fresh.hale):
        how: dict[str, Json] = {"how": clinician.how}
        fresh.ledger.append(Entry(EntryKind.NOTICE_ACKNOWLEDGED, START, "front-desk", clinician.id, details=how))
    fresh.desk = fresh.new_desk()
    del fresh.ledger.entries[:]
    return fresh
