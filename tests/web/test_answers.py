"""Typed answers are read whole, or every mistake is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.holds.validate import attestation_problems, consent_problems, justification_problems
from guardrail.model.hold import Attestation, Consent, Justification, MeansTried
from guardrail.policy.load import load_policy
from guardrail.web.answers import Fields, Mistake, read_attestation, read_consent, read_crisis, read_text
from tests.web.conftest import RULES
from tests.web.steps import FAST

POLICY = load_policy(RULES)
FORM = POLICY.forms["crisis"]
TODAY = date(2026, 3, 2)
FULL = {
    "danger": "unwell",
    "purpose": "recent_status",
    "means.phone": "1",
    "when.phone": "today, 9:00 and 9:30",
    "narrative": "Missed two sessions, which never happened before.",
    "duty_accepted": "1",
    "next_meeting": "2026-03-09",
    "speed": "full",
}

_NAMES = st.sampled_from(
    [
        *FAST,
        *FULL,
        "means.email",
        "means.no_such",
        "when.email",
        "reason",
        "note",
        "agreed_purpose",
        "in_session",
        "agreed",
    ]
)
_VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*FAST.values(), *FULL.values(), "same_name", "client_shares", "2026-03-01", "x" * 600]),
)
FIELDS = st.dictionaries(_NAMES, _VALUES)


def _fields(mistakes: object) -> list[str]:
    assert isinstance(mistakes, tuple)
    return [mistake.field for mistake in mistakes]


def test_fast_way() -> None:
    """Three coded answers and one line justify; the button's own words accept the duty."""
    assert read_crisis(FORM, FAST, TODAY) == Justification(
        "self",
        (),
        no_time=True,
        purpose="find_client",
        narrative="Goodbye text at 14:10",
        fast=True,
        duty_accepted=True,
    )


@pytest.mark.parametrize(
    ("typed", "meeting"),
    [("2026-03-09", date(2026, 3, 9)), ("2026-03-02", TODAY), ("2026-03-01", None), ("soon", None)],
)
def test_fast_way_takes_a_date_and_stumbles_over_none(typed: str, meeting: date | None) -> None:
    """The next meeting may be given on the fast way; a date that cannot be used stops nobody in a crisis."""
    answers = read_crisis(FORM, {**FAST, "next_meeting": typed}, TODAY)
    assert isinstance(answers, Justification)
    assert answers.next_meeting == meeting


def test_full_way() -> None:
    """Means with their times, the narrative, the accepted duty and the date are read."""
    assert read_crisis(FORM, FULL, TODAY) == Justification(
        danger="unwell",
        means=(MeansTried("phone", "today, 9:00 and 9:30"),),
        no_time=False,
        purpose="recent_status",
        narrative="Missed two sessions, which never happened before.",
        fast=False,
        duty_accepted=True,
        next_meeting=date(2026, 3, 9),
    )


@pytest.mark.parametrize(
    ("start", "change", "wrong"),
    [
        (FAST, {"danger": ""}, ["danger"]),
        (FAST, {"danger": "no_such_code"}, ["danger"]),
        (FAST, {"purpose": ""}, ["purpose"]),
        (FAST, {"no_time": None}, ["means"]),
        (FAST, {"no_time": None, "means.phone": "1"}, []),
        (FAST, {"no_time": None, "means.no_such": "1"}, ["means"]),
        (FAST, {"line": " \r\n "}, ["line"]),
        (FAST, {"line": "x" * 281}, ["line"]),
        (FAST, {"next_meeting": "not a date"}, []),
        (FULL, {"narrative": "too short"}, ["narrative"]),
        (FULL, {"narrative": "x" * 20_001}, ["narrative"]),
        (FULL, {"narrative": "x" * 20_000}, []),
        (FULL, {"when.phone": ""}, ["when.phone"]),
        (FULL, {"when.phone": "x" * 501}, ["when.phone"]),
        (FULL, {"duty_accepted": None}, ["duty_accepted"]),
        (FULL, {"next_meeting": "2026-03-01"}, ["next_meeting"]),
        (FULL, {"next_meeting": "soon"}, ["next_meeting"]),
        (FULL, {"next_meeting": ""}, []),
        ({}, {}, ["danger", "purpose", "means", "line"]),
    ],
)
def test_mistakes_are_named(start: Mapping[str, str], change: Mapping[str, str | None], wrong: list[str]) -> None:
    """Each wrong answer is named by its field, in the page's order."""
    fields = {name: value for name, value in {**start, **change}.items() if value is not None}
    answers = read_crisis(FORM, fields, TODAY)
    assert (_fields(answers) if wrong else isinstance(answers, Justification)) == (wrong or True)


def test_attestation_and_consent() -> None:
    """Both short forms are read, or each missing answer is named."""
    assert read_attestation(POLICY.attestation, {"reason": "same_name", "note": " a namesake "}) == Attestation(
        "same_name", "a namesake"
    )
    assert _fields(read_attestation(POLICY.attestation, {"note": "x" * 501})) == ["reason", "note"]
    ticked = {"in_session": "1", "agreed": "1", "agreed_purpose": "client_shares"}
    assert read_consent(POLICY.consent, ticked) == Consent("client_shares", in_session=True, agreed=True)
    assert _fields(read_consent(POLICY.consent, {})) == ["in_session", "agreed", "agreed_purpose"]


def test_text_of_a_duty() -> None:
    """A duty's text is trimmed and bounded; nulls and carriage returns do not stay."""
    assert read_text({"text": "a\r\nb\0 "}, 1, 10) == "a\nb"
    assert _fields(read_text({}, 1, 10)) == ["text"]
    assert _fields(read_text({"text": "x" * 11}, 1, 10)) == ["text"]


@settings(deadline=None)
@given(FIELDS)
def test_what_is_read_the_desk_accepts(fields: Fields) -> None:
    """Whatever is typed, it is either whole by the desk's own rules, or a mistake is named."""
    crisis = read_crisis(FORM, fields, TODAY)
    assert isinstance(crisis, tuple) or not justification_problems(crisis, FORM, TODAY)
    attestation = read_attestation(POLICY.attestation, fields)
    assert isinstance(attestation, tuple) or not attestation_problems(attestation, POLICY.attestation)
    consent = read_consent(POLICY.consent, fields)
    assert isinstance(consent, tuple) or not consent_problems(consent, POLICY.consent)
    for mistakes in (crisis, attestation, consent):
        if isinstance(mistakes, tuple):
            assert mistakes
            assert all(isinstance(mistake, Mistake) for mistake in mistakes)
