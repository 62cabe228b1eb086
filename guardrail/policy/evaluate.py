"""Asks the policy: pure and total. The strongest verdict wins; a rule that fails asks, it never lets pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.model.decision import Concern, Decision, FiredRule, Verdict
from guardrail.model.people import Account, ClientMatch, Clinician, Population
from guardrail.policy.terms import AccountKeys, Condition, Policy, Rule


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules are asked about: an action with everything that the policy knows of it.

    `population` is what the subject is to the clinic where no client matches; `ours` is true where
    what is looked at is one of the clinic's own accounts; `now` is aware.
    """

    kind: ActionKind
    site: str
    confidence: Confidence
    matches: tuple[ClientMatch, ...]
    population: Population
    account: Account
    ours: bool
    clinician: Clinician
    now: datetime


def evaluate(
    policy: Policy, action: Action, matches: tuple[ClientMatch, ...], clinician: Clinician, now: datetime
) -> Decision:
    """Decide on `action` about the roster's `matches` (best first; empty: nobody matched). Never raises."""
    try:
        facts = facts_of(policy, action, matches, clinician, now)
    except Exception as error:  # noqa: BLE001 - total by contract: whatever fails here, the clinician is asked
        decision = _without_facts(policy, [policy.fallback.fired], matches)
        return replace(decision, errors=(f"the subject or the account could not be told ({type(error).__name__})",))
    return decide(policy, facts)


def evaluate_unread(policy: Policy, site: str, kinds: frozenset[ActionKind], clinician: Clinician) -> Decision:
    """Decide on a request of `site` that could be one of `kinds` but cannot be read, by the rules' failure modes.

    Who acts and about whom is not known, so rules are asked for their actions, sites and pilots only. Never raises.
    """
    fired = [rule.unread for rule in policy.rules if _could_be(rule, site, kinds, clinician)]
    return _without_facts(policy, fired, ())


def combine(parts: Sequence[tuple[Subject, Decision]]) -> tuple[Subject, Decision]:
    """Make one decision of those on each subject of a request (at least one), and say which subject speaks.

    The strongest verdict speaks, the first of equals. It concerns every subject that is more than noted, and all
    clients whom those mean; where nothing is more than noted, every subject that is.
    """
    subject, leading = max(parts, key=lambda part: part[1].verdict)  # max gives the first of equals
    if len(parts) == 1 or leading.verdict is Verdict.ALLOW:
        return subject, leading
    least = _least(leading.verdict)
    stopped = [(who, decision) for who, decision in parts if decision.verdict >= least]
    every = (leading, *(decision for _, decision in stopped))
    match = leading.match
    clients = _distinct(client for decision in every for client in decision.clients)
    decision = replace(
        leading,
        fired=_ordered([rule for decision in every for rule in decision.fired]),
        also=tuple(client for client in clients if match is None or client.client_ref != match.client_ref),
        errors=tuple(dict.fromkeys(error for _, decision in parts for error in decision.errors)),
        concerns=tuple(dict.fromkeys(Concern(who, decision.clients) for who, decision in stopped)),
    )
    return subject, decision


def _least(verdict: Verdict) -> Verdict:
    """Give the verdict from which a rule's clients count: a client who is only noted needs no leave."""
    return min(verdict, Verdict.SILENCE)


def _distinct(clients: Iterable[ClientMatch]) -> tuple[ClientMatch, ...]:
    found: dict[str, ClientMatch] = {}
    for client in clients:
        found.setdefault(client.client_ref, client)
    return tuple(found.values())


def _could_be(rule: Rule, site: str, kinds: frozenset[ActionKind], clinician: Clinician) -> bool:
    condition = rule.condition
    try:
        return (
            not kinds.isdisjoint(condition.actions)
            and (condition.sites is None or site in condition.sites)
            and (condition.clinicians is None or clinician.id in condition.clinicians)
        )
    except Exception:  # noqa: BLE001 - total by contract: a rule that cannot say is taken to be meant
        return True


def facts_of(
    policy: Policy, action: Action, matches: tuple[ClientMatch, ...], clinician: Clinician, now: datetime
) -> Facts:
    """Find out as whom the clinician acts, and what the subject is to the clinic."""
    site, subject = action.site, action.subject
    accounts = [account_of(policy, place, action.actor_id) for place in action.places]
    account = next((one for one in accounts if one is not Account.PRIVATE), Account.PRIVATE)
    own = any(_is_own(policy, place, subject) for place in action.places)
    is_professional = own or any(_is_any(policy.colleagues.get(place), subject) for place in action.places)
    nobody = subject.id is None and subject.handle is None and subject.name is None
    # Acting as the clinic, a list of followers is taken for the clinic's own unless nothing says as whom one acts:
    # a post's number does not say whose post it is. With no subject at all the list is the actor's by definition.
    read = action.actor_id is not None or nobody
    return Facts(
        kind=action.kind,
        site=site,
        confidence=action.confidence,
        matches=matches,
        population=Population.PROFESSIONAL if is_professional else Population.UNKNOWN,
        account=account,
        ours=own or (read and account is not Account.PRIVATE),
        clinician=clinician,
        now=now,
    )


def account_of(policy: Policy, site: str, actor_id: str | None) -> Account:
    """Say as whom the clinician acts: by the acting id or handle, else what the policy assumes on that site."""
    ours = policy.accounts.get(site)
    if ours is None:
        return Account.PRIVATE
    if actor_id is None:
        return ours.assume
    handle = actor_id.removeprefix("@").lower()
    if ours.clinic_page.has(actor_id, handle):
        return Account.CLINIC_PAGE
    if ours.professional.has(actor_id, handle):
        return Account.PROFESSIONAL
    return Account.PRIVATE


def decide(policy: Policy, facts: Facts) -> Decision:
    """Decide on facts. Never raises: a rule that does is counted as one that asks."""
    fired: list[FiredRule] = []
    about: dict[str, tuple[ClientMatch, ...]] = {}
    errors: list[str] = []
    for rule in policy.by_kind.get(facts.kind, ()):
        outcome = _ask(rule, facts, errors)
        if outcome is not None:
            speaks, clients = outcome
            fired.append(speaks)
            about[speaks.id] = clients
    ordered = _ordered(fired)
    match, also = _concerned(ordered, about)
    seen = match if ordered else next(iter(facts.matches), None)
    return Decision(
        verdict=ordered[0].verdict if ordered else Verdict.ALLOW,
        rule=ordered[0] if ordered else None,
        fired=ordered,
        match=match,
        population=seen.population if seen else facts.population,
        account=facts.account,
        errors=tuple(errors),
        revision=policy.revision,
        also=also,
    )


def _concerned(
    ordered: tuple[FiredRule, ...], about: Mapping[str, tuple[ClientMatch, ...]]
) -> tuple[ClientMatch | None, tuple[ClientMatch, ...]]:
    """Give the client whom the strongest rule is about, and all others whom it or another rule that counts means.

    Namesakes are met by the same words: nobody can tell which of them is meant, so all are.
    """
    if not ordered:
        return None, ()
    least = _least(ordered[0].verdict)
    clients = _distinct(client for rule in ordered if rule.verdict >= least for client in about[rule.id])
    return (clients[0], clients[1:]) if about[ordered[0].id] else (None, clients)


def _ask(rule: Rule, facts: Facts, errors: list[str]) -> tuple[FiredRule, tuple[ClientMatch, ...]] | None:
    try:
        if not all(holds(rule.condition, facts) for _, holds in PARTS):
            return None
        return rule.fired, clients_meant(rule.condition, facts)
    except Exception as error:  # noqa: BLE001 - total by contract: a rule that fails asks, whatever failed
        errors.append(f"rule `{rule.id}` could not be evaluated ({type(error).__name__}); it asks instead")
        return rule.failed, facts.matches


def clients_meant(condition: Condition, facts: Facts) -> tuple[ClientMatch, ...]:
    """Give the matches that are strong enough and of the condition's populations, best first."""
    return tuple(
        match
        for match in facts.matches
        if match.strength >= condition.strength
        and (condition.subjects is None or match.population in condition.subjects)
    )


def _subject_holds(condition: Condition, facts: Facts) -> bool:
    if condition.subjects is None or clients_meant(condition, facts):
        return True
    is_client = any(match.strength >= condition.strength for match in facts.matches)
    return not is_client and facts.population in condition.subjects


def _in_force(condition: Condition, facts: Facts) -> bool:
    return condition.starts is None or condition.starts <= facts.now.astimezone(UTC).date()


PARTS: tuple[tuple[str, Callable[[Condition, Facts], bool]], ...] = (
    ("site", lambda condition, facts: condition.sites is None or facts.site in condition.sites),
    ("subject", _subject_holds),
    ("account", lambda condition, facts: condition.accounts is None or facts.account in condition.accounts),
    ("of", lambda condition, facts: not condition.of_clinic_account or facts.ours),
    (
        "confidence",
        lambda condition, facts: condition.confidence is Confidence.LOW or facts.confidence is Confidence.HIGH,
    ),
    ("clinician", lambda condition, facts: condition.clinicians is None or facts.clinician.id in condition.clinicians),
    ("starts", _in_force),
)
"""The parts of a condition beside its actions, for which rules are indexed; a rule applies where all hold."""


def _is_own(policy: Policy, site: str, subject: Subject) -> bool:
    ours = policy.accounts.get(site)
    return ours is not None and (_is_any(ours.clinic_page, subject) or _is_any(ours.professional, subject))


def _is_any(keys: AccountKeys | None, subject: Subject) -> bool:
    return keys is not None and (keys.has(subject.id, subject.handle) or keys.has(subject.alt_id, None))


def _ordered(fired: list[FiredRule]) -> tuple[FiredRule, ...]:
    """Put the strongest first, each once; equals stay in the order of the file."""
    return tuple(dict.fromkeys(sorted(fired, key=attrgetter("verdict"), reverse=True)))


def _without_facts(policy: Policy, fired: list[FiredRule], matches: tuple[ClientMatch, ...]) -> Decision:
    """Decide where nobody can say as whom the clinician acts: as a private person, about every match."""
    ordered = _ordered(fired)
    clients = _distinct(matches)
    match = clients[0] if clients else None
    return Decision(
        verdict=ordered[0].verdict if ordered else Verdict.ALLOW,
        rule=ordered[0] if ordered else None,
        fired=ordered,
        match=match,
        population=match.population if match else Population.UNKNOWN,
        account=Account.PRIVATE,
        errors=(),
        revision=policy.revision,
        also=clients[1:],
    )
