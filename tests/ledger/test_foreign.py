"""What somebody put beside guardrail's own tables into a ledger's database is named; another table ends the check."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.verify import verify
from tests.ledger_keys import KEYS, SEAL, opened

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

ENDLESS = """
CREATE VIEW entries AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
SELECT i AS idx, x'' AS leaf, x'' AS body FROM n
"""
MADE = "stands in the database that guardrail did not make"


@pytest.fixture
def good(path: Path, entry: MakeEntry) -> Path:
    """Give a ledger of three entries, closed."""
    with closing(opened(path)) as ledger:
        ledger.append(*(entry(number) for number in range(3)))
    return path


def run(path: Path, *statements: str) -> None:
    """Change the file behind the ledger's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "CREATE TRIGGER t BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END",
            f"a trigger `t` on `entries` {MADE}",
        ),
        ("CREATE VIEW people AS SELECT * FROM payloads", f"a view `people` {MADE}"),
        ("CREATE TABLE entries_2 (idx INTEGER)", f"a table `entries_2` {MADE}"),
        ("CREATE INDEX by_leaf ON entries (leaf)", f"a index `by_leaf` on `entries` {MADE}"),
        ("ANALYZE", f"a table `sqlite_stat1` {MADE}"),
    ],
)
def test_what_guardrail_did_not_make_is_named_and_the_rest_is_checked(good: Path, statement: str, words: str) -> None:
    """It changes no entry, so the tree is whole; but nobody but guardrail has anything to do there."""
    run(good, statement)
    report = verify(good, KEYS)
    assert [(one.index, one.reason) for one in report.findings] == [(None, words)]
    assert report.entries == 3


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["DROP TABLE cosignatures"], "the table `cosignatures` is missing"),
        (["ALTER TABLE tiles ADD COLUMN more TEXT"], "the table `tiles` is not as guardrail makes it"),
        (
            [
                "ALTER TABLE entries RENAME TO kept",
                ENDLESS,
            ],
            "the table `entries` is missing",
        ),
    ],
)
def test_a_table_that_is_another_ends_the_check(good: Path, statements: list[str], words: str) -> None:
    """A view in its place could go on for ever."""
    run(good, *statements)
    report = verify(good, KEYS)
    assert report.first_bad == 0
    assert words in (report.reason or "")
    assert report.entries == 0


def test_a_name_cannot_write_over_what_the_check_says(good: Path) -> None:
    """A terminal would take it for its own; nor does a long one fill the screen."""
    run(good, 'CREATE VIEW "\x1b[2J\x1b[Hthe ledger is whole\r" AS SELECT 1', f'CREATE VIEW "{"x" * 5000}" AS SELECT 1')
    first, second = (one.reason for one in verify(good, KEYS).findings)
    assert first == f"a view `\ufffd[2J\ufffd[Hthe ledger is whole\ufffd` {MADE}"
    assert len(second) < 700


def test_a_version_that_never_ends_is_none(good: Path) -> None:
    """Also what says which version it is must be a table."""
    run(good, "DROP TABLE alembic_version", "CREATE VIEW alembic_version AS SELECT '0003' AS version_num")
    assert verify(good, KEYS).reason == "the file is no ledger of this version"


def test_triggers_and_rules_in_a_shared_database_are_named(tree: Tree, signer: Signer, entry: MakeEntry) -> None:
    """Whoever owns it can make them; on the one table of a month, too."""
    with closing(PostgresLedger(tree, SEAL, signer)) as ledger:
        ledger.append(entry(0))
    assert verify(tree, [signer.verifier]).findings == ()
    url = make_url(tree.url)
    with psycopg.connect(host=str(url.query["host"]), dbname=url.database, user=url.username) as connection:
        connection.execute(
            "CREATE FUNCTION pg_temp.forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        connection.execute(
            "CREATE TRIGGER forget BEFORE INSERT ON guardrail.checkpoints EXECUTE FUNCTION pg_temp.forget()"
        )
        connection.execute("CREATE RULE quiet AS ON INSERT TO guardrail.cosignatures DO INSTEAD NOTHING")
        connection.commit()
        try:
            report = verify(tree, [signer.verifier])
        finally:
            connection.execute("DROP TRIGGER forget ON guardrail.checkpoints")
            connection.execute("DROP RULE quiet ON guardrail.cosignatures")
    assert [one.reason for one in report.findings] == [
        f"a trigger `forget` on `checkpoints` {MADE}",
        f"a rule `quiet` on `cosignatures` {MADE}",
    ]
