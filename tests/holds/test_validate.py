"""Answers are whole or the page hears, field by field, what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from guardrail.holds.validate import NOTE_MAX, attestation_problems, consent_problems, justification_problems
from guardrail.model.hold import MeansTried

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("fast", [True, False])
def test_whole_answers_have_no_problem(clinic: Clinic, *, fast: bool) -> None:
    """The fast path takes three codes and one line."""
    assert justification_problems(clinic.answers(fast=fast), clinic.form, TODAY) == {}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"danger": ""}, {"danger": "missing"}),
        ({"danger": "boredom"}, {"danger": "unknown"}),
        ({"purpose": ""}, {"purpose": "missing"}),
        ({"purpose": "curiosity"}, {"purpose": "unknown"}),
        ({"means": ()}, {"means": "missing"}),
        ({"means": (), "no_time": True}, {}),
        ({"means": (MeansTried("pigeon", "noon"),)}, {"means": "unknown"}),
        ({"means": (MeansTried("phone"),)}, {"means": "missing"}),
        ({"means": (MeansTried("phone"),), "fast": True, "narrative": "one line"}, {}),
        ({"means": (MeansTried("phone", "x" * (NOTE_MAX + 1)),)}, {"means": "too_long"}),
        ({"narrative": "   "}, {"narrative": "missing"}),
        ({"narrative": "short"}, {"narrative": "too_short"}),
        ({"narrative": "x" * 20_001}, {"narrative": "too_long"}),
        ({"narrative": "x" * 281, "fast": True}, {"narrative": "too_long"}),
        ({"duty_accepted": False}, {"duty_accepted": "not_accepted"}),
        ({"next_meeting": date(2026, 3, 1)}, {"next_meeting": "past"}),
        ({"next_meeting": TODAY}, {}),
        ({"next_meeting": None}, {}),
        ({"danger": "", "purpose": "", "means": ()}, {"danger": "missing", "purpose": "missing", "means": "missing"}),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    clinic: Clinic, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    """All problems at once, so that the page shows them together."""
    assert justification_problems(replace(clinic.answers(), **changes), clinic.form, TODAY) == problems


def test_no_time_counts_only_where_the_form_offers_it(clinic: Clinic) -> None:
    """A clinic may leave that answer out of its form."""
    strict = replace(clinic.form, no_time=None)
    answers = replace(clinic.answers(), means=(), no_time=True)
    assert justification_problems(answers, strict, TODAY) == {"means": "missing"}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, {}),
        ({"reason": ""}, {"reason": "missing"}),
        ({"reason": "because"}, {"reason": "unknown"}),
        ({"note": "x" * (NOTE_MAX + 1)}, {"note": "too_long"}),
    ],
)
def test_an_attestation_needs_a_coded_reason(clinic: Clinic, changes: dict[str, Any], problems: dict[str, str]) -> None:
    """The note is free, and bounded."""
    assert attestation_problems(replace(clinic.attestation(), **changes), clinic.policy.attestation) == problems


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, {}),
        ({"purpose": "fun"}, {"purpose": "unknown"}),
        ({"in_session": False}, {"in_session": "not_accepted"}),
        ({"agreed": False}, {"agreed": "not_accepted"}),
    ],
)
def test_consent_needs_both_statements_and_a_purpose(
    clinic: Clinic, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    """In session, and agreed: one without the other is no consent."""
    assert consent_problems(replace(clinic.consent(), **changes), clinic.policy.consent) == problems
