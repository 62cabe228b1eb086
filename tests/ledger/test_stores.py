"""What every store of a ledger does, each test on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psycopg
import pytest
from sqlalchemy import make_url

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import to_bytes
from guardrail.ledger.database import METADATA
from guardrail.ledger.merkle import Growth, leaf_hash, root_by_inclusion
from guardrail.ledger.note import Note, Signer
from guardrail.ledger.place import Place, Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.seal import open_sealed
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from guardrail.model.ports import Ledger
from tests.ledger_keys import SEAL, SUPERVISOR

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


class Stored(Ledger, Protocol):
    """What both stores offer."""

    reader: LedgerReader

    @property
    def origin(self) -> str:
        """The tree's name."""
        ...

    def cosign(self, size: int, witness: str, line: str) -> None:
        """Keep a witness's line."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


@dataclass(slots=True)
class Store:
    """A place for one ledger, opened as often as a test wants."""

    place: Place
    signer: Signer
    opened: list[Stored] = field(default_factory=list)

    def open(self, every: int = 64) -> Stored:
        """Open it, or begin it."""
        kind: Callable[..., Stored] = PostgresLedger if isinstance(self.place, Tree) else SqliteLedger
        made = kind(self.place, SEAL, self.signer, every)
        self.opened.append(made)
        return made

    def check(self) -> tuple[int, str | None]:
        """Give how many entries are there, and what is wrong."""
        report = verify(self.place, [self.signer.verifier])
        return report.entries, report.reason


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, path: Path, signer: Signer) -> Iterator[Store]:
    """Give a place for a ledger, in each of the stores."""
    made = Store(path if request.param == "sqlite" else request.getfixturevalue("tree"), signer)
    yield made
    for ledger in made.opened:
        ledger.close()


def test_entries_come_back_in_their_order_with_their_hashes(store: Store, entry: MakeEntry) -> None:
    """Indexes count from 0; reading begins where it is asked to."""
    ledger = store.open()
    assert list(ledger.read()) == []
    assert ledger.append(entry(0)) == 0
    assert ledger.append(entry(1), entry(2)) == 2
    stored = list(ledger.read())
    assert [one.index for one in stored] == [0, 1, 2]
    assert [one.entry for one in stored] == [entry(0), entry(1), entry(2)]
    assert [one.leaf for one in stored] == [leaf_hash(to_bytes(entry(number))).hex() for number in range(3)]
    assert [one.index for one in ledger.read(1)] == [1, 2]
    assert list(ledger.read(3)) == []
    assert store.check() == (3, None)


def test_it_goes_on_where_it_ended(store: Store, entry: MakeEntry) -> None:
    """Also in the middle of a tile, and after one that is full."""
    count = 0
    for more in (1, 254, 1, 1, 300):
        with closing(store.open()) as ledger:
            assert ledger.append(*(entry(count + at) for at in range(more))) == count + more - 1
        count += more
    assert store.check() == (count, None)


def test_every_head_is_signed_and_is_the_head_of_that_tree(store: Store, entry: MakeEntry) -> None:
    """Of the empty tree too."""
    ledger, growth = store.open(), Growth()
    for number in range(4):
        note = Note.read(ledger.reader.head())
        assert note.signed_by([store.signer.verifier]) == {store.signer.verifier.name: 0}
        state = note.checkpoint()
        assert (state.origin, state.size, state.root) == (ledger.origin, number, growth.root())
        ledger.append(entry(number))
        growth, _ = growth.add([leaf_hash(to_bytes(entry(number)))])


def test_every_entry_can_be_proved(store: Store, entry: MakeEntry) -> None:
    """By tiles, by what no tile holds yet, and across both."""
    ledger = store.open()
    ledger.append(*(entry(number) for number in range(700)))
    for number in (0, 1, 255, 256, 511, 600, 699):
        proof, note = ledger.reader.prove(number)
        leaf = leaf_hash(to_bytes(entry(number)))
        assert root_by_inclusion(leaf, number, 700, proof) == Note.read(note).checkpoint().root
    with pytest.raises(LedgerError, match="entry 700 cannot be proved"):
        ledger.reader.prove(700)


def test_what_was_typed_comes_back_closed(store: Store, entry: MakeEntry) -> None:
    """Byte for byte: whoever has the key reads it."""
    ledger = store.open()
    ledger.append(entry(0), entry(1, details={"sealed": {"query": "margit ollander"}}))
    plain, closed = ledger.read()
    assert plain.payload is None
    assert closed.payload is not None
    assert open_sealed(closed.payload, [SUPERVISOR]) == {"query": "margit ollander"}
    assert store.check() == (2, None)


@pytest.mark.parametrize("details", [None, {"bad": object()}], ids=["none", "no JSON"])
def test_what_cannot_be_an_entry_is_refused_before_anything_is_written(
    store: Store, entry: MakeEntry, details: object
) -> None:
    """None of the entries of that append is there."""
    ledger = store.open()
    with pytest.raises(LedgerError):
        ledger.append(*([entry(0), entry(1, details=details)] if details else []))
    assert store.check() == (0, None)


def test_threads_take_turns(store: Store, entry: MakeEntry) -> None:
    """No index twice, none left out."""
    ledger = store.open()
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(lambda number: ledger.append(entry(number)), range(80)))
    assert sorted(indexes) == list(range(80))
    assert store.check() == (80, None)


def test_two_writers_of_one_tree_make_one_tree(store: Store, entry: MakeEntry) -> None:
    """Whoever is second goes on behind the first."""
    writers = [store.open(), store.open()]
    chance, count = random.Random(5), 0  # noqa: S311 - the same order in every run
    for _ in range(40):
        more = chance.randrange(1, 4)
        count += more
        assert chance.choice(writers).append(*(entry(at) for at in range(more))) == count - 1
    assert store.check() == (count, None)


def test_a_reader_sees_what_is_appended_while_it_reads(store: Store, entry: MakeEntry) -> None:
    """Over many chunks, and never stands in the writer's way."""
    ledger = store.open()
    ledger.append(*(entry(number) for number in range(1200)))
    reading = ledger.read()
    assert next(reading).index == 0
    ledger.append(entry(1200))
    assert [one.index for one in reading] == list(range(1, 1201))


def test_checkpoints_stay_as_often_as_was_promised_and_cosignatures_beside_them(store: Store, entry: MakeEntry) -> None:
    """After so many entries, and after what begins and ends a run; a line that is there stays as it is."""
    ledger = store.open(every=10)
    ledger.append(entry(kind=EntryKind.STARTED))
    for _ in range(3):
        ledger.append(*(entry(number) for number in range(8)))
    ledger.cosign(10, "witness", "— witness AAAA\n")
    ledger.cosign(10, "witness", "— witness BBBB\n")
    with ledger.reader.moment() as connection:
        states = connection.execute(METADATA.tables["checkpoints"].select().order_by("size")).all()
        lines = connection.execute(METADATA.tables["cosignatures"].select()).all()
    assert [state.size for state in states] == [1, 10, 20]
    assert all(Note.read(state.note).checkpoint().size == state.size for state in states)
    assert [tuple(line) for line in lines] == [(10, "witness", "— witness AAAA\n")]


def test_a_tree_whose_end_was_changed_takes_no_entry(store: Store, entry: MakeEntry) -> None:
    """Going on would sign the change."""
    with closing(store.open()) as ledger:
        ledger.append(entry(0), entry(1))
    _change(store.place, "UPDATE {entries} SET leaf = {zeros} WHERE idx = 1{tree}")
    with pytest.raises(LedgerUnavailableError, match="does not fit its head: run `guardrail ledger verify`"):
        store.open()
    assert store.check()[1] is not None


CHANGES = {
    "a body": ("UPDATE {entries} SET body = {zeros} WHERE idx = 5{tree}", 5),
    "a leaf": ("UPDATE {entries} SET leaf = {zeros} WHERE idx = 5{tree}", 5),
    "an entry gone": ("DELETE FROM {entries} WHERE idx = 5{tree}", 5),
    "the last entry gone": ("DELETE FROM {entries} WHERE idx = 19{tree}", 19),
    "a closed text": ("UPDATE {payloads} SET payload = {zeros} WHERE idx = 5{tree}", 5),
    "a closed text gone": ("DELETE FROM {payloads} WHERE idx = 5{tree}", 5),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_owns_the_tables_can_change_them_and_it_shows(store: Store, entry: MakeEntry, change: str) -> None:
    """The check names the first entry that is bad, in either store."""
    with closing(store.open()) as ledger:
        ledger.append(*(entry(number, details={"sealed": {"query": f"q{number}"}}) for number in range(20)))
    assert store.check() == (20, None)
    statement, first_bad = CHANGES[change]
    _change(store.place, statement)
    report = verify(store.place, [store.signer.verifier])
    assert not report.good
    assert report.first_bad == first_bad


def _change(place: Place, statement: str) -> None:
    """Do to the tables what their owner can."""
    if isinstance(place, Tree):
        url = make_url(place.url)
        tree = " AND tree = (SELECT id FROM guardrail.trees WHERE origin = %s)"
        names = {"entries": "guardrail.entries", "payloads": "guardrail.payloads", "zeros": "decode('00', 'hex')"}
        with psycopg.connect(host=str(url.query["host"]), dbname=url.database, user=url.username) as connection:
            connection.execute(statement.format(tree=tree, **names).encode(), [place.origin])
        return
    with closing(sqlite3.connect(place)) as file:
        file.execute(statement.format(entries="entries", payloads="payloads", zeros="x'00'", tree=""))
        file.commit()
