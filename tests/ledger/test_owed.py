"""What closed texts owe is kept outside of memory, and read back as it was."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import Swap
from guardrail.ledger.owed import Debt, Owed
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger.golden.make import Closed
from tests.ledger_keys import KEYS, SIGNER

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

TEXTS = 6000


def test_debts_are_kept_changed_and_settled() -> None:
    """In the order of the entries; an index that an entry made up owes nothing."""
    with closing(Owed()) as owed:
        assert (list(owed), owed.get(1)) == ([], None)
        owed.put(7, Debt("a", None))
        owed.put(3, Debt("b", "c"))
        owed.put(7, Debt("d", "e"))
        owed.settle(9)
        assert list(owed) == [(3, Debt("b", "c")), (7, Debt("d", "e"))]
        for index in (-1, 2, 1 << 80, "3", None, [3]):
            owed.settle(index)
            assert owed.get(index) is None
        owed.settle(3)
        assert list(owed) == [(7, Debt("d", "e"))]


def test_no_room_is_said_and_is_no_fault_of_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be checked is an error."""

    def full(*_: object, **__: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(LedgerError, match="needs room for temporary files"):
        Owed().put(1, Debt("a", None))


def test_many_destroyed_texts_cost_no_memory(path: Path, entry: MakeEntry) -> None:
    """Thousands that were destroyed at the end: the hashes of each would be kept in memory until then."""
    sealed = entry(details={"sealed": {"query": "somebody"}})
    with closing(SqliteLedger(path, Closed(), SIGNER)) as ledger:
        for some in batched(range(TEXTS), 1000):
            ledger.append(*[sealed] * len(some))
        for some in batched(range(TEXTS), 256):
            details = {"indexes": list(some), "rule": "justified: 6 years"}
            ledger.replace(entry(kind=EntryKind.DESTROYED, details=details), {index: Swap(None) for index in some})
    verify(path, KEYS)
    tracemalloc.start()
    report = verify(path, KEYS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.findings == ()
    assert most < 2_800_000  # what is fetched at once; 500,000 texts take as much
