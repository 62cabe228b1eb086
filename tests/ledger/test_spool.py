"""What the workstation wrote reaches the database once and in order, whatever happens in between."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger import spool
from guardrail.ledger.note import Note, Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.spool import Clocks, Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger.cable import Cable, Cut
from tests.ledger_keys import SEAL
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

DAY = timedelta(hours=24)
HEADS = b"INSERT INTO guardrail.heads"


class Hands:
    """Clocks that a test moves."""

    def __init__(self) -> None:
        """Begin in March."""
        self.time = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.since = 100.0

    def clocks(self) -> Clocks:
        """Give them."""
        return Clocks(lambda: self.time, lambda: self.since)

    def pass_by(self, hours: float) -> None:
        """Let time pass."""
        self.time += timedelta(hours=hours)
        self.since += hours * 3600


class Desk:
    """A workstation: its ledger, and what sends it over a cable."""

    def __init__(self, path: Path, tree: Tree, signer: Signer, cable: Cable) -> None:
        """Begin with nothing sent."""
        self.path, self.tree, self.signer = path, tree, signer
        self.cable, self.hands = cable, Hands()
        self.ledger, self.spool = self._begin()

    def _begin(self) -> tuple[SqliteLedger, Spool]:
        ledger = SqliteLedger(self.path, SEAL, self.signer)
        place = Tree(self.cable.url(self.tree.url), self.tree.origin)
        return ledger, Spool(ledger, place, "front-desk", DAY, self.hands.clocks())

    def restart(self) -> None:
        """End and begin anew."""
        self.close()
        self.ledger, self.spool = self._begin()

    def close(self) -> None:
        """End."""
        self.spool.close()
        self.ledger.close()

    def kinds(self) -> list[EntryKind]:
        """Give the kinds of what is on the workstation's ledger."""
        return [stored.entry.kind for stored in self.ledger.read()]

    def assert_same(self) -> None:
        """Hold both ledgers against each other, byte for byte, and check the one in the database."""
        with closing(LedgerReader(self.tree)) as there:
            assert list(there.read()) == list(self.ledger.read())
            theirs, ours = Note.read(there.head()), Note.read(self.ledger.reader.head())
        assert theirs == ours
        report = verify(self.tree, [self.signer.verifier])
        assert report.reason is None


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    """Give a network to the server."""
    made = Cable(server.socket)
    yield made
    made.close()


@pytest.fixture
def desk(path: Path, tree: Tree, signer: Signer, cable: Cable) -> Iterator[Desk]:
    """Give a workstation with a database."""
    made = Desk(path, tree, signer, cable)
    yield made
    made.close()


def test_all_that_is_written_comes_to_the_database(desk: Desk, entry: MakeEntry) -> None:
    """Entries, closed texts, tiles, checkpoints, cosignatures and the signed head; in several transactions."""
    desk.ledger.append(entry(kind=EntryKind.STARTED))
    desk.ledger.append(*(entry(number, details={"sealed": {"q": f"m{number}"}}) for number in range(1200)))
    assert desk.spool.turn()
    desk.ledger.append(entry(1))
    assert desk.spool.turn()
    desk.assert_same()
    desk.ledger.cosign(64, "witness", "— witness AAAA\n")
    assert desk.spool.turn()
    delivery = desk.spool.delivery()
    assert (delivery.sent, delivery.behind, delivery.problem) == (1202, 0, None)
    tables = ("checkpoints", "cosignatures", "tiles")
    with closing(LedgerReader(desk.tree)) as there:
        for table in tables:
            statement = f"SELECT * FROM {table} ORDER BY 1, 2"  # noqa: S608 - the names stand above
            with there.moment() as theirs, desk.ledger.reader.moment() as ours:
                rows = theirs.exec_driver_sql(statement).all()
                assert rows == ours.exec_driver_sql(statement).all()
                assert rows


def test_a_thread_sends_as_soon_as_something_is_written(desk: Desk, entry: MakeEntry) -> None:
    """Nobody has to ask for it; ending sends what is left."""
    desk.spool.start()
    for number in range(5):
        desk.ledger.append(entry(number))
    desk.spool.close()
    desk.assert_same()


def test_without_the_database_the_workstation_goes_on_and_says_so(desk: Desk, entry: MakeEntry) -> None:
    """Two entries tell of it, once each; then all of it is in the database."""
    desk.ledger.append(entry(0))
    desk.cable.cut()
    for number in range(3):
        assert not desk.spool.turn()
        desk.ledger.append(entry(number))
        desk.hands.pass_by(hours=1)
    delivery = desk.spool.delivery()
    assert (delivery.sent, delivery.behind) == (None, 5)
    assert delivery.problem is not None
    assert "cannot be reached: check the network" in delivery.problem
    assert "owner" not in delivery.problem
    desk.cable.mend()
    assert desk.spool.turn()
    assert desk.spool.turn()
    lost, back = EntryKind.STORE_LOST, EntryKind.STORE_BACK
    assert [kind for kind in desk.kinds() if kind in (lost, back)] == [lost, back]
    assert list(desk.ledger.read())[-1].entry.details == {"seconds": 3 * 3600}
    desk.assert_same()


@pytest.mark.parametrize("restarts", [0, 2])
def test_after_its_time_nothing_is_released(desk: Desk, entry: MakeEntry, restarts: int) -> None:
    """Restarts begin no new time; when the database is back, so is the ledger."""
    desk.cable.cut()
    desk.spool.turn()
    for _ in range(restarts + 1):
        desk.hands.pass_by(hours=23.9 / (restarts + 1))
        desk.spool.turn()
        desk.ledger.append(entry())
        if restarts:
            desk.restart()
    desk.hands.pass_by(hours=0.2)
    for _ in range(2):
        with pytest.raises(LedgerUnavailableError, match="has been out of reach for more than 24 hours"):
            desk.ledger.append(entry())
        assert not desk.spool.turn()
    desk.cable.mend()
    assert desk.spool.turn()
    desk.ledger.append(entry())
    assert desk.spool.turn()
    desk.assert_same()


def test_a_clock_that_is_set_back_gives_no_more_time(desk: Desk, entry: MakeEntry) -> None:
    """The clock that only goes on counts as well."""
    desk.cable.cut()
    desk.spool.turn()
    desk.hands.pass_by(hours=25)
    desk.hands.time -= timedelta(days=30)
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        desk.ledger.append(entry())


def test_a_clock_that_is_set_forward_closes_at_once_and_heals(desk: Desk, entry: MakeEntry) -> None:
    """Rather too early than too late; the order of entries is not that of their times."""
    desk.cable.cut()
    desk.spool.turn()
    desk.hands.time += timedelta(days=3650)
    with pytest.raises(LedgerUnavailableError, match="out of reach"):
        desk.ledger.append(entry())
    desk.cable.mend()
    assert desk.spool.turn()
    desk.hands.time -= timedelta(days=7300)
    desk.ledger.append(entry(at=desk.hands.time), entry(at=datetime(1969, 12, 31, tzinfo=UTC)))
    assert desk.spool.turn()
    desk.assert_same()


@pytest.mark.parametrize("moment", Cut)
@pytest.mark.parametrize("mended", [True, False], ids=["short", "long"])
def test_a_cut_in_the_middle_of_a_commit_leaves_each_entry_once(
    desk: Desk, entry: MakeEntry, moment: Cut, *, mended: bool
) -> None:
    """Whether the rows had been written or not: the database itself says where to go on."""
    desk.ledger.append(entry(0))
    assert desk.spool.turn()
    # The server knows the statement by a name by now, which tells nothing: a new one has its words.
    desk.ledger.append(*(entry(number, details={"sealed": {"q": "m"}}) for number in range(300)))
    desk.cable.cut_at(moment, HEADS)
    if not mended:
        with pytest.raises(LedgerUnavailableError, match="cannot be reached"):
            desk.spool.send()
    assert desk.spool.turn()
    desk.assert_same()
    assert EntryKind.STORE_LOST not in desk.kinds()


def test_what_witnesses_said_comes_before_what_tells_of_it(
    desk: Desk, entry: MakeEntry, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that names a cosignature never stands in the database without it, however the sending is cut."""
    monkeypatch.setattr(spool, "_AT_ONCE", 7)
    for number in range(1, 6):
        desk.ledger.append(*(entry(number) for number in range(63)), entry(kind=EntryKind.HEARTBEAT))
        desk.ledger.cosign(number * 64, "witness", f"line {number}\n")
    assert desk.spool.turn()
    with psycopg.connect(server.conninfo("clinic")) as connection:
        found = connection.execute(
            "SELECT said.size, said.xmin = head.xmin"
            " FROM guardrail.cosignatures AS said JOIN guardrail.trees ON id = said.tree"
            " JOIN guardrail.heads AS head ON head.tree = id AND said.size BETWEEN head.first + 1 AND head.size"
            " WHERE origin = %s ORDER BY said.size",
            [desk.tree.origin],
        ).fetchall()
    assert found == [(number * 64, True) for number in range(1, 6)]


def test_a_failure_of_its_own_counts_as_not_sent(desk: Desk, entry: MakeEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread goes on, the time begins, and what failed is told without a word of what was to be sent."""

    def broken(_: object) -> None:
        raise KeyError("margit")

    with monkeypatch.context() as patch:
        patch.setattr(spool, "tile_rows", broken)
        desk.ledger.append(entry(0))
        assert not desk.spool.turn()
        assert (desk.spool.delivery().problem or "").endswith("guardrail failed: KeyError")
    assert desk.kinds()[-1] is EntryKind.STORE_LOST
    assert desk.spool.turn()
    assert desk.kinds()[-1] is EntryKind.STORE_BACK


@pytest.mark.parametrize(
    "error", [LedgerUnavailableError("the disk is full"), RuntimeError("whatever")], ids=["full", "other"]
)
def test_what_the_ledger_does_not_take_is_told_later(
    desk: Desk, entry: MakeEntry, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """That the database was lost, and that it is back: else the next start would take it for lost since then."""

    def full(*_: object) -> int:
        raise error

    desk.ledger.append(entry(0))
    told = [EntryKind.NOTED]
    for move, goes, kind in (
        (desk.cable.cut, False, EntryKind.STORE_LOST),
        (desk.cable.mend, True, EntryKind.STORE_BACK),
    ):
        move()
        with monkeypatch.context() as patch:
            patch.setattr(desk.ledger, "append", full)
            assert desk.spool.turn() is goes
        assert desk.kinds() == told
        told.append(kind)
        for _ in range(2):
            assert desk.spool.turn() is goes
            assert desk.kinds() == told
    assert spool.lost_since(desk.ledger.reader) is None


def test_rows_of_somebody_else_in_the_way_are_said(desk: Desk, entry: MakeEntry, server: Server) -> None:
    """They stop the sending; it does not try for ever."""
    desk.ledger.append(entry(0))
    assert desk.spool.turn()
    desk.ledger.append(entry(1))
    with psycopg.connect(server.conninfo("clinic")) as owner:
        owner.execute(
            "INSERT INTO guardrail.entries SELECT id, 1, '2026-03-01', '', '' FROM guardrail.trees WHERE origin = %s",
            [desk.tree.origin],
        )
    assert not desk.spool.turn()
    assert "has rows behind the end of this ledger, at 1" in (desk.spool.delivery().problem or "")


def test_a_spool_that_is_sent_twice_is_there_once(desk: Desk, entry: MakeEntry, tmp_path: Path) -> None:
    """By a copy of the workstation, or by two at once: the same rows, and nothing more."""
    desk.ledger.append(*(entry(number) for number in range(700)))
    copy = _copied(desk.path, tmp_path)
    other = SqliteLedger(copy, SEAL, desk.signer)
    again = Spool(other, desk.tree, "front-desk", DAY, desk.hands.clocks())
    sending = [threading.Thread(target=spool.turn) for spool in (desk.spool, again)]
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join()
    assert again.turn()
    desk.assert_same()
    again.close()
    other.close()


def test_a_workstation_that_was_set_back_sends_nothing(desk: Desk, entry: MakeEntry, tmp_path: Path) -> None:
    """Entries would be there twice, each time others: it says so, and stops after its time."""
    desk.ledger.append(entry(0))
    copy = _copied(desk.path, tmp_path)
    desk.ledger.append(entry(1), entry(2))
    assert desk.spool.turn()
    desk.close()
    for file in desk.path.parent.glob(f"{desk.path.name}*"):  # its write-ahead log as well
        file.unlink()
    copy.rename(desk.path)
    desk.restart()
    with pytest.raises(LedgerError, match=r"has 3 entries of this ledger, the workstation 1: .* was set back"):
        desk.spool.send()
    desk.ledger.append(*(entry(number) for number in range(7, 12)))
    assert not desk.spool.turn()
    problem = desk.spool.delivery().problem
    assert problem is not None
    assert "has another tree than the workstation up to 3" in problem
    assert desk.kinds()[-1] is EntryKind.STORE_LOST


def test_a_changed_workstation_sends_no_change(desk: Desk, entry: MakeEntry) -> None:
    """An entry that does not fit its hash stays where it is."""
    desk.ledger.append(entry(0), entry(1))
    with desk.ledger._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET body = x'00' WHERE idx = 1")
    with pytest.raises(LedgerError, match="another tree"):
        desk.spool.send()


def test_a_killed_database_comes_back_with_all_that_it_had(desk: Desk, entry: MakeEntry, server: Server) -> None:
    """Killed without a word between two appends, and started again by whoever keeps it."""
    desk.ledger.append(*(entry(number) for number in range(20)))
    assert desk.spool.turn()
    server.kill()
    desk.ledger.append(entry(20))
    assert not desk.spool.turn()
    server.start()
    assert desk.spool.turn()
    assert [kind for kind in desk.kinds() if kind is not EntryKind.NOTED] == [
        EntryKind.STORE_LOST,
        EntryKind.STORE_BACK,
    ]
    assert desk.spool.turn()
    desk.assert_same()


def _copied(path: Path, folder: Path) -> Path:
    """Make a whole copy of a ledger that is open."""
    copy = folder / "copy.sqlite3"
    with closing(sqlite3.connect(path)) as file:
        file.execute("VACUUM INTO ?", (str(copy),))
    return copy
