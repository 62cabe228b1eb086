"""The roster's measurements run and judge themselves; how good and how fast is for people to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import roster_speed
from tests.bench.roster_bench import RECALL, false_alarms, recall, search_alarms
from tests.bench.roster_people import Census

ROSTER = Path(__file__).parent.parent / "roster"
CENSUS = Census(ROSTER / "census_given.csv", ROSTER / "census_family.csv")


def test_accuracy_is_measured_beside_peers() -> None:
    """One line a class, each with the peers' figures; those with a target say whether it was met."""
    lines = list(recall(CENSUS, None, 100, each=4))
    assert {str(line["class"]) for line in lines} >= RECALL.keys()
    for line in [*lines, *false_alarms(CENSUS, None, 400, 1, 20), *search_alarms(CENSUS, 400, 1)]:
        assert {"what", "clients", "guardrail", "jaro_winkler 0.92"} <= line.keys()
        assert ("pass" in line) is ("target" in line)


def test_speed_is_measured_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import, look-ups and memory of each size."""
    monkeypatch.setattr(roster_speed, "TEXTS", 20)
    monkeypatch.setattr(roster_speed, "REPEATS", 1)
    monkeypatch.setattr(roster_speed, "resident_mb", lambda _: 1.0)
    lines = list(roster_speed.measure(CENSUS, tmp_path, (50, 100)))
    assert [line["clients"] for line in lines if line["what"] == "import"] == [50, 100]
    assert all("pass" in line for line in lines if str(line["what"]).startswith("look-up"))
    assert list(tmp_path.iterdir()) == []
