"""The text of a client list in any encoding that can be told with certainty; what could be read two ways is refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.fold import fold

_SAVE_AS = "save it as `CSV UTF-8`, or say which it is (`--encoding cp1252`)"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WINDOWS = "cp1252"
# What else a spreadsheet may have written without saying so.
_RIVALS = ("cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "mac_roman", "cp850", "cp437")
_RUN = re.compile(r"[^\s,;\t\"]*[^\x00-\x7f][^\s,;\t\"]*")
_MARKS_IN_NAMES = frozenset("'’‘-–.")


def read_text(file: Path, data: bytes, said: str | None = None) -> tuple[str, str]:
    """Give a file's text and the encoding it is in: the one that is `said`, UTF-8, marked UTF-16, Windows-1252.

    Raise RosterError where the bytes are none of these for certain. A file without a mark that is not UTF-8 is
    Windows-1252 where no other usual encoding makes other plausible names of it.
    """
    encoding = said or _encoding(data)
    if encoding is None:
        raise _refused(file, _first_odd_line(data), "the encoding cannot be told: a letter could be read in two ways")
    try:
        text = data.decode(encoding)
    except LookupError:
        raise _refused(file, None, "there is no such encoding") from None
    except UnicodeDecodeError:
        raise _refused(file, None, f"the file is not in {encoding.removesuffix('-sig').upper()}") from None
    nul = text.find("\0")
    if nul >= 0:
        raise _refused(file, text.count("\n", 0, nul) + 1, "the client list contains NUL characters")
    return text, encoding.removesuffix("-sig")


def _encoding(data: bytes) -> str | None:
    if data.startswith(_UTF16):
        return "utf-16"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _WINDOWS if b"\0" not in data and _is_windows(data) else None
    return "utf-8-sig"


def _is_windows(data: bytes) -> bool:
    runs = _odd_runs(data, _WINDOWS)
    if runs is None or not all(map(_is_plausible, runs)):
        return False
    for rival in _RIVALS:
        others = _odd_runs(data, rival)
        # One letter that a rival reads otherwise, and plausibly, is a name that might be lost; ë for ė is not one.
        if others is not None and all(map(_is_plausible, others)) and [*map(fold, others)] != [*map(fold, runs)]:
            return False
    return True


def _odd_runs(data: bytes, encoding: str) -> list[str] | None:
    """Give the words that hold other letters than ASCII's; None where the bytes are not in this encoding."""
    try:
        return _RUN.findall(data.decode(encoding))
    except UnicodeDecodeError:
        return None


def _is_plausible(word: str) -> bool:
    """Whether a word could stand in a list of names: letters of one script, no capital after a small letter."""
    scripts, before = set[str](), ""
    for char in word:
        if char.isalpha():
            scripts.add(unicodedata.name(char, "?").split()[0])
            if ord(char) >= 0x80 and char.isupper() and before.islower():  # noqa: PLR2004 - the end of ASCII
                return False
        elif ord(char) >= 0x80 and char not in _MARKS_IN_NAMES:  # noqa: PLR2004 - the end of ASCII
            return False
        before = char
    return len(scripts) <= 1


def _first_odd_line(data: bytes) -> int:
    at = next(at for at, byte in enumerate(data) if byte >= 0x80 or not byte)  # noqa: PLR2004 - the end of ASCII
    return data.count(b"\n", 0, at) + 1


def _refused(file: Path, line: int | None, what: str) -> RosterError:
    return RosterError((Problem(file, line, None, what, _SAVE_AS),))
