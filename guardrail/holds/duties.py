"""What a justification obliges to, and by when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from guardrail.model.hold import Duty, Justification
from guardrail.policy.terms import CrisisForm, DutyTerms

NARRATIVE = "narrative"
"""The duty to write the full narrative: it follows the fast path alone."""


def duties_of(
    answers: Justification,
    wanted: tuple[str, ...],
    terms: Mapping[str, DutyTerms],
    form: CrisisForm,
    now: datetime,
) -> Mapping[str, datetime | None]:
    """Give the duties and when each is due: the rule's (`wanted`), and after the fast path the narrative."""
    due: dict[str, datetime | None] = {
        kind: _due(terms[kind], answers, now) for kind in wanted if kind in terms and kind != NARRATIVE
    }
    if answers.fast:
        due[NARRATIVE] = now + timedelta(hours=form.narrative_hours)
    return due


def _due(terms: DutyTerms, answers: Justification, now: datetime) -> datetime | None:
    if terms.at_next_meeting and answers.next_meeting is not None:
        return end_of_day(answers.next_meeting)
    return None if terms.due_hours is None else now + timedelta(hours=terms.due_hours)


def end_of_day(day: date) -> datetime:
    """Give the moment at which `day` is over wherever the clinic is (at UTC-12, the last place on Earth)."""
    return datetime.combine(day + timedelta(days=1), time(12), tzinfo=UTC)


def overdue(duty: Duty, now: datetime) -> bool:
    """Say whether a duty should have been done by now."""
    return duty.done_at is None and duty.due_at is not None and duty.due_at <= now
