"""A witness with its memory in a folder of the test's own, and a ledger that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.ledger.note import Algorithm, Signer
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind
from guardrail.witness.keeper import Keeper
from tests.ledger_keys import KEYS, SIGNER, opened

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COSIGNER = Signer("association.example/witness", b"w" * 32, Algorithm.COSIGNATURE)


def beat(ledger: SqliteLedger, *numbers: int) -> None:
    """Append heartbeats: after each a checkpoint stays."""
    for number in numbers:
        ledger.append(Entry(EntryKind.HEARTBEAT, NOW, "front-desk", details={"number": number}))


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Give the file of the witness's memory."""
    return tmp_path / "witness.sqlite3"


@pytest.fixture
def keeper(memory: Path) -> Keeper:
    """Give a witness of one ledger."""
    return Keeper(memory, COSIGNER, {SIGNER.verifier.name: KEYS})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Give an empty ledger."""
    made = opened(tmp_path / "ledger.sqlite3")
    yield made
    made.close()
