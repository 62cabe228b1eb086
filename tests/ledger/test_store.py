"""Append is durable or raises; a failed append leaves nothing, and the next one works when the cause is gone."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger import database
from guardrail.ledger.chain import GENESIS
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

ROOT = Path(__file__).parent.parent.parent
NOBODY = 65534

APPENDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind
ledger = SqliteLedger(Path(sys.argv[1]))
for number in range(60):
    ledger.append(*[Entry(EntryKind.NOTED, datetime.now(UTC), sys.argv[2])] * (number % 3 + 1))
"""
LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


def test_entries_come_back_in_their_order_with_their_links(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """Indexes count from 0; each previous is the hash before."""
    assert ledger.append(entry(0)) == 0
    assert ledger.append(entry(1), entry(2)) == 2
    stored = list(ledger.read())
    assert [one.index for one in stored] == [0, 1, 2]
    assert [one.entry for one in stored] == [entry(0), entry(1), entry(2)]
    assert [one.previous for one in stored] == [GENESIS.hex(), stored[0].hash, stored[1].hash]
    assert [one.index for one in ledger.read(1)] == [1, 2]
    assert list(ledger.read(3)) == []


def test_reading_streams_over_many_chunks_and_sees_what_is_appended_meanwhile(
    ledger: SqliteLedger, entry: MakeEntry
) -> None:
    """A reader never stands in the writer's way."""
    ledger.append(*(entry(number) for number in range(1200)))
    reading = ledger.read()
    assert next(reading).index == 0
    ledger.append(entry(1200))
    assert [one.index for one in reading] == list(range(1, 1201))


def test_a_ledger_goes_on_where_it_ended(path: Path, entry: MakeEntry) -> None:
    """Closing and opening changes nothing."""
    for number in range(3):
        ledger = SqliteLedger(path)
        assert ledger.append(entry(number)) == number
        ledger.close()
    assert verify(path).entries == 3


def test_only_its_owner_may_read_it(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """The file and its write-ahead log have mode 0600."""
    ledger.append(entry())
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert set(modes.values()) == {"0o600"}
    assert f"{path.name}-wal" in modes


def test_it_is_as_durable_as_sqlite_can(ledger: SqliteLedger) -> None:
    """WAL with synchronous FULL (2): every commit is synced."""
    with ledger._writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


@pytest.mark.parametrize("count", [0, 1])
def test_what_cannot_be_an_entry_is_refused_before_anything_is_written(
    ledger: SqliteLedger, path: Path, entry: MakeEntry, count: int
) -> None:
    """None of the entries of that append is there."""
    entries = [entry(0), entry(1, details={"bad": object()})] if count else []
    with pytest.raises(LedgerError):
        ledger.append(*entries)
    assert verify(path).entries == 0


def test_threads_take_turns(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """No index twice, none left out."""
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(lambda number: ledger.append(entry(number)), range(100)))
    assert sorted(indexes) == list(range(100))
    assert verify(path).good


def test_two_processes_on_one_file_make_one_chain(path: Path) -> None:
    """Also when both begin the file at the same moment."""
    children = [
        subprocess.Popen([sys.executable, "-c", APPENDING, path, name], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        for name in ("front-desk", "back-room")
    ]
    assert [child.wait() for child in children] == [0, 0]
    report = verify(path)
    assert (report.entries, report.reason) == (240, None)


# -- faults ----------------------------------------------------------------------------------------------------


@contextmanager
def full_disk(ledger: SqliteLedger) -> Iterator[None]:
    """Let the database grow no further: SQLite's own SQLITE_FULL."""

    def limit(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(ledger._writer, "connect", limit)
    ledger._writer.dispose()
    yield
    event.remove(ledger._writer, "connect", limit)


@contextmanager
def no_room_for_writes(ledger: SqliteLedger) -> Iterator[None]:
    """Let the system refuse to make any file longer: an I/O error out of write(2)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    longest = max(file.stat().st_size for file in ledger.path.parent.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(ledger: SqliteLedger) -> Iterator[None]:
    """Take the right to write away, also from root: as an ordinary user, with a folder and files that are 0555/0444."""
    ledger._writer.dispose()
    files = [ledger.path.parent, *ledger.path.parent.iterdir()]
    modes = [(file, file.stat().st_mode) for file in files]
    for file, _ in modes:
        file.chmod(0o555 if file.is_dir() else 0o444)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for file, mode in modes:
            file.chmod(mode)


@contextmanager
def locked(ledger: SqliteLedger) -> Iterator[None]:
    """Let another process hold the write lock."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCKING, ledger.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stdout.readline() == "locked\n"
        yield
        child.communicate("\n")


@contextmanager
def moved_away(ledger: SqliteLedger) -> Iterator[None]:
    """Let the file disappear: an open connection would go on writing into nothing."""
    away = ledger.path.with_name("away")
    ledger.path.rename(away)
    yield
    away.rename(ledger.path)


FAULTS: dict[str, tuple[Callable[[SqliteLedger], AbstractContextManager[None]], str]] = {
    "full disk": (full_disk, "the disk is full: free some space"),
    "no room for writes": (no_room_for_writes, "the disk does not take the write: check the disk"),
    "read-only": (read_only, "is read-only: make it writable"),
    "locked": (locked, "another program holds the file: end that program"),
    "moved away": (moved_away, "no such file or directory: check the folder"),
}


@pytest.fixture
def open_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a path below folders that every user may enter, and a short wait for locks."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "data"
        folder.mkdir()
        yield folder / "ledger.sqlite3"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_in_one_line_leaves_nothing_half_and_heals_by_itself(
    open_path: Path, entry: MakeEntry, fault: str
) -> None:
    """Append raises while the cause lasts; then the same ledger takes entries again, in one good chain."""
    cause, words = FAULTS[fault]
    ledger = SqliteLedger(open_path)
    ledger.append(*(entry(number) for number in range(20)))
    with cause(ledger):
        for _ in range(2):
            with pytest.raises(LedgerUnavailableError) as refused:
                ledger.append(*(entry(number, details={"long": "margit " * 500}) for number in range(20, 40)))
            assert words in str(refused.value)
            assert str(open_path) in str(refused.value)
            assert "\n" not in str(refused.value)
            assert "margit" not in str(refused.value)
    assert ledger.append(entry(40)) == 20
    ledger.close()
    report = verify(open_path)
    assert (report.entries, report.reason) == (21, None)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda path: path.write_bytes(b"no ledger at all" * 100), "the file is no ledger"),
        (lambda path: path.mkdir(), "the file cannot be opened: check the folder"),
        (lambda path: path.parent.rmdir(), "no such file or directory"),
    ],
    ids=["another file", "a folder", "no folder"],
)
def test_what_cannot_be_opened_says_why(tmp_path: Path, broken: Callable[[Path], Any], words: str) -> None:
    """At start, in one line."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "ledger.sqlite3"
    broken(path)
    with pytest.raises(LedgerUnavailableError, match=words):
        SqliteLedger(path)


def test_a_replaced_file_takes_nothing(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """What was appended before would be missing from the new file's chain."""
    path.rename(path.with_name("old"))
    with closing(SqliteLedger(path)), pytest.raises(LedgerUnavailableError, match="its file was replaced"):
        ledger.append(entry())


def test_reading_a_file_that_is_gone_says_so(ledger: SqliteLedger, path: Path) -> None:
    """Reading fails in the same words."""
    path.rename(path.with_name("old"))
    with pytest.raises(LedgerUnavailableError, match="cannot be opened"):
        list(ledger.read())


def test_a_writer_that_hangs_does_not_hold_up_others_for_ever(
    ledger: SqliteLedger, entry: MakeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn is waited for, for a bounded time."""
    monkeypatch.setattr("guardrail.ledger.store._TURN_SECONDS", 0.01)
    with ledger._turn, pytest.raises(LedgerUnavailableError, match="busy"):
        ledger.append(entry())
