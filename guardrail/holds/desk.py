"""The desk: where holds are opened and answered, and grants are issued and used.

INVARIANT: what happens is durable on the ledger first; memory changes after the append has returned, and only
then is anything released. Where the ledger takes no entry, LedgerUnavailableError goes to the caller.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from guardrail.errors import HoldError, LedgerUnavailableError
from guardrail.holds import leaves
from guardrail.holds.answers import Scene, answered, quiet_days
from guardrail.holds.breaker import Breaker
from guardrail.holds.channel import Channel, concerns
from guardrail.holds.duties import overdue
from guardrail.holds.grants import covering, keys_of, used
from guardrail.holds.lifecycle import Event, allows, step, ways_on
from guardrail.holds.memory import Answers, Held, Memory, size_of
from guardrail.holds.replay import replay
from guardrail.holds.resume import Resumptions
from guardrail.holds.scribe import Scribe
from guardrail.holds.turns import Turns
from guardrail.holds.words import excepting
from guardrail.model.action import Action
from guardrail.model.decision import Decision
from guardrail.model.entry import Entry, EntryKind
from guardrail.model.hold import Attestation, Consent, Duty, Grant, Hold, HoldState, Justification
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.model.ports import Clock, Ids, Ledger
from guardrail.policy.terms import Policy

_LOOK_BACK = timedelta(seconds=3)


class Desk:
    """Everything that may happen to a hold, a grant and a duty; one at a time, in one event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 - the ports and settings of one workstation, each named by wiring
        self,
        ledger: Ledger,
        clock: Clock,
        ids: Ids,
        workstation: str,
        key: bytes,
        policy: Callable[[], Policy],
        hold_minutes: int = 30,
        hold_bytes: int = 32 << 20,
        excepted: Callable[[], Mapping[str, datetime]] = dict,
    ) -> None:
        """Rebuild live grants, open duties and acknowledged notices from the ledger (blocks; LedgerError).

        `key` makes the tokens of subjects who are no client; `hold_bytes` bounds what is kept of stopped requests;
        `excepted` gives the tokens of the words that the clinic has excepted, each with its end.
        """
        self._append = Breaker(ledger, clock).append
        self._clock = clock
        self._ids = ids
        self._key = key
        self._most = hold_bytes
        self._policy = policy
        self._excepted = excepted
        self._scribe = Scribe(workstation)
        self._state = replay(ledger.read(), workstation)
        self._memory = Memory(timedelta(minutes=hold_minutes))
        self._turns = Turns()
        self._resumptions = Resumptions()
        self._channel = Channel()

    # -- on the road ---------------------------------------------------------------------------------------

    async def open(self, request: HttpRequest, action: Action, decision: Decision, clinician: Clinician) -> Hold:
        """Open a hold, or give the open one of the same action: a page may retry what was refused.

        Raise HoldError(`full`) where there is no room for the request, also once all older holds have gone.
        """
        surface = "page" if request.is_navigation and not request.is_framed else "overlay"
        if surface == "overlay":
            request = replace(request, body=b"")  # only a navigation is resumed: the rest is not ours to keep
        hold = Hold(self._ids.new(), self._clock.now(), clinician, action, decision, request, surface)
        return await self._turns.take(partial(self._open_turn, hold))

    async def _open_turn(self, hold: Hold) -> Hold:
        now, keys = self._clock.now(), keys_of(hold.action, hold.decision, self._key)
        held = self._memory.same(hold, keys, now)
        await self._make_room(hold, held, now)
        if held is not None:
            held.seen_at = now
            held.hold = replace(held.hold, request=hold.request)
        else:
            recorded = self.has_acknowledged(hold.clinician)
            if recorded:
                await self._append(self._scribe.hold_opened(hold, now))
            held = Held(hold, now, recorded)
            self._memory.add(held, keys)
        self._channel.tell(held.hold)
        return held.hold

    async def _make_room(self, hold: Hold, same: Held | None, now: datetime) -> None:
        """Abandon the oldest holds until the request may be kept; what waits to be resumed is never let go."""
        self._resumptions.forget(now)
        room = self._most - self._resumptions.size
        out = self._memory.crowded_out(size_of(hold.request), room, same)
        if out is None:
            await self._refuse("full", hold.clinician, None)
            raise HoldError("full")
        await self._abandon([held for held in out if held.hold.state is HoldState.OPEN], now, "memory")
        self._memory.drop(out)

    async def _abandon(self, left: Sequence[Held], now: datetime, cause: str, *besides: Entry) -> None:
        """End holds that nobody answered, on record, together with what else time has brought."""
        entries = (*(self._scribe.abandoned(held.hold, now, cause) for held in left if held.recorded), *besides)
        if entries:
            await self._append(*entries)
        for held in left:
            held.end(step(held.hold.state, Event.TIME_OUT), now)
            self._channel.tell(held.hold)

    async def use_grant(self, action: Action, decision: Decision, clinician: Clinician) -> Grant | None:
        """Use the live grants that together cover the action, durably: give the first; None where a part is not."""
        if not self._covering(action, decision, clinician):
            return None
        return await self._turns.take(partial(self._use_turn, action, decision, clinician))

    async def _use_turn(self, action: Action, decision: Decision, clinician: Clinician) -> Grant | None:
        grants = self._covering(action, decision, clinician)  # again: others may have used one up meanwhile
        if not grants:
            return None
        now = self._clock.now()
        spent = (self._scribe.grant_used(grant, action, decision, clinician, now) for grant in grants)
        await self._append(*chain.from_iterable(spent))
        left = [used(grant) for grant in grants]
        for grant in left:
            if grant.uses_left == 0:
                del self._state.grants[grant.id]
            else:
                self._state.grants[grant.id] = grant
        return left[0]

    def _covering(self, action: Action, decision: Decision, clinician: Clinician) -> tuple[Grant, ...]:
        return covering(self._live(clinician), action, decision, self._key, self._clock.now())

    async def use_exception(self, action: Action, decision: Decision, clinician: Clinician) -> bool:
        """Let an action pass by an exception of the clinic, durably noted; before the notice is acknowledged, none."""
        now = self._clock.now()
        token = excepting(self._excepted(), action, decision, self._key, now)
        if token is None or not self.has_acknowledged(clinician):
            return False
        await self._turns.take(partial(self._append, self._scribe.excepted(token, action, decision, clinician, now)))
        return True

    async def note(self, action: Action, decision: Decision, clinician: Clinician) -> None:
        """Write down an action that a rule only notes; before the notice is acknowledged, nothing."""
        if self.has_acknowledged(clinician):
            entry = self._scribe.noted(action, decision, clinician, self._clock.now())
            await self._turns.take(partial(self._append, entry))

    async def refused(
        self,
        reason: str,
        clinician: Clinician | None,
        *,
        site: str | None = None,
        hold: str | None = None,
        incident: str | None = None,
    ) -> None:
        """Write down what was refused and why (a stable code); nothing about who has not seen the notice."""
        if clinician is None or self.has_acknowledged(clinician):
            about = {"site": site, "hold": hold, "incident": incident}
            entry = self._scribe.refused(reason, clinician, self._clock.now(), about)
            await self._turns.take(partial(self._append, entry))

    async def failed(self, incident: str, where: str, *, site: str | None = None) -> None:
        """Write down a failure of guardrail itself: its incident's id and the place; no clinician, no text."""
        entry = self._scribe.failed(incident, where, self._clock.now(), site)
        await self._turns.take(partial(self._append, entry))

    def awaits(self, request: HttpRequest) -> HttpRequest | None:
        """Peek: the stopped request that a navigation to this address may stand for, whoever asks."""
        return self._resumptions.peek(request, self._clock.now()) if self._resumptions else None

    def resumed(self, request: HttpRequest, clinician: Clinician) -> HttpRequest | None:
        """Take the very request that was stopped: once, within two minutes of the answer."""
        return self._resumptions.take(request, clinician.id, self._clock.now())

    # -- at the desk: HoldError(reason) and LedgerUnavailableError from each -----------------------------------

    async def hold(self, hold_id: str, clinician: Clinician) -> Hold:
        """Give a hold of this clinician, open or over; one that is over is known for `hold_minutes` more."""
        return (await self._turns.take(partial(self._find, hold_id, clinician))).hold

    async def back_out(self, hold_id: str, clinician: Clinician) -> Hold:
        """Go back: possible on every hold, also before the notice is acknowledged."""
        return await self._answer(hold_id, clinician, Event.BACK_OUT, None)

    async def acknowledge(self, hold_id: str, clinician: Clinician) -> Hold:
        """Go on past a warning: a short grant."""
        return await self._answer(hold_id, clinician, Event.ACKNOWLEDGE, None)

    async def justify(self, hold_id: str, clinician: Clinician, answers: Justification) -> Hold:
        """Answer the crisis form; HoldError(`answers`).problems maps each wrong field to its error's code."""
        return await self._answer(hold_id, clinician, Event.JUSTIFY, answers)

    async def attest(self, hold_id: str, clinician: Clinician, answers: Attestation) -> Hold:
        """Say that this is not a client."""
        return await self._answer(hold_id, clinician, Event.ATTEST, answers)

    async def consent(self, hold_id: str, clinician: Clinician, answers: Consent) -> Hold:
        """Go on with the client's consent, in session, for an agreed purpose."""
        return await self._answer(hold_id, clinician, Event.CONSENT, answers)

    async def _answer(self, hold_id: str, clinician: Clinician, event: Event, answers: Answers) -> Hold:
        return await self._turns.take(partial(self._answer_turn, hold_id, clinician, event, answers))

    async def _answer_turn(self, hold_id: str, clinician: Clinician, event: Event, answers: Answers) -> Hold:
        held, now = await self._find(hold_id, clinician), self._clock.now()
        if held.answer == (event, answers):
            return held.hold  # the same form, sent twice
        if event is not Event.BACK_OUT and not self.has_acknowledged(clinician):
            raise HoldError("notice")
        after = await self._allowed(held, event, now)
        scene = Scene(held.hold, self._policy(), self._scribe, self._key, self._ids.new, now)
        outcome = answered(scene, event, answers)
        await self._append_of(held, now, *outcome.entries)
        if outcome.grants:
            self._state.grants.update((grant.id, grant) for grant in outcome.grants)
            if held.hold.surface == "page":
                self._resumptions.keep(held.hold.request, clinician.id, now)
        self._state.duties.update((duty.id, duty) for duty in outcome.duties)
        held.end(after, now, outcome.grants[0].id if outcome.grants else None)
        held.answer = (event, answers)
        self._channel.tell(held.hold)
        return held.hold

    async def _allowed(self, held: Held, event: Event, now: datetime) -> HoldState:
        """Give the state after the event, or refuse it, on record."""
        is_open = self._memory.is_open(held, now)
        if is_open and allows(self.ways_on(held.hold), event):
            return step(held.hold.state, event)
        reason = "not_offered" if is_open else "over"
        await self._refuse(reason, held.hold.clinician, held.hold.id)
        raise HoldError(reason)

    def ways_on(self, hold: Hold) -> frozenset[str]:
        """Say which of `crisis`, `attest`, `consent`, `acknowledge` this hold offers; none once it is over."""
        return ways_on(hold.decision, self._policy().forms) if hold.state is HoldState.OPEN else frozenset()

    async def acknowledge_notice(self, clinician: Clinician, hold_id: str | None = None) -> None:
        """Record that the clinician knows what is recorded; the hold they look at (None: all open ones) with it."""
        await self._turns.take(partial(self._notice_turn, clinician, hold_id))

    async def _notice_turn(self, clinician: Clinician, hold_id: str | None) -> None:
        if self.has_acknowledged(clinician):
            return
        now = self._clock.now()
        seen = [
            held
            for held in self._memory
            if held.hold.clinician.id == clinician.id
            and self._memory.is_open(held, now)
            and hold_id in (None, held.hold.id)
        ]
        opened = (self._scribe.hold_opened(held.hold, now) for held in seen)
        await self._append(self._scribe.notice_acknowledged(clinician, now), *opened)
        self._state.acknowledged.add(clinician.id)
        for held in seen:
            held.recorded = True

    def has_acknowledged(self, clinician: Clinician) -> bool:
        """Say whether this clinician has acknowledged the notice."""
        return clinician.id in self._state.acknowledged

    def grant(self, grant_id: str | None, clinician: Clinician) -> Grant | None:
        """Give a live grant of this clinician; None where it is over or not theirs."""
        return next((grant for grant in self.grants(clinician) if grant.id == grant_id), None)

    def grants(self, clinician: Clinician) -> tuple[Grant, ...]:
        """Give the live grants of this clinician, oldest first; not those that only keep a question from coming."""
        return leaves.to_go_on(self._live(clinician))

    def quiet(self, clinician: Clinician) -> tuple[Grant, ...]:
        """Give the live grants that only keep a question from coming again: one for the same words, oldest first."""
        return leaves.quiet(self._live(clinician))

    def quiet_days(self, hold: Hold) -> int:
        """Say for how many days an attestation keeps the words of this hold from being asked about; 0: it does not."""
        return quiet_days(self._policy(), hold, self._key)

    def _live(self, clinician: Clinician) -> tuple[Grant, ...]:
        return leaves.live(self._state.grants, clinician.id, self._clock.now())

    async def revoke(self, grant_id: str, clinician: Clinician) -> None:
        """End a live grant now, of either sort. Raise HoldError(`grant`) where it is over or not theirs."""

        async def turn() -> None:
            ends, now = leaves.ending(self._live(clinician), grant_id), self._clock.now()
            if not ends:
                raise HoldError("grant")
            await self._append(*(self._scribe.grant_over(EntryKind.GRANT_REVOKED, one, now) for one in ends))
            for one in ends:
                del self._state.grants[one.id]

        await self._turns.take(turn)

    def duties(self, clinician: Clinician) -> tuple[Duty, ...]:
        """Give the open duties of this clinician, the most urgent first, those without a date last."""
        mine = [duty for duty in self._state.duties.values() if duty.clinician_id == clinician.id]
        return tuple(sorted(mine, key=lambda duty: (duty.due_at is None, duty.due_at or self._clock.now())))

    async def complete(self, duty_id: str, clinician: Clinician, text: str = "") -> Duty:
        """Record a duty as done, with what was written. Raise HoldError(`duty`) where it is not open or not theirs."""

        async def turn() -> Duty:
            duty, now = self._state.duties.get(duty_id), self._clock.now()
            if duty is None or duty.clinician_id != clinician.id:
                raise HoldError("duty")
            await self._append(self._scribe.duty_done(duty, text, now))
            del self._state.duties[duty_id]
            return replace(duty, done_at=now)

        return await self._turns.take(turn)

    async def watch(self, clinician: Clinician, host: str) -> AsyncIterator[Hold]:
        """Yield this clinician's overlay holds on the page `host` as they open, and again when they are over.

        A hold whose action was tried up to three seconds before is told too: a page's channel may open late.
        """
        with self._channel.listening(clinician.id, host) as news:
            since = self._clock.now() - _LOOK_BACK
            for held in self._memory:
                is_new = held.hold.state is HoldState.OPEN and held.seen_at >= since
                if is_new and concerns(held.hold, clinician.id, host):
                    yield held.hold
            while True:
                yield await news.get()

    async def sweep(self) -> None:
        """Abandon old holds, expire grants, mark overdue duties: each an entry, each once. Call every few seconds."""
        await self._turns.take(self._sweep_turn)

    async def _sweep_turn(self) -> None:
        now, state = self._clock.now(), self._state
        left = self._memory.unanswered(now)
        expired = [grant for grant in state.grants.values() if grant.expires_at <= now]
        late = [duty for duty in state.duties.values() if overdue(duty, now) and duty.id not in state.overdue]
        besides = (
            *(self._scribe.abandoned_by_restart(opened, now) for opened in state.holds.values()),
            *(self._scribe.grant_over(EntryKind.GRANT_EXPIRED, grant, now) for grant in expired),
            *(self._scribe.duty_overdue(duty, now) for duty in late),
        )
        await self._abandon(left, now, "time", *besides)
        state.holds.clear()
        for grant in expired:
            del state.grants[grant.id]
        state.overdue.update(duty.id for duty in late)
        self._memory.forget(now)
        self._resumptions.forget(now)

    # -- inside a turn -----------------------------------------------------------------------------------------

    async def _find(self, hold_id: str, clinician: Clinician) -> Held:
        held = self._memory.get(hold_id)
        if held is not None and held.hold.clinician.id == clinician.id:
            return held
        reason = "unknown" if held is None else "other_clinician"
        # What a forger typed as an id is not written down; the id of a hold that exists is.
        await self._refuse(reason, clinician, hold_id if held else None)
        raise HoldError(reason)

    async def _refuse(self, reason: str, clinician: Clinician, hold_id: str | None) -> None:
        if self.has_acknowledged(clinician):
            with suppress(LedgerUnavailableError):  # it is refused all the same, and the caller hears why
                await self._append(self._scribe.refused(reason, clinician, self._clock.now(), {"hold": hold_id}))

    async def _append_of(self, held: Held, now: datetime, *entries: Entry) -> None:
        """Append what happened to a hold; one from before the notice is written down with it, if at all."""
        if not self.has_acknowledged(held.hold.clinician):
            return
        opening = () if held.recorded else (self._scribe.hold_opened(held.hold, now),)
        await self._append(*opening, *entries)
        held.recorded = True
