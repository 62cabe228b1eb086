"""A client list that was imported: in force without its file, and its names nowhere, on disk or in memory."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from guardrail.model.entry import EntryKind
from tests.e2e.house import GUARDRAIL, ROOT, House, start_house

# Nobody's names, and none of the practice sites' people: those stand in the memory of a house that serves them.
PEOPLE = [
    ("Zorvella", "Quibbersnatch"),
    ("Ottoline", "Fenwrackle"),
    ("Branwick", "Thistlemoor"),
    ("Perrault", "Vandergloom"),
    ("Yevgenka", "Ostrapolski"),
]
LATER = [*PEOPLE, ("Marjolaine", "Drumgoskin")]
NAMES = [part for person in LATER for part in person]
SMALL = bytes(range(256)).lower()
PIECE, OVERLAP = 1 << 26, 256


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run a house without the setting `roster`, on a list that was imported before and whose file is gone."""
    folder = tmp_path_factory.mktemp("imported")
    take_in(folder, folder / "data", PEOPLE)
    running = start_house(folder, roster=False)
    yield running
    running.stop()


def take_in(folder: Path, data: Path, people: list[tuple[str, str]]) -> None:
    """Import people with the real command, in its own process, and delete their file."""
    file = folder / "clients.csv"
    rows = "".join(f"K-{at},{given},{family}\n" for at, (given, family) in enumerate(people))
    file.write_text(f"client_ref,given_name,family_name\n{rows}", encoding="utf-8")
    command = [*GUARDRAIL, "roster", "import", str(file), "--data-dir", str(data), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert json.loads(done.stdout)["clients"] == len(people)
    file.unlink()


def names_in(data: bytes) -> set[str]:
    """Give the names that stand in some bytes, in any case and in letters of one, two or four bytes."""
    small = data.translate(SMALL, b"\0")
    return {name for name in NAMES if name.lower().encode() in small}


def in_memory(pid: int) -> set[str]:
    """Give the names in the memory of a process."""
    found = set[str]()
    with Path(f"/proc/{pid}/maps").open() as maps, Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps:
            place, rights, _, _, inode, *file = line.split()
            # Programs and libraries, which nobody writes to, are read past; the mapped index is not.
            if "r" not in rights or "[v" in line or (inode != "0" and "w" not in rights and ".idx" not in file[0]):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            for at in range(start, end, PIECE):
                memory.seek(at)
                try:
                    found |= names_in(memory.read(min(PIECE + OVERLAP, end - at)))
                except OSError:
                    break  # a region that is only reserved
    return found


def on_disk(folder: Path) -> list[str]:
    """Give the names in any file of the house: data folder, log, whatever lies beside."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 5
    return [f"{file.name}: {name}" for file in files for name in names_in(file.read_bytes())]


def test_no_name_of_an_imported_list_is_anywhere(imported: House) -> None:
    """Not in the files, the log or the memory of a house that has loaded it, nor after it has taken up a new one."""
    assert in_memory(os.getpid()) == set(NAMES), "the search itself finds nothing"
    assert in_memory(imported.process.pid) == set()
    assert on_disk(imported.folder) == []
    since = len(imported.entries())
    take_in(imported.folder, imported.data, LATER)
    imported.wait_for(EntryKind.ROSTER_LOADED, since)
    [loaded] = [one.entry for one in imported.entries()[since:] if one.entry.kind is EntryKind.ROSTER_LOADED]
    assert (loaded.details["clients"], loaded.details["roster_version"]) == (len(LATER), 2)
    assert in_memory(imported.process.pid) == set()
    assert on_disk(imported.folder) == []


def test_an_imported_list_stops_a_search_for_a_client(imported: House) -> None:
    """Through the real proxy: a client is held, a stranger passes; what was typed stands in no file in the clear."""
    clinician = imported.new_clinician()
    imported.acknowledge(clinician)
    verdicts = {}
    for text in ("zorvella quibbersnatch photos", "parking near union station"):
        status, _ = imported.ask(clinician, "www.google.com", f"/search?q={quote_plus(text)}")
        verdicts[text] = status
    assert list(verdicts.values()) == [HTTPStatus.FORBIDDEN, HTTPStatus.OK]
    [held] = [one.entry for one in imported.entries(clinician) if one.entry.kind is EntryKind.HOLD_OPENED]
    assert held.client_ref == "K-0"
    assert on_disk(imported.folder) == []
