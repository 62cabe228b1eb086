"""Whether the answers to a form are whole: field -> code of its error, empty where all is well. Pure.

The codes: `missing`, `unknown` (not an answer of this form), `too_short`, `too_long`, `not_accepted`, `past`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from guardrail.model.hold import Attestation, Consent, Justification
from guardrail.policy.terms import AttestationForm, CodedReason, ConsentForm, CrisisForm

NOTE_MAX = 500
"""The longest free line beside an attestation or a means that was tried, in characters."""


def justification_problems(answers: Justification, form: CrisisForm, today: date) -> Mapping[str, str]:
    """Check the crisis form: `danger`, `means`, `purpose`, `narrative`, `duty_accepted`, `next_meeting`.

    Usual means: at least one, each with when it was tried, or no time where the form offers it. On the fast
    path when it was tried may be left for the narrative that is owed.
    """
    found = {
        "danger": _coded(answers.danger, form.danger),
        "means": _means(answers, form),
        "purpose": _coded(answers.purpose, form.purposes),
        "narrative": _narrative(answers, form),
        "duty_accepted": None if answers.duty_accepted else "not_accepted",
        "next_meeting": "past" if answers.next_meeting is not None and answers.next_meeting < today else None,
    }
    return {field: code for field, code in found.items() if code is not None}


def attestation_problems(answers: Attestation, form: AttestationForm) -> Mapping[str, str]:
    """Check `reason` and `note`."""
    found = {
        "reason": _coded(answers.reason, form.reasons),
        "note": "too_long" if len(answers.note) > NOTE_MAX else None,
    }
    return {field: code for field, code in found.items() if code is not None}


def consent_problems(answers: Consent, form: ConsentForm) -> Mapping[str, str]:
    """Check `purpose`, and that both statements are made."""
    found = {
        "purpose": _coded(answers.purpose, form.purposes),
        "in_session": None if answers.in_session else "not_accepted",
        "agreed": None if answers.agreed else "not_accepted",
    }
    return {field: code for field, code in found.items() if code is not None}


def _coded(code: str, reasons: Sequence[CodedReason]) -> str | None:
    if not code:
        return "missing"
    return None if any(reason.code == code for reason in reasons) else "unknown"


def _means(answers: Justification, form: CrisisForm) -> str | None:
    if not answers.means:
        return None if answers.no_time and form.no_time is not None else "missing"
    for means in answers.means:
        problem = _coded(means.code, form.means)
        if problem is None and not answers.fast and not means.when.strip():
            problem = "missing"
        if problem is None and len(means.when) > NOTE_MAX:
            problem = "too_long"
        if problem is not None:
            return problem
    return None


def _narrative(answers: Justification, form: CrisisForm) -> str | None:
    text = answers.narrative.strip()
    if not text:
        return "missing"
    if answers.fast:
        return "too_long" if len(text) > form.fast_line_max else None
    if len(text) < form.narrative_min:
        return "too_short"
    return "too_long" if len(text) > form.narrative_max else None
