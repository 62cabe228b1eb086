"""What an answer to a hold means: the entries that record it, the grant that it buys, the duties that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from guardrail.errors import HoldError
from guardrail.holds.duties import duties_of
from guardrail.holds.grants import ACKNOWLEDGED, issue, keys_to_issue, warning_terms
from guardrail.holds.lifecycle import Event
from guardrail.holds.memory import Answers
from guardrail.holds.scribe import Scribe
from guardrail.holds.validate import attestation_problems, consent_problems, justification_problems
from guardrail.holds.words import quiet_key, takes_a_word, words_token
from guardrail.model.decision import GrantTerms, Scope
from guardrail.model.entry import Entry
from guardrail.model.hold import Attestation, Consent, Duty, Grant, Hold, Justification
from guardrail.policy.terms import Policy

NOT_MY_CLIENT = "not_my_client"
"""The purpose of a grant that an attestation bought."""

_MINUTES_A_DAY = 24 * 60
_DEFAULT_TERMS = GrantTerms(minutes=10, uses=1, scope=Scope.ACTION)


@dataclass(frozen=True, slots=True)
class Answered:
    """What follows from an answer; `entries` stand on the ledger before the rest counts."""

    entries: tuple[Entry, ...]
    grants: tuple[Grant, ...] = ()
    duties: tuple[Duty, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What an answer meets: the hold, the policy of now, who writes, and the parts that make a grant."""

    hold: Hold
    policy: Policy
    scribe: Scribe
    key: bytes
    new_id: Callable[[], str]
    now: datetime

    def grants(self, purpose: str, terms: GrantTerms, *, attested: bool = False) -> tuple[Grant, ...]:
        """Issue a grant for each client of the hold, or for each subject that is attested not to be one."""
        keys = keys_to_issue(self.hold.action, self.hold.decision, self.key, attested=attested)
        return tuple(issue(self.hold, self.new_id(), about, (purpose, terms), self.now) for about in keys)


def answered(scene: Scene, event: Event, answers: Answers) -> Answered:
    """Say what follows from an answer that the hold offers. Raise HoldError(`answers`) where it is not whole."""
    hold, now, policy = scene.hold, scene.now, scene.policy
    if event is Event.BACK_OUT:
        return Answered((scene.scribe.backed_out(hold, now),))
    if isinstance(answers, Justification):
        return _justified(scene, answers)
    if isinstance(answers, Attestation):
        _require(attestation_problems(answers, policy.attestation))
        grants = (*scene.grants(NOT_MY_CLIENT, policy.attestation.grant, attested=True), *_quiet(scene))
        words = words_token(hold.action, hold.decision, scene.key)
        first = scene.scribe.attested(hold, answers, now, words)
    elif isinstance(answers, Consent):
        _require(consent_problems(answers, policy.consent))
        grants = scene.grants(answers.purpose, policy.consent.grant)
        first = scene.scribe.consent_used(hold, answers, now)
    else:
        grants = scene.grants(ACKNOWLEDGED, warning_terms(hold.action.kind))
        first = scene.scribe.acknowledged(hold, now)
    return Answered((first, *(scene.scribe.grant_issued(grant, hold) for grant in grants)), grants)


def quiet_days(policy: Policy, hold: Hold, key: bytes) -> int:
    """Say for how many days an attestation keeps the words of a hold from being asked about again; 0: it does not."""
    is_kept = takes_a_word(hold.decision) and words_token(hold.action, hold.decision, key) is not None
    return policy.attestation.quiet_days if is_kept else 0


def _quiet(scene: Scene) -> tuple[Grant, ...]:
    """Give the grant that keeps the same words from being asked about again, where the policy wants it."""
    about = quiet_key(scene.hold.action, scene.hold.decision, scene.key)
    days = quiet_days(scene.policy, scene.hold, scene.key)
    if about is None or not days:
        return ()
    terms = GrantTerms(days * _MINUTES_A_DAY, None, Scope.FIND)
    return (issue(scene.hold, scene.new_id(), about, (NOT_MY_CLIENT, terms), scene.now),)


def _justified(scene: Scene, answers: Justification) -> Answered:
    hold, policy, scribe, now = scene.hold, scene.policy, scene.scribe, scene.now
    rule = hold.decision.rule
    form = policy.forms.get(rule.form or "") if rule else None
    if rule is None or form is None:  # the policy was replaced in this very moment
        raise HoldError("not_offered")
    today = (now - timedelta(hours=12)).date()  # in the last time zone on Earth: the clinic's may lag behind UTC
    _require(justification_problems(answers, form, today))
    grants = scene.grants(answers.purpose, rule.grant or _DEFAULT_TERMS)
    due = duties_of(answers, rule.duties, policy.duties, form, now)
    duties = tuple(
        Duty(scene.new_id(), grant.id, grant.clinician_id, client_ref, kind, due_at)
        for kind, due_at in due.items()
        for client_ref, grant in _owed(hold, grants, each=kind in policy.duties and policy.duties[kind].at_next_meeting)
    )
    entries = (
        scribe.justified(hold, answers, now),
        *(scribe.grant_issued(grant, hold) for grant in grants),
        *(scribe.duty_created(duty, hold, now) for duty in duties),
    )
    return Answered(entries, grants, duties)


def _owed(hold: Hold, grants: tuple[Grant, ...], *, each: bool) -> tuple[tuple[str | None, Grant], ...]:
    """Say for whom a duty is owed, and by which grant: what is discussed with a client, with each of them."""
    by_key = {grant.subject_key: grant for grant in grants}
    clients = tuple((client.client_ref, by_key.get(client.client_ref, grants[0])) for client in hold.decision.clients)
    return (clients if each else clients[:1]) or ((None, grants[0]),)


def _require(problems: Mapping[str, str]) -> None:
    if problems:
        raise HoldError("answers", problems)
