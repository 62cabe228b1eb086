"""Sealed texts closed anew: the new reader opens them, the old one no more, and the tree stands."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import Swap
from guardrail.ledger.recipients import Recipient
from guardrail.ledger.reseal import PIECE, Resealed, Who, reseal
from guardrail.ledger.seal import Seal, open_sealed
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind, Json
from tests.entry_schema import stored_problems
from tests.ledger_keys import KEYS, SEAL, SIGNER, SUPERVISOR, opened

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

NEXT, OTHER = (x25519.Identity.generate() for _ in range(2))
ME = Who("dr-sel", "front-desk")
TO_NEXT = Seal([str(NEXT.to_public())])


@pytest.fixture
def typed(ledger: SqliteLedger, entry: MakeEntry) -> SqliteLedger:
    """Give a ledger of five entries, three of them with something typed, of two clinicians."""
    for number, clinician in enumerate(("dr-wren", "dr-wren", "dr-hale", None, "dr-wren")):
        sealed = {"sealed": {"query": f"margit {number}"}} if number % 2 == 0 else {}
        ledger.append(entry(number, clinician=clinician, details=sealed))
    return ledger


def _texts(ledger: SqliteLedger, identity: x25519.Identity) -> dict[int, object]:
    found: dict[int, object] = {}
    for stored in ledger.read():
        if stored.payload is not None:
            try:
                found[stored.index] = open_sealed(stored.payload, [identity])["query"]
            except LedgerError:
                found[stored.index] = None
    return found


def test_the_new_reader_opens_what_the_old_one_did(typed: SqliteLedger, path: Path) -> None:
    """The old key opens nothing any more, the leaves are what they were, and an entry says what was done."""
    leaves = [stored.leaf for stored in typed.read()]
    assert reseal(typed, [SUPERVISOR], TO_NEXT, ME) == Resealed(3, 0)
    assert _texts(typed, NEXT) == {0: "margit 0", 2: "margit 2", 4: "margit 4"}
    assert _texts(typed, SUPERVISOR) == {0: None, 2: None, 4: None}
    *before, last = typed.read()
    assert [stored.leaf for stored in before] == leaves
    assert last.entry.kind is EntryKind.RESEALED
    assert last.entry.details["by"] == "dr-sel"
    assert last.entry.details["with"] == [str(SUPERVISOR.to_public())]
    assert last.entry.details["to"] == [str(NEXT.to_public())]
    assert stored_problems(last.entry) == []
    assert verify(path, KEYS).good


def test_old_texts_are_in_no_file(typed: SqliteLedger, path: Path) -> None:
    """Neither in the pages of the ledger nor in its log: the old reader's key is worth nothing."""
    old = [stored.payload for stored in typed.read() if stored.payload is not None]
    assert any(one[-40:] in file.read_bytes() for one in old for file in path.parent.iterdir())
    reseal(typed, [SUPERVISOR], TO_NEXT, ME)
    assert not any(one[-40:] in file.read_bytes() for one in old for file in path.parent.iterdir())


def test_it_can_be_done_again_and_for_some(typed: SqliteLedger, path: Path) -> None:
    """For one clinician's entries alone, then for all; what a key does not open stays as it is."""
    assert reseal(typed, [SUPERVISOR], TO_NEXT, ME, ["dr-hale"]) == Resealed(1, 0)
    both = Seal([Recipient(str(OTHER.to_public())), Recipient(str(NEXT.to_public()), None, ("dr-wren",))])
    assert reseal(typed, [SUPERVISOR], both, ME) == Resealed(2, 1)
    assert reseal(typed, [NEXT], both, ME) == Resealed(3, 0)
    assert _texts(typed, OTHER) == {0: "margit 0", 2: "margit 2", 4: "margit 4"}
    assert _texts(typed, NEXT) == {0: "margit 0", 2: None, 4: "margit 4"}
    assert verify(path, KEYS).good


def test_a_key_that_opens_nothing_changes_nothing(typed: SqliteLedger, path: Path) -> None:
    """It is said, and no entry is made."""
    count = len(list(typed.read()))
    with pytest.raises(LedgerError, match="opens none of the 3 sealed texts"):
        reseal(typed, [OTHER], TO_NEXT, ME)
    assert len(list(typed.read())) == count
    assert verify(path, KEYS).good


def test_many_texts_go_in_pieces(ledger: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """An entry stays small, however many texts there are."""
    ledger.append(*(entry(number, details={"sealed": {"query": "m"}}) for number in range(PIECE + 1)))
    assert reseal(ledger, [SUPERVISOR], TO_NEXT, ME).texts == PIECE + 1
    pieces = [stored for stored in ledger.read() if stored.entry.kind is EntryKind.RESEALED]
    assert len(pieces) == 2
    assert verify(path, KEYS).good


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_command_need_not_know_what_the_house_has_promised(path: Path, entry: MakeEntry, every: int) -> None:
    """Whoever reseals without the settings file: the states that the house promised to keep are kept."""
    promises = {"practice": False, "checkpoint_every": every}
    with closing(SqliteLedger(path, SEAL, SIGNER, every)) as house:
        house.append(entry(0, kind=EntryKind.STARTED, details=promises))
        house.append(entry(1, details={"sealed": {"query": "m"}}))
    for key in (SUPERVISOR, NEXT):
        with closing(opened(path)) as ledger:
            reseal(ledger, [key], TO_NEXT, ME)
    report = verify(path, KEYS)
    assert report.good, report


def test_two_that_reseal_at_once_do_not_mix(typed: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """A text that another has sealed anew meanwhile is left, with the entry that was to speak of it."""
    [first, *_] = typed.read()
    reseal(typed, [SUPERVISOR], TO_NEXT, ME)
    count = len(list(typed.read()))
    with pytest.raises(LedgerError, match="sealed anew meanwhile"):
        typed.replace(entry(9), {first.index: Swap(b"late", first.payload)})
    assert len(list(typed.read())) == count
    assert verify(path, KEYS).good


def test_of_those_that_go_together_only_the_one_that_is_late_fails(
    typed: SqliteLedger, path: Path, entry: MakeEntry
) -> None:
    """A text was changed meanwhile, by one of the same turn too: the entries of all others are there."""
    texts = {stored.index: stored.payload for stored in typed.read()}

    def told(index: int, new: bytes) -> Entry:
        hashes: list[Json] = [index, *(sha256(one or b"").hexdigest() for one in (texts[index], new))]
        details: dict[str, Json] = {"by": ME.name, "with": [], "to": [], "texts": [hashes]}
        return Entry(EntryKind.RESEALED, entry().at, ME.workstation, details=details)

    jobs: list[Callable[[], int]] = [
        lambda: typed.append(entry(7)),
        lambda: typed.replace(told(0, b"first"), {0: Swap(b"first", texts[0])}),
        lambda: typed.replace(told(0, b"late"), {0: Swap(b"late", texts[0])}),
        lambda: typed.replace(told(2, b"other"), {2: Swap(b"other", texts[2])}),
        lambda: typed.append(entry(8)),
    ]
    with ThreadPoolExecutor(len(jobs)) as pool:
        with typed._together._turn:
            running = []
            for count, job in enumerate(jobs, 1):  # in this order
                running.append(pool.submit(job))
                while len(typed._together._waiting) < count:
                    threading.Event().wait(0.001)
        ends = [one.exception() or one.result() for one in running]
    assert [str(ends[2])[-11:], *(type(end) for end in ends)] == [": try again", int, int, LedgerError, int, int]
    assert sorted(end for end in ends if isinstance(end, int)) == [5, 6, 7, 8]
    now = {stored.index: stored.payload for stored in typed.read() if stored.index in texts}
    assert now == {**texts, 0: b"first", 2: b"other"}
    assert verify(path, KEYS).good


def test_a_text_can_be_destroyed(typed: SqliteLedger, path: Path, entry: MakeEntry) -> None:
    """Also one that was sealed anew before; an entry says so, and the tree stands."""
    reseal(typed, [SUPERVISOR], TO_NEXT, ME)
    gone = entry(9, kind=EntryKind.DESTROYED, details={"indexes": [2], "rule": "retention"})
    typed.replace(gone, {2: Swap(None)})
    assert set(_texts(typed, NEXT)) == {0, 4}
    assert verify(path, KEYS).good


def _told(typed: SqliteLedger, kind: EntryKind, **details: object) -> None:
    [first, *_] = typed.read()
    typed.append(Entry(kind, first.entry.at, ME.workstation, details=details))  # type: ignore[arg-type]  # JSON


_OLD = "0" * 64


@pytest.mark.parametrize(
    ("change", "first_bad", "words"),
    [
        pytest.param("UPDATE payloads SET payload = x'00' WHERE idx = 2", 2, "entry 2 was changed", id="changed"),
        pytest.param("UPDATE payloads SET payload = 'text' WHERE idx = 2", 2, "entry 2 was changed", id="not-bytes"),
        pytest.param("DELETE FROM payloads WHERE idx = 2", 2, "entry 2 is missing", id="missing"),
        pytest.param("old", 5, "entry 0 is not the one that entry 5 put there", id="the-old-text-is-back"),
    ],
)
def test_a_text_that_was_tampered_with_afterwards_is_found(
    typed: SqliteLedger, path: Path, change: str, first_bad: int, words: str
) -> None:
    """What `resealed` explains is that one change, and no other."""
    [first, *_] = typed.read()
    reseal(typed, [SUPERVISOR], TO_NEXT, ME)
    typed.close()
    with closing(sqlite3.connect(path)) as file, file:
        if change == "old":
            file.execute("UPDATE payloads SET payload = ? WHERE idx = 0", (first.payload,))
        else:
            file.execute(change)
    report = verify(path, KEYS)
    assert (report.first_bad, words in (report.reason or "")) == (first_bad, True), report


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        pytest.param(EntryKind.RESEALED, {"texts": [[0, _OLD, _OLD]]}, "is not the one that entry 5", id="never-done"),
        pytest.param(EntryKind.RESEALED, {"texts": [[0]]}, "does not say which", id="no-hashes"),
        pytest.param(EntryKind.RESEALED, {}, "does not say which", id="no-texts"),
        pytest.param(EntryKind.DESTROYED, {"indexes": [0]}, "says that it was destroyed", id="still-there"),
        pytest.param(EntryKind.DESTROYED, {"indexes": [[0]]}, "does not say which", id="no-index"),
    ],
)
def test_an_entry_that_says_what_was_not_done_is_found(
    typed: SqliteLedger, path: Path, kind: EntryKind, details: dict[str, object], words: str
) -> None:
    """By its own index."""
    _told(typed, kind, **details)
    typed.close()
    report = verify(path, KEYS)
    assert (report.first_bad, words in (report.reason or "")) == (5, True), report


def test_another_text_cannot_be_explained(typed: SqliteLedger, path: Path) -> None:
    """An entry that names another hash than the text had does not vouch for it."""
    typed.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM payloads WHERE idx = 2")
    with closing(opened(path)) as ledger:
        _told(ledger, EntryKind.RESEALED, texts=[[2, _OLD, _OLD]])
    report = verify(path, KEYS)
    assert report.first_bad == 5
    assert "another text anew than that of entry 2" in (report.reason or "")
