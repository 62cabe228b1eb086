"""Files that are there whole or not at all, also after the power went."""

from __future__ import annotations

import os
from collections.abc import Buffer
from pathlib import Path
from tempfile import mkstemp


def replace_file(file: Path, *parts: Buffer) -> None:
    """Put the parts in the place of a file (mode 0600), durably; at every moment it is the old or the new. OSError."""
    handle, temporary = mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mkstemp makes mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            for part in parts:
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder has; where a folder cannot be opened (Windows), the system does it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
