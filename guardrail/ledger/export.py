"""The ledger for other programs: JSON lines, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from guardrail.ledger.canonical import as_json
from guardrail.model.entry import Json, StoredEntry

_COLUMNS = (
    "index", "at", "kind", "workstation", "clinician", "site", "action", "rule", "policy_revision",
    "client_ref", "hold", "grant", "details", "previous", "hash",
)  # fmt: skip


def as_row(stored: StoredEntry) -> dict[str, Json]:
    """Give a stored entry as one flat JSON object: its place, its facts, its details, its link."""
    document = as_json(stored.entry)
    return {"index": stored.index, **document, "previous": stored.previous, "hash": stored.hash}


def write_json_lines(entries: Iterable[StoredEntry], out: TextIO) -> int:
    """Write one JSON object a line, as they come; give how many."""
    count = 0
    for stored in entries:
        out.write(json.dumps(as_row(stored), ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(entries: Iterable[StoredEntry], out: TextIO) -> int:
    """Write RFC 4180 CSV with a header, `details` as JSON; give how many entries. Open `out` with newline=""."""
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    count = 0
    for stored in entries:
        row = as_row(stored)
        row["details"] = json.dumps(row["details"], ensure_ascii=False)
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
        count += 1
    return count


def _cell(value: Json) -> str:
    """Give a cell as text; one that a spreadsheet would run as a formula begins with an apostrophe (OWASP)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
