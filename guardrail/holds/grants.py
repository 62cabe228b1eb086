"""What a grant covers, and for how long. Pure: no clock, no store.

A grant is for one clinician and one client (or one subject that was attested not to be a client), never for
a site or a domain as such. An action about several takes as many grants as it has clients.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from guardrail.holds.words import is_quiet_key, quiet_key, takes_a_word, token_of, words_of
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Concern, Decision, GrantTerms, Scope, Verdict
from guardrail.model.hold import Grant, Hold
from guardrail.model.http import HttpRequest

FIND_ACTIONS = frozenset({ActionKind.SEARCH, ActionKind.SUGGEST, ActionKind.VIEW_PROFILE})
"""What finding a person in a crisis takes: these go together, on every watched site."""

ONCE_ONLY = frozenset(
    {
        ActionKind.CONNECT_REQUEST,
        ActionKind.CONNECT_ACCEPT,
        ActionKind.FOLLOW,
        ActionKind.REVIEW_REPLY,
        ActionKind.REVIEW_SOLICIT,
    }
)
"""What is done once and for good: no terms of a policy make it more than one use."""

ACKNOWLEDGED = "acknowledged"
"""The purpose of a grant that a warning's acknowledgement bought: it stands against warnings only."""

_LOOKING = FIND_ACTIONS | {ActionKind.VIEW_FOLLOWERS}


_REQUEST = "request:"


def request_digest(request: HttpRequest) -> str:
    """Give the SHA-256 (hex) by which a request is told from any other, for what names nobody.

    Of a body that could not be undone nothing is left but what its headers say of it.
    """
    size, coding = request.header("content-length") or "", request.header("content-encoding") or ""
    parts = (request.method, request.url, size, coding)
    whole = "\0".join(parts).encode("utf-8", "replace") + b"\0" + request.body
    return hashlib.sha256(whole).hexdigest()


def names_nobody(subject: Subject) -> bool:
    """Say whether a subject says nothing of whom it is about."""
    return not (subject.id or subject.alt_id or subject.handle or words_of(subject))


def is_one_list(action: Action) -> bool:
    """Say whether an action that names nobody is about the actor's own list all the same: it comes in many requests."""
    return action.kind is ActionKind.VIEW_FOLLOWERS


def subject_tokens(action: Action, key: bytes) -> tuple[str, ...]:
    """Give the keyed tokens under which this subject is known, the surest first; never empty.

    Ids and handles hold on their site alone; a text (typed, or a name) only where there is neither: the
    attestation of a name must not open the profile of the person who bears it.
    """
    subject = action.subject
    parts = [
        f"{kind}\0{action.site}\0{value}"
        for kind, value in (("id", subject.id), ("id", subject.alt_id), ("handle", subject.handle))
        if value
    ]
    if not parts:
        text = words_of(subject)
        parts = [f"text\0{text}" if text else f"nobody\0{action.site}\0{action.actor_id or ''}"]
    return tuple(token_of(part, key) for part in parts)


@dataclass(frozen=True, slots=True)
class Need:
    """What one client of an action, or one subject who is none, asks for: leave under any of these keys.

    `bought` is the key of a grant that a justification buys, `attested` of one that an attestation buys.
    """

    bought: str
    attested: str
    keys: frozenset[str]


def needs_of(action: Action, decision: Decision, key: bytes) -> tuple[Need, ...]:
    """Give what an action needs leave for: every client whom it concerns, every subject who is none. Never empty."""
    concerns = decision.concerns or (Concern(action.subject, decision.clients),)
    return tuple(dict.fromkeys(need for concern in concerns for need in _needs(action, concern, key)))


def _needs(action: Action, concern: Concern, key: bytes) -> tuple[Need, ...]:
    if action.request and names_nobody(concern.subject):
        only = _REQUEST + token_of(f"request\0{action.site}\0{action.request}", key)
        return (Need(only, only, frozenset({only})),)
    tokens = subject_tokens(replace(action, subject=concern.subject), key)
    # An attestation is about the subject, whomever the roster takes it for; all else is about the client, if any.
    attested = tuple(f"attested:{token}" for token in tokens)
    ours = tuple(client.client_ref for client in concern.clients)
    if ours:
        return tuple(Need(ref, attested[0], frozenset((ref, *attested))) for ref in ours)
    bought = tuple(f"subject:{token}" for token in tokens)
    return (Need(bought[0], attested[0], frozenset((*bought, *attested))),)


def keys_of(action: Action, decision: Decision, key: bytes) -> frozenset[str]:
    """Give every key under which a grant may cover an action, or a part of it."""
    return frozenset().union(*(need.keys for need in needs_of(action, decision, key)))


def keys_to_issue(action: Action, decision: Decision, key: bytes, *, attested: bool = False) -> tuple[str, ...]:
    """Give the keys of the grants that open an action: one per client, or per subject who is none."""
    needs = needs_of(action, decision, key)
    return tuple(dict.fromkeys(need.attested if attested else need.bought for need in needs))


def _quieting(grants: Iterable[Grant], action: Action, decision: Decision, key: bytes, now: datetime) -> Grant | None:
    about = quiet_key(action, decision, key)
    if about is None or not takes_a_word(decision):
        return None
    return next((grant for grant in grants if covers(grant, action, decision, frozenset({about}), now)), None)


def covering(
    grants: Iterable[Grant], action: Action, decision: Decision, key: bytes, now: datetime
) -> tuple[Grant, ...]:
    """Choose the grants that together let an action through; none where any part of it is not covered."""
    mine, chosen = tuple(grants), dict[str, Grant]()
    quiet = _quieting(mine, action, decision, key, now)
    if quiet is not None:
        return (quiet,)
    for need in needs_of(action, decision, key) if mine else ():
        found = [grant for grant in mine if covers(grant, action, decision, need.keys, now)]
        if not found:
            return ()
        # One that does not run out by use goes first, so that none is spent for nothing.
        best = min(found, key=lambda grant: (grant.uses_left is not None, grant.expires_at))
        chosen[best.id] = best
    return tuple(chosen.values())


def covers(grant: Grant, action: Action, decision: Decision, keys: frozenset[str], now: datetime) -> bool:
    """Say whether a grant lets this action through now; who acts has been checked by the caller's index.

    A BLOCK has no way on, so no grant, bought elsewhere, opens it.
    """
    return (
        now < grant.expires_at
        and grant.uses_left != 0
        and action.kind in grant.actions
        and grant.site in (None, action.site)
        and grant.subject_key in keys
        and decision.verdict < (Verdict.JUSTIFY if grant.purpose == ACKNOWLEDGED else Verdict.BLOCK)
    )


def used(grant: Grant) -> Grant:
    """Give the grant after one more use."""
    return grant if grant.uses_left is None else replace(grant, uses_left=grant.uses_left - 1)


def warning_terms(kind: ActionKind) -> GrantTerms:
    """Give what an acknowledgement buys: five minutes, one use; looking is many requests, so there any number."""
    return GrantTerms(5, None if kind in _LOOKING else 1, Scope.ACTION)


def issue(hold: Hold, grant_id: str, about: str, bought: tuple[str, GrantTerms], now: datetime) -> Grant:
    """Give the grant for a purpose on terms (`bought`), under the key `about`; `find` widens only what is finding."""
    purpose, terms = bought
    kind = hold.action.kind
    only = about.startswith(_REQUEST)
    denied = hold.decision.clients if is_quiet_key(about) else ()
    wide = terms.scope is Scope.FIND and kind in FIND_ACTIONS and not only
    return Grant(
        id=grant_id,
        hold_id=hold.id,
        clinician_id=hold.clinician.id,
        subject_key=about,
        purpose=purpose,
        scope=Scope.FIND if wide else Scope.ACTION,
        actions=frozenset(FIND_ACTIONS if wide else {kind}),
        site=None if wide else hold.action.site,
        issued_at=now,
        expires_at=now + timedelta(minutes=terms.minutes),
        uses_left=1 if only or kind in ONCE_ONLY else terms.uses,
        asked_on=hold.action.site,
        denies=tuple(client.client_ref for client in denied),
    )
