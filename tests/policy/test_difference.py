"""What differs between two policies, in words, and whether it is weaker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardrail.policy.difference import difference
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy

type Edit = Callable[..., Path]

NO_TESTS = (
    "tests:\n  - { action: search, site: google, subject: current_client, verdict: justify, rule: searching }\n",
    "",
)
WHEN = "subjects: [current_client]\n    verdict: justify"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("verdict: warn", "verdict: note", "rule `following` verdict: was warn, is note (weaker)"),
        (
            "verdict: warn",
            "verdict: warn\n    mode: monitor",
            "rule `following` mode: was enforce, is monitor (weaker)",
        ),
        (
            "verdict: warn",
            "verdict: warn\n    on_failure: open",
            "rule `following` on_failure: was closed, is open (weaker)",
        ),
        ("sites: [social]", "sites: [x]", "rule `following` when sites: was facebook, x, is x (weaker)"),
        (
            "sites: [social]",
            "sites: [social, google]",
            "rule `following` when sites: was facebook, x, is facebook, google, x",
        ),
        ("      sites: [social]\n", "", "rule `following` when sites: gone, was facebook, x"),
        (
            WHEN,
            WHEN.replace("\n", "\n      accounts: [private]\n"),
            "rule `searching` when accounts: new, private (weaker)",
        ),
        (
            WHEN,
            WHEN.replace("\n", "\n      strength: exact\n"),
            "rule `searching` when strength: was weak, is exact (weaker)",
        ),
        (
            WHEN,
            WHEN.replace("\n", "\n      starts: 2026-05-01\n"),
            "rule `searching` when starts: new, 2026-05-01 (weaker)",
        ),
        (
            "minutes: 60, scope: find }\n    duties",
            "minutes: 90, scope: find }\n    duties",
            "rule `searching` grant minutes: was 60, is 90 (weaker)",
        ),
        (
            "minutes: 60, scope: find }\n    duties",
            "minutes: 30, scope: find }\n    duties",
            "rule `searching` grant minutes: was 60, is 30",
        ),
        ("    duties: [discuss]\n", "", "rule `searching` duty: gone, was discuss (weaker)"),
        (
            'en: "No search."',
            'en: "No searching."',
            "rule `searching` clause `en`: was “No search.”, is “No searching.”",
        ),
        ('ids: ["300"]', 'ids: ["300", "301"]', "colleagues `facebook` ids: was 300, is 300, 301"),
        (
            'code: phone, label: { en: "Phone"',
            'code: phone, label: { en: "Telephone"',
            "form `crisis` means `phone` label `en`: was Phone, is Telephone",
        ),
        ("at_next_meeting: true", "at_next_meeting: false", "duty `discuss` at_next_meeting: was yes, is no"),
        ("minutes: 15, scope", "minutes: 20, scope", "attestation grant minutes: was 15, is 20"),
    ],
)
def test_one_change_is_one_line(small: Policy, edit: Edit, old: str, new: str, line: str) -> None:
    """Where it stands, what it was, what it is; a rule that lets go of something is called weaker."""
    assert [str(change) for change in difference(small, load_policy(edit(NO_TESTS, (old, new))))] == [line]


def test_a_policy_does_not_differ_from_itself(small: Policy, edit: Edit) -> None:
    """Comments and tests are no difference."""
    assert difference(small, load_policy(edit(NO_TESTS, ("version: 1", "# again\nversion: 1")))) == ()


def test_a_rule_that_is_new_or_gone_is_one_line(small: Policy, edit: Edit) -> None:
    """A rule is summed up by its verdict, its actions and its title."""
    renamed = load_policy(edit(NO_TESTS, ("id: following", "id: follow-back")))
    assert [str(change) for change in difference(small, renamed)] == [
        "rule `following`: gone, was warn, follow, Following (weaker)",
        "rule `follow-back`: new, warn, follow, Following",
    ]


def test_another_order_of_the_rules_is_a_difference(edit: Edit, small: Policy, small_text: str) -> None:
    """The order decides between equally strong rules, so it is said."""
    start, middle = small_text.index("  - id: searching"), small_text.index("  - id: following")
    end = small_text.index("  - id: testimonials")
    swap = (small_text[start:end], small_text[middle:end] + small_text[start:middle])
    assert [str(change) for change in difference(small, load_policy(edit(swap)))] == [
        "the order of the rules: was searching, following, testimonials, is following, searching, testimonials"
    ]
