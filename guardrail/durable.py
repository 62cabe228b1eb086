"""Files that are there whole or not at all, also after the power went."""

from __future__ import annotations

import errno
import os
from collections.abc import Buffer, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

_OWNER_ONLY = 0o600
_CANNOT_SYNC = (errno.EBADF, errno.EINVAL)


def replace_file(file: Path, *parts: Buffer, mode: int = _OWNER_ONLY) -> None:
    """Put the parts in the place of a file, durably; at every moment it is the old or the new. Raise OSError."""
    with fresh_file(file, mode=mode) as out:
        for part in parts:
            out.write(part)


def make_file(file: Path, content: bytes, mode: int = _OWNER_ONLY) -> bool:
    """Make a file, durably; one that is there stays, also of two processes that come at once.

    Say whether it was made. Raise OSError.
    """
    try:
        with fresh_file(file, mode=mode, replace=False) as out:
            out.write(content)
    except FileExistsError:
        return False
    return True


@contextmanager
def fresh_file(file: Path, *, mode: int = _OWNER_ONLY, replace: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write to, its owner's alone until it is whole; at the end it takes the name and the mode.

    Raise OSError, and FileExistsError where the name is taken and must not be (`replace`); nothing is left then.
    """
    handle, name = mkstemp(prefix=f".{file.name}.", dir=file.parent)  # of mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            if mode != _OWNER_ONLY:
                fresh.chmod(mode)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            fresh.replace(file)
        else:
            _name(fresh, file)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder has. Raise OSError."""
    if os.name != "posix":
        return  # folders cannot be opened there; the system does it
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:  # some network drives sync no folders, and say so in one of these ways
            raise
    finally:
        os.close(handle)


def _name(fresh: Path, file: Path) -> None:
    """Give a whole file its name, unless it is taken: then raise FileExistsError."""
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        raise
    except OSError:  # sticks (FAT, exFAT) and some network drives know no second name of a file
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))  # taken: of two, one gets here
        try:
            fresh.replace(file)
        except OSError:
            file.unlink(missing_ok=True)
            raise
