"""The ledger for a spreadsheet: RFC 4180 CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from guardrail.ledger.export.lines import rows
from guardrail.model.entry import Json, StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519

_COLUMNS = (
    "index", "at", "kind", "workstation", "clinician", "site", "action", "rule", "policy_revision",
    "client_ref", "hold", "grant", "details", "leaf",
)  # fmt: skip


def write_csv(entries: Iterable[StoredEntry], out: TextIO, identities: Sequence[x25519.Identity] = ()) -> int:
    """Write RFC 4180 CSV with a header, `details` as JSON; give how many entries. Open `out` with newline=""."""
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    count = 0
    for row in rows(entries, identities):
        row["details"] = json.dumps(row["details"], ensure_ascii=False)
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
        count += 1
    return count


def _cell(value: Json) -> str:
    """Give a cell as text; one that a spreadsheet would run as a formula begins with an apostrophe (OWASP)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
