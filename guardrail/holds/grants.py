"""What a grant covers, and for how long. Pure: no clock, no store.

A grant is for one clinician and one client (or one subject that was attested not to be a client), never for
a site or a domain as such.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Decision, GrantTerms, Scope, Verdict
from guardrail.model.hold import Grant, Hold

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
        parts = [_text_part(action, subject)]
    return tuple(hmac.new(key, part.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32] for part in parts)


def _text_part(action: Action, subject: Subject) -> str:
    text = " ".join((subject.query or subject.name or "").casefold().split())
    return f"text\0{text}" if text else f"nobody\0{action.site}"


def subject_key(action: Action, decision: Decision, key: bytes, *, attested: bool = False) -> str:
    """Give the key of a grant about an action: the client's reference, or the surest token of the subject."""
    return next(iter(_keys(action, decision, key, attested=attested)))


def keys_of(action: Action, decision: Decision, key: bytes) -> frozenset[str]:
    """Give every key under which a grant may cover an action: of its client or subject, bought or attested."""
    return frozenset(
        (*_keys(action, decision, key, attested=False), *_keys(action, decision, key, attested=True)),
    )


def _keys(action: Action, decision: Decision, key: bytes, *, attested: bool) -> tuple[str, ...]:
    # An attestation is about the subject, whomever the roster takes it for; all else is about the client, if any.
    if decision.match is not None and not attested:
        return (decision.match.client_ref,)
    kind = "attested" if attested else "subject"
    return tuple(f"{kind}:{token}" for token in subject_tokens(action, key))


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
    wide = terms.scope is Scope.FIND and kind in FIND_ACTIONS
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
        uses_left=1 if kind in ONCE_ONLY else terms.uses,
    )
