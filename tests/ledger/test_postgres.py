"""A ledger in the database alone: what a broken network or server does to an append."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.verify import verify
from tests.ledger.cable import Cable, Cut
from tests.ledger_keys import SEAL
from tests.postgres import Server

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

type Checked = Callable[[], tuple[int, str | None]]

HEADS = b"INSERT INTO guardrail.heads"


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    """Give a network to the server."""
    made = Cable(server.socket)
    yield made
    made.close()


@pytest.fixture
def ledger(tree: Tree, signer: Signer, cable: Cable) -> Iterator[PostgresLedger]:
    """Give a ledger at the end of that network."""
    made = PostgresLedger(Tree(cable.url(tree.url), tree.origin), SEAL, signer)
    yield made
    made.close()


@pytest.fixture
def checked(tree: Tree, signer: Signer) -> Checked:
    """Give what says how many entries are there, and what is wrong."""

    def check() -> tuple[int, str | None]:
        report = verify(tree, [signer.verifier])
        return report.entries, report.reason

    return check


@pytest.mark.parametrize("moment", Cut)
def test_a_cut_in_the_middle_of_a_commit_neither_loses_nor_doubles(
    ledger: PostgresLedger, entry: MakeEntry, cable: Cable, checked: Checked, moment: Cut
) -> None:
    """The same rows, sent again: they are added now, or found to be there."""
    cable.cut_at(moment, HEADS)
    assert ledger.append(entry(0), entry(1)) == 1
    assert ledger.append(entry(2)) == 2
    assert checked() == (3, None)


def test_what_is_out_of_reach_takes_nothing_and_heals_by_itself(
    ledger: PostgresLedger, entry: MakeEntry, cable: Cable, checked: Checked
) -> None:
    """In one line, that says where and what to do."""
    ledger.append(entry(0))
    cable.cut()
    for _ in range(2):
        with pytest.raises(
            LedgerUnavailableError, match=r"127\.0\.0\.1/clinic takes no entry now: it cannot be reached"
        ):
            ledger.append(entry(1))
    cable.mend()
    assert ledger.append(entry(2)) == 1
    assert [stored.entry for stored in ledger.read()] == [entry(0), entry(2)]
    assert checked() == (2, None)


def test_threads_and_cuts_together_leave_every_acknowledged_entry_once(
    ledger: PostgresLedger, entry: MakeEntry, cable: Cable, checked: Checked
) -> None:
    """Cut again and again while eight threads write."""

    def write(number: int) -> int | None:
        if number % 15 == 0:
            cable.cut()
            cable.mend()
        try:
            return ledger.append(entry(number))
        except LedgerUnavailableError:
            return None

    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(write, range(120)))
    there = {stored.index: stored.entry for stored in ledger.read()}
    for number, index in enumerate(indexes):
        assert index is None or there[index] == entry(number)
    numbers = [stored.details["number"] for stored in there.values()]
    assert len(numbers) == len({str(number) for number in numbers})
    assert checked() == (len(there), None)
