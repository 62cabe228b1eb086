"""The sentence of guardrail in one screen: recognised, matched, decided, and let pass or answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter

from guardrail.errors import HoldError, LedgerUnavailableError
from guardrail.holds.desk import Desk
from guardrail.holds.grants import is_one_list, names_nobody, request_digest
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, Verdict
from guardrail.model.hold import Hold
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.model.people import ClientMatch, Clinician
from guardrail.model.ports import Clock, Ids
from guardrail.policy.evaluate import combine, evaluate, evaluate_unread
from guardrail.policy.terms import Policy
from guardrail.recognise import Identities, SiteIndex, Unread
from guardrail.recognise.silence import empty_answer
from guardrail.recognise.tally import Tally
from guardrail.roster import Roster


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


_MOST_SUBJECTS = 64
_NOTHING = ("text/plain; charset=utf-8", b"")

type Answered = HoldPage | HoldOverlay | Silence | Speculative | Refused


class Gate:
    """What stands between a request and its site."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the sentence, each named by wiring
        self,
        sites: Callable[[], SiteIndex],
        roster: Callable[[], Roster],
        policy: Callable[[], Policy],
        identities: Identities,
        desk: Desk,
        clock: Clock,
        ids: Ids,
        tally: Tally | None = None,
    ) -> None:
        """Take the parts; sites, roster and policy are asked for at each request, as they may be reloaded."""
        self._tally = tally or Tally()
        self._sites = sites
        self._roster = roster
        self._policy = policy
        self._identities = identities
        self._desk = desk
        self._clock = clock
        self._ids = ids

    def watches(self, host: str) -> bool:
        """Say whether any site file names this host."""
        return self._sites().watches(host)

    def recognise(self, request: HttpRequest) -> Action | Unread | None:
        """Say what the request is; None: pass it on untouched, there is nothing to decide. Sync and quick.

        A navigation to where a request was stopped counts as that request: `decide` sees whose it is.
        """
        sites = self._sites()
        found = sites.recognise(self._desk.awaits(request) or request)
        self._tally.saw(sites, request, found)
        return found

    async def check(self, request: HttpRequest, clinician: Clinician) -> Pass | Answered:
        """Recognise and decide."""
        return await self.decide(request, self.recognise(request), clinician)

    async def decide(
        self, request: HttpRequest, recognised: Action | Unread | None, clinician: Clinician
    ) -> Pass | Answered:
        """Let a request pass, or say how it is answered. Where no entry or hold can be taken, nothing passes."""
        replacement = None
        if self._desk.awaits(request) is not None:
            replacement = self._desk.resumed(request, clinician)
            request = replacement or request
            recognised = self._sites().recognise(request)
        if recognised is None:
            return Pass(None, replacement)
        action, decision = self._judge(request, recognised, clinician)
        try:
            answered = await self._carry_out(request, action, decision, clinician)
        except (LedgerUnavailableError, HoldError) as error:
            return Refused(self._ids.new(), str(error))
        return answered or Pass(action, replacement)

    def _judge(
        self, request: HttpRequest, recognised: Action | Unread, clinician: Clinician
    ) -> tuple[Action, Decision]:
        """Ask roster and policy about every subject; what could not be read is judged by the rules' failure modes."""
        policy = self._policy()
        referer = request.header("referer")
        meant = recognised.seen if isinstance(recognised, Unread) else (recognised,)
        asked = [(one, who) for first in meant for one in (first, *first.along) for who in (one.subject, *one.others)]
        actions = [one for one, _ in asked[:_MOST_SUBJECTS]]
        parts = [self._about(policy, one, who, referer, clinician) for one, who in asked[:_MOST_SUBJECTS]]
        unread = recognised if isinstance(recognised, Unread) else None
        if unread is None and len(asked) > _MOST_SUBJECTS:
            left = [one for one, _ in asked[_MOST_SUBJECTS:]]
            unread = Unread(left[0].site, (left[0].recogniser,), tuple(dict.fromkeys(one.kind for one in left)))
        if unread is not None:
            actions.append(Action(unread.kinds[0], unread.site, unread.recognisers[0]))
            parts.append((Subject(), evaluate_unread(policy, unread.site, frozenset(unread.kinds), clinician)))
        subject, decision = combine(parts)
        leading = max(zip(parts, actions, strict=True), key=lambda pair: pair[0][1].verdict)[1]  # as `combine` chooses
        others = tuple(who for who, _ in parts if who is not subject)
        action = replace(leading, subject=subject, others=others, along=())
        # Where nobody is named, leave is for this very request; one's own list alone comes in many.
        is_bare = any(names_nobody(who) for who, _ in parts) and decision.verdict >= Verdict.WARN
        if unread is not None or (is_bare and (len(parts) > 1 or not is_one_list(action))):
            action = replace(action, request=request_digest(request))
        return action, decision

    def _about(
        self, policy: Policy, recognised: Action, who: Subject, referer: str | None, clinician: Clinician
    ) -> tuple[Subject, Decision]:
        """Say whom a subject is found to be, and what the policy decides about that one."""
        subject = self._identities.resolve(recognised.site, who, referer, recognised.accounts)
        action = replace(recognised, subject=subject, others=(), along=())
        matches = _matches(self._roster(), action)
        return subject, evaluate(policy, action, matches, clinician, self._clock.now())

    async def _carry_out(
        self, request: HttpRequest, action: Action, decision: Decision, clinician: Clinician
    ) -> Answered | None:
        """Do what the verdict says; None lets the request pass."""
        verdict = decision.verdict
        if verdict is Verdict.ALLOW:
            return None
        if request.is_speculative and verdict >= Verdict.WARN:
            return Speculative()
        if verdict is Verdict.NOTE:
            await self._desk.note(action, decision, clinician)
            return None
        about = (action, decision, clinician)
        if await self._desk.use_exception(*about) or await self._desk.use_grant(*about) is not None:
            return None
        if verdict is Verdict.SILENCE:
            # Where no format is known, nothing at all: an overlay at every key would be worse for all.
            answer = empty_answer(action.silence, action.subject.query or "") if action.silence else _NOTHING
            return Silence(*answer)
        hold = await self._desk.open(request, action, decision, clinician)
        return HoldPage(hold) if hold.surface == "page" else HoldOverlay(hold)

    def learn(self, request: HttpRequest, response: HttpResponse) -> None:
        """Take the identities out of an answer, where it can hold any."""
        sites = self._sites()
        if sites.learns_from(request, response.header("content-type") or ""):
            self._identities.learn(sites.learn(request, response))

    async def learn_aside(self, request: HttpRequest, response: HttpResponse, *, piece: bool = False) -> None:
        """Do what `learn` does for a long answer, or a piece of one, in a thread: other traffic goes on."""
        read = self._sites().learn_piece if piece else self._sites().learn
        self._identities.learn(await asyncio.to_thread(read, request, response))


def _matches(roster: Roster, action: Action) -> tuple[ClientMatch, ...]:
    """Give the clients whom an action's subject means on any of the sites that share its accounts, best first."""
    prefix = action.kind is ActionKind.SUGGEST
    found = [one for site in action.places for one in roster.match(action.subject, site, prefix=prefix)]
    best: dict[str, ClientMatch] = {}
    for one in sorted(found, key=attrgetter("strength"), reverse=True) if action.accounts else found:
        best.setdefault(one.client_ref, one)
    return tuple(best.values())
