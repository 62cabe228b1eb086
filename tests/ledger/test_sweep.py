"""What was sealed anew or destroyed on a workstation goes from the database as well, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from pyrage import x25519

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import Swap, to_bytes
from guardrail.ledger.merkle import leaf_hash
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.prepare import KEEPER
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.reseal import Who, reseal
from guardrail.ledger.seal import Seal, open_sealed
from guardrail.ledger.spool import Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.sweep import Swept, sweep
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger_keys import SEAL, SUPERVISOR
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

NEXT, THIRD = (x25519.Identity.generate() for _ in range(2))
ME = Who("dr-sel", "front-desk")
ALL = range(5)
FIRST = b"SELECT idx, payload FROM guardrail.payloads JOIN guardrail.trees ON id = tree WHERE origin = %s"
LATER = b"SELECT idx, made, payload FROM guardrail.changes JOIN guardrail.trees ON id = tree WHERE origin = %s"


class Copied:
    """A workstation's ledger of five typed texts, its copy in the database, and what stands there for whom."""

    def __init__(self, path: Path, tree: Tree, signer: Signer, server: Server, entry: MakeEntry) -> None:
        """Begin with everything sent."""
        self.tree, self.signer, self.server, self.entry = tree, signer, server, entry
        self.ledger = SqliteLedger(path, SEAL, signer)
        self.spool = Spool(self.ledger, tree, "front-desk", timedelta(hours=1))
        self.ledger.append(*(entry(number, details={"sealed": {"query": f"margit {number}"}}) for number in ALL))
        self.old = {stored.index: stored.payload or b"" for stored in self.ledger.read()}

    def reseal(self, old: x25519.Identity, new: x25519.Identity) -> None:
        """Close every text anew, on the workstation."""
        reseal(self.ledger, [old], Seal([str(new.to_public())]), ME)

    def destroy(self, *indexes: int) -> None:
        """Destroy texts, on the workstation."""
        told = self.entry(9, kind=EntryKind.DESTROYED, details={"indexes": list(indexes), "rule": "noted: 6 years"})
        self.ledger.replace(told, {index: Swap(None) for index in indexes})

    def assert_same(self) -> None:
        """Hold the copy against the ledger, and check it."""
        with closing(LedgerReader(self.tree)) as there:
            assert list(there.read()) == list(self.ledger.read())
        assert verify(self.tree, [self.signer.verifier]).reason is None

    def rows(self) -> tuple[dict[int, bytes], dict[tuple[int, int], bytes | None]]:
        """Give all closed texts that the database's tables have: the first ones, and those in their place."""
        with psycopg.connect(self.server.conninfo("clinic")) as owner:
            first = owner.execute(FIRST, [self.tree.origin])
            later = owner.execute(LATER, [self.tree.origin])
            return dict(first.fetchall()), {(index, made): payload for index, made, payload in later}

    def close(self) -> None:
        """End."""
        self.spool.close()
        self.ledger.close()


@pytest.fixture
def fresh(path: Path, tree: Tree, signer: Signer, server: Server, entry: MakeEntry) -> Iterator[Copied]:
    """Give a ledger of which nothing was sent, and leave nothing that another test's sweep would find."""
    made = Copied(path, tree, signer, server, entry)
    yield made
    made.close()
    with psycopg.connect(server.conninfo("clinic")) as owner:
        owner.execute("DELETE FROM guardrail.changes")


@pytest.fixture
def copied(fresh: Copied) -> Copied:
    """Give one of which everything was sent."""
    fresh.spool.send()
    return fresh


@pytest.fixture
def keeper(server: Server, database: str) -> str:
    """Give the database's address for a log-in that may remove, and nothing else."""
    assert database
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS a_sweeper")
        owner.execute(f"CREATE ROLE a_sweeper LOGIN IN ROLE {KEEPER}".encode())
    return server.url("clinic", "a_sweeper")


def test_texts_that_were_sealed_anew_take_the_place_of_the_old_ones(copied: Copied, keeper: str) -> None:
    """At once for all who read; when the keeper has swept, the former reader's key opens nothing that is there."""
    copied.reseal(SUPERVISOR, NEXT)
    copied.spool.send()
    copied.assert_same()
    first, later = copied.rows()
    assert first == copied.old
    assert set(later) == {(index, 5) for index in ALL}
    assert sweep(keeper, [copied.signer.verifier]) == Swept(5, 0)
    copied.assert_same()
    first, later = copied.rows()
    assert first == {}
    for (index, _), payload in later.items():
        assert payload is not None
        assert open_sealed(payload, [NEXT]) == {"query": f"margit {index}"}
        with pytest.raises(LedgerError, match="sealed to another key"):
            open_sealed(payload, [SUPERVISOR])
    assert sweep(keeper, [copied.signer.verifier]) == Swept(0, 0)


@pytest.mark.parametrize("swept", ["never", "between"])
@pytest.mark.parametrize("sent", ["each-time", "at-the-end"])
def test_sealed_anew_twice_and_then_destroyed(copied: Copied, keeper: str, swept: str, sent: str) -> None:
    """Also while the database was away: at the end only what is on the workstation is there."""
    steps: tuple[Callable[[], None], ...] = (
        lambda: copied.reseal(SUPERVISOR, NEXT),
        lambda: copied.reseal(NEXT, THIRD),
        lambda: copied.destroy(1, 3),
    )
    for step in steps:
        step()
        if sent == "each-time":
            copied.spool.send()
            copied.assert_same()
        if swept == "between":
            assert sweep(keeper, [copied.signer.verifier]).left == 0
    copied.spool.send()
    copied.assert_same()
    assert sweep(keeper, [copied.signer.verifier]).left == 0
    copied.assert_same()
    first, later = copied.rows()
    now = {stored.index: stored.payload for stored in copied.ledger.read() if stored.index in ALL}
    assert first == {}
    assert {index: payload for (index, _), payload in later.items()} == now
    assert len(later) == len(ALL)


def test_what_was_sealed_anew_before_it_was_sent_is_there_once(fresh: Copied, keeper: str) -> None:
    """The old text never reaches the database."""
    fresh.reseal(SUPERVISOR, NEXT)
    fresh.destroy(0)
    fresh.spool.send()
    fresh.assert_same()
    first, later = fresh.rows()
    assert not {*first.values(), *later.values()} & set(fresh.old.values())
    assert sweep(keeper, [fresh.signer.verifier]).left == 0
    fresh.assert_same()


FORGED = {
    "no-entry": "VALUES ({tree}, 7, 0, NULL)",
    "another-entry": "VALUES ({tree}, 2, 0, NULL)",
    "not-that-text": "VALUES ({tree}, 5, 0, NULL)",
    "another-text": "VALUES ({tree}, 5, 1, 'nonsense')",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_change_that_no_entry_bears_out_removes_nothing(
    copied: Copied, keeper: str, server: Server, forged: str
) -> None:
    """Whoever stole a workstation's log-in hides a text; the check finds that, and the text can be brought back."""
    copied.destroy(1)
    with psycopg.connect(server.conninfo("clinic")) as owner:
        found = owner.execute("SELECT id FROM guardrail.trees WHERE origin = %s", [copied.tree.origin]).fetchone()
        assert found is not None
        owner.execute(f"INSERT INTO guardrail.changes {FORGED[forged].format(tree=found[0])}".encode())
    if forged != "another-text":  # it stands where the true change would
        copied.spool.send()
    else:
        with pytest.raises(LedgerError, match="has rows behind the end of this ledger, at 5: somebody else wrote them"):
            copied.spool.send()
    assert not verify(copied.tree, [copied.signer.verifier]).good
    assert sweep(keeper, [copied.signer.verifier]).left == 1
    assert copied.rows()[0][0] == copied.old[0]


TWICE = 3


@pytest.mark.parametrize("index", [5, 100_000, TWICE], ids=["next", "far-away", "twice"])
def test_an_entry_that_a_thief_added_removes_nothing(
    copied: Copied, keeper: str, server: Server, entry: MakeEntry, index: int
) -> None:
    """A log-in that was stolen adds entries too, with the hash of a true one, and a head: it can sign neither."""
    forged = to_bytes(entry(9, kind=EntryKind.DESTROYED, details={"indexes": [0], "rule": "noted: 6 years"}))
    with psycopg.connect(server.conninfo("clinic")) as owner:
        found = owner.execute("SELECT id FROM guardrail.trees WHERE origin = %s", [copied.tree.origin]).fetchone()
        assert found is not None
        true = owner.execute("SELECT leaf FROM guardrail.entries WHERE tree = %s AND idx = %s", [found[0], index])
        [leaf] = true.fetchone() or [leaf_hash(forged)]
        added = (found[0], index, leaf, forged)
        owner.execute("INSERT INTO guardrail.entries VALUES (%s, %s, '2026-02-01', %s, %s)", added)
        owner.execute("INSERT INTO guardrail.changes VALUES (%s, %s, 0, NULL)", added[:2])
        if index != TWICE:
            owner.execute("INSERT INTO guardrail.heads VALUES (%s, 5, %s, 'nonsense')", (found[0], index + 1))
    assert sweep(keeper, [copied.signer.verifier]) == Swept(0, 1)
    assert copied.rows()[0][0] == copied.old[0]


def test_only_what_the_ledgers_own_keys_vouch_for_is_removed(copied: Copied, keeper: str, signer: Signer) -> None:
    """An entry that no good signature covers bears nothing out, nor does one of another ledger's key."""
    copied.destroy(0)
    copied.spool.send()
    others = [Signer(signer.verifier.name, b"o" * 32).verifier, Signer("guardrail/other", b"s" * 32).verifier]
    with pytest.raises(LedgerError, match="without the keys that vouch for it: name the ledgers' verifier keys"):
        sweep(keeper, [])
    for other in others:
        assert sweep(keeper, [other]) == Swept(0, 1)
    assert sweep(keeper, [*others, signer.verifier]) == Swept(1, 0)
    copied.assert_same()


def test_nothing_is_left_in_the_tables_files(copied: Copied, keeper: str, server: Server, database: str) -> None:
    """Where the owner has them made anew; whoever is not the owner is told so."""
    copied.reseal(SUPERVISOR, NEXT)
    copied.spool.send()
    with pytest.raises(LedgerError, match="only the database's owner"):
        sweep(keeper, [copied.signer.verifier], rewrite=True)
    assert _in_files(server, copied.old[2])
    assert sweep(database, [copied.signer.verifier], rewrite=True) == Swept(5, 0)
    assert not _in_files(server, copied.old[2])
    copied.assert_same()


def test_whoever_may_not_remove_is_told_so(copied: Copied, server: Server) -> None:
    """In one line."""
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS a_nobody")
        owner.execute("CREATE ROLE a_nobody LOGIN")
    assert copied.ledger.origin
    with pytest.raises(LedgerUnavailableError, match="the user may not do that"):
        sweep(server.url("clinic", "a_nobody"), [copied.signer.verifier])


def _in_files(server: Server, payload: bytes) -> bool:
    """Whether the bytes are in a table's file, once the database has written all that it has in memory."""
    with psycopg.connect(server.conninfo("clinic"), autocommit=True) as owner:
        owner.execute("CHECKPOINT")
    return any(payload[-100:] in file.read_bytes() for file in (server.data / "base").rglob("*") if file.is_file())
