"""A report as a PDF that a screen reader reads: tagged, with its language and title, its fonts inside (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files

from guardrail.ledger.export.blocks import printable
from guardrail.ledger.paper import paper
from guardrail.model.entry import Json


def pdf(document: Mapping[str, Json], made: datetime) -> bytes:
    """Set a document that `report` gives. Raise LedgerError where it cannot be set."""
    template = files("guardrail.ledger.export").joinpath("report.typ").read_bytes()
    return paper(template, {"report": printable(dict(document))}, made)
