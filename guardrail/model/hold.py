"""Holds, justifications, grants and duties as data; what may happen to them is in guardrail.holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from guardrail.model.action import Action
from guardrail.model.decision import Decision, Scope
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician


class HoldState(StrEnum):
    """Where a hold stands; the transitions are one table in holds/lifecycle.py."""

    OPEN = "open"
    BACKED_OUT = "backed_out"
    JUSTIFIED = "justified"
    ATTESTED = "attested"
    CONSENTED = "consented"
    ACKNOWLEDGED = "acknowledged"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Hold:
    """An action that was answered instead of sent on.

    `id` is unguessable; `request` is kept whole, in memory only, so that the very request can be
    resumed. `surface` is `page` for a navigation and `overlay` for anything else.
    """

    id: str
    opened_at: datetime
    clinician: Clinician
    action: Action
    decision: Decision
    request: HttpRequest
    surface: str
    state: HoldState = HoldState.OPEN
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class MeansTried:
    """One usual way of contact that was tried: a code of the policy's form, and when in words."""

    code: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Justification:
    """The documented answers to the crisis form.

    Codes are those of the policy's form. `narrative` is what happened, in words; on the fast path it
    is one line and `fast` is true: the full narrative is then owed as a duty. `next_meeting` is the
    date on which it will be discussed with the client (None: not known yet).
    """

    danger: str
    means: tuple[MeansTried, ...]
    no_time: bool
    purpose: str
    narrative: str
    fast: bool
    duty_accepted: bool
    next_meeting: date | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """`This is not my client`: a coded reason and, if wished, a line."""

    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """The client's consent, in session, for an agreed purpose."""

    purpose: str
    in_session: bool
    agreed: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to go on: one clinician, one client (or one attested subject), one purpose, bounded.

    `subject_key` is the client's reference, or a keyed token of the subject where no client is meant.
    `uses_left` None means any number until `expires_at`. `actions` are the action strings it covers,
    `site` None means every watched site. `asked_on` is the site on which the question came up; `denies` are the
    references of the clients whom words did not mean, where the grant only keeps those from being asked about again.
    """

    id: str
    hold_id: str
    clinician_id: str
    subject_key: str
    purpose: str
    scope: Scope
    actions: frozenset[str]
    site: str | None
    issued_at: datetime
    expires_at: datetime
    uses_left: int | None
    asked_on: str = ""
    denies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """What a grant obliges to. `kind` is the duty's id in the policy (`write_outcome`, `discuss`, `narrative`)."""

    id: str
    grant_id: str
    clinician_id: str
    client_ref: str | None
    kind: str
    due_at: datetime | None
    done_at: datetime | None = None
