"""An import that is killed at any moment leaves the client list of before in force, and the next one works."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardrail.roster.versions import Versions
from tests.faults.import_child import KEY

ROOT = Path(__file__).parent.parent.parent
CHILD = Path(__file__).parent / "import_child.py"
KILLS = int(os.environ.get("GUARDRAIL_IMPORT_KILLS", "20"))  # the 100 take a quarter of a minute
LISTS = ("Ada Quill", "Bea Thornquist")


class Importer:
    """Has real processes import, and die of it."""

    def __init__(self, folder: Path) -> None:
        """Start the process that forks those which die."""
        self.folder = folder / "roster"
        self.files: list[Path] = []
        for at, name in enumerate(LISTS):
            file = folder / f"{at}.csv"
            given, family = name.split()
            file.write_text(f"client_ref,given_name,family_name\nC-1,{given},{family}\n", encoding="utf-8")
            self.files.append(file)
        self.process = subprocess.Popen(
            [sys.executable, CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def run(self, which: int, seam: int = 0, seconds: float = 0.0) -> str:
        """Import one of the lists, to the end or to death; give what is said of it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.folder} {self.files[which]} {seam} {seconds}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def in_force(self) -> tuple[int | None, int | None]:
        """Give the number of the version in force and which list it is: one of them, whole, and not the other."""
        loaded = Versions(self.folder, KEY).load()
        if loaded is None:
            return None, None
        [which] = [at for at, name in enumerate(LISTS) if loaded.roster.match_text(name)]
        assert len(loaded.roster) == loaded.facts.clients == 1
        return loaded.number, which

    def close(self) -> None:
        """Let the process end by itself."""
        self.process.communicate()


@pytest.fixture
def importer(tmp_path: Path) -> Iterator[Importer]:
    """Give an importer, and end it."""
    started = Importer(tmp_path)
    yield started
    started.close()


@pytest.mark.crash
def test_a_killed_import_leaves_the_old_list_in_force(importer: Importer) -> None:
    """Kills at every seam in turn, from the very first import on, then at random moments."""
    assert importer.run(0, seam=1) == "killed"
    assert importer.in_force() == (None, None)
    seams = int(importer.run(0).removeprefix("done "))
    begun = time.monotonic()
    assert importer.run(0).startswith("done ")
    lifetime = time.monotonic() - begun
    chance = random.Random(2026)  # noqa: S311 - the same moments in every run
    by_seam = min(seams, KILLS * 3 // 4)
    at_seams = [1 + at * seams // by_seam for at in range(by_seam)]
    survived = killed = 0
    for at in range(KILLS):
        before, old = importer.in_force()
        assert old is not None
        new = 1 - old
        if at < by_seam:
            assert importer.run(new, seam=at_seams[at]) == "killed"
        else:
            importer.run(new, seconds=chance.uniform(0.001, lifetime))
        number, which = importer.in_force()
        if number == before:
            assert which == old
            killed += 1
        else:
            # It died after the one step that puts a version in force: then that one counts, whole.
            assert which == new
            survived += 1
    assert killed > survived
    assert importer.run(0).startswith("done ")
    assert importer.in_force()[1] == 0
