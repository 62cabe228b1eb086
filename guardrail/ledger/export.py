"""The ledger for other programs: JSON lines, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from guardrail.ledger.canonical import SEALED, as_json
from guardrail.ledger.seal import open_sealed
from guardrail.model.entry import Json, StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519

_COLUMNS = (
    "index", "at", "kind", "workstation", "clinician", "site", "action", "rule", "policy_revision",
    "client_ref", "hold", "grant", "details", "leaf",
)  # fmt: skip


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


def write_csv(entries: Iterable[StoredEntry], out: TextIO, identities: Sequence[x25519.Identity] = ()) -> int:
    """Write RFC 4180 CSV with a header, `details` as JSON; give how many entries. Open `out` with newline=""."""
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    count = 0
    for stored in entries:
        row = as_row(stored, identities)
        row["details"] = json.dumps(row["details"], ensure_ascii=False)
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
        count += 1
    return count


def _cell(value: Json) -> str:
    """Give a cell as text; one that a spreadsheet would run as a formula begins with an apostrophe (OWASP)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
