"""Sealed texts closed anew, to other readers: by somebody who can open them, with an entry that says so.

The leaves of the tree stay. An entry `resealed` says of each text which hash it had and which it has now, and by
whose key it was opened; it and the new texts are one transaction, and the old texts are gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import batched
from typing import Protocol

from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import Swap
from guardrail.ledger.seal import Seal, open_sealed
from guardrail.model.entry import Entry, EntryKind, Json, StoredEntry

PIECE = 256
"""How many texts one entry is about at most."""


class Replaces(Protocol):
    """A ledger whose closed texts can be replaced."""

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`."""
        ...

    def replace(self, entry: Entry, swaps: Mapping[int, Swap]) -> int:
        """Append an entry, and replace closed texts in the same transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Who:
    """Who seals anew, and where."""

    name: str
    workstation: str


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many texts were closed anew, and how many the key does not open."""

    texts: int
    closed: int


def reseal(
    ledger: Replaces,
    identities: Sequence[x25519.Identity],
    seal: Seal,
    who: Who,
    clinicians: Sequence[str] = (),
) -> Resealed:
    """Close anew what these keys open, to the readers that `seal` names for each entry's clinician.

    With `clinicians` only entries of these. What the keys do not open stays as it is, and is counted. Raise LedgerError
    where they open nothing, LedgerUnavailableError; pieces that were written by then stay written.
    """
    done = closed = 0
    last = _last(ledger)
    wanted = (one for one in _sealed(ledger, last) if not clinicians or one.entry.clinician in clinicians)
    for piece in batched(wanted, PIECE):
        swaps: dict[int, Swap] = {}
        texts: list[Json] = []
        for stored in piece:
            old = stored.payload or b""
            try:
                plain = open_sealed(old, identities)
            except LedgerError:
                closed += 1
                continue
            new = seal.close(plain, stored.entry.clinician)
            swaps[stored.index] = Swap(new, old)
            texts.append([stored.index, sha256(old).hexdigest(), sha256(new).hexdigest()])
        if texts:
            ledger.replace(_entry(identities, seal, who, texts), swaps)
            done += len(texts)
    if closed and not done:
        raise LedgerError(f"this key opens none of the {closed} sealed texts: name the key of somebody who may read")
    return Resealed(done, closed)


def _entry(identities: Iterable[x25519.Identity], seal: Seal, who: Who, texts: list[Json]) -> Entry:
    opened_with: list[Json] = [str(one.to_public()) for one in identities]
    to: list[Json] = [one.key for one in seal.recipients]
    details: dict[str, Json] = {"by": who.name, "with": opened_with, "to": to, "texts": texts}
    return Entry(EntryKind.RESEALED, datetime.now(UTC), who.workstation, details=details)


def _sealed(ledger: Replaces, last: int) -> Iterator[StoredEntry]:
    """Give the entries with a closed text, as far as the ledger went when this began."""
    for stored in ledger.read():
        if stored.index > last:
            return
        if stored.payload is not None:
            yield stored


def _last(ledger: Replaces) -> int:
    last = -1
    for stored in ledger.read():
        last = stored.index
    return last
