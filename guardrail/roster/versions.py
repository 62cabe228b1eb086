"""The imported client lists of a data folder: `<number>.idx`, its sealed facts, and `current`, which says which counts.

A version is written whole before `current` is replaced, in one step, to name it: whoever is killed at any moment
leaves the version of before in force. What cannot be trusted is refused, and never taken for an empty list.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from guardrail.durable import replace_file
from guardrail.errors import Problem, RosterError
from guardrail.roster.changes import Facts, open_facts, seal_facts
from guardrail.roster.known import Came, forget, known, note
from guardrail.roster.layout import HEADER_BYTES
from guardrail.roster.matcher import Roster

KEPT = 10
"""How many versions are kept: the newest."""
POINTER = "current"

_FORMAT = 1
_INDEX = re.compile(r"([1-9]\d{0,8})\.idx")
_LEFTOVER = re.compile(r"\.(?:current|\d+\.(?:idx|facts))\..+")
_LEFTOVER_SECONDS = 3600.0
_AGAIN = "run `guardrail roster import` again, or `guardrail roster rollback`"
_BRING = (
    "bring the folder back from a copy, run `guardrail roster import`, or, if there is to be none, "
    "`guardrail roster forget`"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The version in force: its roster, its number, its facts."""

    roster: Roster
    number: int
    facts: Facts


class Versions:
    """The versions in one folder, under one key. Every method raises RosterError where the disk does not give."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Take the folder, which need not be there yet, and the roster's key."""
        self.folder = folder
        self.key = key

    @property
    def pointer(self) -> Path:
        """Give the file that says which version is in force."""
        return self.folder / POINTER

    def numbers(self) -> tuple[int, ...]:
        """Give the numbers of the whole versions, oldest first; what an import left that was killed is none."""
        return tuple(number for number in self._indexes() if self._facts_file(number).exists())

    def current(self) -> int | None:
        """Give the number of the version in force; None where nothing was ever imported here."""
        try:
            text = self.pointer.read_text(encoding="utf-8")
        except FileNotFoundError:
            if self.numbers():
                what = "it is not known which imported client list is in force"
                raise self._refused(self.pointer, what) from None
            if known(self.folder.parent) is Came.IMPORTED:
                raise self._refused(self.folder, "the imported client list is gone", _BRING) from None
            return None
        except (OSError, UnicodeDecodeError):
            raise self._refused(self.pointer, "cannot read which imported client list is in force") from None
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        number = said.get("number") if isinstance(said, dict) and said.get("format") == _FORMAT else None
        if type(number) is not int or set(said) != {"format", "number"} or number < 1:
            raise self._refused(self.pointer, "the file that says which client list is in force is damaged")
        return number

    def load(self, own_names: Iterable[str] = ()) -> Loaded | None:
        """Open the version in force; None where nothing was ever imported here."""
        number = self.current()
        return None if number is None else self.open(number, own_names)

    def open(self, number: int, own_names: Iterable[str] = ()) -> Loaded:
        """Open a version, checked to its last byte."""
        file = self.index_file(number)
        facts = self.facts(number)
        roster = Roster.open(file, self.key, own_names)
        if facts.index != header_hash(file):
            raise self._refused(file, "the index is not the one that was imported under this number")
        return Loaded(roster, number, facts)

    def facts(self, number: int) -> Facts:
        """Give the facts of a version."""
        file = self._facts_file(number)
        try:
            return open_facts(file.read_bytes(), self.key, number)
        except FileNotFoundError:
            raise self._refused(file, f"there is no imported client list {number}") from None
        except OSError:
            raise self._refused(file, f"cannot read the facts of client list {number}") from None
        except ValueError as error:
            raise self._refused(file, str(error)) from None

    def claim(self) -> int:
        """Take the next number for a new version, for this import alone."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = max(self._indexes(), default=0) + 1
            self.index_file(number).touch(mode=0o600, exist_ok=False)
        except OSError as error:
            if isinstance(error, FileExistsError) and self.folder.is_dir():
                raise self._refused(self.folder, "another import is running here", "wait for its end") from None
            what = f"cannot write to the folder: {(error.strerror or 'unknown reason').lower()}"
            raise self._refused(self.folder, what, "make it writable for guardrail") from None
        return number

    def complete(self, number: int, facts: Facts) -> None:
        """Write down the facts of a version whose index stands: from here on it is one."""
        self._replace(self._facts_file(number), seal_facts(facts, self.key, number))

    def put_in_force(self, number: int) -> None:
        """Let a version count, after it has shown itself to be whole."""
        self.open(number)
        self._replace(self.pointer, json.dumps({"format": _FORMAT, "number": number}).encode() + b"\n")
        note(self.folder.parent, Came.IMPORTED)

    def forget(self) -> int:
        """Remove all versions, so that nothing was ever imported here; give how many there were.

        The pointer goes late and the note last: whoever is killed before leaves a list that is refused.
        """
        indexes = self._indexes()
        try:
            for number in indexes:
                self.index_file(number).unlink()
                self._facts_file(number).unlink(missing_ok=True)
            self.pointer.unlink(missing_ok=True)
            forget(self.folder.parent)
        except OSError as error:
            what = f"cannot remove the client list: {(error.strerror or 'unknown reason').lower()}"
            raise self._refused(self.folder, what, "end guardrail, and make the folder writable") from None
        return len(indexes)

    def drop_old(self) -> None:
        """Remove all but the newest versions, once the newest is in force, and what killed imports left long ago."""
        whole = self.numbers()
        # Whatever cannot be removed (on Windows what a running guardrail has open) goes with a later import.
        with suppress(OSError):
            for number in self._indexes():
                is_old = number in whole[:-KEPT]
                if is_old or (number not in whole and self._is_leftover(self.index_file(number))):
                    self._facts_file(number).unlink(missing_ok=True)
                    self.index_file(number).unlink(missing_ok=True)
            for file in self.folder.iterdir():
                if _LEFTOVER.fullmatch(file.name) and self._is_leftover(file):
                    file.unlink(missing_ok=True)

    def index_file(self, number: int) -> Path:
        """Give where the index of a version stands."""
        return self.folder / f"{number}.idx"

    def _facts_file(self, number: int) -> Path:
        return self.folder / f"{number}.facts"

    def _indexes(self) -> list[int]:
        try:
            names = [file.name for file in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            what = f"cannot read the folder: {(error.strerror or 'unknown reason').lower()}"
            raise self._refused(self.folder, what, "make it readable for guardrail") from None
        return sorted(int(match[1]) for name in names if (match := _INDEX.fullmatch(name)))

    def _replace(self, file: Path, data: bytes) -> None:
        try:
            replace_file(file, data)
        except OSError as error:
            what = f"cannot write: {(error.strerror or 'unknown reason').lower()}"
            raise self._refused(file, what, "make room, or make the folder writable") from None

    @staticmethod
    def _is_leftover(file: Path) -> bool:
        return time.time() - file.stat().st_mtime > _LEFTOVER_SECONDS

    @staticmethod
    def _refused(file: Path, what: str, hint: str = _AGAIN) -> RosterError:
        return RosterError((Problem(file, None, None, what, hint),))


def header_hash(file: Path) -> str:
    """Give the hash (hex) of an index file's header, which holds the MAC of all the rest. Raise OSError."""
    with file.open("rb") as opened:
        return hashlib.blake2b(opened.read(HEADER_BYTES), digest_size=16).hexdigest()
