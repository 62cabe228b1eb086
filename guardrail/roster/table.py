"""A CSV file as rows with their lines, whatever program wrote it; knows nothing of clients."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from guardrail.errors import Problem, RosterError

_SEPARATORS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "save it as `CSV UTF-8`"
_DOUBLED = 'write a quote inside a cell as ""'


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row and the line (from 1) on which it starts; `problem` says why it cannot be used."""

    line: int
    cells: tuple[str, ...] = field(repr=False)
    problem: Problem | None = None


def decode(file: Path, data: bytes) -> str:
    """Give the text of a file in UTF-8, with or without byte order mark; raise RosterError with the line."""
    if data.startswith(_UTF16):
        raise RosterError((Problem(file, None, None, "the roster is in UTF-16", _SAVE_AS),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RosterError((Problem(file, line, None, "the roster is not in UTF-8", _SAVE_AS),)) from None
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise RosterError((Problem(file, line, None, "the roster contains NUL characters", _SAVE_AS),))
    return text


def read_rows(file: Path, text: str) -> Iterator[Row]:
    """Give the rows that are not blank. Raise RosterError where a quote is left open and rows may be lost in it.

    The separator (comma, semicolon, tab) is the one that the first row has most of; Excel's own first
    line `sep=;` says it too. A cell of several lines stands only where no row can have gone into it.
    """
    separator, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                # Any number of rows may have gone into that cell, so the rest is not to be trusted.
                what = "a quote is opened here or below and never closed"
                if "field limit" in str(error):
                    what = "a cell is far too long: a quote may be open here or above"
                raise RosterError((Problem(file, line, None, what, _DOUBLED),)) from None
            what = "a closing quote is not followed by a separator"
            yield Row(line, (), Problem(file, line, None, what, _DOUBLED))
            continue
        if line > skipped and any(map(str.strip, cells)):
            yield Row(line, cells, _swallowed(file, line, cells, separator))


def _separator(text: str) -> tuple[str, int]:
    """Give the separator and how many lines only say it."""
    lines = text.lstrip("\r\n").splitlines()
    first = lines[0] if lines else ""
    if first.lower().startswith("sep=") and first[4:5] in tuple(_SEPARATORS):
        return first[4], 1
    return max(_SEPARATORS, key=first.count), 0


def _swallowed(file: Path, line: int, cells: tuple[str, ...], separator: str) -> Problem | None:
    """Say where a quote that was left open may have taken rows into a cell; None where that cannot be.

    It would hold the end of one row and the beginning of another: together as many separators as a whole row has,
    since the cells that are left must make up one row again.
    """
    for at, cell in enumerate(cells, start=1):
        if ("\n" in cell or "\r" in cell) and cell.count(separator) >= len(cells) - 1:
            what = f"cell {at} has a line break, and as many separators as a row"
            return Problem(file, line, None, what, "a quote may be open since this line")
    return None
