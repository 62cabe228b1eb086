"""The examples that a policy carries are run on the policy as it will be in force."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardrail.model.people import Population, Strength
from guardrail.policy.load import load_policy, try_policy
from guardrail.policy.schema import SubjectName, TrialPart
from guardrail.policy.terms import Policy
from guardrail.policy.trial import run_trials, trial_facts


def test_results_tell_their_story(small: Policy) -> None:
    """A passed example says what holds, a failed one what was expected and what the rules say."""
    told = {"action": "follow", "site": "x", "subject": "current_client"}
    trials = [TrialPart.model_validate(told | {"verdict": verdict}) for verdict in ("warn", "block")]
    assert [(result.passed, result.story) for result in run_trials(small, trials)] == [
        (True, "follow on x, current_client, private: `warn`"),
        (False, "follow on x, current_client, private: expected `block`, the rules say `warn` by `following`"),
    ]


def test_a_failure_without_a_rule_says_so(small: Policy) -> None:
    """Where nothing applies the story says that."""
    trial = TrialPart.model_validate({"action": "react", "site": "x", "verdict": "warn"})
    assert run_trials(small, [trial])[0].story.endswith("the rules say `allow`, no rule applies")


def test_rules_that_start_later_are_tried_as_in_force(edit: Callable[..., Path]) -> None:
    """A test does not break on the day on which a rule starts."""
    when = "subjects: [current_client]\n    verdict: justify"
    file = edit((when, when.replace("\n", "\n      starts: 2999-01-01\n")))
    _, results = try_policy(file)
    assert [result.passed for result in results] == [True]
    load_policy(file)


@pytest.mark.parametrize("subject", SubjectName)
def test_every_subject_makes_facts(subject: SubjectName) -> None:
    """Clients come as a match, the rest as a population; `anyone` is nobody in particular."""
    told = {"action": "search", "site": "x", "subject": subject, "match": "weak", "verdict": "allow"}
    facts = trial_facts(TrialPart.model_validate(told))
    if subject.value.endswith("_client"):
        assert [(match.population, match.strength) for match in facts.matches] == [
            (Population(subject.value), Strength.WEAK)
        ]
    else:
        assert facts.matches == ()
        assert facts.population.value in {subject.value, "unknown"}
