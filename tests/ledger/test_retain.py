"""What was typed goes when it has had its time, provably; what somebody must keep stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.retain import Terms, destroy, due, hold_entry, holds
from guardrail.ledger.spool import Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.sweep import sweep
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from tests.ledger_keys import SEAL
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

NOW = datetime(2032, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
SIX = Terms(6, {})


@pytest.fixture
def desk(path: Path, signer: Signer) -> Iterator[SqliteLedger]:
    """Give a ledger whose key no other test has."""
    made = SqliteLedger(path, SEAL, signer)
    yield made
    made.close()


def typed(number: int) -> dict[str, object]:
    """Give details with something typed."""
    return {"sealed": {"query": f"margit {number}"}}


@pytest.fixture
def filled(desk: SqliteLedger, entry: MakeEntry) -> SqliteLedger:
    """Give a ledger with ten closed texts, a microsecond apart, one without, and an entry of today."""
    desk.append(*(entry(number, details=typed(number)) for number in range(10)), entry(10), entry(at=NOW))
    return desk


def test_what_has_had_its_time_is_destroyed_and_the_ledger_is_whole(filled: SqliteLedger, signer: Signer) -> None:
    """To the microsecond; the entry says which, when, and by which rule."""
    before = list(filled.read())
    found = due(filled.read(), SIX, NOW)
    assert found.texts == {"noted: 6 years": [0, 1, 2, 3, 4, 5]}
    assert destroy(filled, found, "front-desk", NOW) == 6
    after = list(filled.read())
    assert [one.payload is None for one in after] == [True] * 6 + [False] * 4 + [True] * 3
    assert [(one.entry, one.leaf) for one in after[:12]] == [(one.entry, one.leaf) for one in before]
    said = after[-1].entry
    assert (said.kind, said.at) == (EntryKind.DESTROYED, NOW)
    assert said.details == {"indexes": [0, 1, 2, 3, 4, 5], "rule": "noted: 6 years"}
    report = verify(filled.path, [signer.verifier])
    assert (report.entries, report.reason) == (13, None)
    assert due(filled.read(), SIX, NOW).count == 0


def test_nothing_of_it_is_left_in_the_files(filled: SqliteLedger) -> None:
    """Not in a free page, nor in the write-ahead log."""
    gone = [one.payload for one in filled.read()][:6]
    destroy(filled, due(filled.read(), SIX, NOW), "front-desk", NOW)
    filled.close()
    files = b"".join(file.read_bytes() for file in filled.path.parent.iterdir())
    assert not [payload for payload in gone if payload is None or payload[-64:] in files]


def test_a_text_that_is_gone_without_an_entry_is_a_fault(filled: SqliteLedger, signer: Signer) -> None:
    """Whoever removes it by hand is found out."""
    destroy(filled, due(filled.read(), SIX, NOW), "front-desk", NOW)
    with filled._writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM payloads WHERE idx = 8")
    report = verify(filled.path, [signer.verifier])
    assert (report.first_bad, report.reason) == (8, "the sealed text of entry 8 is missing")


def test_each_kind_has_its_own_years(desk: SqliteLedger, entry: MakeEntry) -> None:
    """The rule that is named is the one that held."""
    kinds = [EntryKind.NOTED, EntryKind.JUSTIFIED, EntryKind.ATTESTED]
    desk.append(*(entry(kind=kind, details=typed(0)) for kind in kinds), entry(at=NOW))
    terms = Terms(6, {EntryKind.JUSTIFIED: 10, EntryKind.ATTESTED: 1})
    assert due(desk.read(), terms, NOW).texts == {"noted: 6 years": [0], "attested: 1 years": [2]}


def test_a_legal_hold_keeps_what_is_about_a_client(desk: SqliteLedger, entry: MakeEntry) -> None:
    """Also where the client is one of several; lifted, it goes."""
    desk.append(
        entry(client_ref="C-1", details=typed(0)),
        entry(client_ref="C-2", details=typed(1)),
        entry(client_ref="C-2", details={**typed(2), "also": ["C-1"]}),
    )
    desk.append(hold_entry("front-desk", NOW, "C-1", "court file of Margit", held=True))
    found = due(desk.read(), SIX, NOW)
    assert (found.texts, found.held) == ({"noted: 6 years": [1]}, 2)
    assert holds(desk.read()) == {"C-1": 1}
    assert b"Margit" not in b"".join(file.read_bytes() for file in desk.path.parent.iterdir())
    desk.append(hold_entry("front-desk", NOW, None, "all of it", held=True))
    assert due(desk.read(), SIX, NOW).held == 3
    for client in ("C-1", None):
        desk.append(hold_entry("front-desk", NOW, client, "it is over", held=False))
    found = due(desk.read(), SIX, NOW)
    assert (found.count, found.held) == (3, 0)
    assert not holds(desk.read())


@pytest.mark.parametrize("days", [-400, -32, 32, 3650])
def test_a_clock_that_the_ledger_does_not_bear_out_destroys_nothing(
    filled: SqliteLedger, entry: MakeEntry, days: int
) -> None:
    """Set forward, it would destroy too early."""
    filled.append(entry(at=NOW))
    now = NOW + timedelta(days=days)
    terms = Terms(1, {})
    with pytest.raises(LedgerError, match=r"this computer's clock says .*: set the clock"):
        due(filled.read(), terms, now)


def test_a_leap_day_and_the_end_of_time_have_an_end_too(desk: SqliteLedger, entry: MakeEntry) -> None:
    """29 February ends with 1 March."""
    desk.append(entry(at=datetime(2028, 2, 29, tzinfo=UTC), details=typed(0)))
    desk.append(entry(at=datetime(9990, 1, 1, tzinfo=UTC), details=typed(1)))
    desk.append(entry(at=datetime(2029, 3, 1, tzinfo=UTC)))
    assert due(desk.read(), Terms(1, {}), datetime(2029, 3, 1, tzinfo=UTC)).texts == {"noted: 1 years": [0]}
    assert due(desk.read(), Terms(100, {}), datetime(2029, 3, 1, tzinfo=UTC)).count == 0


@pytest.mark.parametrize("sent_before", [True, False])
def test_what_is_destroyed_goes_from_the_database_as_well(
    filled: SqliteLedger, tree: Tree, server: Server, signer: Signer, *, sent_before: bool
) -> None:
    """At once for all who read, for good when the keeper sweeps; and that ledger is whole at each moment."""
    spool = Spool(filled, tree, "front-desk", timedelta(hours=1))
    if sent_before:
        spool.send()
    destroy(filled, due(filled.read(), SIX, NOW), "front-desk", NOW)
    spool.send()
    spool.close()
    for _ in range(2):
        with closing(LedgerReader(tree)) as there:
            assert list(there.read()) == list(filled.read())
        assert verify(tree, [signer.verifier]).reason is None
        sweep(tree.url, [signer.verifier])
    with psycopg.connect(server.conninfo("clinic")) as connection:
        rows = connection.execute(
            "SELECT idx FROM guardrail.payloads WHERE tree = (SELECT id FROM guardrail.trees WHERE origin = %s)"
            " ORDER BY idx",
            [tree.origin],
        ).fetchall()
    assert [index for (index,) in rows] == [6, 7, 8, 9]
