"""Words that were typed and mean clients by their names alone: their keyed token, and what lets them pass.

Two things may: what one clinician has attested of them, for some days, and what the clinic has excepted. Both are
bound to these very words and to the clients whom they mean. Pure: no clock, no store.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.decision import Concern, Decision, Verdict
from guardrail.model.hold import Grant

_QUIET = "quiet:"
_BY_WORDS = ("name", "prefix")
_SEARCHED = (ActionKind.SEARCH, ActionKind.SUGGEST)


def words_of(subject: Subject) -> str:
    """Give what was typed, or else the name, without what makes no difference: case and the width of gaps."""
    return " ".join((subject.query or subject.name or "").casefold().split())


def token_of(part: str, key: bytes) -> str:
    """Give the keyed token (32 hexadecimal digits) of a text."""
    return hmac.new(key, part.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def typed_token(typed: str, refs: Iterable[str], key: bytes) -> str:
    """Give the token of words as a person types them, taken for the clients with these references."""
    return _token(words_of(Subject(query=typed)), refs, key)


def words_token(action: Action, decision: Decision, key: bytes) -> str | None:
    """Give the token of an action's words and of the clients whom they mean; None where there are not words alone.

    It is for searches and suggestions whose words mean clients by their names: never for an account, an address or
    a number, and another one where the words mean a client more, or fewer.
    """
    concerns = decision.concerns or (Concern(action.subject, decision.clients),)
    subject = concerns[0].subject
    words = words_of(subject)
    is_searched = action.kind in _SEARCHED and not (action.request or action.others)
    if len(concerns) > 1 or not (is_searched and words) or subject.id or subject.alt_id or subject.handle:
        return None
    clients = {*decision.clients, *concerns[0].clients}
    if any(client.how not in _BY_WORDS for client in clients):
        return None
    return _token(words, (client.client_ref for client in clients), key)


def quiet_key(action: Action, decision: Decision, key: bytes) -> str | None:
    """Give the key of the grant that keeps these very words from being asked about again; None as words_token."""
    token = words_token(action, decision, key)
    return None if token is None else _QUIET + token


def is_quiet(grant: Grant) -> bool:
    """Say whether a grant is one that only keeps the same question from being asked again."""
    return is_quiet_key(grant.subject_key)


def is_quiet_key(key: str) -> bool:
    """Say whether a grant's key is that of such a grant."""
    return key.startswith(_QUIET)


def takes_a_word(decision: Decision) -> bool:
    """Say whether the rule that speaks now lets somebody say that this is not a client, or asks nothing at all.

    Suggestions are silenced without a question: what was said of the same words elsewhere counts there.
    """
    rule = decision.rule
    return rule is not None and (decision.verdict is Verdict.SILENCE or "attest" in rule.offers)


def excepting(
    excepted: Mapping[str, datetime], action: Action, decision: Decision, key: bytes, now: datetime
) -> str | None:
    """Give the token of the clinic's exception that lets an action pass now; None where there is none.

    `excepted` says of each token until when. A BLOCK has no way on, so no exception opens it.
    """
    if not excepted or decision.verdict >= Verdict.BLOCK or not takes_a_word(decision):
        return None
    token = words_token(action, decision, key)
    return token if token is not None and token in excepted and now < excepted[token] else None


def _token(words: str, refs: Iterable[str], key: bytes) -> str:
    return token_of(json.dumps(["words", words, sorted(set(refs))]), key)
