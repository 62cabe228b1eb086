"""The golden ledger is good, and each tampered copy is found and named: whoever changes the check sees it here."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.ledger.keys import read_verifiers
from guardrail.ledger.note import Signer
from guardrail.ledger.proofs import read_kept
from guardrail.ledger.report import Report
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from tests.ledger.golden import make

KEYS = read_verifiers(make.FOLDER / "ledger.vkey")
WITNESSES = read_verifiers(make.FOLDER / "witness.vkey")
KEPT = read_kept([make.FOLDER / "witnessed.txt"])


def check(file: Path, *, kept: bool = True) -> Report:
    """Check a ledger by the kept keys, beside what the witness kept or without it."""
    return verify(file, KEYS, witnesses=WITNESSES, witnessed=KEPT if kept else ())


def cells(file: Path) -> list[tuple[str, int, str, object]]:
    """Give every cell of every table: table, row, column, value."""
    found: list[tuple[str, int, str, object]] = []
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in sorted(tables):
            cursor = connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid")  # noqa: S608 - a name of the file
            names = [name for name, *_ in cursor.description][1:]
            found += [
                (table, row, name, value) for row, *rest in cursor for name, value in zip(names, rest, strict=True)
            ]
    return found


def changed(value: object, bit: int) -> object:
    """Give a value with one bit changed, of its own type."""
    if isinstance(value, int):
        return value ^ (1 << bit % 16)
    raw = bytearray(value if isinstance(value, bytes) else str(value).encode())
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    return bytes(raw)


def flip(file: Path, cell: tuple[str, int, str, object], bit: int) -> bool:
    """Change one bit of a cell in the file; say whether SQLite took it."""
    table, row, column, value = cell
    kept = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
    with closing(sqlite3.connect(file)) as connection:
        change = f"UPDATE {table} SET {column} = {kept} WHERE rowid = ?"  # noqa: S608 - names of the file
        try:
            connection.execute(change, (changed(value, bit), row))
        except sqlite3.IntegrityError:  # a second row of that key
            return False
        connection.commit()
    return True


CELLS = cells(make.FOLDER / "good.sqlite3")


def test_the_good_one_is_good() -> None:
    """Beside what the witness kept, and alone; and what one should know of it is said."""
    report = check(make.FOLDER / "good.sqlite3")
    assert (report.entries, report.findings) == (len(make.DAY), ())
    assert report.notes == (
        "`association.example/golden` witnessed 15 entries at 2026-03-02 09:15:00 UTC",
        "compared with 3 checkpoints that others kept",
    )
    assert check(make.FOLDER / "good.sqlite3", kept=False).good


@pytest.mark.parametrize("name", make.TAMPERED)
def test_each_tampered_copy_is_found_and_named(name: str) -> None:
    """By itself, or, where the key was misused, beside what others kept."""
    file, tampered = make.FOLDER / f"{name}.sqlite3", make.TAMPERED[name]
    report = check(file)
    assert report.first_bad == tampered.first_bad
    assert tampered.words in (report.reason or "")
    assert check(file, kept=False).good is not tampered.alone


def test_silence_is_found() -> None:
    """Two hours without a heartbeat, in a ledger that is otherwise whole: the check goes on to its end."""
    report = check(make.FOLDER / "silent.sqlite3", kept=False)
    assert (report.first_bad, report.entries) == (12, len(make.DAY))
    missing = "the heartbeat of `front-desk` is missing for 2.0 hours before entry 12: one was due every 15 minutes"
    assert [one.reason for one in report.findings] == [missing]


def test_the_files_are_what_the_script_makes(tmp_path: Path) -> None:
    """Row by row."""
    made = make.write("good", None, folder=tmp_path)
    assert cells(made) == CELLS
    assert {file.stem for file in make.FOLDER.glob("*.sqlite3")} == {"good", "silent", *make.TAMPERED}


@pytest.mark.parametrize("cell", CELLS, ids=[f"{table}-{row}-{column}" for table, row, column, _ in CELLS])
def test_one_flipped_bit_in_each_field_is_found(cell: tuple[str, int, str, object], tmp_path: Path) -> None:
    """The lowest bit of the first byte of every column of every row of every table."""
    file = Path(shutil.copy(make.FOLDER / "good.sqlite3", tmp_path))
    assert not flip(file, cell, 0) or not check(file, kept=False).good


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)
@given(cell=st.sampled_from(CELLS), bit=st.integers(0, 8 * 600))
def test_any_flipped_bit_is_found(cell: tuple[str, int, str, object], bit: int, tmp_path: Path) -> None:
    """Wherever it stands."""
    file = Path(shutil.copy(make.FOLDER / "good.sqlite3", tmp_path / "copy.sqlite3"))
    if cell[0] != "alembic_version" or changed(cell[3], bit) not in (b"0002", b"0003"):  # these tables are the same
        assert not flip(file, cell, bit) or not check(file, kept=False).good


def test_what_was_handed_in_must_be_about_this_ledger_and_signed_by_its_key() -> None:
    """A comparison with nothing is no comparison."""
    good = make.FOLDER / "good.sqlite3"
    forged = KEPT[0].rpartition("\n\n")[0] + "\n"
    name = make.SIGNER.verifier.name
    other = Signer(name, b"y" * 32)
    report = verify(good, KEYS, witnesses=WITNESSES, witnessed=[f"{forged}\n{other.line(forged)}"])
    assert (report.first_bad, report.good) == (None, False)
    assert "bears no good signature of the ledger's key" in (report.reason or "")
    moved = forged.replace(name, "guardrail/elsewhere")
    report = verify(good, KEYS, witnesses=WITNESSES, witnessed=[f"{moved}\n{make.SIGNER.line(moved)}"])
    assert report.reason == "no checkpoint that was handed in is about this ledger"


def test_a_live_ledger_is_checked(tmp_path: Path) -> None:
    """Between two appends, and while one is being made; that it has not ended is said, and is nothing wrong."""
    path = tmp_path / "ledger.sqlite3"
    with closing(SqliteLedger(path, make.Closed(), make.SIGNER, make.EVERY)) as ledger:
        for size, entry in enumerate(make.DAY[:-1], 1):
            ledger.append(entry)
            if size in make.WITNESSED:
                make.cosign(ledger, size)
            report = verify(path, KEYS, witnesses=WITNESSES)
            assert (report.entries, report.findings) == (size, ())
        report = verify(path, KEYS, witnesses=WITNESSES)
    assert report.notes[0] == "`front-desk` has not ended: its last sign of life is of 2026-03-03 00:15:00 UTC"
