"""A CSV file as rows with their lines, whatever program wrote it; knows nothing of clients."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from guardrail.errors import Problem, RosterError

_LONGEST_CELL = 2000
_SEPARATORS = ",;\t"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "save it as `CSV UTF-8`"


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
    """Give the rows that are not blank. Raise RosterError where a quote is left open to the file's end.

    The separator (comma, semicolon, tab) is the one that the first row has most of; Excel's own first
    line `sep=;` says it too.
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
            if "unexpected end" in str(error):
                # Any number of rows may have gone into that cell, so the rest is not to be trusted.
                what = "a quote is opened here or below and never closed"
                raise RosterError((Problem(file, line, None, what, 'write a quote inside a cell as ""'),)) from None
            long = "field limit" in str(error)
            what = "a cell is far too long" if long else "a closing quote is not followed by a separator"
            yield Row(line, (), Problem(file, line, None, what))
            continue
        if line > skipped and any(map(str.strip, cells)):
            yield Row(line, cells, _cell_problem(file, line, cells))


def _separator(text: str) -> tuple[str, int]:
    """Give the separator and how many lines only say it."""
    lines = text.lstrip("\r\n").splitlines()
    first = lines[0] if lines else ""
    if first.lower().startswith("sep=") and first[4:5] in tuple(_SEPARATORS):
        return first[4], 1
    return max(_SEPARATORS, key=first.count), 0


def _cell_problem(file: Path, line: int, cells: tuple[str, ...]) -> Problem | None:
    for at, cell in enumerate(cells, start=1):
        if len(cell) > _LONGEST_CELL:
            return Problem(file, line, None, f"cell {at} is longer than {_LONGEST_CELL} characters")
        if "\n" in cell or "\r" in cell:
            return Problem(file, line, None, f"cell {at} has a line break", "a quote may be open since this line")
    return None
