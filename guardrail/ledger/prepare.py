"""A PostgreSQL database made ready for the ledgers of many workstations: tables, months, and who may do what.

Run by the database's owner, at first and once a year; a second run changes nothing that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import Connection, create_engine, text

from guardrail.ledger.database import CONNECT_SECONDS, FAILURES, migrate, unavailable
from guardrail.ledger.place import Tree

WRITER, READER, KEEPER = "guardrail_writer", "guardrail_reader", "guardrail_keeper"
"""Roles to be granted to log-ins: a workstation's, the console's, and of whoever destroys what has had its time."""
SHARED = "guardrail_shared"
"""The role of a log-in that several workstations share: it may begin, and write, more trees than one."""
MONTHS_AHEAD = 24
_MONTHS = 12

# A writer reads what it needs to go on from its tree's end, and nothing that was written.
_GRANTS = f"""
GRANT USAGE ON SCHEMA guardrail, guardrail_tree TO {WRITER}, {READER}, {KEEPER};
GRANT INSERT ON guardrail.trees, guardrail.heads, guardrail.entries, guardrail.payloads, guardrail.changes,
    guardrail.tiles, guardrail.checkpoints, guardrail.cosignatures TO {WRITER};
GRANT SELECT ON guardrail.alembic_version, guardrail.trees, guardrail.heads, guardrail_tree.head,
    guardrail_tree.tiles TO {WRITER};
GRANT SELECT (idx, leaf) ON guardrail_tree.entries TO {WRITER};
GRANT SELECT ON ALL TABLES IN SCHEMA guardrail, guardrail_tree TO {READER}, {KEEPER};
GRANT DELETE ON guardrail.payloads, guardrail.changes TO {KEEPER};
GRANT {WRITER} TO {SHARED};
"""
_TREES = """
SELECT origin, vkey, begun,
    coalesce((SELECT size FROM guardrail.heads WHERE tree = id ORDER BY first DESC LIMIT 1), 0), writer
    FROM guardrail.trees ORDER BY origin
"""


def prepare(url: str, today: date, months_ahead: int = MONTHS_AHEAD) -> int:
    """Make the tables, the roles, and partitions for the months to come; give how many partitions were made.

    Rows of other months go into a partition for the rest, so a forgotten run loses nothing.
    Raise LedgerUnavailableError where the database cannot be reached, or the user may not do that.
    """
    place = Tree(url, "-")
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA IF NOT EXISTS guardrail"))
            for role in (WRITER, READER, KEEPER, SHARED):
                if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": role}) is None:
                    connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
        owner = create_engine(
            url, connect_args={"connect_timeout": CONNECT_SECONDS, "options": "-c search_path=guardrail"}
        )
        try:
            migrate(owner)
        finally:
            owner.dispose()
        with engine.begin() as connection:
            made = sum(_add_month(connection, month) for month in _months(today, months_ahead))
            for statement in filter(str.strip, _GRANTS.split(";")):
                connection.execute(text(statement))
    except FAILURES as error:
        raise unavailable(place, error) from None
    finally:
        engine.dispose()
    return made


@dataclass(frozen=True, slots=True)
class Planted:
    """A tree of a database: whose, its first key in C2SP's form, since when, how many entries, and its log-in.

    `writer` is None where any log-in that several share may write it, and empty where none may any more.
    """

    origin: str
    vkey: str
    begun: datetime
    size: int
    writer: str | None


def planted(url: str) -> tuple[Planted, ...]:
    """Give the trees of a database. Raise LedgerUnavailableError."""
    place = Tree(url, "-")
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        with engine.connect() as connection:
            return tuple(Planted(*row) for row in connection.execute(text(_TREES)))
    except FAILURES as error:
        raise unavailable(place, error) from None
    finally:
        engine.dispose()


def _months(today: date, ahead: int) -> Iterator[tuple[date, date]]:
    """Give the first day of each month from this one on, and of the next."""
    start = today.year * _MONTHS + today.month - 1
    days = [date(number // _MONTHS, number % _MONTHS + 1, 1) for number in range(start, start + ahead + 2)]
    yield from pairwise(days)


def _add_month(connection: Connection, month: tuple[date, date]) -> int:
    """Make a month's partitions where they are not there, and no row of it stands in the rest; give how many."""
    made = 0
    for table in ("entries", "payloads"):
        name = f"{table}_{month[0]:%Y_%m}"
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"guardrail.{name}"}) is not None:
            continue
        within = {"first": month[0], "next": month[1]}
        rest = text(f"SELECT 1 FROM guardrail.{table}_other WHERE month >= :first AND month < :next LIMIT 1")  # noqa: S608 - the names are this file's own
        if connection.scalar(rest, within) is None:
            bounds = f"FROM ('{month[0]}') TO ('{month[1]}')"
            connection.execute(
                text(f"CREATE TABLE guardrail.{name} PARTITION OF guardrail.{table} FOR VALUES {bounds}")
            )
            made += 1
    return made
