"""Ledgers in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import opened

type MakeEntry = Callable[..., Entry]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a ledger that is not there yet."""
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    """Give an empty ledger."""
    made = opened(path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def entry() -> MakeEntry:
    """Give a way to make entries that differ by a number."""

    def make(number: int = 0, **changes: object) -> Entry:
        facts: dict[str, object] = {
            "kind": EntryKind.NOTED,
            "at": datetime(2026, 3, 2, 9, 0, 0, number, tzinfo=UTC),
            "workstation": "front-desk",
            "clinician": "dr-wren",
            "details": {"number": number},
        }
        return Entry(**{**facts, **changes})  # type: ignore[arg-type]  # the keys are its own

    return make
