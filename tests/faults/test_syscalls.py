"""Killed at any system call of an append: what was acknowledged is there, and nothing half."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RUNS = 64


def test_an_append_that_is_killed_at_any_system_call_leaves_all_of_it_or_nothing() -> None:
    """Each system call of a whole append in turn, before it and after it; in a process that may fork."""
    command = [sys.executable, "-m", "tests.faults.syscalls", str(RUNS)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    counts = json.loads(done.stdout)
    assert (counts["wrong"], counts["runs"]) == ([], RUNS)
    assert counts["kept"] + counts["nothing"] == RUNS
    assert counts["acknowledged"] <= counts["kept"]
    assert counts["stops"] >= 30
