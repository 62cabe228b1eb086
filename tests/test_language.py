"""What every room that speaks to people shares: languages, their catalogues, the way a time is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from guardrail.language import LOCALES, Times, catalogue, site_name

AT = datetime(2026, 3, 3, 22, 32, tzinfo=UTC)
PACIFIC = timezone(timedelta(hours=-8))


@pytest.mark.parametrize(
    ("language", "day", "time"),
    [("en", "Tuesday, March 3, 2026", "2:32 p.m."), ("fr", "mardi 3 mars 2026", "14 h 32")],
)
def test_times_in_a_zone(language: str, day: str, time: str) -> None:
    """A report says the times of the clinic, whatever the computer's own are."""
    times = Times(language, PACIFIC)
    assert (times.day(AT), " ".join(times.time(AT).split())) == (day, time)


@pytest.mark.parametrize("room", ["guardrail.web", "guardrail.ledger.export"])
def test_each_room_has_its_catalogue(room: str) -> None:
    """English stands in the code; all other languages are there."""
    assert catalogue(room, "en").gettext("Nothing") == "Nothing"
    for language in set(LOCALES) - {"en"}:
        assert catalogue(room, language).info()["language"].startswith(language)


def test_site_names() -> None:
    """Sites are called what people call them."""
    assert (site_name("linkedin"), site_name("google-business")) == ("LinkedIn", "Google Business")
