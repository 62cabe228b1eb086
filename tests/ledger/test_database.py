"""The tables come to their version by migrations, and every cause of a failure has its words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.database import METADATA, REVISION, unavailable
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from tests.ledger_keys import KEYS, opened

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


def test_the_migrations_make_the_tables_that_the_code_knows(ledger: SqliteLedger) -> None:
    """No drift between the two."""
    with ledger.reader.moment() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_last_migration_is_the_version_of_the_code() -> None:
    """One head, and it is ours."""
    config = Config()
    config.set_main_option("script_location", "guardrail.ledger:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_ledger_of_a_later_version_is_left_alone(path: Path, entry: MakeEntry) -> None:
    """An old guardrail does not write into it."""
    ledger = opened(path)
    ledger.append(entry())
    ledger.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerUnavailableError, match="another version of guardrail: update guardrail"):
        opened(path)
    assert verify(path, KEYS).reason == "the file is no ledger of this version"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "the disk is full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "read-only"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program holds the file"),
        (sqlite3.SQLITE_IOERR_FSYNC, "the disk does not take the write"),
        (sqlite3.SQLITE_CORRUPT_VTAB, "damaged"),
        (sqlite3.SQLITE_NOTADB, "no ledger"),
        (sqlite3.SQLITE_MISUSE, "its database refused it"),
        (None, "its database refused it"),
    ],
)
def test_every_cause_says_what_to_do_and_quotes_nothing(path: Path, code: int | None, words: str) -> None:
    """Extended codes go by their primary code; the statement and its values stay out of the line."""
    cause = sqlite3.OperationalError("margit")
    if code is not None:
        cause.sqlite_errorcode = code
    for error in (cause, OperationalError("INSERT margit", ("margit",), cause)):
        line = str(unavailable(path, error))
        assert words in line
        assert "margit" not in line
        assert "\n" not in line
