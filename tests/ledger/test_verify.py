"""Whatever is changed in a ledger is found, and the first bad entry is named."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import LedgerError
from guardrail.ledger.chain import GENESIS, link
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

COUNT = 12


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory, entry: MakeEntry) -> Path:
    """Give a ledger of twelve entries, closed."""
    path = tmp_path_factory.mktemp("good") / "ledger.sqlite3"
    ledger = SqliteLedger(path)
    ledger.append(*(entry(number) for number in range(COUNT)))
    ledger.close()
    return path


@pytest.fixture
def copy(good: Path, path: Path) -> Path:
    """Give a copy to tamper with."""
    return Path(shutil.copy(good, path))


def run(path: Path, *statements: str) -> None:
    """Change the file behind the ledger's back."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def flipped(value: bytes, bit: int) -> bytes:
    """Give the value with one bit changed."""
    at = bit % (len(value) * 8)
    return bytes(byte ^ (1 << at % 8 if place == at // 8 else 0) for place, byte in enumerate(value))


def test_a_good_ledger_is_good(good: Path, path: Path) -> None:
    """Whole, empty, and while a writer holds it."""
    report = verify(good)
    assert (report.entries, report.first_bad, report.reason, report.good) == (COUNT, None, None, True)
    ledger = SqliteLedger(path)
    assert verify(path).head == GENESIS.hex()
    with ledger._writer.begin():
        assert verify(path).good
    ledger.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)
@given(column=st.sampled_from(["previous", "hash", "body"]), index=st.integers(0, COUNT - 1), bit=st.integers(0, 5000))
def test_one_flipped_bit_in_any_column_is_found(copy: Path, column: str, index: int, bit: int) -> None:
    """And named by its entry."""
    connection = sqlite3.connect(copy)
    [(value,)] = connection.execute(f"SELECT {column} FROM entries WHERE idx = ?", (index,)).fetchall()  # noqa: S608 - a name of this table
    change = f"UPDATE entries SET {column} = ? WHERE idx = ?"  # noqa: S608 - a name of this table
    connection.execute(change, (flipped(value, bit), index))
    connection.commit()
    report = verify(copy)
    connection.execute(change, (value, index))
    connection.commit()
    connection.close()
    assert (report.first_bad, report.entries, report.good) == (index, index, False)
    assert verify(copy).good


@pytest.mark.parametrize(
    ("statements", "first_bad", "words"),
    [
        (["DELETE FROM entries WHERE idx = 11"], 11, "entries were dropped or added"),
        (["DELETE FROM entries WHERE idx >= 7"], 7, "entries were dropped or added"),
        (["DELETE FROM entries WHERE idx = 0"], 0, "entry 0 is missing"),
        (["DELETE FROM entries WHERE idx BETWEEN 4 AND 6"], 4, "entry 4 is missing"),
        (["DELETE FROM entries"], 0, "entries were dropped or added"),
        (
            ["UPDATE entries SET idx = 99 WHERE idx = 3", "UPDATE entries SET idx = 3 WHERE idx = 4",
             "UPDATE entries SET idx = 4 WHERE idx = 99"],
            3, "entry 3 does not follow",
        ),
        (["UPDATE entries SET body = (SELECT body FROM entries WHERE idx = 5) WHERE idx = 6"], 6, "hash does not fit"),
        (["UPDATE entries SET idx = -1 WHERE idx = 0"], 0, "before the first"),
        (["UPDATE entries SET idx = 12 WHERE idx = 11"], 11, "entry 11 is missing"),
        (["INSERT INTO entries SELECT 12, previous, hash, body FROM entries WHERE idx = 11"], 12, "does not follow"),
        (["UPDATE entries SET body = CAST(body AS TEXT) WHERE idx = 2"], 2, "not of its type"),
        (["DELETE FROM head"], 12, "the head is missing"),
        (["INSERT INTO head SELECT 2, size, hash FROM head"], 12, "the head is missing or not alone"),
        (["UPDATE head SET size = 11"], 11, "the head counts 11"),
        (["UPDATE head SET size = 13"], 12, "the head counts 13"),
        (["UPDATE head SET size = 'many'"], 0, "the head counts many"),
        (["UPDATE head SET hash = zeroblob(32)"], 11, "the head does not fit"),
        (["UPDATE alembic_version SET version_num = '9999'"], None, "no ledger of this version"),
        (["DROP TABLE entries"], 0, "the file is damaged"),
    ],
)  # fmt: skip
def test_each_tampering_is_found_and_named(
    copy: Path, statements: list[str], first_bad: int | None, words: str
) -> None:
    """Dropped, moved, doubled, replaced, retyped; and the head that tells of a dropped end."""
    run(copy, *statements)
    report = verify(copy)
    assert report.first_bad == first_bad
    assert words in (report.reason or "")


def test_an_entry_that_fits_its_hash_and_is_no_entry_is_found(copy: Path) -> None:
    """A chain made anew over bytes that guardrail never writes."""
    connection = sqlite3.connect(copy)
    [(previous,)] = connection.execute("SELECT hash FROM entries WHERE idx = 10").fetchall()
    body = b'{ "schema": 1 }'
    own = link(previous, body)
    connection.execute("UPDATE entries SET body = ?, hash = ? WHERE idx = 11", (body, own))
    connection.execute("UPDATE head SET hash = ?", (own,))
    connection.commit()
    connection.close()
    report = verify(copy)
    assert report.first_bad == 11
    assert "canonical form" in (report.reason or "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(start=st.integers(0, 20_000), length=st.integers(1, 3000), byte=st.integers(0, 255))
def test_damage_anywhere_in_the_file_is_a_report_and_never_an_error(
    good: Path, path: Path, start: int, length: int, byte: int
) -> None:
    """What the disk did to it is said in words; bytes that were free before may change unseen."""
    raw = bytearray(good.read_bytes())
    raw[start : start + length] = bytes([byte]) * len(raw[start : start + length])
    path.write_bytes(raw)
    report = verify(path)
    assert report.good or report.reason
    assert not report.good or report.entries == COUNT


@pytest.mark.parametrize("cut", [0, 100, 4096, -4096])
def test_a_cut_file_is_bad(good: Path, path: Path, cut: int) -> None:
    """From nothing at all to all but the last page."""
    path.write_bytes(good.read_bytes()[:cut])
    assert not verify(path).good


def test_no_ledger_is_an_error_of_its_own(tmp_path: Path) -> None:
    """What is not there was not checked."""
    with pytest.raises(LedgerError, match="there is no ledger at"):
        verify(tmp_path / "nothing")


def test_a_ledger_on_a_read_only_medium_can_be_checked(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup on a disc: no shared memory can be made beside it."""
    monkeypatch.setattr("guardrail.ledger.database.os.access", lambda *_: False)
    assert verify(good).entries == COUNT


def test_many_entries_are_checked_in_one_walk(path: Path, entry: MakeEntry) -> None:
    """Over the borders of what is fetched at once."""
    ledger = SqliteLedger(path)
    ledger.append(*(entry(number) for number in range(2500)))
    ledger.close()
    assert verify(path).entries == 2500
