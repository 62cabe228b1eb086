"""The ledger for other programs: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from guardrail.ledger.canonical import SEALED, as_json
from guardrail.ledger.seal import open_sealed
from guardrail.model.entry import Json, StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519


def as_row(stored: StoredEntry, identities: Sequence[x25519.Identity] = ()) -> dict[str, Json]:
    """Give a stored entry as one flat JSON object: its place, its facts, its details, its hash in the tree.

    With keys, `details.sealed` is what was typed; without, the hash of its closed form. Raise LedgerError
    where the keys do not open it.
    """
    row: dict[str, Json] = {"index": stored.index, **as_json(stored.entry), "leaf": stored.leaf}
    if identities and stored.payload is not None:
        row["details"] = {**stored.entry.details, SEALED: open_sealed(stored.payload, identities)}
    return row


def write_json_lines(entries: Iterable[StoredEntry], out: TextIO, identities: Sequence[x25519.Identity] = ()) -> int:
    """Write one JSON object a line, as they come; give how many."""
    count = 0
    for stored in entries:
        out.write(json.dumps(as_row(stored, identities), ensure_ascii=False) + "\n")
        count += 1
    return count
