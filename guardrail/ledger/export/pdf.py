"""A report as a PDF that a screen reader reads: tagged, with its language and title, its fonts inside (PDF/UA-1).

Set by Typst, which runs in this process and loads nothing from elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files

from guardrail.errors import LedgerError
from guardrail.model.entry import Json

_NOT_PRINTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def pdf(document: Mapping[str, Json], made: datetime) -> bytes:
    """Set a document that `report` gives. Raise LedgerError where it cannot be set."""
    import typst  # noqa: PLC0415 - only who makes a report loads a typesetter

    template = files("guardrail.ledger.export").joinpath("report.typ").read_bytes()
    given = {"report": json.dumps(_printable(dict(document)))}
    made = made.replace(microsecond=0)  # a PDF tells whole seconds
    try:
        try:
            return typst.compile(template, sys_inputs=given, timestamp=made, pdf_standards="ua-1")
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            # No font of this computer has a letter: PDF/UA forbids that, but the report is not to be lost for it.
            return typst.compile(template, sys_inputs=given, timestamp=made)
    except typst.TypstError:
        raise LedgerError("the report cannot be set as a PDF: please tell the makers of guardrail") from None


def _printable(value: Json) -> Json:
    """Put U+FFFD where a character cannot be printed, and spaces for tabs."""
    if isinstance(value, str):
        return _NOT_PRINTED.sub("\ufffd", value.replace("\r\n", "\n").replace("\t", " "))
    if isinstance(value, dict):
        return {name: _printable(one) for name, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value
