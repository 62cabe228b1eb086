"""Compiling: what a policy's hash stands for, how names are spelt, how texts fall back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardrail.model.action import ActionKind
from guardrail.policy.compile import FALLBACK_ID
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy

type Edit = Callable[..., Path]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("version: 1\n", "# a comment\nversion: 1\n\n", True),
        ("languages: [en, fr]", "languages:\n  - en\n  - fr", True),
        ("verdict: justify, rule: searching }", "verdict: justify }", True),
        ("minutes: 15", "minutes: 16", False),
        ("Aucun abonnement.", "Aucun.", False),
        ("id: following", "id: followings", False),
    ],
)
def test_the_revision_stands_for_what_the_policy_says(
    small: Policy, edit: Edit, old: str, new: str, *, same: bool
) -> None:
    """Comments, layout and tests change nothing; a word or a number does."""
    revision = load_policy(edit((old, new))).revision
    assert (revision == small.revision) is same
    assert len(revision) == 64


def test_rules_are_indexed_by_action(policy: Policy) -> None:
    """Each action finds exactly the rules that name it, in the order of the file."""
    for kind in ActionKind:
        assert policy.by_kind[kind] == tuple(rule for rule in policy.rules if kind in rule.condition.actions)


def test_groups_of_sites_are_spelt_out(small: Policy) -> None:
    """`social` stands for its sites; no sites stand for any."""
    assert small.rule("following").condition.sites == frozenset({"facebook", "x"})
    assert small.rule("searching").condition.sites is None


def test_handles_have_one_spelling(small: Policy) -> None:
    """Without `@`, in lower case, as subjects have them."""
    assert small.accounts["facebook"].clinic_page.handles == {"ourpage"}


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "Recherche"), ("fr-CA", "Recherche"), ("en-GB", "Searching"), ("de", "Searching")]
)
def test_texts_come_in_the_language_asked_for_else_in_the_first(small: Policy, language: str, text: str) -> None:
    """Canadian French is French; an unknown language gets the policy's first."""
    assert small.text("searching", "title", language) == text


def test_a_text_that_a_rule_has_not_is_empty(small: Policy) -> None:
    """Only rules that block give the code's reason."""
    assert small.text("searching", "code_reason", "en") == ""
    assert small.text("testimonials", "code_reason", "en") == "The code."


def test_unknown_names_are_key_errors(small: Policy) -> None:
    """The fallback is known, others are not."""
    assert small.rule(FALLBACK_ID) is small.fallback
    with pytest.raises(KeyError, match="nothing"):
        small.rule("nothing")


def test_the_crisis_form_comes_with_its_limits(policy: Policy) -> None:
    """Three coded questions, one line of 280 characters, the full account within a day."""
    form = policy.forms["crisis"]
    assert {reason.code for reason in form.purposes} == {"find_client", "find_close", "recent_status"}
    assert {reason.code for reason in form.means} == {"appointment", "phone", "email", "emergency_contact"}
    assert (form.fast_line_max, form.narrative_hours) == (280, 24)
    assert form.no_time is not None


def test_crisis_lines_and_duties_are_there(policy: Policy) -> None:
    """The numbers in their order, and each duty with its term."""
    assert [line.phone for line in policy.clinic.crisis_lines][:2] == ["9-1-1", "9-8-8"]
    assert policy.duties["discuss"].at_next_meeting
    assert policy.duties["narrative"].due_hours == policy.forms["crisis"].narrative_hours


def test_a_warning_buys_something_and_offers_its_acknowledgement(small: Policy) -> None:
    """WARN shows the page with an acknowledgement only; BLOCK shows no way on."""
    assert small.rule("following").fired.offers == ("acknowledge",)
    assert small.rule("following").fired.grant is not None
    assert small.rule("testimonials").fired.offers == ()
    assert small.rule("testimonials").fired.grant is None
