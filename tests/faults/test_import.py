"""An import, a rollback or a farewell that is killed at any moment leaves a whole list in force, or what is refused."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count, groupby
from pathlib import Path
from shutil import rmtree

import pytest

from guardrail.errors import RosterError
from guardrail.roster.source import Clients
from guardrail.roster.versions import Versions
from guardrail.settings import Settings
from tests.faults.import_child import KEY

ROOT = Path(__file__).parent.parent.parent
CHILD = Path(__file__).parent / "import_child.py"
KILLS = int(os.environ.get("IMPORT_KILLS", "20"))  # the 100 take a quarter of a minute
LISTS = ("Ada Quill", "Bea Thornquist")


class Importer:
    """Has real processes import, and die of it."""

    def __init__(self, folder: Path) -> None:
        """Start the process that forks those which die."""
        self.folder = folder / "data" / "roster"
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
        return self.act(str(self.files[which]), seam, seconds)

    def act(self, act: str, seam: int = 0, seconds: float = 0.0) -> str:
        """Do something to the end or to death; give what is said of it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.folder} {act} {seam} {seconds}\n")
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

    def start(self) -> str:
        """Start as a house does, and say whom it guards: `somebody`, `nobody`, or that it is `refused`."""
        try:
            return "somebody" if len(Clients(Settings(data_dir=self.folder.parent), KEY).roster()) else "nobody"
        except RosterError:
            return "refused"

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
    assert importer.run(0).startswith("done ")
    begun = time.monotonic()
    seams = int(importer.run(0).removeprefix("done "))
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


@pytest.mark.crash
def test_a_killed_rollback_leaves_one_of_both_in_force(importer: Importer) -> None:
    """Kills at every seam: the version of before or the one that was asked for, whole; never none."""
    for which in (0, 1):
        assert importer.run(which).startswith("done ")
    seams = int(importer.act("1").removeprefix("done "))
    ends = set[tuple[int | None, int | None]]()
    for seam in range(1, seams + 1):
        before, _ = importer.in_force()
        assert before is not None
        assert importer.act(str(3 - before), seam) == "killed"
        ends.add(importer.in_force())
    assert ends == {(1, 0), (2, 1)}
    assert importer.act("1").startswith("done ")
    assert importer.in_force() == (1, 0)


@pytest.mark.crash
def test_a_killed_farewell_is_no_empty_list(importer: Importer) -> None:
    """Kills at every seam: what is left is a list, or is refused, until the list was forgotten to the end."""
    assert importer.run(0).startswith("done ")
    seams = int(importer.act("forget").removeprefix("done "))
    ends = list[str]()
    for seam in range(1, seams + 1):
        assert importer.run(0).startswith("done ")
        assert importer.act("forget", seam) == "killed"
        ends.append(importer.start())
        assert importer.act("forget").startswith("done ")
        assert importer.start() == "nobody"
    # First the list is there, then no start is possible, and only when all is done there is none.
    assert [end for end, _ in groupby(ends)] == ["somebody", "refused", "nobody"]
    assert ends.count("refused") >= 3


@pytest.mark.crash
def test_a_list_is_noted_before_it_could_be_lost(importer: Importer) -> None:
    """Kills of the first import at every seam: either nothing is in force, or a start notes that there is a list."""
    ends = list[str]()
    for seam in count(1):
        assert importer.act("forget").startswith("done ")
        if importer.run(0, seam) != "killed":
            break
        ends.append(importer.start())
        if ends[-1] == "somebody":
            rmtree(importer.folder)
            assert importer.start() == "refused"
    # Between the facts and the step that puts them in force it is not known whether there was a list before.
    assert [end for end, _ in groupby(ends)] == ["nobody", "refused", "somebody"]
