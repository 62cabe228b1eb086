"""The ledger for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from guardrail.ledger.export import write_csv
from guardrail.ledger.store import SqliteLedger

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


def test_csv_has_a_header_and_one_row_an_entry(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """Details stand as JSON in one cell; absent facts are empty."""
    ledger.append(entry(0), entry(1, client_ref="C-1"))
    out = io.StringIO(newline="")
    assert write_csv(ledger.read(), out) == 2
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert [(row["index"], row["client_ref"]) for row in rows] == [("0", ""), ("1", "C-1")]
    assert json.loads(rows[0]["details"])["number"] == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_run_by_a_spreadsheet(ledger: SqliteLedger, entry: MakeEntry, start: str) -> None:
    """A workstation may be named anything."""
    ledger.append(entry(workstation=f"{start}cmd()"))
    out = io.StringIO(newline="")
    write_csv(ledger.read(), out)
    [row] = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["workstation"] == f"'{start}cmd()"
