"""Each workstation has a log-in of its own, and the database lets it write its own ledger and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.logins import admit
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.prepare import KEEPER, READER, SHARED, planted, prepare
from guardrail.ledger.sweep import Swept, sweep
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger_keys import SEAL
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

type Open = Callable[[str, Signer], PostgresLedger]
type Connect = Callable[[str], psycopg.Connection[tuple[object, ...]]]


@pytest.fixture
def names(database: str) -> list[str]:
    """Give the log-ins of two workstations that have not begun."""
    return [admitted(database) for _ in range(2)]


@pytest.fixture
def opened(server: Server) -> Iterator[Open]:
    """Give a way to open a ledger as a log-in."""
    known: list[PostgresLedger] = []

    def make(name: str, key: Signer) -> PostgresLedger:
        known.append(PostgresLedger(Tree(server.url("clinic", name), key.verifier.name), SEAL, key))
        return known[-1]

    yield make
    for one in known:
        one.close()


@pytest.fixture
def connected(server: Server) -> Iterator[Connect]:
    """Give a way to talk to the database as a log-in, whatever guardrail would say."""
    known: list[psycopg.Connection[tuple[object, ...]]] = []

    def connect(name: str) -> psycopg.Connection[tuple[object, ...]]:
        known.append(psycopg.connect(host=str(server.folder), dbname="clinic", user=name, autocommit=True))
        return known[-1]

    yield connect
    for one in known:
        one.close()


def admitted(database: str) -> str:
    """Give the log-in of a workstation that has not begun."""
    name = f"desk-{uuid4().hex}"
    admit(database, name)
    return name


def signer() -> Signer:
    """Give a key, and so a tree, that nobody has."""
    return Signer(f"guardrail/{uuid4().hex}", b"s" * 32)


ROWS = {
    "heads": "VALUES ({tree}, 2, 3, '')",
    "entries": "VALUES ({tree}, 2, '2026-03-01', '', '')",
    "payloads": "VALUES ({tree}, 0, '2026-03-01', '')",
    "changes": "VALUES ({tree}, 0, 0, NULL)",
    "tiles": "VALUES ({tree}, 0, 0, '', '')",
    "checkpoints": "VALUES ({tree}, 2, '')",
    "cosignatures": "VALUES ({tree}, 2, 'witness', '') ON CONFLICT DO NOTHING",
}


@pytest.mark.parametrize("before", ["", "SET ROLE guardrail_writer"], ids=["itself", "as-the-role"])
@pytest.mark.parametrize("also", ["", READER, KEEPER])
def test_a_stolen_log_in_writes_into_no_other_tree(  # noqa: PLR0917 - fixtures
    opened: Open, connected: Connect, entry: MakeEntry, database: str, before: str, also: str
) -> None:
    """Nor one that may read them all, nor into a tree that is not there; into its own it may add: it is for that."""
    keys, names = [signer(), signer()], [admitted(database) for _ in range(2)]
    for name, key in zip(names, keys, strict=True):
        opened(name, key).append(entry(0), entry(1))
    with psycopg.connect(make_url(database).set(drivername="postgresql").render_as_string()) as owner:
        trees: dict[str, int] = dict(owner.execute("SELECT origin, id FROM guardrail.trees").fetchall())
        if also:
            owner.execute(f'GRANT {also} TO "{names[0]}"'.encode())
    thief = connected(names[0])
    if before:
        thief.execute(before)
    for table, row in ROWS.items():
        for tree in (trees[keys[1].verifier.name], 1_000_000):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                thief.execute(f"INSERT INTO guardrail.{table} {row.format(tree=tree)}".encode())
    thief.execute(f"INSERT INTO guardrail.changes {ROWS['changes'].format(tree=trees[keys[0].verifier.name])}".encode())
    assert all(verify(Tree(database, key.verifier.name), [key.verifier]).good for key in keys)


def test_a_log_in_sees_nothing_of_other_trees(
    names: list[str], opened: Open, connected: Connect, entry: MakeEntry
) -> None:
    """Neither that they are there, nor how far they have come."""
    keys = [signer(), signer()]
    for name, key in zip(names, keys, strict=True):
        opened(name, key).append(*(entry(number) for number in range(300)))
    thief = connected(names[0])
    assert thief.execute("SELECT origin FROM guardrail.trees").fetchall() == [(keys[0].verifier.name,)]
    assert thief.execute("SELECT count(DISTINCT tree) FROM guardrail.heads").fetchall() == [(1,)]
    for key, wanted in zip(keys, ((1, 1, 300), (0, 0, 0)), strict=True):
        thief.execute("SELECT set_config('guardrail.origin', %s, false)", [key.verifier.name])
        counts = [
            thief.execute(b"SELECT count(%s) FROM guardrail_tree.%s" % (column, view)).fetchone()
            for view, column in ((b"head", b"*"), (b"tiles", b"*"), (b"entries", b"idx"))
        ]
        assert counts == [(one,) for one in wanted]


def test_a_log_in_begins_one_ledger(
    names: list[str], opened: Open, connected: Connect, entry: MakeEntry, database: str
) -> None:
    """And nobody else's; what it is refused, is said in one line."""
    mine, other = signer(), signer()
    opened(names[0], mine).append(entry(0))
    with pytest.raises(LedgerUnavailableError, match=f"its log-in writes the ledger {mine.verifier.name}: give the"):
        opened(names[0], other)
    with pytest.raises(LedgerUnavailableError, match="this ledger is another log-in's: give the workstation its own"):
        opened(names[1], mine)
    thief = connected(names[0])
    for writer, shared in ((names[0], True), (names[1], False), ("owner", True), (None, True)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            thief.execute(
                "INSERT INTO guardrail.trees (origin, vkey, writer, shared) VALUES (%s, '', %s, %s)",
                ["guardrail/more", writer, shared],
            )
    assert {one.origin: one.writer for one in planted(database)}[mine.verifier.name] == names[0]


def test_a_log_in_that_is_shared_writes_every_ledger_that_it_begins(
    names: list[str], opened: Open, entry: MakeEntry, server: Server
) -> None:
    """Where the operator has chosen so; it is still kept out of those of others."""
    shared, alone = names
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        owner.execute(f'GRANT {SHARED} TO "{shared}"'.encode())
    keys, other = [signer(), signer()], signer()
    for key in keys:
        opened(shared, key).append(entry(0))
    assert opened(shared, keys[0]).append(entry(1)) == 1
    opened(alone, other).append(entry(0))
    with pytest.raises(LedgerUnavailableError, match="its log-in writes the ledger"):
        opened(shared, other)


def test_a_ledger_can_be_given_to_another_log_in(
    names: list[str], opened: Open, entry: MakeEntry, database: str
) -> None:
    """The former one writes it no more, and begins another only when it is told so."""
    mine, next_one = signer(), signer()
    former = opened(names[0], mine)
    former.append(entry(0))
    admit(database, names[1], mine.verifier.name)
    with pytest.raises(LedgerUnavailableError, match="the user may not do that"):
        former.append(entry(1))
    assert opened(names[1], mine).append(entry(1)) == 1
    opened(names[0], next_one).append(entry(0))
    with pytest.raises(LedgerError, match=r"writes the ledger .*: add --anew to end that one"):
        admit(database, names[1], next_one.verifier.name)
    admit(database, names[1], next_one.verifier.name, anew=True)
    assert {one.origin: one.writer for one in planted(database)}[mine.verifier.name] == ""
    assert opened(names[1], next_one).append(entry(1)) == 1
    with pytest.raises(LedgerUnavailableError, match="its log-in writes the ledger"):
        opened(names[1], mine)
    with pytest.raises(LedgerError, match="the database has no ledger guardrail/none"):
        admit(database, names[0], "guardrail/none")


def test_a_workstation_that_begins_anew_keeps_its_log_in(
    names: list[str], opened: Open, entry: MakeEntry, database: str
) -> None:
    """Its former ledger stays as it is."""
    first, second = signer(), signer()
    opened(names[0], first).append(entry(0))
    admit(database, names[0], anew=True)
    assert opened(names[0], second).append(entry(0)) == 0
    assert verify(Tree(database, first.verifier.name), [first.verifier]).entries == 1


def test_a_password_is_said_once_and_is_nowhere_on_the_server(database: str, server: Server) -> None:
    """What the server keeps, and would log, is its verifier; a second call makes a new one."""
    name = f"desk-{uuid4().hex}"
    made = [make_url(admit(database, name)) for _ in range(2)]
    assert made[0].password != made[1].password
    assert [one.username for one in made] == [name, name]
    wanted = make_url(database)
    assert (made[0].host, made[0].database, made[0].query) == (wanted.host, wanted.database, wanted.query)
    with psycopg.connect(server.conninfo("clinic")) as owner:
        found = owner.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [name]).fetchone()
    assert found is not None
    assert str(found[0]).startswith("SCRAM-SHA-256$")
    assert not any(str(one.password) in str(found[0]) for one in made)


@pytest.mark.parametrize("name", ["", "Desk", "a b", 'x"y', "pg_monitor", "guardrail_writer", "x" * 64, "owner", "who"])
def test_a_log_in_of_something_else_is_left_alone(database: str, server: Server, name: str) -> None:
    """Neither the owner's password nor a reader's is changed."""
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS who")
        owner.execute(f"CREATE ROLE who LOGIN IN ROLE {READER}".encode())
    with pytest.raises(LedgerError, match=r"is no name for a log-in|is not a workstation's"):
        admit(database, name)


def test_who_is_not_the_owner_makes_no_log_ins(names: list[str], server: Server) -> None:
    """In one line."""
    with pytest.raises(LedgerUnavailableError, match="the user may not do that"):
        admit(server.url("clinic", names[0]), "desk-of-a-thief")


def test_an_owner_need_not_be_superuser(entry: MakeEntry) -> None:
    """Whoever may make roles makes the database ready, lets workstations in, checks and sweeps."""
    server, key = Server(), signer()
    try:
        server.start()
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as superuser:
            superuser.execute("CREATE ROLE keeper_of_all LOGIN CREATEROLE")
            superuser.execute("CREATE DATABASE clinic OWNER keeper_of_all")
        url = server.url("clinic", "keeper_of_all")
        for _ in range(2):
            prepare(url, date(2026, 3, 1), 1)
        admit(url, "desk1")
        with closing(PostgresLedger(Tree(server.url("clinic", "desk1"), key.verifier.name), SEAL, key)) as ledger:
            ledger.append(*(entry(number, details={"sealed": {"q": "m"}}) for number in range(300)))
            ledger.append(entry(kind=EntryKind.DESTROYED, details={"indexes": [7], "rule": "noted: 6 years"}))
        with psycopg.connect(server.conninfo("clinic").replace("owner", "desk1")) as desk:
            desk.execute("INSERT INTO guardrail.changes SELECT id, 300, 7, NULL FROM guardrail.trees")
        place = Tree(url, key.verifier.name)
        assert verify(place, [key.verifier]).reason is None
        assert sweep(url, [key.verifier], rewrite=True) == Swept(1, 0)
        assert verify(place, [key.verifier]).reason is None
        assert [one.writer for one in planted(url)] == ["desk1"]
    finally:
        server.close()
