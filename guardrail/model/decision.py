"""What the policy says: verdicts, the rule that spoke, and the decision that explains itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from guardrail.model.action import Subject
from guardrail.model.people import Account, ClientMatch, Population


class Verdict(IntEnum):
    """How strongly the policy stands against an action; the strongest wins."""

    ALLOW = 0
    NOTE = 1
    SILENCE = 2
    WARN = 3
    JUSTIFY = 4
    BLOCK = 5


class Mode(StrEnum):
    """How far a rule is rolled out: `monitor` notes, `warn` warns at most, `enforce` does all."""

    MONITOR = "monitor"
    WARN = "warn"
    ENFORCE = "enforce"


class Scope(StrEnum):
    """What a grant covers: the one action on the one subject, or search and view on every watched site."""

    ACTION = "action"
    FIND = "find"


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """What a justification buys: for how many minutes, how many uses (None: any number), which scope."""

    minutes: int
    uses: int | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that applied: what a page, an entry and a grant need to know of it.

    `form` names the justification form of the policy (`crisis`, …); `duties` their ids; `offers` the ways
    on that the interstitial shows besides going back: `crisis`, `attest`, `consent`, `acknowledge`.
    """

    id: str
    verdict: Verdict
    mode: Mode
    form: str | None
    grant: GrantTerms | None
    duties: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """One subject that the policy stands against, and the clients whom it may mean (empty: nobody known)."""

    subject: Subject
    clients: tuple[ClientMatch, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict with its reasons.

    `rule` is the strongest rule (None: no rule applied), `fired` all that applied, strongest
    first; `match` the client whom that rule is about (None: a rule about anyone), `also` every other
    client whom the request concerns; `errors` one line per rule that failed (its verdict is then at
    least JUSTIFY); `revision` the policy's hash. `concerns` says which subject stands for which clients,
    where a request has several subjects (empty: the action's own subject stands for all).
    """

    verdict: Verdict
    rule: FiredRule | None
    fired: tuple[FiredRule, ...]
    match: ClientMatch | None
    population: Population
    account: Account
    errors: tuple[str, ...]
    revision: str
    also: tuple[ClientMatch, ...] = ()
    concerns: tuple[Concern, ...] = ()

    @property
    def clients(self) -> tuple[ClientMatch, ...]:
        """Every client whom the request concerns, each once: `match` first."""
        return self.also if self.match is None else (self.match, *self.also)
