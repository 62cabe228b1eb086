"""The key of the roster's tokens: 32 random bytes in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from tempfile import mkstemp

from guardrail.errors import Problem, RosterError
from guardrail.roster.index import KEY_BYTES

KEY_FILE = "roster.key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_or_create_key(data_dir: Path) -> bytes:
    """Give the key of `data_dir`; the first call makes the folder (mode 0700) and the key (mode 0600).

    Raise RosterError where the file cannot be read or made, is no plain file, has another length, or can
    be read by others than its owner (not asked on Windows, whose file modes do not say it).
    """
    file = data_dir / KEY_FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.path.lexists(file):
            _create(file)
        return _read(file)
    except OSError as error:
        raise _refused(file, f"cannot read or make the key: {error.strerror or 'unknown reason'}") from None


def _create(file: Path) -> None:
    """Make the key whole or not at all; where two processes do it at once, the first one's stays."""
    handle, temporary = mkstemp(prefix=f".{KEY_FILE}.", dir=file.parent)  # mkstemp makes mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
            out.flush()
            os.fsync(out.fileno())
        Path(file).hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()


def _read(file: Path) -> bytes:
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as opened:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise _refused(file, "the key is not a plain file")
        if os.name == "posix" and facts.st_mode & _OTHERS:
            mode = stat.S_IMODE(facts.st_mode)
            raise _refused(file, f"others can read the key (mode {mode:04o})", f"run: chmod 600 {file}")
        key = opened.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        hint = "bring it back from a copy, or remove it to have a new one made"
        raise _refused(file, f"the key is damaged: it must be {KEY_BYTES} bytes long", hint)
    return key


def _refused(file: Path, what: str, hint: str | None = None) -> RosterError:
    return RosterError((Problem(file, None, None, what, hint),))
