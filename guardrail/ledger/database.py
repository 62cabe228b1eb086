"""The ledger's tables, how its SQLite file is opened, and what its errors say to people."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from guardrail.errors import LedgerUnavailableError

REVISION = "0002"
LOCK_SECONDS = 2.0

METADATA = MetaData()
ENTRIES = Table(
    "entries",
    METADATA,
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
# What was typed, closed. Apart, because it may be destroyed while the entry that commits to it stays.
PAYLOADS = Table(
    "payloads",
    METADATA,
    Column("idx", Integer, primary_key=True, autoincrement=False),
    Column("payload", LargeBinary, nullable=False),
)
# 256 complete hashes of a level of the tree, one after the other, and the root above them.
TILES = Table(
    "tiles",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("hashes", LargeBinary(32 * 256), nullable=False),
)
# Signed states that stay, for whoever kept or witnessed one.
CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
# The signed state of the tree now, changed with each append: what is dropped at the end leaves a trace.
HEAD = Table(
    "head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("note", Text, nullable=False),
)

_CAUSES = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only: make it writable",
    sqlite3.SQLITE_BUSY: "another program holds the file: end that program",
    sqlite3.SQLITE_LOCKED: "another program holds the file: end that program",
    sqlite3.SQLITE_IOERR: "the disk does not take the write: check the disk and its free space",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: check the folder and its rights",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: run `guardrail ledger verify` and restore a backup",
    sqlite3.SQLITE_NOTADB: "the file is no ledger: check the path, or restore a backup",
    sqlite3.SQLITE_PERM: "the rights do not allow it: give this user access",
    sqlite3.SQLITE_AUTH: "the rights do not allow it: give this user access",
}


def open_writer(path: Path) -> Engine:
    """Give an engine of one connection whose transactions take SQLite's write lock at once; the file has mode 0600.

    The write lock is waited for up to 2 seconds. WAL with synchronous FULL: a commit that returns is on the disk.
    """

    def connect() -> sqlite3.Connection:
        # Only where it is not there: closing any descriptor of a file drops this process's locks on it (fcntl).
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = _connect(path, "rw")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return _engine(connect, "BEGIN IMMEDIATE")


def open_reader(path: Path) -> Engine:
    """Give an engine that only reads; each transaction sees one state of the ledger, also while it is written."""

    def connect() -> sqlite3.Connection:
        # A folder that cannot be written has no room for SQLite's shared memory; without a WAL none is needed.
        still = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
        return _connect(path, "ro&immutable=1" if still else "ro")

    return _engine(connect, "BEGIN")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)


def _engine(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=4)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def schema_of(connection: Connection) -> str | None:
    """Give the revision of the tables; None in a file that has none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine) -> None:
    """Bring the tables to this version in one transaction; two processes that start at once wait for each other.

    Raise LedgerUnavailableError where another version has written the file.
    """
    with engine.begin() as connection:
        if schema_of(connection) == REVISION:
            return
        # Alembic costs as much to import as the rest of the ledger: only a new or an old file needs it.
        from alembic import command  # noqa: PLC0415 - see above
        from alembic.config import Config  # noqa: PLC0415 - see above
        from alembic.util import CommandError  # noqa: PLC0415 - see above

        config = Config()
        config.set_main_option("script_location", "guardrail.ledger:migrations")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise LedgerUnavailableError(
                "the ledger was written by another version of guardrail: update guardrail, or move the file away"
            ) from None


def unavailable(path: Path, error: Exception) -> LedgerUnavailableError:
    """Turn a database's or a system's error into one line: where, why, what to do. Never quotes what was written."""
    cause: str | None = None
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if isinstance(code, int):
        cause = _CAUSES.get(code & 0xFF)  # the low byte is the primary code: sqlite.org/rescode.html
    elif isinstance(original, OSError):
        cause = f"{(original.strerror or 'it cannot be reached').lower()}: check the folder and its rights"
    return LedgerUnavailableError(f"the ledger {path} takes no entry now: {cause or 'its database refused it'}")


FAILURES = (DBAPIError, sqlite3.Error, OSError)
