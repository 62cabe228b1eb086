"""The tables come to their version by migrations, and every cause of a failure has its words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.canonical import record
from guardrail.ledger.database import METADATA, REVISION, open_reader, unavailable
from guardrail.ledger.logins import admit
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.prepare import SHARED, planted, prepare
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.tip import Tip
from guardrail.ledger.verify import verify
from tests.ledger_keys import KEYS, SEAL, SIGNER, opened
from tests.postgres import Server

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


def test_a_file_of_the_version_before_goes_on(path: Path, entry: MakeEntry) -> None:
    """It is read as it is, and brought to this version by whoever writes."""
    _upgrade(f"sqlite:///{path}", "0002")
    tip = Tip(path, SIGNER, 64)
    batch = tip.grow([record(entry(number, details={"sealed": {"q": "m"}}), SEAL) for number in range(300)])
    with closing(sqlite3.connect(path)) as file, file:
        file.executemany("INSERT INTO entries VALUES (?, ?, ?)", batch.entries)
        file.executemany("INSERT INTO payloads VALUES (?, ?)", batch.payloads)
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", batch.tiles)
        file.executemany("INSERT INTO checkpoints VALUES (?, ?)", batch.states)
        file.execute("INSERT INTO head VALUES (1, 300, ?)", (batch.note,))
    assert verify(path, KEYS).good
    with closing(opened(path)) as ledger:
        assert ledger.append(entry(300)) == 300
    report = verify(path, KEYS)
    assert (report.entries, report.reason) == (301, None)
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISION,)


def test_a_shared_database_of_the_version_before_goes_on(
    server: Server, ledger: SqliteLedger, entry: MakeEntry
) -> None:
    """Its rows are what they were; its trees are for a log-in that is shared, until each is given to its own."""
    ledger.append(*(entry(number, details={"sealed": {"q": "m"}}) for number in range(300)))
    url, month = server.create("before"), date(2026, 3, 1)
    with psycopg.connect(server.conninfo("before"), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA guardrail")
        _upgrade(url, "0002")
        owner.execute("INSERT INTO guardrail.trees (origin, vkey) VALUES (%s, %s)", [ledger.origin, str(KEYS[0])])
        owner.execute("INSERT INTO guardrail.heads VALUES (1, -1, 0, ''), (1, 0, 300, %s)", [ledger.reader.head()])
        with ledger.reader.moment() as own, owner.cursor() as cursor:
            for table, values in (
                ("entries", "1, %s, %s, %s, %s"), ("payloads", "1, %s, %s, %s"),
                ("tiles", "1, %s, %s, %s, %s"), ("checkpoints", "1, %s, %s"),
            ):  # fmt: skip
                rows = [tuple(row) for row in own.exec_driver_sql(f"SELECT * FROM {table}")]  # noqa: S608 - a table of ours
                dated = [(row[0], month, *row[1:]) for row in rows] if table in {"entries", "payloads"} else rows
                cursor.executemany(f"INSERT INTO guardrail.{table} VALUES ({values})".encode(), dated)  # noqa: S608 - a table of ours
        place = Tree(url, ledger.origin)
        with pytest.raises(LedgerUnavailableError, match="of another version: run `guardrail ledger database prepare`"):
            PostgresLedger(place, SEAL, SIGNER)
        prepare(url, month)
        report = verify(place, KEYS)
        assert (report.entries, report.reason) == (300, None)
        assert [one.writer for one in planted(url)] == [None]
        alone, shared = (f"{name}-{uuid4().hex}" for name in ("alone", "shared"))
        for name in (alone, shared):
            admit(url, name)
        owner.execute(f'GRANT {SHARED} TO "{shared}"'.encode())
    with pytest.raises(LedgerUnavailableError, match="this ledger is another log-in's"):
        PostgresLedger(Tree(server.url("before", alone), ledger.origin), SEAL, SIGNER)
    with closing(PostgresLedger(Tree(server.url("before", shared), ledger.origin), SEAL, SIGNER)) as going_on:
        assert going_on.append(entry(1)) == 300
    admit(url, alone, ledger.origin)
    with closing(PostgresLedger(Tree(server.url("before", alone), ledger.origin), SEAL, SIGNER)) as going_on:
        assert going_on.append(entry(2)) == 301
    with pytest.raises(LedgerUnavailableError, match="this ledger is another log-in's"):
        PostgresLedger(Tree(server.url("before", shared), ledger.origin), SEAL, SIGNER)
    assert verify(place, KEYS).entries == 302


@pytest.mark.parametrize("gap", [" ", "\t", "\n", "\v", "\r\f"])
def test_the_name_of_a_tree_sets_nothing_else(database: str, gap: str) -> None:
    """Whoever began the tree chose it, and somebody else's log-in reads there."""
    origin = f"guardrail/\\x{gap}-c{gap}search_path=public"
    engine = open_reader(Tree(database, origin))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW search_path").scalar() == "guardrail_tree,guardrail"
        assert connection.exec_driver_sql("SHOW guardrail.origin").scalar() == origin
    engine.dispose()


def _upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "guardrail.ledger:migrations")
    settings = {"options": "-c search_path=guardrail"} if url.startswith("postgresql") else {}
    engine = create_engine(url, connect_args=settings)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


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
