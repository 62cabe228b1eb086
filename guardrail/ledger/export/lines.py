"""The ledger for other programs: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import SEALED, as_json
from guardrail.ledger.export.episode import tell
from guardrail.model.entry import Json, StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519


def as_row(stored: StoredEntry, identities: Sequence[x25519.Identity] = ()) -> dict[str, Json]:
    """Give a stored entry as one flat JSON object: its place, its facts, its details, its hash in the tree.

    Where a key opens it, `details.sealed` is what was typed, else the hash of its closed form.
    """
    row: dict[str, Json] = {"index": stored.index, **as_json(stored.entry), "leaf": stored.leaf}
    typed = tell(stored, identities).typed
    if typed:
        row["details"] = {**stored.entry.details, SEALED: dict(typed)}
    return row


def rows(entries: Iterable[StoredEntry], identities: Sequence[x25519.Identity] = ()) -> Iterator[dict[str, Json]]:
    """Give entries as such objects, as they come; a supervisor's key opens some of them alone.

    Raise LedgerError at the end where something was closed and the keys opened none of it: they are others' keys.
    """
    closed = opened = 0
    for stored in entries:
        row = as_row(stored, identities)
        closed += stored.payload is not None
        opened += row["details"] != stored.entry.details
        yield row
    if identities and closed and not opened:
        raise LedgerError("what was typed cannot be opened: it is all sealed to another key, or damaged")


def write_json_lines(entries: Iterable[StoredEntry], out: TextIO, identities: Sequence[x25519.Identity] = ()) -> int:
    """Write one JSON object a line, as they come; give how many."""
    count = 0
    for row in rows(entries, identities):
        out.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count
