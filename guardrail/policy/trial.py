"""Runs the examples that rules.yaml carries under `tests`: the policy must decide each as it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from guardrail.model.decision import Decision
from guardrail.model.people import ClientMatch, Clinician, Population, Strength
from guardrail.policy.evaluate import Facts, decide
from guardrail.policy.schema import SubjectName, TrialPart
from guardrail.policy.terms import Policy

_CLIENTS = frozenset({SubjectName.CURRENT, SubjectName.FORMER, SubjectName.PROSPECTIVE, SubjectName.CLOSE})
_LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How one example went: `at` is its place in the list, `story` one line for people."""

    at: int
    passed: bool
    story: str
    decision: Decision


def run_trials(policy: Policy, trials: Iterable[TrialPart]) -> tuple[TrialResult, ...]:
    """Run every example on the policy as it will be in force: rules that start later count."""
    return tuple(_run(policy, at, trial) for at, trial in enumerate(trials))


def _run(policy: Policy, at: int, trial: TrialPart) -> TrialResult:
    decision = decide(policy, trial_facts(trial))
    verdict = decision.verdict.name.lower()
    rule = decision.rule.id if decision.rule else None
    passed = verdict == trial.verdict.value and trial.rule in {None, rule}
    scene = f"{trial.action} on {trial.site}, {trial.subject}, {trial.account}"
    wanted = f"`{trial.verdict}`" + (f" by `{trial.rule}`" if trial.rule else "")
    got = f"`{verdict}`" + (f" by `{rule}`" if rule else ", no rule applies")
    story = f"{scene}: {wanted}" if passed else f"{scene}: expected {wanted}, the rules say {got}"
    return TrialResult(at, passed, story, decision)


def trial_facts(trial: TrialPart) -> Facts:
    """Give the facts of a scene that is told in words; `anyone` counts as unknown."""
    is_client = trial.subject in _CLIENTS
    population = Population.UNKNOWN if trial.subject is SubjectName.ANYONE else Population(trial.subject.value)
    match = ClientMatch("0000", "X.X.", population, "trial", Strength[trial.match.name])
    return Facts(
        kind=trial.action,
        site=trial.site,
        confidence=trial.confidence,
        matches=(match,) if is_client else (),
        population=Population.UNKNOWN if is_client else population,
        account=trial.account,
        ours=trial.of is not None,
        clinician=Clinician(trial.clinician, "trial"),
        now=_LAST_DAY,
    )
