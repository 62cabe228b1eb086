"""The shape of rules.yaml: what each key may hold. What keys must agree on among themselves is in check.py.

`json_schema()` is the same shape for editors; it stands in rules.schema.json and a test holds both equal.
"""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints
from pydantic_core import PydanticCustomError

from guardrail.model.action import ActionKind, Confidence
from guardrail.model.decision import Mode, Scope
from guardrail.model.people import Account
from guardrail.policy.terms import FailureMode, Offer

LANGUAGE_PATTERN = r"^[a-z]{2}$"

type Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
type Language = Annotated[str, StringConstraints(pattern=LANGUAGE_PATTERN)]
type Phrase = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
type Key = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


def _day_is_text(value: object) -> object:
    """Refuse a number, which pydantic would take for seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("date_type", "a day is written as text")
    return value


type Day = Annotated[date, BeforeValidator(_day_is_text)]


class SubjectName(StrEnum):
    """The populations, and `anyone`."""

    CURRENT = "current_client"
    FORMER = "former_client"
    PROSPECTIVE = "prospective_client"
    CLOSE = "close_to_client"
    PROFESSIONAL = "health_professional"
    UNKNOWN = "unknown"
    ANYONE = "anyone"


class VerdictName(StrEnum):
    """The verdicts as rules.yaml writes them, from the weakest to the strongest."""

    ALLOW = "allow"
    NOTE = "note"
    SILENCE = "silence"
    WARN = "warn"
    JUSTIFY = "justify"
    BLOCK = "block"


class StrengthName(StrEnum):
    """How sure a client match must be, from the least sure."""

    PREFIX = "prefix"
    WEAK = "weak"
    VARIANT = "variant"
    EXACT = "exact"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextPart(RootModel[dict[Language, Phrase]]):
    """A text in every language of the policy."""

    model_config = ConfigDict(frozen=True)


class CrisisLinePart(_Part):
    """A line to call first; `verified: false` is shown as such until somebody has checked the number."""

    label: TextPart
    phone: Key
    verified: bool = Field(default=False, strict=True)


class ContactPart(_Part):
    """The supervisor, as pages name them."""

    name: Key
    phone: Key | None = None
    email: Key | None = None


class ClinicPart(_Part):
    """The clinic, its supervisor, and the crisis lines in the order of the page."""

    name: Key
    supervisor: ContactPart
    crisis_lines: list[CrisisLinePart] = Field(min_length=1)


class AccountKeysPart(_Part):
    """Accounts by the site's own ids and by handle."""

    ids: list[Key] = []
    handles: list[Key] = []


class SiteAccountsPart(_Part):
    """Our accounts on a site; `assume` is the account kind where the acting one cannot be read."""

    clinic_page: AccountKeysPart = AccountKeysPart()
    professional: AccountKeysPart = AccountKeysPart()
    assume: Account = Account.PRIVATE


class ReasonPart(_Part):
    """An answer to choose: the code goes to the ledger, the label to people."""

    code: Id
    label: TextPart


class GrantPart(_Part):
    """What a justification buys. `uses` left out means any number until the time is over."""

    minutes: int = Field(strict=True, ge=1, le=480)
    uses: int | None = Field(None, strict=True, ge=1, le=100)
    scope: Scope


class FormPart(_Part):
    """A form that justifies: three coded questions and a narrative."""

    title: TextPart
    danger_question: TextPart
    means_question: TextPart
    purpose_question: TextPart
    narrative_question: TextPart
    danger: list[ReasonPart] = Field(min_length=1)
    means: list[ReasonPart] = Field(min_length=1)
    purposes: list[ReasonPart] = Field(min_length=1)
    no_time: TextPart | None = None
    fast_line_max: int = Field(280, strict=True, ge=40, le=1000, description="Characters of the fast path's one line.")
    narrative_min: int = Field(
        20, strict=True, ge=1, le=1000, description="Characters that the full narrative has at least."
    )
    narrative_max: int = Field(20000, strict=True, ge=1000, le=100000, description="Characters that it has at most.")
    narrative_hours: int = Field(
        24, strict=True, ge=1, le=168, description="Within how many hours the fast path's owes it."
    )


class AttestationPart(_Part):
    """`This is not my client`."""

    question: TextPart
    reasons: list[ReasonPart] = Field(min_length=1)
    grant: GrantPart
    quiet_days: int = Field(
        0,
        strict=True,
        ge=0,
        le=365,
        description="Days for which the same words are not asked about again; 0: none.",
    )


class ConsentPart(_Part):
    """`With the client's consent, in session, for an agreed purpose`."""

    question: TextPart
    in_session: TextPart
    agreed: TextPart
    purposes: list[ReasonPart] = Field(min_length=1)
    grant: GrantPart


class DutyPart(_Part):
    """What a grant obliges to, and by when."""

    label: TextPart
    due_hours: int | None = Field(None, strict=True, ge=1, le=8760)
    at_next_meeting: bool = Field(default=False, strict=True)


class WhenPart(_Part):
    """When a rule applies; every part must hold, a part left out holds always."""

    actions: list[ActionKind] = Field(min_length=1)
    sites: list[Key] | None = Field(None, min_length=1, description="Sites, or groups of site_groups.")
    subjects: list[SubjectName] = Field(min_length=1, description="Whom it is about; `[anyone]` for everybody.")
    accounts: list[Account] | None = Field(None, min_length=1)
    strength: StrengthName = StrengthName.WEAK
    confidence: Confidence = Confidence.LOW
    of: Literal["clinic_account"] | None = None
    clinicians: list[Key] | None = Field(None, min_length=1, description="A pilot group; left out: everybody.")
    starts: Day | None = Field(None, description="The first day (UTC) on which the rule applies.")


class RulePart(_Part):
    """One rule: the clause, the words, the condition, and what follows."""

    id: Id
    title: TextPart
    clause: TextPart
    sentence: TextPart
    code_reason: TextPart | None = None
    when: WhenPart
    verdict: VerdictName
    mode: Mode = Mode.ENFORCE
    on_failure: FailureMode = FailureMode.CLOSED
    form: Id | None = None
    grant: GrantPart | None = None
    duties: list[Id] = []
    offers: list[Offer] = []


class TrialPart(_Part):
    """An example that the policy must decide as it says; run at every load."""

    action: ActionKind
    site: Key
    subject: SubjectName = SubjectName.UNKNOWN
    of: Literal["clinic_account"] | None = None
    account: Account = Account.PRIVATE
    match: StrengthName = StrengthName.EXACT
    confidence: Confidence = Confidence.HIGH
    clinician: Key = "anybody"
    verdict: VerdictName
    rule: Id | None = None


class RulesFile(_Part):
    """The whole of rules.yaml."""

    version: Literal[1]
    languages: list[Language] = Field(min_length=1)
    clinic: ClinicPart
    site_groups: dict[Id, list[Key]]
    accounts: dict[Key, SiteAccountsPart] = {}
    colleagues: dict[Key, AccountKeysPart] = {}
    forms: dict[Id, FormPart] = Field(min_length=1)
    attestation: AttestationPart
    consent: ConsentPart
    duties: dict[Id, DutyPart] = {}
    rules: list[RulePart] = Field(min_length=1)
    tests: list[TrialPart] = []


def json_schema() -> str:
    """Give the JSON Schema of rules.yaml, as it stands in rules.schema.json."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | RulesFile.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
