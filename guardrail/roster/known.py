"""That a client list was once in force here: a small file beside `roster/`, so that a lost list is no empty one.

It says how the list came (`imported`, or a `file` that the setting names) and nothing of it. Only `forget` removes it.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from guardrail.durable import replace_file, sync_folder
from guardrail.errors import Problem, RosterError

KNOWN_FILE = "clients.known"
"""In the data folder; its name has nothing of `roster`, so that it outlives who clears that away."""


class Came(StrEnum):
    """How a client list came: it was taken in, or the setting `roster` named its file."""

    IMPORTED = "imported"
    FILE = "file"


def known(data_dir: Path) -> Came | None:
    """Say how the last client list came; None where there never was one. What cannot be read was taken in."""
    try:
        text = (data_dir / KNOWN_FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return Came.IMPORTED
    return Came.FILE if text.strip() == Came.FILE.encode() else Came.IMPORTED


def note(data_dir: Path, came: Came) -> None:
    """Note that a client list is in force, durably; one that was taken in stays noted so. Raise RosterError."""
    if known(data_dir) in (came, Came.IMPORTED):
        return
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(data_dir / KNOWN_FILE, f"{came}\n".encode())
    except OSError as error:
        what = f"cannot note that there is a client list: {(error.strerror or 'unknown reason').lower()}"
        problem = Problem(data_dir / KNOWN_FILE, None, None, what, "make room, or make the folder writable")
        raise RosterError((problem,)) from None


def forget(data_dir: Path) -> None:
    """Let this be a house that never had a client list. Raise OSError."""
    try:
        (data_dir / KNOWN_FILE).unlink()
    except FileNotFoundError:
        return
    sync_folder(data_dir)
