"""One episode after another, by the real desk on a real ledger: what the exports are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pyrage import x25519

from guardrail.holds.desk import Desk
from guardrail.ledger.export.episode import Episode, chosen, episodes
from guardrail.ledger.export.fhir import Source
from guardrail.ledger.kinds import Judgement
from guardrail.ledger.review import Review
from guardrail.ledger.store import SqliteLedger
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision
from guardrail.model.hold import Attestation, Consent, Hold, Justification, MeansTried
from guardrail.model.http import HttpRequest
from guardrail.model.people import Account, ClientMatch, Clinician, Population
from guardrail.policy.load import load_policy
from tests.ledger_keys import SUPERVISOR, opened

RULES = Path(__file__).parents[3] / "rules.yaml"
WREN = Clinician("dr-wren", "os-user")
CLIENT = ClientMatch("C-1001", "MO", Population.CURRENT, "name")
NAMESAKE = ClientMatch("C-2002", "MO", Population.FORMER, "name")
NARRATIVE = "She said goodbye for good on the phone, then hung up.\nNobody opens the door; her sister is abroad."
OUTCOME = "Found her sister’s bakery page and called: she is safe at Mme Lefèvre’s."
DISCUSSED = "Told her in session what I looked at and why. She was glad, and would like to be asked first."
JUDGED = "Nobody had asked Dr Tern, who was in the house."
TYPED = ("margit ollander", NARRATIVE.splitlines()[0], "at 8:40 and 8:55", "Lefèvre", "glad, and would like")
"""What was typed: none of it may stand in anything that is open."""
PAGE = HttpRequest(
    "GET", "https", "www.google.com", 443, "/search", "q=margit", ((b"Sec-Fetch-Mode", b"navigate"),)
)  # fmt: skip


@dataclass
class HandClock:
    """Time that passes only when told."""

    time: datetime = datetime(2026, 3, 2, 17, 2, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the time as it was set."""
        return self.time


@dataclass
class CountedIds:
    """Ids that a test can read."""

    count: int = 0

    def new(self) -> str:
        """Give the next id."""
        self.count += 1
        return f"id-{self.count:04d}"


@dataclass
class Scene:
    """A workstation with its desk, its clock and its ledger."""

    ledger: SqliteLedger
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.policy = load_policy(RULES)
        self.desk = Desk(self.ledger, self.clock, CountedIds(), "front-desk", b"k" * 32, lambda: self.policy)

    def wait(self, **parts: float) -> None:
        """Let time pass: `minutes=5`."""
        self.clock.time += timedelta(**parts)

    async def hold(self, *clients: ClientMatch, rule: str = "searching") -> Hold:
        """Stop a search, once the notice is read."""
        if not self.desk.has_acknowledged(WREN):
            await self.desk.acknowledge_notice(WREN, None)
        return await self.desk.open(PAGE, self.action, self.decision(*clients, rule=rule), WREN)

    action = Action(ActionKind.SEARCH, "google", "google-search", Subject(query="margit ollander"))

    def decision(self, *clients: ClientMatch, rule: str = "searching") -> Decision:
        """Decide as that rule of the real policy does."""
        fired = self.policy.rule(rule).fired
        first = clients[0] if clients else None
        population = first.population if first else Population.UNKNOWN
        revision = self.policy.revision
        return Decision(
            fired.verdict, fired, (fired,), first, population, Account.PRIVATE, (), revision, also=clients[1:]
        )

    async def whole(self) -> str:
        """Play from hold to discussion: a crisis, two uses, the end of the leave, and every duty done."""
        hold = await self.hold(CLIENT, NAMESAKE)
        self.wait(minutes=3)
        means = (MeansTried("phone", "at 8:40 and 8:55"), MeansTried("emergency_contact", "at 8:50"))
        answers = Justification(
            "self", means, no_time=False, purpose="find_close", narrative=NARRATIVE, fast=False, duty_accepted=True,
            next_meeting=date(2026, 3, 5),
        )  # fmt: skip
        await self.desk.justify(hold.id, WREN, answers)
        for _ in range(2):
            self.wait(minutes=2)
            await self.desk.use_grant(self.action, self.decision(CLIENT, NAMESAKE), WREN)
        self.wait(hours=3)
        await self.desk.sweep()
        for duty in self.desk.duties(WREN):
            self.wait(hours=20)
            await self.desk.complete(duty.id, WREN, DISCUSSED if duty.kind == "discuss" else OUTCOME)
        return hold.id

    async def judged(self) -> str:
        """Play a crisis that two supervisors see in two ways, the second without a word."""
        hold = await self.running()
        for review in (Review("dr-sel", Judgement.INCONCLUSIVE, JUDGED), Review("ms-quist", Judgement.UNJUSTIFIED)):
            self.wait(days=1)
            self.ledger.append(review.entry(self.episode(hold), "front-desk", self.clock.now()))
        return hold

    async def running(self) -> str:
        """Play a crisis on the fast path, a week on: nothing discussed, all of it late."""
        hold = await self.hold(CLIENT)
        answers = Justification(
            "to_others", (), no_time=True, purpose="find_client", narrative=NARRATIVE.splitlines()[0], fast=True,
            duty_accepted=True,
        )  # fmt: skip
        await self.desk.justify(hold.id, WREN, answers)
        self.wait(days=7)
        await self.desk.sweep()
        return hold.id

    async def unanswered(self) -> str:
        """Stop, and leave the question on the screen."""
        return (await self.hold(CLIENT)).id

    async def left(self) -> str:
        """Stop, and let the time pass."""
        hold = await self.hold(CLIENT)
        self.wait(hours=1)
        await self.desk.sweep()
        return hold.id

    async def back(self) -> str:
        """Stop, and go back."""
        hold = await self.hold(CLIENT)
        await self.desk.back_out(hold.id, WREN)
        return hold.id

    async def attested(self) -> str:
        """Say that it is somebody else of that name."""
        hold = await self.hold(CLIENT)
        await self.desk.attest(hold.id, WREN, Attestation("same_name", "the violinist"))
        return hold.id

    async def attested_of_nobody(self) -> str:
        """Say so where no client is known by that name."""
        hold = await self.hold()
        await self.desk.attest(hold.id, WREN, Attestation("public_figure"))
        return hold.id

    async def agreed(self) -> str:
        """Say that the client agreed, in session."""
        hold = await self.hold(CLIENT, rule="viewing")
        await self.desk.consent(hold.id, WREN, Consent("online_harm", in_session=True, agreed=True))
        return hold.id

    def episode(self, hold: str, keys: Sequence[x25519.Identity] = (SUPERVISOR,)) -> Episode:
        """Give an episode out of the ledger."""
        [found] = episodes(chosen(self.ledger.read(), hold), keys)
        return found

    def source(self) -> Source:
        """Give which ledger this is, now."""
        return Source(self.ledger.origin, self.ledger.reader.head(), self.clock.now())


type Story = Callable[[Scene], Awaitable[str]]

STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        Scene.whole, Scene.running, Scene.unanswered, Scene.left, Scene.back, Scene.attested,
        Scene.attested_of_nobody, Scene.agreed, Scene.judged,
    )
}  # fmt: skip


def scene(folder: Path) -> Scene:
    """Give a workstation whose ledger is in that folder."""
    return Scene(opened(folder / "ledger.sqlite3"))
