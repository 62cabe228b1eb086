"""Reads rules.yaml: whole or not at all. Pure but for reading the file; watching it is wiring's."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from guardrail.errors import PolicyError, Problem
from guardrail.policy.check import check_rules
from guardrail.policy.compile import compile_rules
from guardrail.policy.diagnose import problems_of_shape
from guardrail.policy.schema import RulesFile
from guardrail.policy.terms import Policy
from guardrail.policy.trial import TrialResult, run_trials
from guardrail.strict_yaml import Document, read_file


def load_policy(file: Path) -> Policy:
    """Read, check and compile the policy in `file`, and run its tests.

    Raise PolicyError with every problem: shape first, then references, then tests.
    """
    policy, results, document = _read(file)
    failed = [
        document.problem(("tests", result.at), f"this test fails: {result.story}", "change the test or the rule")
        for result in results
        if not result.passed
    ]
    if failed:
        raise PolicyError(tuple(failed))
    return policy


def try_policy(file: Path) -> tuple[Policy, tuple[TrialResult, ...]]:
    """Read the policy in `file` and give it with the results of its tests, also of those that fail.

    Raise PolicyError for anything else that is wrong.
    """
    policy, results, _ = _read(file)
    return policy, results


def _read(file: Path) -> tuple[Policy, tuple[TrialResult, ...], Document]:
    document = read_file(file, "the policy", "see docs/policy.md")
    if isinstance(document, Problem):
        raise PolicyError((document,))
    try:
        rules = RulesFile.model_validate(document.data)
    except ValidationError as error:
        raise PolicyError(problems_of_shape(document, error)) from None
    problems = check_rules(rules, document)
    if problems:
        raise PolicyError(problems)
    policy = compile_rules(rules)
    return policy, run_trials(policy, rules.tests), document
