"""The compiled policy as frozen data: what evaluate reads, what pages show, what grants and duties follow.

Built by compile.py from rules.yaml; nothing here reads a file or decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from guardrail.model.action import ActionKind, Confidence
from guardrail.model.decision import FiredRule, GrantTerms, Mode, Verdict
from guardrail.model.people import Account, Population, Strength

type Text = Mapping[str, str]
"""A sentence per language (`en`, `fr`); the policy's first language stands in for one that is not there."""


class FailureMode(StrEnum):
    """What a rule means for a request that could not be read: JUSTIFY, WARN or NOTE."""

    CLOSED = "closed"
    WARN = "warn"
    OPEN = "open"


class Offer(StrEnum):
    """A way on that an interstitial shows besides going back."""

    CRISIS = "crisis"
    ATTEST = "attest"
    CONSENT = "consent"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class CodedReason:
    """One answer to choose on a form: a stable code for the ledger, a label per language for people."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class CrisisForm:
    """The form that justifies: three coded questions, what happened in words, the duty accepted.

    `no_time` is the label of "no time to try the usual means" (None: the form does not offer it).
    Lengths are in characters: the one line of the fast path, and the full narrative, which is owed
    within `narrative_hours` after the fast path.
    """

    id: str
    title: Text
    danger_question: Text
    means_question: Text
    purpose_question: Text
    narrative_question: Text
    danger: tuple[CodedReason, ...]
    means: tuple[CodedReason, ...]
    purposes: tuple[CodedReason, ...]
    no_time: Text | None
    fast_line_max: int
    narrative_min: int
    narrative_max: int
    narrative_hours: int


@dataclass(frozen=True, slots=True)
class AttestationForm:
    """`This is not my client`: the question, its coded reasons, and the short grant that it buys.

    For `quiet_days` the same clinician is not asked again about the same words, as long as they mean the same.
    """

    question: Text
    reasons: tuple[CodedReason, ...]
    grant: GrantTerms
    quiet_days: int = 0


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """`With the client's consent, in session`: two statements to tick, the agreed purposes, the grant."""

    question: Text
    in_session: Text
    agreed: Text
    purposes: tuple[CodedReason, ...]
    grant: GrantTerms


@dataclass(frozen=True, slots=True)
class DutyTerms:
    """What a grant obliges to: due after `due_hours`, or at the next meeting with the client, or both unset."""

    id: str
    label: Text
    due_hours: int | None
    at_next_meeting: bool


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """A line to call first. `verified` is False where nobody has checked the number against its source."""

    label: Text
    phone: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of the clinic whom a page names."""

    name: str
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Clinic:
    """The clinic as pages show it; `crisis_lines` stand first on an interstitial."""

    name: str
    supervisor: Contact
    crisis_lines: tuple[CrisisLine, ...]


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """Accounts on one site, by id and by handle (lower case, without `@`)."""

    ids: frozenset[str] = frozenset()
    handles: frozenset[str] = frozenset()

    def has(self, account_id: str | None, handle: str | None) -> bool:
        """Say whether the id or the handle is one of these."""
        return (account_id is not None and account_id in self.ids) or (handle is not None and handle in self.handles)


@dataclass(frozen=True, slots=True)
class SiteAccounts:
    """Our accounts on one site, and the account that is assumed where the acting one is not readable."""

    clinic_page: AccountKeys
    professional: AccountKeys
    assume: Account


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule applies: every part must hold; None means any.

    `subjects` None is `anyone`. `strength` is the least strength of a client match; `confidence` HIGH
    leaves out what a recogniser is not sure of; `of_clinic_account` asks that what is looked at is
    ours; `clinicians` is a pilot group; `starts` the first day on which the rule applies (UTC).
    """

    actions: frozenset[ActionKind]
    sites: frozenset[str] | None
    subjects: frozenset[Population] | None
    accounts: frozenset[Account] | None
    strength: Strength
    confidence: Confidence
    of_clinic_account: bool
    clinicians: frozenset[str] | None
    starts: date | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of rules.yaml.

    `clause` is the clause that it carries out, `sentence` what the clinician reads, `code_reason`
    what the professional code says (shown with a BLOCK). `fired`, `failed` and `unread` are what it
    contributes to a decision when it applies, when it raises, and when the request cannot be read.
    """

    id: str
    title: Text
    clause: Text
    sentence: Text
    code_reason: Text | None
    condition: Condition
    verdict: Verdict
    mode: Mode
    on_failure: FailureMode
    form: str | None
    grant: GrantTerms | None
    duties: tuple[str, ...]
    offers: tuple[str, ...]
    fired: FiredRule
    failed: FiredRule
    unread: FiredRule


@dataclass(frozen=True, slots=True)
class Policy:
    """The compiled whole; replaced, never changed. `revision` is the SHA-256 (hex) of its canonical content.

    `fallback` speaks where the policy could not be asked: the rule `guardrail`, which is not in `rules`.
    """

    revision: str
    languages: tuple[str, ...]
    clinic: Clinic
    site_groups: Mapping[str, frozenset[str]]
    accounts: Mapping[str, SiteAccounts]
    colleagues: Mapping[str, AccountKeys]
    forms: Mapping[str, CrisisForm]
    attestation: AttestationForm
    consent: ConsentForm
    duties: Mapping[str, DutyTerms]
    rules: tuple[Rule, ...]
    by_kind: Mapping[ActionKind, tuple[Rule, ...]]
    fallback: Rule

    def rule(self, rule_id: str) -> Rule:
        """Give the rule with this id, the fallback too; raise KeyError where there is none."""
        for rule in (*self.rules, self.fallback):
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def say(self, text: Text, language: str) -> str:
        """Give `text` in `language` (`fr-CA` counts as `fr`), else in the policy's first language."""
        wanted = language.split("-", 1)[0].lower()
        return text.get(wanted) or text.get(self.languages[0]) or next(iter(text.values()))

    def text(self, rule_id: str, what: str, language: str) -> str:
        """Give a rule's `title`, `clause`, `sentence` or `code_reason` ("" where it has none) in `language`."""
        text: Text | None = getattr(self.rule(rule_id), what)
        return "" if text is None else self.say(text, language)
