"""The ledger's tables, how its SQLite file is opened, and what its errors say to people."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
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
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.place import Place, Tree

REVISION = "0003"
READABLE = frozenset({"0002", REVISION})
"""The revisions whose tables hold a tree in the same columns: whoever only reads need not bring them to this one."""
LOCK_SECONDS = 2.0
CONNECT_SECONDS = 5
_PIECE = 2000

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
# What witnesses said of such states: the signature lines that they sent, as they are.
COSIGNATURES = Table(
    "cosignatures",
    METADATA,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
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

_AWAY = "it cannot be reached: check the network, the address and the password, and that it runs"
_STATES = {
    "08": _AWAY,
    "57": "it is ending or starting: try again",
    "28": "it does not let this user in: check the address, the password and pg_hba.conf",
    "3D": "it has no database of that name: check the address",
    "42501": "the user may not do that: run `guardrail ledger database prepare`, and give the user the writer's role",
    "42P01": "it has no tables: run `guardrail ledger database prepare`",
    "3F000": "it has no tables: run `guardrail ledger database prepare`",
    "25006": "it is read-only: name the server that takes writes",
    "53100": "its disk is full: free some space there",
    "53300": "it takes no more connections: raise max_connections",
    "55P03": "another program holds its tables: end that program",
    "57014": "it did not answer in time: see what it is busy with",
    "58": "its disk does not take the write: check the disk there",
    "XX001": "it is damaged: run `guardrail ledger verify`, and restore a backup",
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


def open_reader(place: Place) -> Engine:
    """Give an engine that only reads; each transaction sees one state of the ledger, also while it is written.

    Of a tree in a database it sees that tree alone, in the same tables and columns as in a file.
    """
    if isinstance(place, Tree):
        return _open_tree(place)
    path = place

    def connect() -> sqlite3.Connection:
        # A folder that cannot be written has no room for SQLite's shared memory; without a WAL none is needed.
        still = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
        return _connect(path, "ro&immutable=1" if still else "ro")

    return _engine(connect, "BEGIN")


def _open_tree(tree: Tree) -> Engine:
    # Whoever began the tree chose its name: none of it may become an option of its own (`pg_split_opts`).
    origin = re.sub(r"([\\\s])", r"\\\1", tree.origin)
    options = (
        f"-c search_path=guardrail_tree,guardrail -c guardrail.origin={origin} -c default_transaction_read_only=on"
    )
    return create_engine(
        tree.url,
        isolation_level="REPEATABLE READ",
        connect_args={"options": options, "connect_timeout": CONNECT_SECONDS},
        pool_pre_ping=True,  # a server that was started anew is no failure
        pool_size=1,
        max_overflow=4,
    )


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False)


def _engine(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=4)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def stream(connection: Connection, table: Table) -> Iterator[Any]:
    """Give all rows of a table in the order of its key, in flat memory: fetched in pieces, each from where one ended.

    No cursor is held open on the way, so that whoever stops early leaves nothing on a database's server.
    """
    key = list(table.primary_key)
    wanted = select(table).order_by(*key).limit(_PIECE)
    rows = connection.execute(wanted).all()
    while rows:
        yield from rows
        end = tuple(getattr(rows[-1], column.name) for column in key)
        beyond = key[0] > end[0] if len(key) == 1 else tuple_(*key) > end
        rows = connection.execute(wanted.where(beyond)).all() if len(rows) == _PIECE else []


def schema_of(connection: Connection) -> str | None:
    """Give the revision of the tables; None in a file that has none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine) -> None:
    """Bring the tables to this version in one transaction; two processes that start at once wait for each other.

    Raise LedgerUnavailableError where another version has written them.
    """
    with engine.begin() as connection:
        if schema_of(connection) == REVISION:
            return
        # Alembic costs as much to import as the rest of the ledger: only a new or an old file needs it.
        from alembic import command  # noqa: PLC0415 - slow to import, rarely needed
        from alembic.config import Config  # noqa: PLC0415 - slow to import, rarely needed
        from alembic.util import CommandError  # noqa: PLC0415 - slow to import, rarely needed

        config = Config()
        config.set_main_option("script_location", "guardrail.ledger:migrations")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise LedgerUnavailableError(
                "the ledger was written by another version of guardrail: update guardrail, or move the file away"
            ) from None


def unavailable(place: Place, error: Exception) -> LedgerUnavailableError:
    """Turn a database's or a system's error into one line: where, why, what to do. Never quotes what was written."""
    cause: str | None = None
    original: Any = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    if isinstance(place, Tree):
        cause = _cause_of_state(getattr(original, "sqlstate", None))
    elif isinstance(code, int):
        cause = _CAUSES.get(code & 0xFF)  # the low byte is the primary code: sqlite.org/rescode.html
    elif isinstance(original, OSError):
        cause = f"{(original.strerror or 'it cannot be reached').lower()}: check the folder and its rights"
    return LedgerUnavailableError(f"the ledger {place} takes no entry now: {cause or 'its database refused it'}")


def _cause_of_state(state: object) -> str | None:
    """Give the words for an SQLSTATE: a whole code first, then its class (PostgreSQL's manual, appendix A)."""
    if not isinstance(state, str):
        return _AWAY
    return _STATES.get(state, _STATES.get(state[:2]))


FAILURES = (DBAPIError, sqlite3.Error, OSError)
