"""The tally's file, and what the log is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guardrail.canary import TALLY_FILE, Canary, read_tally, write_tally
from guardrail.recognise.tally import SiteTally, Tally


def silent() -> Tally:
    """Give the counts of a site that went silent, and of one that never saw anything."""
    tally = Tally()
    tally.sites["a"] = SiteTally(5000, hits={"follow": 9, "search": 9}, last={"follow": 50, "search": 4990})
    tally.sites["b"] = SiteTally(5000)
    tally.changes = 1
    return tally


def test_counts_come_back(tmp_path: Path) -> None:
    """What was written is read again; without a file, or with a broken one, counting begins anew."""
    assert read_tally(tmp_path).sites == {}
    write_tally(silent(), tmp_path)
    assert read_tally(tmp_path).sites == silent().sites
    (tmp_path / TALLY_FILE).write_text("{", encoding="utf-8")
    assert read_tally(tmp_path).sites == {}


def test_the_log_is_told_once(tmp_path: Path) -> None:
    """One line for each that is silent, and none again at the next look."""
    tally = silent()
    canary = Canary(Tally(), tmp_path)
    canary.look()
    assert not (tmp_path / TALLY_FILE).exists()
    tally.changes = 0
    canary = Canary(tally, tmp_path)
    tally.changes = 1
    with capture_logs() as lines:
        canary.look()
        tally.changes = 2
        canary.look()
    assert [(line["site"], line["recogniser"]) for line in lines] == [("a", "follow"), ("b", "(all)")]
    assert read_tally(tmp_path).sites == tally.sites


def test_a_full_disk_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts stay in memory."""
    tally = silent()
    canary = Canary(tally, tmp_path)
    tally.changes = 9

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("guardrail.canary.write_tally", full)
    canary.look()
    assert not (tmp_path / TALLY_FILE).exists()
