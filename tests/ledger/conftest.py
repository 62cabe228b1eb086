"""Ledgers in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.prepare import prepare
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import opened
from tests.postgres import Server

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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Give a real PostgreSQL server that runs; one for each process of the tests."""
    made = Server()
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="session")
def database(server: Server) -> str:
    """Give the address of a database that is ready for ledgers, those of the test entries' months too."""
    url = server.create("clinic")
    prepare(url, date(2026, 2, 1), months_ahead=2)
    return url


@pytest.fixture
def signer() -> Signer:
    """Give a key of the test's own, and so a tree of its own in the database."""
    return Signer(f"guardrail/{uuid4().hex}", b"s" * 32)


@pytest.fixture
def tree(database: str, signer: Signer) -> Tree:
    """Give the place of a tree that is not there yet."""
    return Tree(database, signer.verifier.name)
