"""Explanations name the rules that applied and those that came within one part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from guardrail.policy.explain import explain
from guardrail.policy.load import load_policy
from guardrail.policy.schema import TrialPart
from guardrail.policy.terms import Policy
from guardrail.policy.trial import trial_facts


def scene(**told: str) -> TrialPart:
    """Give a scene told in words; its verdict is not looked at."""
    return TrialPart.model_validate({"site": "facebook", "verdict": "allow"} | told)


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        (
            {"action": "follow"},
            [
                "allow: no rule applies",
                (
                    "nearly:  `following-clients`, Following a client: "
                    "it is about current client or former client, not unknown"
                ),
                (
                    "nearly:  `wider-contact`, Contact with someone tied to a client: "
                    "it is about close to client or prospective client, not unknown"
                ),
                (
                    "nearly:  `professionals-only`, Professional account: health professionals only: "
                    "it is for the account clinic page or professional, not private"
                ),
            ],
        ),
        (
            {"action": "search", "subject": "current_client", "match": "prefix", "site": "google"},
            [
                "allow: no rule applies",
                "nearly:  `searching`, Searching for a client: the match is too weak: prefix, where weak is asked for",
                (
                    "nearly:  `wider-finding`, Looking up someone tied to a client: "
                    "it is about close to client or prospective client, not current client"
                ),
            ],
        ),
        (
            {"action": "review_solicit", "account": "clinic_page"},
            [
                "block by the rule `testimonials`",
                "applies: `testimonials`, Asking for a review or a like: block",
                "nearly:  `testimonials-review-sites`, Asking for a review: it does not name the site facebook",
                (
                    "nearly:  `testimonials-clients`, Asking a client for a review or a like: it is about "
                    "close to client or current client or former client or prospective client, not unknown"
                ),
                (
                    "nearly:  `private-invitations`, Inviting people to like or recommend: "
                    "it is for the account private, not clinic page"
                ),
            ],
        ),
    ],
)
def test_an_explanation_in_words(policy: Policy, told: dict[str, str], lines: list[str]) -> None:
    """One thought a line: the verdict, what applies, what nearly did and why not."""
    found = [line.strip() for line in explain(policy, trial_facts(scene(**told))).lines()]
    found[0] = found[0].split(" (policy ")[0]
    assert found == lines


def test_a_rule_that_misses_in_two_parts_did_not_come_near(policy: Policy) -> None:
    """Following by a private account elsewhere misses the professional rule by site and account."""
    stories = explain(policy, trial_facts(scene(action="follow", site="google"))).nearly
    assert [story.rule.id for story in stories] == ["following-clients", "wider-contact"]


def test_titles_follow_the_language(policy: Policy) -> None:
    """A French reader gets the rules' French names."""
    lines = explain(policy, trial_facts(scene(action="review_reply"))).lines("fr")
    assert "Réponse à un avis" in lines[1]


def test_a_rule_that_fails_is_explained_as_an_error(small: Policy) -> None:
    """The error stands in the explanation, which itself does not fail."""
    rule = small.rule("following")
    faulty = replace(rule, condition=replace(rule.condition, sites=cast("Any", 1)))
    kind = trial_facts(scene(action="follow")).kind
    policy = replace(small, rules=(faulty,), by_kind={kind: (faulty,)})
    lines = explain(policy, trial_facts(scene(action="follow"))).lines()
    assert lines[-1].strip() == "error:   rule `following` could not be evaluated (TypeError); it asks instead"


def test_what_a_rollout_mode_holds_back_is_said(edit: Callable[..., Path]) -> None:
    """A rule in monitor mode says what it would do."""
    policy = load_policy(edit(("verdict: warn", "verdict: warn\n    mode: monitor")))
    lines = explain(policy, trial_facts(scene(action="follow", subject="current_client"))).lines()
    assert lines[1].strip() == "applies: `following`, Following: warn, held to note while its mode is monitor"
