"""The benchmark runs and measures every engine; how fast is for people to read."""

from __future__ import annotations

import pytest

from tests.bench import recognise_bench


def test_the_benchmark_measures_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line per request, each engine a figure above zero."""
    monkeypatch.setattr(recognise_bench, "ROUNDS", 1)
    monkeypatch.setattr(recognise_bench, "median_us", lambda call, _: (call() and 1.0) or 1.0)
    monkeypatch.setattr(recognise_bench, "_once_us", lambda call, _: (call() and 1.0) or 1.0)
    lines = list(recognise_bench.measure())
    recognised = [line for line in lines if str(line["what"]).startswith("recognise")]
    assert len(recognised) == len(recognise_bench.requests()) + len(recognise_bench.recorded())
    for line in recognised:
        assert {"what", "unit", "index", "linear oracle", "adblock"} <= line.keys()
    learned = [line for line in lines if str(line["what"]).startswith("learn")]
    assert [line["people"] for line in learned] == [170, 0, 2200]
