"""The ledger of a data folder, opened to be read; and a file for what comes out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from guardrail.durable import fresh_file
from guardrail.errors import LedgerError
from guardrail.ledger.reader import LedgerReader
from guardrail.settings import LEDGER_FILE


@contextmanager
def opened(data_dir: Path) -> Iterator[LedgerReader]:
    """Give the ledger of a data folder. Raise LedgerError where there is none."""
    file = data_dir / LEDGER_FILE
    if not file.is_file():
        raise LedgerError(f"there is no ledger at {file}: check --data-dir, or start guardrail once")
    ledger = LedgerReader(file)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def destination(file: Path | None) -> Iterator[TextIO]:
    """Give a new file for an export, or stdout. The file is there whole, or not at all. Raise LedgerError."""
    if file is None:
        yield sys.stdout
        return
    if os.path.lexists(file):
        raise _there_already(file)
    try:
        with fresh_file(file, replace=False) as out:
            stream = TextIOWrapper(out, encoding="utf-8", newline="")
            yield stream
            stream.flush()
    except FileExistsError:
        raise _there_already(file) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise LedgerError(f"cannot write {file}: {reason}: choose another place") from None


def _there_already(file: Path) -> LedgerError:
    return LedgerError(f"{file} is there already: name a new file")
