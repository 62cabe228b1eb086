"""A client list that was imported: in force without its file, and its names nowhere, on disk or in memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from guardrail.model.entry import EntryKind
from tests.e2e.faulty import FAULTS
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


def test_a_fault_while_a_name_is_looked_up_leaves_none_behind(tmp_path: Path) -> None:
    """A search and a suggestion for a client at which the matcher fails: refused, and no file has a name of them."""
    take_in(tmp_path, tmp_path / "data", PEOPLE)
    house = start_house(tmp_path, sys.executable, "-m", "tests.e2e.faulty", "practice", roster=False)
    try:
        clinician = house.new_clinician()
        house.acknowledge(clinician)
        for fault in FAULTS:
            for path in ("/search?q=", "/complete/search?client=chrome&q="):
                asked = path + quote_plus(f"zorvella quibbersnatch {fault}")
                status, text = house.ask(clinician, "www.google.com", asked)
                assert status == HTTPStatus.SERVICE_UNAVAILABLE
                assert names_in(text.encode()) == set()
        status, _ = house.ask(clinician, "www.google.com", "/search?q=zorvella+quibbersnatch")
        assert status == HTTPStatus.FORBIDDEN, "it still guards"
        failures = [one for one in house.entries() if one.entry.kind is EntryKind.FAILURE]
        assert len(failures) == 2 * len(FAULTS)
    finally:
        house.stop()
    assert "RecursionError" in (tmp_path / "log").read_text()
    assert on_disk(tmp_path) == []


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


def test_what_the_clinic_excepts_passes_without_a_restart(imported: House) -> None:
    """Attested by two, excepted on the command line, then let pass on record; taken back, it is held again."""
    search = f"/search?q={quote_plus('Ottoline Fenwrackle')}"
    clinicians = [imported.new_clinician() for _ in range(3)]
    for clinician in clinicians:
        imported.acknowledge(clinician)
        assert imported.ask(clinician, "www.google.com", search)[0] == HTTPStatus.FORBIDDEN
    for clinician in clinicians[:2]:
        attest(imported, clinician)
    folder = ("--data-dir", str(imported.data))
    listed = imported.command("roster", "attested", *folder, "--json").stdout
    [token] = [one["token"] for one in map(json.loads, listed.splitlines()) if one["taken_for"] == ["K-1"]]
    for arguments, status in (
        ((token, "--reason", "a street"), HTTPStatus.OK),
        (("--remove", token), HTTPStatus.FORBIDDEN),
    ):
        since = len(imported.entries())
        done = imported.command("roster", "except", *arguments, *folder)
        assert done.returncode == 0, done.stderr
        imported.wait_for(EntryKind.ROSTER_LOADED, since)
        assert imported.ask(clinicians[2], "www.google.com", search)[0] == status
        other = f"{search}+vancouver"
        assert imported.ask(clinicians[2], "www.google.com", other)[0] == HTTPStatus.FORBIDDEN
    told = [one.entry for one in imported.entries(clinicians[2]) if one.entry.kind is EntryKind.NOTED]
    assert [(entry.client_ref, entry.details["exception"]) for entry in told] == [("K-1", token)]
    assert on_disk(imported.folder) == []


def attest(house: House, clinician: str) -> None:
    """Say on the page of the clinician's last hold that this is not a client."""
    [*_, held] = [one.entry for one in house.entries(clinician) if one.entry.kind is EntryKind.HOLD_OPENED]
    _, text = house.ask(clinician, "guardrail.internal", f"/overlay/{held.hold}")
    form = re.search(r'action="[^"]*/attest".*?name="token" value="([0-9a-f]+)"', text, re.DOTALL)
    assert form is not None, text
    fields = {"token": form[1], "reason": "same_name", "note": ""}
    status, text = house.ask(clinician, "guardrail.internal", f"/overlay/{held.hold}/attest", fields)
    assert status == HTTPStatus.SEE_OTHER, text
