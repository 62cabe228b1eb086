"""What stands in a ledger's database beside what guardrail made, or otherwise than it made it.

A trigger could drop what is written, a view could show another ledger to some readers, or never come to an end.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from guardrail.ledger.database import METADATA
from guardrail.ledger.report import FaultError, Finding

_VERSION = "alembic_version"
_MADE_BY_ALEMBIC = (
    "CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) )"
)
_IN_A_FILE = text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name, type")
# Triggers and rules on the tables and views of the shared database. What makes a view a view is its rule `_RETURN`.
_IN_A_DATABASE = text("""
SELECT kind, name, relname FROM (
    SELECT 'trigger' AS kind, tgname AS name, tgrelid AS at FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'rule', rulename, ev_class FROM pg_rewrite WHERE rulename <> '_RETURN'
) AS found JOIN pg_class ON pg_class.oid = at JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname IN ('guardrail', 'guardrail_tree') ORDER BY relname, kind, name
""")


def is_ledger(connection: Connection) -> bool:
    """Whether the file says, in a table of guardrail's own making, which version of the ledger it is."""
    if connection.dialect.name != "sqlite":
        return True
    made = {row.name: _plain(row.sql) for row in connection.execute(_IN_A_FILE) if row.type == "table"}
    return made.get(_VERSION) == _MADE_BY_ALEMBIC


def foreign(connection: Connection) -> list[Finding]:
    """Give what is there and was not made by guardrail.

    Raise FaultError where one of guardrail's own tables is missing or another: nothing in it can be judged.
    """
    if connection.dialect.name != "sqlite":
        rows = connection.execute(_IN_A_DATABASE)
        return [_finding(row.kind, row.name, row.relname) for row in rows]
    wanted, found = dict(_tables()), []
    for row in connection.execute(_IN_A_FILE):
        if row.type == "table" and row.name in wanted:
            if _plain(row.sql) != wanted.pop(row.name):
                raise FaultError(0, f"the table `{row.name}` is not as guardrail makes it: it was changed")
        elif row.type != "index" or row.sql is not None:  # what SQLite makes for a primary key has no text
            found.append(_finding(row.type, row.name, row.tbl_name))
    if wanted:
        raise FaultError(0, f"the table `{min(wanted)}` is missing: it was removed")
    return found


def _finding(kind: str, name: str, on: str) -> Finding:
    where = "" if on == name else f" on `{on}`"
    return Finding(None, f"a {kind} `{name}`{where} stands in the database that guardrail did not make")


def _tables() -> Iterator[tuple[str, str]]:
    """Give the tables of a file, each with the text by which it is made."""
    yield _VERSION, _MADE_BY_ALEMBIC
    for table in METADATA.sorted_tables:
        yield table.name, _plain(str(CreateTable(table).compile(dialect=sqlite.dialect())))


def _plain(sql: object) -> str:
    """Give a statement with single blanks, for how it is laid out says nothing."""
    return " ".join(str(sql).split())
