"""What is printed: PDFs set by Typst, which runs in this process, loads nothing from elsewhere and writes no file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from guardrail.errors import LedgerError
from guardrail.model.entry import Json


def paper(template: bytes, given: Mapping[str, Json], made: datetime) -> bytes:
    """Give a PDF/UA-1: tagged, with its language and title, its fonts inside; the same bytes every time.

    `given` are values for the template, which reads them as JSON from `sys.inputs`: no text in them is markup.
    Raise LedgerError where it cannot be set.
    """
    import typst  # noqa: PLC0415 - only who prints loads a typesetter

    inputs = {name: json.dumps(value) for name, value in given.items()}
    made = made.replace(microsecond=0)  # a PDF tells whole seconds
    try:
        try:
            return typst.compile(template, sys_inputs=inputs, timestamp=made, pdf_standards="ua-1")
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            # No font of this computer has a letter: PDF/UA forbids that, but the paper is not to be lost for it.
            return typst.compile(template, sys_inputs=inputs, timestamp=made)
    except typst.TypstError:
        raise LedgerError("the PDF cannot be set: please tell the makers of guardrail") from None
