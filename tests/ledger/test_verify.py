"""Whatever is changed in a ledger is found, and the first bad entry is named."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import Swap, to_bytes
from guardrail.ledger.merkle import EMPTY_ROOT, Growth, leaf_hash
from guardrail.ledger.note import Checkpoint, Note, Signer
from guardrail.ledger.report import Finding
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import KEYS, SIGNER, opened

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

COUNT = 12
TYPED = {"details": {"sealed": {"query": "margit"}}}


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory, entry: MakeEntry) -> Path:
    """Give a ledger of twelve entries, closed."""
    path = tmp_path_factory.mktemp("good") / "ledger.sqlite3"
    ledger = opened(path)
    ledger.append(*(entry(number, **TYPED if number == 5 else {}) for number in range(COUNT)))
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
    report = verify(good, KEYS)
    assert (report.entries, report.first_bad, report.reason, report.good) == (COUNT, None, None, True)
    ledger = opened(path)
    assert verify(path, KEYS).root == EMPTY_ROOT.hex()
    with ledger._writer.begin():
        assert verify(path, KEYS).good
    ledger.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)
@given(column=st.sampled_from(["leaf", "body"]), index=st.integers(0, COUNT - 1), bit=st.integers(0, 5000))
def test_one_flipped_bit_in_any_column_is_found(copy: Path, column: str, index: int, bit: int) -> None:
    """And named by its entry."""
    connection = sqlite3.connect(copy)
    [(value,)] = connection.execute(f"SELECT {column} FROM entries WHERE idx = ?", (index,)).fetchall()  # noqa: S608 - a name of this table
    change = f"UPDATE entries SET {column} = ? WHERE idx = ?"  # noqa: S608 - a name of this table
    connection.execute(change, (flipped(value, bit), index))
    connection.commit()
    report = verify(copy, KEYS)
    connection.execute(change, (value, index))
    connection.commit()
    connection.close()
    assert (report.first_bad, report.entries, report.good) == (index, index, False)
    assert verify(copy, KEYS).good


@pytest.mark.parametrize(
    ("statements", "first_bad", "words"),
    [
        (["DELETE FROM entries WHERE idx = 11"], 11, "entries were dropped or added"),
        (["DELETE FROM entries WHERE idx >= 7"], 7, "entries were dropped or added"),
        (["DELETE FROM entries WHERE idx = 0"], 0, "entry 0 is missing"),
        (["DELETE FROM entries WHERE idx BETWEEN 4 AND 6"], 4, "entry 4 is missing"),
        (["DELETE FROM entries"], 0, "the head counts 12"),
        (
            ["UPDATE entries SET idx = 99 WHERE idx = 3", "UPDATE entries SET idx = 3 WHERE idx = 4",
             "UPDATE entries SET idx = 4 WHERE idx = 99"],
            0, "signs another tree: an entry from 0 on was changed",
        ),
        (["UPDATE entries SET body = (SELECT body FROM entries WHERE idx = 5) WHERE idx = 6"], 6, "hash does not fit"),
        (["UPDATE entries SET idx = -1 WHERE idx = 0"], 0, "before the first"),
        (["UPDATE entries SET idx = 12 WHERE idx = 11"], 11, "entry 11 is missing"),
        (["INSERT INTO entries SELECT 12, leaf, body FROM entries WHERE idx = 11"], 12, "the head counts 12"),
        (["UPDATE entries SET body = CAST(body AS TEXT) WHERE idx = 2"], 2, "not of its type"),
        (["DELETE FROM head"], 12, "the head is missing"),
        (["INSERT INTO head SELECT 2, size, note FROM head"], 12, "the head is missing or not alone"),
        (["UPDATE head SET size = 11"], 11, "the head counts 11"),
        (["UPDATE head SET size = 13"], 12, "the head counts 13"),
        (["UPDATE head SET size = 'many'"], 0, "the head counts many"),
        (["UPDATE head SET note = replace(note, char(10), '')"], 0, "cannot be read: it was changed"),
        (["UPDATE head SET note = replace(note, 'guardrail/front', 'guardrail/back')"], 0, "no good signature"),
        (["DELETE FROM payloads WHERE idx = 5"], 5, "the sealed text of entry 5 is missing"),
        (["UPDATE payloads SET payload = zeroblob(300) WHERE idx = 5"], 5, "the sealed text of entry 5 was changed"),
        (["INSERT INTO payloads SELECT 4, payload FROM payloads WHERE idx = 5"], 4, "does not commit to"),
        (["INSERT INTO payloads SELECT 40, payload FROM payloads WHERE idx = 5"], None, "belongs to no entry: 40"),
        (["UPDATE alembic_version SET version_num = '9999'"], None, "no ledger of this version"),
        (["DROP TABLE entries"], 0, "the table `entries` is missing"),
    ],
)  # fmt: skip
def test_each_tampering_is_found_and_named(
    copy: Path, statements: list[str], first_bad: int | None, words: str
) -> None:
    """Dropped, moved, doubled, replaced, retyped; and the head that tells of a dropped end."""
    run(copy, *statements)
    report = verify(copy, KEYS)
    assert report.first_bad == first_bad
    assert words in (report.reason or "")


_SPELT = to_bytes(Entry(EntryKind.HEARTBEAT, datetime(2026, 3, 2, tzinfo=UTC), "x"))


def resign(path: Path, body: bytes, signer: Signer) -> None:
    """Put other bytes in the place of the last entry, and sign the whole anew."""
    connection = sqlite3.connect(path)
    leaves = [leaf for (leaf,) in connection.execute("SELECT leaf FROM entries ORDER BY idx")]
    grown, _ = Growth().add([*leaves[:-1], leaf_hash(body)])
    note = signer.sign(Checkpoint(signer.verifier.name, grown.size, grown.root()))
    connection.execute("UPDATE entries SET body = ?, leaf = ? WHERE idx = 11", (body, leaf_hash(body)))
    connection.execute("UPDATE head SET note = ?", (note,))
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        b'{ "schema": 2 }',
        _SPELT.replace(b'"details":{}', b'"details":[1]'),
        _SPELT.replace(b'"workstation":"x"', b'"workstation":{}'),
        _SPELT.replace(b"Z", b""),
    ],
    ids=["other schema", "details", "workstation", "no zone"],
)
def test_an_entry_that_fits_its_hash_and_is_no_entry_is_found(copy: Path, body: bytes) -> None:
    """A tree made anew, with the right key, over bytes that guardrail never writes."""
    resign(copy, body, SIGNER)
    report = verify(copy, KEYS)
    assert (report.first_bad, report.reason) == (11, "entry 11 is no entry of this version")


def test_another_spelling_of_an_entry_is_found(copy: Path, entry: MakeEntry) -> None:
    """The same JSON with a blank in it is other bytes."""
    resign(copy, to_bytes(entry(11)).replace(b",", b", ", 1), SIGNER)
    report = verify(copy, KEYS)
    assert (report.first_bad, report.reason) == (11, "entry 11 is not in canonical form")


def test_a_changed_entry_in_a_tree_that_fits_it_needs_the_key(copy: Path, entry: MakeEntry) -> None:
    """Whoever has no key can make hashes, and no signature; nor is another's key under the same name good."""
    resign(copy, to_bytes(entry(99)), Signer(SIGNER.verifier.name, b"x" * 32))
    report = verify(copy, KEYS)
    assert "bears no good signature" in (report.reason or "")


def test_nothing_is_checked_without_a_key(good: Path) -> None:
    """An unsigned ledger would look like a good one."""
    with pytest.raises(LedgerError, match="without the key of who signed it"):
        verify(good, ())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(start=st.integers(0, 20_000), length=st.integers(1, 3000), byte=st.integers(0, 255))
def test_damage_anywhere_in_the_file_is_a_report_and_never_an_error(
    good: Path, path: Path, start: int, length: int, byte: int
) -> None:
    """What the disk did to it is said in words; bytes that were free before may change unseen."""
    raw = bytearray(good.read_bytes())
    raw[start : start + length] = bytes([byte]) * len(raw[start : start + length])
    path.write_bytes(raw)
    report = verify(path, KEYS)
    assert report.good or report.reason
    assert not report.good or report.entries == COUNT


@pytest.mark.parametrize("cut", [0, 100, 4096, -4096])
def test_a_cut_file_is_bad(good: Path, path: Path, cut: int) -> None:
    """From nothing at all to all but the last page."""
    path.write_bytes(good.read_bytes()[:cut])
    assert not verify(path, KEYS).good


def test_no_ledger_is_an_error_of_its_own(tmp_path: Path) -> None:
    """What is not there was not checked."""
    with pytest.raises(LedgerError, match="there is no ledger at"):
        verify(tmp_path / "nothing", KEYS)


def test_a_ledger_on_a_read_only_medium_can_be_checked(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup on a disc: no shared memory can be made beside it."""
    monkeypatch.setattr("guardrail.ledger.database.os.access", lambda *_: False)
    assert verify(good, KEYS).entries == COUNT


def test_many_entries_are_checked_in_one_walk(path: Path, entry: MakeEntry) -> None:
    """Over the borders of what is fetched at once."""
    ledger = opened(path)
    ledger.append(*(entry(number) for number in range(2500)))
    ledger.close()
    assert verify(path, KEYS).entries == 2500


@pytest.mark.parametrize(
    ("statement", "first_bad", "words"),
    [
        (
            "UPDATE tiles SET root = zeroblob(32) WHERE place = 3",
            768,
            "the tile over the entries from 768 on was changed",
        ),
        ("UPDATE tiles SET hashes = zeroblob(8192) WHERE place = 3", 768, "entry 768 is not the one over which"),
        ("DELETE FROM tiles WHERE place = 4", 1024, "the tile over the entries from 1024 on is missing"),
        ("INSERT INTO tiles SELECT 0, 99, root, hashes FROM tiles WHERE place = 1", 2500, "entries were dropped"),
        ("DELETE FROM entries WHERE idx >= 2048", 2048, "a checkpoint counts 2112 entries, there are 2048"),
    ],
)
def test_the_kept_tiles_are_checked_too(
    path: Path, entry: MakeEntry, statement: str, first_bad: int, words: str
) -> None:
    """Proofs are made of them."""
    ledger = opened(path)
    ledger.append(*(entry(number) for number in range(2500)))
    ledger.close()
    run(path, statement)
    report = verify(path, KEYS)
    assert report.first_bad == first_bad
    assert words in (report.reason or "")


def test_a_text_that_is_gone_is_named_also_where_another_fault_ends_the_check(path: Path, entry: MakeEntry) -> None:
    """What nothing explains is told, what an entry behind the fault explains is not: that entry may well be true."""
    with closing(opened(path)) as ledger:
        ledger.append(*(entry(number, **TYPED if number < 3 else {}) for number in range(COUNT)))
        destroyed = entry(COUNT, kind=EntryKind.DESTROYED, details={"indexes": [1], "rule": "noted: 6 years"})
        ledger.replace(destroyed, {1: Swap(None)})
    assert verify(path, KEYS).good
    run(path, "DELETE FROM payloads WHERE idx = 0", "UPDATE payloads SET payload = zeroblob(9) WHERE idx = 2")
    run(path, "UPDATE entries SET body = zeroblob(9) WHERE idx = 7")
    assert [(one.index, one.reason) for one in verify(path, KEYS).findings] == [
        (0, "the sealed text of entry 0 is missing"),
        (2, "the sealed text of entry 2 was changed"),
        (7, "entry 7 was changed: its hash does not fit its bytes"),
    ]


def test_where_the_file_cannot_be_read_on_a_missing_text_is_told_without_certainty(
    path: Path, entry: MakeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that says why may stand in what is damaged."""
    with closing(opened(path)) as ledger:
        ledger.append(*(entry(number, **TYPED if number < 3 else {}) for number in range(COUNT)))
    run(path, "DELETE FROM payloads WHERE idx < 2")

    def damaged(*_: object) -> Iterator[object]:
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = lambda _, row: SimpleNamespace(idx=row[0], leaf=row[1], body=row[2])
            yield from connection.execute("SELECT idx, leaf, body FROM entries WHERE idx < 5 ORDER BY idx")
        raise sqlite3.DatabaseError

    monkeypatch.setattr("guardrail.ledger.verify._rows", damaged)
    first, second = verify(path, KEYS).findings
    assert "cannot be read: the file is damaged" in first.reason
    assert (second.index, second.reason) == (
        None,
        "the sealed text of entry 0 is missing, perhaps others too: whether an entry says why cannot be read",
    )


def test_a_state_of_another_ledger_that_the_same_key_signed_is_found(copy: Path) -> None:
    """The name in it is part of what is signed."""
    connection = sqlite3.connect(copy)
    [(note,)] = connection.execute("SELECT note FROM head").fetchall()
    state = Note.read(note).checkpoint()
    other = SIGNER.sign(Checkpoint("guardrail/elsewhere", state.size, state.root))
    connection.execute("UPDATE head SET note = ?", (other,))
    connection.commit()
    connection.close()
    assert verify(copy, KEYS).reason == "the head at 12 entries is one of another ledger"


def test_many_findings_of_one_sort_hide_none_of_another(path: Path, entry: MakeEntry) -> None:
    """A clinic whose ledger has many gaps still hears of the entry that was changed, and how many gaps there are."""
    promise: dict[str, object] = {"heartbeat_seconds": 60, "practice": False}
    beats = (
        entry(kind=EntryKind.HEARTBEAT, at=datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=number), details=promise)
        for number in range(131)
    )
    with closing(opened(path)) as ledger:
        ledger.append(*beats)
    run(path, "UPDATE entries SET body = zeroblob(9) WHERE idx = 130")
    findings = verify(path, KEYS).findings
    assert findings[-2] == Finding(130, "entry 130 was changed: its hash does not fit its bytes")
    assert findings[-1] == Finding(None, "29 more gaps between heartbeats, or clocks that were set")
    assert len(findings) == 102


@pytest.mark.parametrize(
    ("cosigned", "reason"),
    [
        ([], None),
        ([{"witness": "w", "size": 1}], "the cosignature of `w` at 1 entries is missing: entry 1 says that it was"),
        ([{"witness": "w", "size": 2}], "the cosignature of `w` at 2 entries is missing: entry 1 says that it was"),
        ([{"witness": "w"}], "entry 1 does not say which cosignatures there were"),
        (7, "entry 1 does not say which cosignatures there were"),
    ],
    ids=["none", "removed", "not yet there", "no size", "nonsense"],
)
def test_a_cosignature_that_an_entry_names_must_be_there(
    path: Path, entry: MakeEntry, cosigned: object, reason: str | None
) -> None:
    """Each is told once, however many heartbeats name it."""
    told = {"heartbeat_seconds": 900, "cosigned": cosigned}
    with closing(opened(path)) as ledger:
        ledger.append(*(entry(at, kind=EntryKind.HEARTBEAT, details=told if at else {}) for at in range(2)))
        ledger.append(entry(2, kind=EntryKind.HEARTBEAT, details=told))
    report = verify(path, KEYS)
    assert (report.reason or "").startswith(reason or "")
    assert report.good is (reason is None)
    assert len(report.findings) == (0 if reason is None else 1 if "missing" in reason else 2)
