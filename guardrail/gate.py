"""The sentence of guardrail in one screen: recognised, matched, decided, and let pass or answered.

STUB while it is being written: the signatures stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guardrail.holds.desk import Desk
from guardrail.model.action import Action
from guardrail.model.hold import Hold
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.model.people import Clinician
from guardrail.model.ports import Ids, Clock
from guardrail.policy.compile import Policy
from guardrail.recognise.identities import Identities
from guardrail.recognise.index import SiteIndex, Unread
from guardrail.roster.index import Roster


@dataclass(frozen=True, slots=True)
class Pass:
    """Send it on; `replacement` is the very request that was stopped, to be sent in this one's place."""

    action: Action | None = None
    replacement: HttpRequest | None = None


@dataclass(frozen=True, slots=True)
class HoldPage:
    """A navigation was stopped: redirect to https://guardrail.internal/hold/<hold.id>."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class HoldOverlay:
    """Anything else was stopped: 403 application/problem+json; the overlay comes up in the page."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class Silence:
    """Answer 200 with this empty, well-formed body in the site's own format."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Speculative:
    """A prefetch or preview of what the policy would stop: a non-2xx status, nothing counted."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing passes now: the incident's id, and one line for people that says why."""

    incident: str
    reason: str


type Answered = HoldPage | HoldOverlay | Silence | Speculative | Refused


class Gate:
    """What stands between a request and its site."""

    def __init__(
        self,
        sites: Callable[[], SiteIndex],
        roster: Callable[[], Roster],
        policy: Callable[[], Policy],
        identities: Identities,
        desk: Desk,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """Take the parts; sites, roster and policy are asked for at each request, as they may be reloaded."""

    def watches(self, host: str) -> bool:
        """Whether any site file names this host."""
        raise NotImplementedError

    def recognise(self, request: HttpRequest) -> Action | Unread | None:
        """Say what the request is; None: pass it on untouched, nothing more to ask. Sync and quick."""
        raise NotImplementedError

    async def decide(
        self, request: HttpRequest, recognised: Action | Unread | None, clinician: Clinician
    ) -> Pass | Answered:
        """Let a recognised request pass, or say how it is answered."""
        raise NotImplementedError

    async def check(self, request: HttpRequest, clinician: Clinician) -> Pass | Answered:
        """Recognise and decide."""
        raise NotImplementedError

    def learn(self, request: HttpRequest, response: HttpResponse) -> None:
        """Take the identities out of an answer."""
