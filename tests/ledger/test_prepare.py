"""The database is made ready once for all, and its roles may do what they need and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.database import METADATA, open_reader
from guardrail.ledger.logins import admit
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger, month_of
from guardrail.ledger.prepare import KEEPER, READER, WRITER, planted, prepare
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from tests.ledger_keys import SEAL
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

PASSWORD = "never said"


@pytest.fixture
def desk(database: str, server: Server, signer: Signer) -> Iterator[PostgresLedger]:
    """Give a ledger that is written by a log-in with the writer's role alone."""
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        for role in (WRITER, READER, KEEPER):
            owner.execute(f"DROP ROLE IF EXISTS a_{role}".encode())
            owner.execute(f"CREATE ROLE a_{role} LOGIN IN ROLE {role}".encode())
    name = f"desk-{uuid4().hex}"
    admit(database, name)
    made = PostgresLedger(Tree(server.url("clinic", name), signer.verifier.name), SEAL, signer)
    yield made
    made.close()


def test_a_second_run_changes_nothing(database: str) -> None:
    """It may be run whenever somebody thinks of it; months that are new get their parts."""
    assert prepare(database, date(2026, 2, 1), months_ahead=2) == 0
    assert prepare(database, date(2026, 2, 1), months_ahead=3) == 2


def test_the_views_of_one_tree_are_the_tables_of_a_file(tree: Tree) -> None:
    """Same names, same columns in the same order: whatever reads a file reads a tree."""
    engine = open_reader(tree)
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            found = connection.exec_driver_sql(f"SELECT * FROM guardrail_tree.{table.name} LIMIT 0")  # noqa: S608 - our own
            assert list(found.keys()) == [column.name for column in table.columns]
    engine.dispose()


def test_a_workstation_writes_and_cannot_read_back(desk: PostgresLedger, entry: MakeEntry, tree: Tree) -> None:
    """It goes on from its tree's end; what stands in the entries is not for it."""
    desk.append(*(entry(number, details={"sealed": {"q": "m"}}) for number in range(300)))
    desk.append(entry(1))
    with pytest.raises(LedgerUnavailableError, match="the user may not do that"):
        list(desk.read())
    assert verify(tree, [Signer(tree.origin, b"s" * 32).verifier]).entries == 301
    again = PostgresLedger(desk.place, SEAL, Signer(tree.origin, b"s" * 32))
    assert again.append(entry(2)) == 301
    again.close()


TABLES = ("trees", "heads", "entries", "payloads", "changes", "tiles", "checkpoints", "cosignatures")
FORBIDDEN = {
    WRITER: [
        *(f"DELETE FROM guardrail.{table}" for table in TABLES),  # noqa: S608 - the names stand above
        *(f"TRUNCATE guardrail.{table}" for table in TABLES),
        *(f"DROP TABLE guardrail.{table}" for table in TABLES),
        "UPDATE guardrail.entries SET body = leaf",
        "UPDATE guardrail.heads SET note = ''",
        "SELECT body FROM guardrail_tree.entries",
        "SELECT body FROM guardrail.entries",
        "SELECT payload FROM guardrail.payloads",
        "SELECT payload FROM guardrail_tree.payloads",
    ],
    READER: [
        "INSERT INTO guardrail.heads VALUES (1, 0, 1, '')",
        "DELETE FROM guardrail.payloads",
        "UPDATE guardrail.entries SET body = leaf",
    ],
    KEEPER: [
        "DELETE FROM guardrail.entries",
        "DELETE FROM guardrail.heads",
        "UPDATE guardrail.payloads SET payload = NULL",
        "INSERT INTO guardrail.changes VALUES (1, 1, 1, NULL)",
    ],
}


@pytest.mark.parametrize("role", FORBIDDEN)
@pytest.mark.usefixtures("desk")
def test_no_role_may_change_what_is_written(server: Server, role: str) -> None:
    """Only the keeper removes, and only closed texts."""
    with psycopg.connect(host=str(server.folder), dbname="clinic", user=f"a_{role}", autocommit=True) as connection:
        for statement in FORBIDDEN[role]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


GAPS = {
    "a second append from the same size": "INSERT INTO guardrail.heads VALUES ({tree}, 3, 9, '')",
    "a second beginning": "INSERT INTO guardrail.heads VALUES ({tree}, -1, 0, '')",
    "a beginning in the middle": "INSERT INTO guardrail.heads VALUES ({tree}, -1, 9, '')",
    "a way back": "INSERT INTO guardrail.heads VALUES ({tree}, 5, 4, '')",
}


@pytest.mark.parametrize("gap", GAPS)
def test_the_database_itself_lets_no_tree_fork(
    desk: PostgresLedger, entry: MakeEntry, server: Server, gap: str
) -> None:
    """Whatever program writes."""
    desk.append(*(entry(number) for number in range(3)))
    desk.append(entry(3), entry(4))
    with psycopg.connect(server.conninfo("clinic")) as connection:
        found = connection.execute("SELECT id FROM guardrail.trees WHERE origin = %s", [desk.origin]).fetchone()
        assert found is not None
        with pytest.raises(psycopg.IntegrityError):
            connection.execute(GAPS[gap].format(tree=found[0]).encode())


def test_the_list_of_trees_says_whose_and_how_many(desk: PostgresLedger, entry: MakeEntry, database: str) -> None:
    """For whoever keeps the database."""
    desk.append(entry(0), entry(1))
    [mine] = [one for one in planted(database) if one.origin == desk.origin]
    assert (mine.size, mine.vkey) == (2, str(Signer(desk.origin, b"s" * 32).verifier))
    assert (datetime.now(UTC) - mine.begun).days == 0


def test_rows_stand_in_the_month_of_their_entry(desk: PostgresLedger, entry: MakeEntry, server: Server) -> None:
    """A month for which nobody made a part stands with the rest, and nothing is lost."""
    times = [
        datetime(2026, 3, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
        datetime(1999, 1, 1, tzinfo=UTC),
    ]
    desk.append(*(entry(at=at) for at in times))
    with psycopg.connect(server.conninfo("clinic")) as connection:
        found = connection.execute(
            "SELECT tableoid::regclass::text, month FROM guardrail.entries WHERE tree ="
            " (SELECT id FROM guardrail.trees WHERE origin = %s) ORDER BY idx",
            [desk.origin],
        ).fetchall()
    assert [month for _, month in found] == [date(2026, 3, 1), date(2026, 4, 1), date(1999, 1, 1)]
    assert [name for name, _ in found] == [
        "guardrail.entries_2026_03",
        "guardrail.entries_2026_04",
        "guardrail.entries_other",
    ]


@pytest.mark.parametrize("body", [b"", b'{"at":"', b'{"at":"nonsense"}', b'{"at":"\xff\xff\xff\xff\xff\xff\xff'])
def test_bytes_without_a_time_have_a_month_too(body: bytes) -> None:
    """No row is refused for it."""
    assert month_of(body) == date(1970, 1, 1)


def test_a_database_that_is_not_ready_says_what_to_do(server: Server, signer: Signer) -> None:
    """In one line, without the password."""
    url = server.create("empty").replace("owner@", f"owner:{PASSWORD.replace(' ', '%20')}@")
    with pytest.raises(LedgerUnavailableError, match="has no tables: run `guardrail ledger database prepare`") as said:
        PostgresLedger(Tree(url, signer.verifier.name), SEAL, signer)
    assert "never" not in f"{said.value}{Tree(url, 'x')!r}{Tree(url, 'x')}"
    with pytest.raises(LedgerUnavailableError, match=r"has no database of that name|cannot be reached"):
        prepare(server.url("nowhere"), date(2026, 2, 1))


def test_a_tree_that_was_never_planted_has_no_head(tree: Tree) -> None:
    """A reader says so, a check finds it missing."""
    reader = LedgerReader(tree)
    assert list(reader.read()) == []
    with pytest.raises(LedgerError, match="there is no ledger yet"):
        reader.head()
    reader.close()
    assert not verify(tree, [Signer(tree.origin, b"s" * 32).verifier]).good


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite:///x", "postgresql://a@b/c", "postgresql+psycopg2://a@b/c"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    """Before anything is sent there."""
    with pytest.raises(LedgerError, match=r"must begin with postgresql\+psycopg://"):
        Tree(url, "guardrail/x")
