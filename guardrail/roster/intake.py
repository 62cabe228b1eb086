"""Takes the rows of a client list one by one into people, in the columns of any program; no message quotes a cell."""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from guardrail.errors import Problem
from guardrail.roster.contacts import email_key, phone_keys
from guardrail.roster.fold import split_words
from guardrail.roster.person import Person
from guardrail.roster.presets import ENDED, FULL_NAME, OWN, Preset
from guardrail.roster.row import COLUMNS, read_person, ref_key
from guardrail.roster.table import Row

_DIGEST_BYTES = 16
_REF_LETTERS = 12  # 60 bits: two of a million people share one with a chance of one in two millions
# What a spreadsheet writes so that a long number stays one: the cell is text, and no formula.
_AS_TEXT = re.compile(r'="([^"]*)"')
_FIRST_ONLY = ("client_ref", "status", "relation")
_JOINED_BY = {"given_name": " ", "family_name": " "}
_COUPLE = re.compile(r"\S\s*[&+]\s*\S|\S\s(?:and|et)\s\S", re.IGNORECASE)
_ENTRIES_APART = re.compile(r"[;\r\n]+")
# A spreadsheet keeps fifteen digits of a number and writes zeros for the others.
_KEPT_DIGITS = 15
_ROUNDED = re.compile(rf"\d{{{_KEPT_DIGITS}}}(0+)")
_TELLING_ZEROS = 4  # so many of them are no chance


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a list's rows are to be read: whose columns, where each stands, how many there are, who makes references."""

    file: Path
    preset: Preset
    places: Mapping[str, tuple[int, ...]]
    width: int
    make_refs: bool = False


class Intake:
    """Takes rows one by one, and keeps the people, their digests and what is wrong."""

    def __init__(self, sheet: Sheet, key: bytes) -> None:
        """Take how the rows are to be read, and the roster's key."""
        self._sheet, self._key = sheet, key
        self._lines: dict[str, int] = {}
        self.people: dict[str, Person] = {}
        self.digests: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.left_out = {"emails": 0, "phones": 0, "statuses": 0}

    def take(self, row: Row) -> None:
        """Take a row: a person, or a problem."""
        person = self._read(row)
        if isinstance(person, Problem):
            self.problems.append(person)

    def has_rounded_refs(self) -> bool:
        """Whether all long numbers among the references end in zeros: then those of several people may be one."""
        long = [ref for ref in self.people if ref.isdecimal() and len(ref) > _KEPT_DIGITS]
        zeros = [match[1] for ref in long if (match := _ROUNDED.fullmatch(ref))]
        return len(zeros) == len(long) and sum(map(len, zeros)) >= _TELLING_ZEROS

    def _read(self, row: Row) -> Person | Problem:
        if row.problem is not None:
            return row.problem
        if len(row.cells) != self._sheet.width:
            what = f"the row has {len(row.cells)} cells, the header {self._sheet.width}"
            return self._problem(row, what, "put cells that contain the separator into double quotes")
        cells = self._cells(row)
        if self._sheet.make_refs:
            cells["client_ref"] = self._made_ref(cells)
            if not cells["client_ref"]:
                what = "no reference can be made: a name is needed, and an e-mail address or a telephone number"
                return self._problem(row, what, "add one to this client, or give all clients a number of their own")
        person = read_person(self._sheet.file, row.line, cells)
        return person if isinstance(person, Problem) else self._kept(row, person, cells)

    def _kept(self, row: Row, person: Person, cells: Mapping[str, str]) -> Person | Problem:
        if _COUPLE.search(cells.get("given_name", "")):
            return self._problem(row, "the name is that of two people", "give each person a row of their own")
        ref = person.client.ref
        first = self._lines.setdefault(ref_key(ref), row.line)
        if first != row.line and self._sheet.make_refs:
            what = "the name, and the address or number, are those of another row"
            return self._problem(row, what, f"see line {first}; keep one of them, or add what tells the two apart")
        if first != row.line:
            what = "this client_ref stands in more than one row"
            return self._problem(row, what, f"see line {first}; keep one row a client")
        self.people[ref] = person
        self.digests[ref] = self._digest(cells)
        return person

    def _cells(self, row: Row) -> dict[str, str]:
        """Give the row by our columns, with the cells of each joined, and in our words."""
        cells: dict[str, str] = {}
        for ours, places in self._sheet.places.items():
            values = [value for place in places if (value := _unwrapped(row.cells[place]))]
            if ours in _FIRST_ONLY:
                cells[ours] = values[0] if values else ""
            else:
                cells[ours] = _JOINED_BY.get(ours, ";").join(dict.fromkeys(values))
        full = cells.pop(FULL_NAME, "")
        if full and not (cells.get("given_name") or cells.get("family_name")):
            cells["given_name"] = full
        return self._ours(cells)

    def _ours(self, cells: dict[str, str]) -> dict[str, str]:
        """Put a program's words into ours. What is not known keeps its person in: a client, and a current one."""
        ended = cells.pop(ENDED, "")
        if self._sheet.preset.name == OWN:
            return cells
        for column, is_one in (("emails", email_key), ("phones", phone_keys)):
            entries = [entry.strip() for entry in _ENTRIES_APART.split(cells.get(column, "")) if entry.strip()]
            good = [entry for entry in entries if is_one(entry)]
            self.left_out[column] += len(entries) - len(good)
            cells[column] = ";".join(good)
        said = " ".join(cells.get("status", "").casefold().split())
        known = said if said in ("", "current", "former", "prospective") else None
        status = self._sheet.preset.statuses.get(said, known)
        if status is None:
            self.left_out["statuses"] += 1
            status = "current"
        cells["status"] = "former" if ended and status in ("", "current") else status
        return cells

    def _made_ref(self, cells: Mapping[str, str]) -> str:
        """Give a reference made of name and first address, or number; an empty one where either is missing.

        A keyed hash, so it tells neither. The name alone would give one person's reference to a later namesake.
        """
        name = sorted(split_words(f"{cells.get('given_name', '')} {cells.get('family_name', '')}").latin)
        emails = [key for entry in cells.get("emails", "").split(";") if (key := email_key(entry.strip()))]
        phones = [key for entry in cells.get("phones", "").split(";") for key in phone_keys(entry)]
        if not name or not (emails or phones):
            return ""
        told = "\0".join((*name, "", (emails or phones)[0])).encode()
        digest = hashlib.blake2b(told, key=self._key, digest_size=_DIGEST_BYTES, person=b"reference").digest()
        return f"R-{b32encode(digest).decode()[:_REF_LETTERS]}"

    def _digest(self, cells: Mapping[str, str]) -> bytes:
        digest = hashlib.blake2b(key=self._key, digest_size=_DIGEST_BYTES, person=b"row")
        for column in COLUMNS:
            value = cells.get(column, "").encode("utf-8", "replace")
            digest.update(len(value).to_bytes(4, "big") + value)
        return digest.digest()

    def _problem(self, row: Row, what: str, hint: str) -> Problem:
        return Problem(self._sheet.file, row.line, None, what, hint)


def _unwrapped(cell: str) -> str:
    text = cell.strip()
    match = _AS_TEXT.fullmatch(text)
    return match[1].strip() if match else text
