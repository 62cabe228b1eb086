"""The desk: where holds are opened and answered, and grants are issued and used.

STUB while it is being written: the signatures stand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from guardrail.model.action import Action
from guardrail.model.decision import Decision
from guardrail.model.hold import Attestation, Consent, Duty, Grant, Hold, Justification
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.model.ports import Clock, Ids, Ledger
from guardrail.policy.compile import Policy


class Desk:
    """Everything that may happen to a hold, a grant and a duty, each durable on the ledger before it counts."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        ids: Ids,
        workstation: str,
        key: bytes,
        policy: Callable[[], Policy],
        hold_minutes: int = 30,
    ) -> None:
        """Rebuild live grants, open duties and acknowledged notices from the ledger (blocks; LedgerError)."""

    # -- on the road -------------------------------------------------------------------------------

    async def open(self, request: HttpRequest, action: Action, decision: Decision, clinician: Clinician) -> Hold:
        """Open a hold, or give the open one of the same action. Raise LedgerUnavailableError."""
        raise NotImplementedError

    async def use_grant(self, action: Action, decision: Decision, clinician: Clinician) -> Grant | None:
        """Use a live grant that covers the action; None where there is none. Raise LedgerUnavailableError."""
        raise NotImplementedError

    async def note(self, action: Action, decision: Decision, clinician: Clinician) -> None:
        """Write down an action that a rule only notes. Raise LedgerUnavailableError."""

    async def refused(
        self,
        reason: str,
        clinician: Clinician | None,
        *,
        site: str | None = None,
        hold: str | None = None,
        incident: str | None = None,
    ) -> None:
        """Write down what was refused and why (a stable code). Raise LedgerUnavailableError."""

    async def failed(self, incident: str, where: str, *, site: str | None = None) -> None:
        """Write down a failure of guardrail itself: its incident id and the place, no clinician, no text."""

    def awaits(self, request: HttpRequest) -> HttpRequest | None:
        """Peek: the stopped request that a navigation to this address may stand for, whoever asks."""
        raise NotImplementedError

    def resumed(self, request: HttpRequest, clinician: Clinician) -> HttpRequest | None:
        """Take the very request that was stopped; once, within two minutes of the answer."""
        raise NotImplementedError

    # -- at the desk: HoldError(reason) and LedgerUnavailableError from each ---------------------------

    async def hold(self, hold_id: str, clinician: Clinician) -> Hold:
        """Give a hold of this clinician, open or over."""
        raise NotImplementedError

    async def back_out(self, hold_id: str, clinician: Clinician) -> Hold:
        """Go back: always possible."""
        raise NotImplementedError

    async def acknowledge(self, hold_id: str, clinician: Clinician) -> Hold:
        """Go on past a warning: a short grant for one use."""
        raise NotImplementedError

    async def justify(self, hold_id: str, clinician: Clinician, answers: Justification) -> Hold:
        """Answer the crisis form; HoldError('answers').problems maps field to error code."""
        raise NotImplementedError

    async def attest(self, hold_id: str, clinician: Clinician, answers: Attestation) -> Hold:
        """Say that this is not a client."""
        raise NotImplementedError

    async def consent(self, hold_id: str, clinician: Clinician, answers: Consent) -> Hold:
        """Go on with the client's consent, in session, for an agreed purpose."""
        raise NotImplementedError

    def ways_on(self, hold: Hold) -> frozenset[str]:
        """Which of `crisis`, `attest`, `consent`, `acknowledge` this hold offers (none once it is over)."""
        raise NotImplementedError

    async def acknowledge_notice(self, clinician: Clinician) -> None:
        """Record that the clinician knows what is recorded; open holds get their entries now."""

    def has_acknowledged(self, clinician: Clinician) -> bool:
        """Whether this clinician has acknowledged the notice."""
        raise NotImplementedError

    def grant(self, grant_id: str | None, clinician: Clinician) -> Grant | None:
        """Give a live grant of this clinician; None where it is over or not theirs."""
        raise NotImplementedError

    def grants(self, clinician: Clinician) -> tuple[Grant, ...]:
        """Give the live grants of this clinician, oldest first."""
        raise NotImplementedError

    async def revoke(self, grant_id: str, clinician: Clinician) -> None:
        """End a live grant now. Raise HoldError('grant')."""

    def duties(self, clinician: Clinician) -> tuple[Duty, ...]:
        """Give the open duties of this clinician, the most urgent first."""
        raise NotImplementedError

    async def complete(self, duty_id: str, clinician: Clinician, text: str = "") -> Duty:
        """Record a duty as done, with what was written. Raise HoldError('duty')."""
        raise NotImplementedError

    def watch(self, clinician: Clinician, host: str) -> AsyncIterator[Hold]:
        """Yield this clinician's overlay holds on the page `host` as they open, and again when they are over."""
        raise NotImplementedError

    async def sweep(self) -> None:
        """Abandon old holds, expire grants, mark overdue duties: each an entry, each once. Call every few seconds."""
