"""The holds that this process knows, in memory only: bounded, nothing here is durable, and nothing here decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from guardrail.holds.channel import page_host
from guardrail.holds.lifecycle import Event
from guardrail.model.hold import Attestation, Consent, Hold, HoldState, Justification
from guardrail.model.http import HttpRequest

type Answers = Justification | Attestation | Consent | None

_OVERHEAD = 2048
"""What a hold takes beside its request, about, in bytes."""


def size_of(request: HttpRequest) -> int:
    """Say about how many bytes a request takes in memory."""
    head = sum(len(name) + len(value) for name, value in request.headers)
    return len(request.path) + len(request.query) + head + len(request.body) + _OVERHEAD


@dataclass(slots=True)
class Held:
    """A hold in memory: when its action was last tried, whether it is on the ledger, how it was answered."""

    hold: Hold
    seen_at: datetime
    recorded: bool
    answer: tuple[Event, Answers] | None = None

    def end(self, state: HoldState, now: datetime, grant_id: str | None = None) -> None:
        """Take the hold to its last state; the stopped request's body is let go."""
        request = replace(self.hold.request, body=b"")
        self.hold = replace(self.hold, state=state, grant_id=grant_id, request=request)
        self.seen_at = now


class Memory:
    """Holds by id, and the open hold of an action that is tried again."""

    def __init__(self, patience: timedelta) -> None:
        """Take how long a hold may stay unanswered, and how long one that is over is still known."""
        self._patience = patience
        self._held: dict[str, Held] = {}
        self._same: dict[tuple[object, ...], str] = {}

    def __iter__(self) -> Iterator[Held]:
        return iter(tuple(self._held.values()))

    def get(self, hold_id: str) -> Held | None:
        """Give the hold with this id, open or over."""
        return self._held.get(hold_id)

    def same(self, hold: Hold, keys: frozenset[str], now: datetime) -> Held | None:
        """Give the open hold of the same clinician, rule, action, site, subjects, surface and page.

        A page load is the same only at the same address: after the answer the browser goes to that one.
        """
        held = self._held.get(self._same.get(_sameness(hold, keys), ""))
        return held if held is not None and self.is_open(held, now) else None

    def add(self, held: Held, keys: frozenset[str]) -> None:
        """Know a new hold."""
        self._held[held.hold.id] = held
        self._same[_sameness(held.hold, keys)] = held.hold.id

    def crowded_out(self, need: int, limit: int, spared: Held | None) -> tuple[Held, ...] | None:
        """Say which holds must go so that `need` bytes more stay within `limit`: those over first, then the oldest.

        None where that would not do.
        """
        others = [held for held in self if held is not spared]
        others.sort(key=lambda held: (held.hold.state is HoldState.OPEN, held.hold.opened_at))
        over = need - limit + sum(size_of(held.hold.request) for held in others)
        out: list[Held] = []
        for held in others:
            if over <= 0:
                break
            over -= size_of(held.hold.request)
            out.append(held)
        return tuple(out) if over <= 0 else None

    def drop(self, out: Iterable[Held]) -> None:
        """Know these holds no more."""
        for held in out:
            del self._held[held.hold.id]
        self._same = {same: hold_id for same, hold_id in self._same.items() if hold_id in self._held}

    def is_open(self, held: Held, now: datetime) -> bool:
        """Say whether a hold can still be answered, also where no sweep has come by yet."""
        return held.hold.state is HoldState.OPEN and now < held.hold.opened_at + self._patience

    def unanswered(self, now: datetime) -> tuple[Held, ...]:
        """Give the holds that nobody answered in time."""
        return tuple(held for held in self if held.hold.state is HoldState.OPEN and not self.is_open(held, now))

    def forget(self, now: datetime) -> None:
        """Let go of what has been over for as long as a hold may be open."""
        self._held = {
            hold_id: held
            for hold_id, held in self._held.items()
            if held.hold.state is HoldState.OPEN or now < held.seen_at + self._patience
        }
        self._same = {same: hold_id for same, hold_id in self._same.items() if hold_id in self._held}


def _sameness(hold: Hold, keys: frozenset[str]) -> tuple[object, ...]:
    rule = hold.decision.rule.id if hold.decision.rule else None
    # What another page sends never takes over a hold, nor what another tab's address bar asks for.
    address = hold.request.url if hold.surface == "page" else None
    place = (hold.surface, page_host(hold.request), address)
    return (hold.clinician.id, rule, hold.action.kind, hold.action.site, place, keys)
