"""The benchmark runs and measures; how fast is for people to read."""

from __future__ import annotations

import json

import pytest

from tests.bench import ledger_bench


def test_the_benchmark_prints_a_line_for_each_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours beside bare SQLite in the same run."""
    monkeypatch.setattr(ledger_bench, "ROUNDS", 20)
    monkeypatch.setattr(ledger_bench, "ENTRIES", 50)
    monkeypatch.setattr(ledger_bench, "CHUNK", 25)
    ledger_bench.main()
    append, sealed, groups, crowd, verify = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert {"ledger_us", "bare_us", "ratio"} <= append.keys() == sealed.keys()
    assert crowd["per_s"] > 0
    assert groups["bench"] == "append_4"
    assert verify["entries"] == 50
