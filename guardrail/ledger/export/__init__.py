"""The ledger for others: lines for programs, a bundle for records systems, a report for a client's file, a SIEM."""

from guardrail.ledger.export.lines import as_row, write_json_lines
from guardrail.ledger.export.table import write_csv

__all__ = ["as_row", "write_csv", "write_json_lines"]
