"""The benchmark runs and measures; how fast is for people to read."""

from __future__ import annotations

import json

import pytest

from tests.bench import ledger_bench


def test_the_benchmark_prints_a_line_for_each_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours beside bare SQLite in the same run."""
    small = {
        "ROUNDS": 20,
        "CHUNK": 25,
        "PROOFS": 5,
        "WORKSTATIONS": 4,
        "SECONDS": 0.2,
        "CHECKED_EVERY": 1,
    }
    for name, value in small.items():
        monkeypatch.setattr(ledger_bench, name, value)
    ledger_bench.main("--entries", "70")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["bench"], line.get("store")) for line in lines] == [
        ("append", "sqlite"),
        ("append_sealed", "sqlite"),
        ("append", "postgresql"),
        ("append_sealed", "postgresql"),
        ("append_4", None),
        ("append_crowd", None),
        ("workstations", None),
        ("fill", None),
        ("verify", "sqlite"),
        ("read", None),
        ("prove", "sqlite"),
        ("send", None),
        ("prove", "postgresql"),
        ("verify", "postgresql"),
    ]
    assert {"ledger_us", "bare_us", "ratio"} <= lines[0].keys()
    found = {line["bench"]: line for line in lines}
    assert found["workstations"]["bad_trees"] == 0
    assert found["workstations"]["entries"] > 0
    assert found["verify"]["entries"] == 70
