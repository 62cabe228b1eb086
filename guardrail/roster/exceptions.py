"""What the clinic has excepted: words that mean a client by name, and are not held until a day; no word of them here.

Each exception is a file of its own in `roster/exceptions`, named after the keyed token of its words and of the
clients whom they mean. So setting one and taking one back is one step, whatever else happens, and one that is
damaged is in force no more while all others are.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guardrail.durable import replace_file, sync_folder
from guardrail.errors import Problem, RosterError
from guardrail.roster.sealed import open_padded, seal_padded

EXCEPTIONS_FOLDER = "exceptions"
"""The folder of the exceptions, beside the imported client lists."""

_KIND = (b"GREXCPT1", b"exception")
_NAME = re.compile(r"([0-9a-f]{32})\.exception")
_SMALLEST = 11  # as a power of two: a reason and some references leave all files of one size
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Excepted:
    """An exception: the token of its words, for which clients they were taken, who set it, from when until when, why.

    Both times are aware; at `until` it is over.
    """

    token: str
    clients: tuple[str, ...]
    by: str
    since: datetime
    until: datetime
    reason: str

    def __repr__(self) -> str:
        return f"<Excepted {self.token[:8]} until {self.until.isoformat()}>"


@dataclass(frozen=True, slots=True)
class Found:
    """The exceptions of a folder, those over as well, the oldest first; and what could not be opened."""

    exceptions: tuple[Excepted, ...]
    problems: tuple[Problem, ...]


class Exceptions:
    """The exceptions in one folder, under the roster's key."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Take the folder, which need not be there yet, and the roster's key."""
        self.folder = folder
        self._key = key

    def files(self) -> tuple[Path, ...]:
        """Give the exceptions' files, whole or not. Raise RosterError where the folder cannot be read."""
        try:
            return tuple(sorted(file for file in self.folder.iterdir() if _NAME.fullmatch(file.name)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            what = f"cannot read the clinic's exceptions: {_reason(error)}"
            raise RosterError((Problem(self.folder, None, None, what, "make the folder readable"),)) from None

    def tokens(self) -> tuple[str, ...]:
        """Give the tokens of all, also of those that cannot be opened. Raise RosterError as `files`."""
        return tuple(file.stem for file in self.files())

    def read(self) -> Found:
        """Open all. Never raises: what cannot be opened is a problem and in force no more, so that more is held."""
        try:
            files = self.files()
        except RosterError as error:
            return Found((), error.problems)
        read = [self._open(file) for file in files]
        good = sorted((one for one in read if isinstance(one, Excepted)), key=lambda one: (one.since, one.token))
        return Found(tuple(good), tuple(one for one in read if isinstance(one, Problem)))

    def put(self, one: Excepted) -> None:
        """Set an exception, durably, in the place of an earlier one of the same words. Raise RosterError."""
        whole = {
            "clients": [*one.clients],
            "by": one.by,
            "since": one.since.isoformat(),
            "until": one.until.isoformat(),
            "reason": one.reason,
        }
        file = self._file(one.token)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(file, seal_padded(json.dumps(whole).encode(), self._key, _KIND, one.token, _SMALLEST))
        except OSError as error:
            what = f"cannot write the exception: {_reason(error)}"
            raise RosterError((Problem(file, None, None, what, "make room, or make the folder writable"),)) from None

    def take_back(self, token: str) -> None:
        """End an exception now, durably; one that is not there is no error. Raise RosterError."""
        file = self._file(token)
        try:
            file.unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as error:
            what = f"cannot take the exception back: {_reason(error)}"
            raise RosterError((Problem(file, None, None, what, "make the folder writable"),)) from None

    def _file(self, token: str) -> Path:
        return self.folder / f"{token}.exception"

    def _open(self, file: Path) -> Excepted | Problem:
        mend = f"take it back with `guardrail roster except --remove {file.stem[:8]}`, and set it again"
        try:
            with file.open("rb") as opened:
                plain = open_padded(opened.read(_LONGEST), self._key, _KIND, file.stem)
        except OSError as error:
            return Problem(file, None, None, f"cannot read the exception: {_reason(error)}", "make it readable")
        except ValueError:
            plain = None
        if plain is None:
            return Problem(file, None, None, "the exception is damaged, or was set with another key", mend)
        return _excepted(file.stem, plain)


def _excepted(token: str, plain: bytes) -> Excepted:
    # Under the MAC, so it is what `put` wrote.
    whole = json.loads(plain)
    since, until = (datetime.fromisoformat(whole[name]) for name in ("since", "until"))
    return Excepted(token, tuple(whole["clients"]), whole["by"], since, until, whole["reason"])


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
