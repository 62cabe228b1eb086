"""Killed at any moment between hold and release: never a release without its durable entries, in a whole chain."""

from __future__ import annotations

import os
import random
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger_keys import KEYS

ROOT = Path(__file__).parent.parent.parent
CHILD = Path(__file__).parent / "crash_child.py"
KILLS = 200
AT_RANDOM = 60
ON_ONE_LEDGER = 20
PATIENCE = 30.0


class Crasher:
    """Has real processes do the work, and kills them."""

    def __init__(self) -> None:
        """Start the process that forks those which die."""
        self.process = subprocess.Popen(
            [sys.executable, CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdin
        assert self.process.stdout
        self._orders, self._out = self.process.stdin, self.process.stdout.fileno()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._rest = b""
        assert self.line(PATIENCE) == "ready"

    def line(self, seconds: float) -> str | None:
        """Give the next line, None where none comes in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self._rest:
            if not self._selector.select(max(0.0, until - time.monotonic())):
                return None
            self._rest += os.read(self._out, 65536)
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()

    def run(self, path: Path, seam: int, lifetime: float | None = None) -> tuple[list[str], list[str]]:
        """Run the episodes and kill them at the seam, or when their lifetime (seconds) is over.

        Give the holds whose action was released, and the other lines.
        """
        self._send(f"{path} {seam}")
        pid = int((self.line(PATIENCE) or "").removeprefix("pid "))
        released: list[str] = []
        others: list[str] = []
        until = time.monotonic() + (lifetime or PATIENCE)
        while not others:
            line = self.line(until - time.monotonic())
            if line is None:
                break
            (released if line.startswith("released ") else others).append(line)
        os.kill(pid, signal.SIGKILL)  # its parent has not yet asked how it ended: the number is still its own
        self._send("reap")
        while (line := self.line(PATIENCE)) != "ended":
            assert line is not None
            (released if line.startswith("released ") else others).append(line)
        return [line.removeprefix("released ") for line in released], others

    def _send(self, line: str) -> None:
        self._orders.write(f"{line}\n".encode())
        self._orders.flush()

    def close(self) -> None:
        """Let the process end by itself."""
        self._selector.close()
        self.process.communicate()


@pytest.fixture
def crasher() -> Iterator[Crasher]:
    """Give a crasher, and end it."""
    started = Crasher()
    yield started
    started.close()


def check(path: Path, released: Counter[str]) -> None:
    """Hold the ledger against what was released."""
    report = verify(path, KEYS)
    assert report.reason is None
    ledger = LedgerReader(path)
    entries = [stored.entry for stored in ledger.read()]
    ledger.close()
    assert len(entries) == report.entries
    justified = {entry.hold for entry in entries if entry.kind is EntryKind.JUSTIFIED}
    issued = {entry.hold for entry in entries if entry.kind is EntryKind.GRANT_ISSUED}
    uses = Counter(entry.hold for entry in entries if entry.kind is EntryKind.GRANT_USED)
    assert justified == issued
    for hold, times in released.items():
        assert hold in justified
        assert times <= uses[hold]
    for entry in entries:
        if entry.kind is EntryKind.GRANT_USED_UP:
            assert uses[entry.hold] == 1


@pytest.mark.crash
def test_no_kill_lets_an_action_through_without_its_record(crasher: Crasher, tmp_path: Path) -> None:
    """200 kills of real processes, many on one ledger: at every seam in turn, then at random moments."""
    whole, said = crasher.run(tmp_path / "whole", 0)
    assert len(whole) == 3
    assert said[0].startswith("done "), said
    seams = int(said[0].removeprefix("done "))
    begun = time.monotonic()
    crasher.run(tmp_path / "whole", 0)
    lifetime = time.monotonic() - begun
    chance = random.Random(2026)  # noqa: S311 - the same moments in every run
    died: Counter[str] = Counter()
    released: Counter[str] = Counter()
    for number in range(KILLS):
        path = tmp_path / f"ledger-{number // ON_ONE_LEDGER}"
        if number % ON_ONE_LEDGER == 0:
            released = Counter(crasher.run(path, 0)[0])
        if number < KILLS - AT_RANDOM:
            seam = number % seams + 1
            let_go, said = crasher.run(path, seam)
            assert said == [f"at {seam}"]
        else:
            let_go, said = crasher.run(path, 0, lifetime=chance.uniform(0, lifetime))
            # A lasting checkpoint, due now and then, is a seam more.
            assert said == [] or int(said[0].removeprefix("done ")) >= seams
        died.update(said)
        released.update(let_go)
        check(path, released)
    assert len(died) >= min(seams, KILLS - AT_RANDOM)
