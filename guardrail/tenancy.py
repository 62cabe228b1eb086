"""One house of a name on a data folder: two would take each other's holds for those of a run that broke off.

The lock is SQLite's on an empty file, which every system has, and which ends with the process however that ends.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from guardrail.errors import GuardrailError

_DIGITS = 16


class Tenancy:
    """Holds a data folder for one workstation's name until it is closed."""

    def __init__(self, folder: Path, workstation: str) -> None:
        """Take the folder. Raise GuardrailError where another house of that name has it, or it cannot be written."""
        file = _file(folder, workstation)
        try:
            self._held = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _cannot(file, error) from None
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._held.close()
            if _is_busy(error):
                raise GuardrailError(
                    f"another guardrail runs on {folder} as `{workstation}`: end that one, or set another `workstation`"
                ) from None
            raise _cannot(file, error) from None

    def close(self) -> None:
        """Give the folder back."""
        self._held.close()


def is_held(folder: Path, workstation: str) -> bool:
    """Whether a house of that name runs on the folder; nothing is made."""
    file = _file(folder, workstation)
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as looked_at:
            looked_at.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        return _is_busy(error)
    return False


def _file(folder: Path, workstation: str) -> Path:
    return folder / f".house-{hashlib.sha256(workstation.encode()).hexdigest()[:_DIGITS]}.lock"


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _cannot(file: Path, error: sqlite3.Error) -> GuardrailError:
    return GuardrailError(f"cannot write {file}: {error}: check the folder's rights and the disk")
