"""The ledger of a data folder, opened to be read; and a file for what comes out of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

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
    """Give a new file for an export, or stdout; what breaks off leaves no half of a file. Raise LedgerError."""
    if file is None:
        yield sys.stdout
        return
    try:
        # Owner only from the first byte on: the export holds what was typed.
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise LedgerError(f"{file} is there already: name a new file") from None
    except OSError as error:
        raise _not_written(file, error) from None
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        file.unlink(missing_ok=True)
        raise _not_written(file, error) from None
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _not_written(file: Path, error: OSError) -> LedgerError:
    return LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}: choose another place")
