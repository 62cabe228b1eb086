"""The growing tip of a tree: it makes of new records the rows that go into a store together, with the signed head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.canonical import Record
from guardrail.ledger.merkle import Growth, Tile, leaf_hash
from guardrail.ledger.note import Checkpoint, Note, Signer, Verifier
from guardrail.ledger.place import Place
from guardrail.ledger.pulse import lasts
from guardrail.ledger.tree import growth_of

_OTHERS = (
    "another key signed it: restart guardrail; where that does not help, bring back the ledger that belongs to this "
    "workstation's ledger.vkey"
)
_SET_BACK = (
    "entries that were there are gone: it was set back: keep a copy of it, and compare with what others remember "
    "(`guardrail ledger verify --witnessed`)"
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together, or not at all: they take a tree from `first` entries to those of `growth`.

    `entries` are (index, leaf, body), `payloads` (index, payload), `tiles` (level, place, root, hashes),
    `states` the checkpoints that stay (size, note); `note` is the signed head. `changes` are closed texts of earlier
    entries that were sealed anew or destroyed (index of the entry that says so, index, payload now); `said` is what
    witnesses said of checkpoints (size, witness, line), some of it perhaps not for the first time.
    """

    first: int
    growth: Growth
    note: str
    entries: Sequence[tuple[int, bytes, bytes]]
    payloads: Sequence[tuple[int, bytes]]
    tiles: Sequence[tuple[int, int, bytes, bytes]]
    states: Sequence[tuple[int, str]]
    changes: Sequence[tuple[int, int, bytes | None]] = ()
    said: Sequence[tuple[int, str, str]] = ()


def tile_rows(tiles: Sequence[Tile]) -> list[tuple[int, int, bytes, bytes]]:
    """Give tiles as rows."""
    return [(tile.level, tile.place, tile.root, b"".join(tile.hashes)) for tile in tiles]


class Tip:
    """What one writer knows of its tree's end; not for several threads at once."""

    def __init__(self, place: Place, signer: Signer, every: int, follows: Verifier | None = None) -> None:
        """Begin with an empty tree; a signed state stays after `every` entries at the latest.

        `follows` is the key from which `signer` takes over: no other's tree is gone on with.
        """
        self.origin = signer.verifier.name
        self._place = place
        self._signer = signer
        self._good = [signer.verifier] if follows is None else [signer.verifier, follows]
        self._every = every
        self._growth = Growth()
        self.note = self._sign(self._growth)
        self._is_on = False

    def take_up(self, connection: Connection, size: int, note: str) -> None:
        """Read the tree's end as another process, or an earlier one, has left it.

        Raise LedgerUnavailableError where it does not fit its head, was signed by another key, or lacks what this
        writer knows to be there: going on would sign the change.
        """
        try:
            growth, state = growth_of(connection, size), Note.read(note).checkpoint()
        except (ValueError, LedgerError):
            raise self._changed() from None
        if (state.size, state.root) != (size, growth.root()):
            raise self._changed()
        if not Note.read(note).signed_by(self._good):
            what = "its signing key was rotated: restart guardrail" if self._is_on else _OTHERS
            raise LedgerUnavailableError(f"the ledger {self._place} takes no entry now: {what}")
        if self._is_on and not self._goes_on(connection, size):
            raise LedgerUnavailableError(f"the ledger {self._place} takes no entry now: {_SET_BACK}")
        self._growth, self.note, self.origin, self._is_on = growth, note, state.origin, True

    def grow(self, records: Sequence[Record]) -> Batch:
        """Give the rows for these records; the tip itself moves when they have been written (`settle`)."""
        first, grown, start = self._growth.size, self._growth, 0
        leaves = [leaf_hash(one.body) for one in records]
        tiles: list[Tile] = []
        states: dict[int, str] = {}
        for end, one in enumerate(records, 1):
            stays = lasts(one.kind, first + end, (self._every,))
            if stays or end == len(records):
                grown, full = grown.add(leaves[start:end])
                tiles += full
                start = end
            if stays:
                states[grown.size] = self._sign(grown)
        return Batch(
            first,
            grown,
            states.get(grown.size) or self._sign(grown),
            [(first + at, leaf, one.body) for at, (leaf, one) in enumerate(zip(leaves, records, strict=True))],
            [(first + at, one.payload) for at, one in enumerate(records) if one.payload is not None],
            tile_rows(tiles),
            list(states.items()),
        )

    def settle(self, batch: Batch) -> None:
        """Go on from these rows."""
        self._growth, self.note, self._is_on = batch.growth, batch.note, True

    def _goes_on(self, connection: Connection, size: int) -> bool:
        """Whether what this writer has last seen is the beginning of the tree as it is now."""
        known = self._growth
        return known.size <= size and growth_of(connection, known.size).root() == known.root()

    def _sign(self, grown: Growth) -> str:
        return self._signer.sign(Checkpoint(self.origin, grown.size, grown.root()))

    def _changed(self) -> LedgerUnavailableError:
        hint = "run `guardrail ledger verify`, and restore a backup or move the file away"
        return LedgerUnavailableError(f"the ledger {self._place} takes no entry now: it does not fit its head: {hint}")


def last_indexes(first: int, jobs: Sequence[Sequence[Record]]) -> list[int]:
    """Give the index of the last record of each job, where the first record of all has index `first`."""
    ends, last = [], first - 1
    for job in jobs:
        last += len(job)
        ends.append(last)
    return ends
