"""Append is durable or raises; a failed append leaves nothing, and the next one works when the cause is gone."""

from __future__ import annotations

import hashlib
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

import pyrage
import pytest
from sqlalchemy import event

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger import database
from guardrail.ledger.canonical import to_bytes
from guardrail.ledger.merkle import leaf_hash, root_by_inclusion
from guardrail.ledger.note import Note, Signer
from guardrail.ledger.seal import open_sealed
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger_keys import KEYS, SEAL, SIGNER, SUPERVISOR, opened

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

ROOT = Path(__file__).parent.parent.parent
NOBODY = 65534

APPENDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from guardrail.ledger.note import Signer
from guardrail.ledger.seal import Seal
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind
from pyrage import x25519
seal = Seal([str(x25519.Identity.generate().to_public())])
ledger = SqliteLedger(Path(sys.argv[1]), seal, Signer("guardrail/front-desk", b"s" * 32))
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
        ledger = opened(path)
        assert ledger.append(entry(number)) == number
        ledger.close()
    assert verify(path, KEYS).entries == 3


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
    assert verify(path, KEYS).entries == 0


def test_threads_take_turns(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """No index twice, none left out."""
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(lambda number: ledger.append(entry(number)), range(100)))
    assert sorted(indexes) == list(range(100))
    assert verify(path, KEYS).good


def test_what_a_witness_said_waits_for_its_turn(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """It goes with the appends of other threads, and is no entry."""
    ledger.append(*(entry(number) for number in range(64)))

    def work(number: int) -> int | None:
        if number % 2 == 0:
            return ledger.append(entry(number))
        ledger.cosign(64, f"witness-{number}", "line")
        return None

    with ThreadPoolExecutor(8) as pool:
        indexes = [index for index in pool.map(work, range(40)) if index is not None]
    assert sorted(indexes) == list(range(64, 84))
    with ledger.reader.moment() as connection:
        assert connection.exec_driver_sql("SELECT count(*), min(size) FROM cosignatures").one() == (20, 64)


def test_what_a_witness_said_is_not_kept_while_another_program_holds_the_file(
    ledger: SqliteLedger, path: Path, entry: MakeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so like an append does."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.01)
    ledger.append(entry(0))
    ledger._writer.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailableError, match="another program holds the file"):
            ledger.cosign(1, "witness", "line")
    ledger.cosign(1, "witness", "line")


def test_two_processes_on_one_file_make_one_tree(path: Path) -> None:
    """Also when both begin the file at the same moment."""
    children = [
        subprocess.Popen([sys.executable, "-c", APPENDING, path, name], cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        for name in ("front-desk", "back-room")
    ]
    assert [child.wait() for child in children] == [0, 0]
    report = verify(path, KEYS)
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
    """Append raises while the cause lasts; then the same ledger takes entries again, in one good tree."""
    cause, words = FAULTS[fault]
    ledger = opened(open_path)
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
    report = verify(open_path, KEYS)
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
        opened(path)


def test_a_replaced_file_takes_nothing(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """What was appended before would be missing from the new file."""
    path.rename(path.with_name("old"))
    with closing(opened(path)), pytest.raises(LedgerUnavailableError, match="its file was replaced"):
        ledger.append(entry())


def test_reading_a_file_that_is_gone_says_so(ledger: SqliteLedger, path: Path) -> None:
    """Reading fails in the same words."""
    path.rename(path.with_name("old"))
    with pytest.raises(LedgerUnavailableError, match="cannot be opened"):
        list(ledger.read())


def test_what_was_typed_is_closed_to_the_workstation(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """No byte of it is in the files; whoever has the key reads it; the entry commits to its closed form."""
    typed = {"query": "margit ollander", "others": [{"handle": "oda.k"}]}
    ledger.append(entry(details={"verdict": "justify", "sealed": typed}))
    [stored] = ledger.read()
    assert stored.payload is not None
    assert stored.entry.details == {
        "verdict": "justify",
        "sealed": {"sha256": hashlib.sha256(stored.payload).hexdigest()},
    }
    assert open_sealed(stored.payload, [SUPERVISOR]) == typed
    files = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"margit" not in files
    assert b"oda.k" not in files


def test_the_length_of_what_was_typed_does_not_show(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """A short name and a long one take as much room (but for the few random bytes that age itself adds)."""
    ledger.append(*(entry(details={"sealed": {"query": "m" * length}}) for length in (1, 30, 200)))
    plain = [pyrage.decrypt(stored.payload or b"", [SUPERVISOR]) for stored in ledger.read()]
    assert [len(text) for text in plain] == [256] * 3


def test_nothing_typed_leaves_nothing_closed(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """An empty object is no text."""
    ledger.append(entry(details={"sealed": {}}))
    [stored] = ledger.read()
    assert (stored.payload, dict(stored.entry.details)) == (None, {})


def test_every_entry_can_be_proved_to_who_knows_the_key(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """The proof leads from the entry's hash to the root that is signed."""
    ledger.append(*(entry(number) for number in range(700)))
    for number in (0, 1, 255, 256, 511, 600, 699):
        proof, note = ledger.reader.prove(number)
        signed = Note.read(note)
        assert signed.signed_by(KEYS) == {SIGNER.verifier.name: 0}
        leaf = leaf_hash(to_bytes(entry(number)))
        assert root_by_inclusion(leaf, number, 700, proof) == signed.checkpoint().root
    with pytest.raises(LedgerError, match="entry 700 cannot be proved"):
        ledger.reader.prove(700)


def test_a_ledger_that_was_changed_takes_no_entry(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """Going on would sign the change."""
    ledger.append(entry(0), entry(1))
    ledger.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entries SET leaf = zeroblob(32) WHERE idx = 1")
        connection.commit()
    with pytest.raises(LedgerUnavailableError, match="does not fit its head: run `guardrail ledger verify`"):
        opened(path)


def test_a_ledger_that_was_set_back_under_its_writer_takes_no_entry(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """A state that stays is signed as the head is: to go back to one needs no key, and the file alone is good."""
    ledger.append(entry(0, kind=EntryKind.STARTED))
    ledger.append(entry(1), entry(2))
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("DELETE FROM entries WHERE idx > 0")
        connection.execute("DELETE FROM payloads WHERE idx > 0")
        connection.execute("UPDATE head SET (size, note) = (SELECT size, note FROM checkpoints WHERE size = 1)")
        connection.commit()
    assert verify(ledger.path, KEYS).good
    with pytest.raises(LedgerUnavailableError, match="entries that were there are gone: it was set back"):
        ledger.append(entry(3))


def test_a_ledger_of_another_key_is_not_gone_on_with(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """Somebody's own ledger, put in the place of this one, would be signed as if it were."""
    ledger.append(entry(0))
    with pytest.raises(LedgerUnavailableError, match="another key signed it"):
        SqliteLedger(ledger.path, SEAL, Signer(SIGNER.verifier.name, b"x" * 32))
