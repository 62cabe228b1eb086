"""The text of a client list in any encoding that can be told with certainty; what could be read two ways is refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.census import census_entry, facts_of
from guardrail.roster.fold import split_words

_SAVE_AS = "save it as `CSV UTF-8`, or say which it is (`--encoding cp1252`)"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII = 0x80
_WINDOWS = "cp1252"
# What else a spreadsheet may have written without saying so, and what people call it.
_RIVALS = {
    "mac_roman": "the encoding of older Macs",
    "cp1250": "the Windows encoding of Central Europe",
    "cp1251": "the Windows encoding of Cyrillic",
    "cp1253": "the Windows encoding of Greek",
    "cp1254": "the Windows encoding of Turkish",
    "cp1257": "the Windows encoding of the Baltic",
    "cp850": "the encoding of DOS",
    "cp437": "the encoding of DOS in the US",
}
# Encodings of text as spreadsheets and databases write it; `undefined`, `unicode_escape` and the like are none.
_TEXT = re.compile(
    r"ascii|utf-(8|16|32).*|cp\d+|iso8859-\d+|mac-.*|koi8-\w|gb\w+|big5\w*|hz|euc_.*|(shift_|iso2022_)jis?.*"
)
_RUN = re.compile(r"[^\s,;\t\"]*[^\x00-\x7f][^\s,;\t\"]*")
_MARKS_IN_NAMES = frozenset("'’‘-–.")
_SURELY = 10  # times as many words must be names in one reading as in any other
# What a file of another kind begins with.
_NO_TEXT = (
    (b"PK\x03\x04", "this is an Excel workbook or another packed file"),
    (b"\xd0\xcf\x11\xe0", "this is an Excel workbook"),
    (b"%PDF", "this is a PDF"),
    (b"\x1f\x8b", "this is a compressed file"),
)


def read_text(file: Path, data: bytes, said: str | None = None) -> tuple[str, str]:
    """Give a file's text and the encoding it is in: the one that is `said`, UTF-8, marked UTF-16, Windows-1252.

    Raise RosterError where the bytes are none of these for certain. A file without a mark that is not UTF-8 is
    Windows-1252 where in every other usual encoding its words are none, or far fewer of them are known names.
    """
    for begins, what in _NO_TEXT:
        if data.startswith(begins):
            raise _refused(file, None, f"{what}, and no CSV file", "open it, and save it as `CSV UTF-8`")
    encoding = _known(file, said) if said else _encoding(data)
    if encoding is None:
        raise _unclear(file, data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = None if encoding.startswith(("utf-16", "utf-32")) else _line(data, error.start)
        raise _refused(file, line, f"the file is not in {encoding.removesuffix('-sig').upper()}") from None
    nul = text.find("\0")
    if nul >= 0:
        hint = "save it as `CSV UTF-8`, or say which it is (`--encoding utf-16-le`)"
        raise _refused(file, text.count("\n", 0, nul) + 1, "the client list contains NUL characters", hint)
    if text.startswith("\xef\xbb\xbf"):
        what = "the file was read in a wrong encoding once, and saved again"
        raise _refused(file, 1, what, "export it anew, and open it in no other program before")
    return text.lstrip("\ufeff"), encoding.removesuffix("-sig")


def _known(file: Path, said: str) -> str:
    try:
        name = codecs.lookup(said).name
    except (LookupError, ValueError):
        name = ""
    if not _TEXT.fullmatch(name):
        raise _refused(file, None, "there is no such encoding of text")
    return said


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
        if others is not None and all(map(_is_plausible, others)):
            ours, theirs = _names_of_one(runs, others)
            if ours is not None and ours <= _SURELY * theirs:
                return False
    return True


def _names_of_one(runs: Sequence[str], others: Sequence[str]) -> tuple[int | None, int]:
    """Count the words that are known names in one reading only, for both; None where the readings mean the same.

    Ë for Ė means the same, since neither changes whom a search finds.
    """
    pairs = [
        (set(split_words(one).latin), set(split_words(other).latin)) for one, other in zip(runs, others, strict=True)
    ]
    if all(one == other for one, other in pairs):
        return None, 0
    return _known_names(one - other for one, other in pairs), _known_names(other - one for one, other in pairs)


def _known_names(words: Iterable[set[str]]) -> int:
    """Count the different words that the census knows as names."""
    facts = (facts_of(census_entry(word)) for word in set().union(*words))
    return sum(fact.given > 0 or fact.family > 0 for fact in facts)


def _odd_runs(data: bytes, encoding: str) -> list[str] | None:
    """Give the different words that hold other letters than ASCII's; None where the bytes are not in this encoding."""
    try:
        return list(dict.fromkeys(_RUN.findall(data.decode(encoding))))
    except UnicodeDecodeError:
        return None


def _is_plausible(word: str) -> bool:
    """Whether a word could stand in a list of names: letters of one script, no capital after a small letter."""
    scripts, before = set[str](), ""
    for char in word:
        if char.isalpha():
            scripts.add(unicodedata.name(char, "?").split()[0])
            if ord(char) >= _ASCII and char.isupper() and before.islower():
                return False
        elif ord(char) >= _ASCII and char not in _MARKS_IN_NAMES:
            return False
        before = char
    return len(scripts) <= 1


def _unclear(file: Path, data: bytes) -> RosterError:
    """Say why the encoding cannot be told, and which it may be: the one in which the most words are known names."""
    at = next(at for at, byte in enumerate(data) if byte >= _ASCII or not byte)
    what = "the encoding cannot be told: a letter could be read in two ways"
    mixed = _first_not_utf8(data)
    if mixed is not None:
        return _refused(file, mixed, "this line is not in UTF-8, and others are: lists of two encodings were joined")
    if b"\0" in data:
        hint = "save it as `CSV UTF-8`, or say which it is (`--encoding utf-16-le`)"
        return _refused(file, _line(data, at), "the encoding cannot be told: the file has NUL characters", hint)
    counts = {
        encoding: _known_names(set(split_words(run).latin) for run in runs)
        for encoding in (_WINDOWS, *_RIVALS)
        if (runs := _odd_runs(data, encoding)) is not None and all(map(_is_plausible, runs))
    }
    most = max(counts.values(), default=0)
    likely = [encoding for encoding, count in counts.items() if count == most and most > 0]
    if len(likely) == 1 and likely[0] != _WINDOWS:
        hint = f"save it as `CSV UTF-8`; or, as it looks like {_RIVALS[likely[0]]}, say `--encoding {likely[0]}`"
        return _refused(file, _line(data, at), what, hint)
    return _refused(file, _line(data, at), what)


def _first_not_utf8(data: bytes) -> int | None:
    """Give the first line that is not in UTF-8 where other lines have letters of it; else None."""
    first, others = None, False
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            others |= not line.decode("utf-8-sig").isascii()
        except UnicodeDecodeError:
            first = first or number
    return first if others else None


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refused(file: Path, line: int | None, what: str, hint: str = _SAVE_AS) -> RosterError:
    return RosterError((Problem(file, line, None, what, hint),))
