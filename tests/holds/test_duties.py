"""A justification obliges: to write, to discuss, and after the fast path to tell the whole story in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from guardrail.holds.duties import duties_of, end_of_day, overdue
from guardrail.model.hold import Duty
from guardrail.policy.terms import DutyTerms

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TERMS = {
    "write_outcome": DutyTerms("write_outcome", {}, 24, at_next_meeting=False),
    "discuss": DutyTerms("discuss", {}, None, at_next_meeting=True),
    "tell": DutyTerms("tell", {}, 72, at_next_meeting=True),
    "narrative": DutyTerms("narrative", {}, 1, at_next_meeting=False),
}
MEETING = date(2026, 3, 5)
MEETING_OVER = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "fast", "meeting", "due"),
    [
        ((), False, None, {}),
        (("write_outcome",), False, None, {"write_outcome": NOW + timedelta(hours=24)}),
        (("discuss",), False, MEETING, {"discuss": MEETING_OVER}),
        (("discuss",), False, None, {"discuss": None}),
        (("tell",), False, MEETING, {"tell": MEETING_OVER}),
        (("tell",), False, None, {"tell": NOW + timedelta(hours=72)}),
        (("discuss",), True, MEETING, {"discuss": MEETING_OVER, "narrative": NOW + timedelta(hours=24)}),
        (("narrative",), False, None, {}),
        (("narrative",), True, None, {"narrative": NOW + timedelta(hours=24)}),
        (("gone_from_the_policy",), False, None, {}),
    ],
)
def test_which_duties_follow_and_when_they_are_due(
    clinic: Clinic, wanted: tuple[str, ...], meeting: date | None, due: dict[str, datetime | None], *, fast: bool
) -> None:
    """The rule names its duties; the narrative follows the fast path alone, by the form's hours."""
    answers = replace(clinic.answers(fast=fast), next_meeting=meeting)
    assert duties_of(answers, wanted, TERMS, clinic.form, NOW) == due


def test_a_day_is_over_when_it_is_over_everywhere() -> None:
    """The clinic's own time zone is not asked: nobody is late by one."""
    assert end_of_day(MEETING) == MEETING_OVER


@pytest.mark.parametrize(
    ("due_at", "done_at", "late"),
    [(NOW, None, True), (NOW + timedelta(seconds=1), None, False), (None, None, False), (NOW, NOW, False)],
)
def test_a_duty_without_a_date_is_never_late(due_at: datetime | None, done_at: datetime | None, *, late: bool) -> None:
    """Late is what should have been done by now, and was not."""
    assert overdue(Duty("d", "g", "dr-wren", "C-1", "discuss", due_at, done_at), NOW) is late
