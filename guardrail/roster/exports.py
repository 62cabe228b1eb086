"""Reads a client list in the columns of any program into people, for an import; no message quotes a cell."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.contacts import email_key, phone_keys
from guardrail.roster.encoding import read_text
from guardrail.roster.person import Person
from guardrail.roster.presets import ENDED, FULL_NAME, OWN, PRESETS, Preset, detect, header_key
from guardrail.roster.row import COLUMNS, read_person
from guardrail.roster.table import Row, read_rows

REVISION_BYTES = 16
_DIGEST_BYTES = 16
# What a spreadsheet writes so that a long number stays one: the cell is text, and no formula.
_AS_TEXT = re.compile(r'="([^"]*)"')
_FIRST_ONLY = ("client_ref", "status", "relation")
_JOINED_BY = {"given_name": " ", "family_name": " "}
_COUPLE = re.compile(r"&|\+|/|\band\b|\bet\b", re.IGNORECASE)
_PRESETS = ", ".join(PRESETS)


@dataclass(frozen=True, slots=True)
class Export:
    """A client list, read and checked.

    `digests` has for each reference a keyed hash of the row: it says that something changed, and not what.
    `left_out` counts what was read past: `emails` and `phones` that are none, `statuses` that are not known.
    """

    people: tuple[Person, ...]
    rejected: tuple[Problem, ...]
    revision: str
    digests: Mapping[str, bytes]
    preset: str
    encoding: str
    left_out: Mapping[str, int]

    def __repr__(self) -> str:
        return f"<Export of {len(self.people)} clients, revision {self.revision[:12]}>"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is to be read: whose columns (None: told by the header), the encoding, whether bad rows may go."""

    preset: Preset | None = None
    encoding: str | None = None
    allow_bad_rows: bool = False


def read_export(file: Path, key: bytes, reading: Reading) -> Export:
    """Read a client list. Raise RosterError with every bad row, or where the file as a whole cannot be trusted."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _refused(file, f"cannot read the client list: {(error.strerror or 'unknown reason').lower()}") from None
    text, encoding = read_text(file, data, reading.encoding)
    rows = read_rows(file, text)
    header = next(rows, None)
    if header is None:
        raise _refused(file, "the client list is empty")
    if header.problem is not None:
        raise RosterError((header.problem,))
    preset = reading.preset or _preset_of(file, header)
    desk = _Desk(file, key, preset, _places(file, header, preset), len(header.cells))
    for row in rows:
        desk.take(row)
    if desk.problems and not reading.allow_bad_rows:
        raise RosterError(tuple(desk.problems))
    if not desk.people:
        what = "the client list has no good row" if desk.problems else "the client list has no client"
        problem = Problem(file, None, None, what, "a roster without clients guards nobody")
        raise RosterError((*desk.problems, problem))
    revision = hashlib.blake2b(data, key=key, digest_size=REVISION_BYTES, person=b"revision").hexdigest()
    people, problems = tuple(desk.people.values()), tuple(desk.problems)
    return Export(people, problems, revision, desk.digests, preset.name, encoding, desk.left_out)


class _Desk:
    """Takes rows one by one, and keeps the people, their digests and what is wrong."""

    def __init__(
        self, file: Path, key: bytes, preset: Preset, places: Mapping[str, tuple[int, ...]], width: int
    ) -> None:
        self._file, self._key, self._preset, self._places, self._width = file, key, preset, places, width
        self._lines: dict[str, int] = {}
        self.people: dict[str, Person] = {}
        self.digests: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.left_out = {"emails": 0, "phones": 0, "statuses": 0}

    def take(self, row: Row) -> None:
        person = self._read(row)
        if isinstance(person, Problem):
            self.problems.append(person)

    def _read(self, row: Row) -> Person | Problem:
        if row.problem is not None:
            return row.problem
        if len(row.cells) != self._width:
            what = f"the row has {len(row.cells)} cells, the header {self._width}"
            return self._problem(row, what, "put cells that contain the separator into double quotes")
        cells = self._cells(row)
        full = cells.pop(FULL_NAME, "")
        if full and not (cells.get("given_name") or cells.get("family_name")):
            if _COUPLE.search(full):
                return self._problem(row, "the name is that of two people", "give each person a row of their own")
            cells["given_name"] = full
        person = read_person(self._file, row.line, self._ours(cells))
        if isinstance(person, Problem):
            return person
        ref = person.client.ref
        first = self._lines.setdefault(ref.casefold(), row.line)
        if first != row.line:
            what = "this client_ref stands in more than one row"
            return self._problem(row, what, f"see line {first}; keep one row a client")
        self.people[ref] = person
        self.digests[ref] = self._digest(cells)
        return person

    def _cells(self, row: Row) -> dict[str, str]:
        """Give the row by our columns, with the cells of each joined."""
        cells: dict[str, str] = {}
        for ours, places in self._places.items():
            values = [value for place in places if (value := _unwrapped(row.cells[place]))]
            if ours in _FIRST_ONLY:
                cells[ours] = values[0] if values else ""
            else:
                cells[ours] = _JOINED_BY.get(ours, ";").join(dict.fromkeys(values))
        return cells

    def _ours(self, cells: dict[str, str]) -> dict[str, str]:
        """Put a program's words into ours. What is not known keeps its person in: a client, and a current one."""
        ended = cells.pop(ENDED, "")
        if self._preset.name == OWN:
            return cells
        for column, is_one in (("emails", email_key), ("phones", phone_keys)):
            entries = [entry for entry in cells.get(column, "").split(";") if entry.strip()]
            good = [entry for entry in entries if is_one(entry.strip())]
            self.left_out[column] += len(entries) - len(good)
            cells[column] = ";".join(good)
        said = " ".join(cells.get("status", "").casefold().split())
        status = self._preset.statuses.get(said, said if said in ("", "current", "former", "prospective") else None)
        if status is None:
            self.left_out["statuses"] += 1
            status = "current"
        cells["status"] = "former" if ended and status in ("", "current") else status
        return cells

    def _digest(self, cells: Mapping[str, str]) -> bytes:
        digest = hashlib.blake2b(key=self._key, digest_size=_DIGEST_BYTES, person=b"row")
        for column in COLUMNS:
            value = cells.get(column, "").encode("utf-8", "replace")
            digest.update(len(value).to_bytes(4, "big") + value)
        return digest.digest()

    def _problem(self, row: Row, what: str, hint: str) -> Problem:
        return Problem(self._file, row.line, None, what, hint)


def _preset_of(file: Path, header: Row) -> Preset:
    found = detect(header.cells)
    if len(found) == 1:
        return PRESETS[found[0]]
    what = "the header may be of several programs" if found else "the first line names the columns of no known program"
    hint = f"say whose it is with --from ({_PRESETS}), or which column is which with --column client_ref=THEIRS"
    raise RosterError((Problem(file, header.line, None, what, hint),))


def _places(file: Path, header: Row, preset: Preset) -> dict[str, tuple[int, ...]]:
    """Give for each of our columns where it stands in a row; raise RosterError for a header that could lose one."""
    keys = [header_key(cell) for cell in header.cells]
    takes = {theirs: ours for ours, all_theirs in preset.takes.items() for theirs in all_theirs}
    problems = tuple(_header_problems(file, header.line, keys, takes, preset))
    if problems:
        raise RosterError(problems)
    return {
        ours: places
        for ours, all_theirs in preset.takes.items()
        if (places := tuple(keys.index(theirs) for theirs in all_theirs if theirs in keys))
    }


def _header_problems(
    file: Path, line: int, keys: list[str], takes: Mapping[str, str], preset: Preset
) -> Iterator[Problem]:
    for at, name in enumerate(keys, start=1):
        if name in takes and name in keys[: at - 1]:
            yield Problem(file, line, None, f"column {at} has the name of another one", "keep one of them")
        elif preset.name == OWN and name and name not in takes:
            # The cell may be a person's name where the header is missing: it is not quoted.
            known = ", ".join(COLUMNS)
            yield Problem(file, line, None, f"column {at} has an unknown name", f"take it out; known: {known}")
    if not any(theirs in keys for theirs in preset.takes.get("client_ref", ())):
        hint = "take the clinic's own number into the export, or name its column: --column client_ref=THEIRS"
        yield Problem(file, line, None, "no column holds the clinic's number of a client", hint)
    elif not any(takes.get(name) in (*COLUMNS[1:8], FULL_NAME) for name in keys):
        hint = "name it: --column family_name=THEIRS"
        yield Problem(file, line, None, "no column says who a client is", hint)


def _unwrapped(cell: str) -> str:
    text = cell.strip()
    match = _AS_TEXT.fullmatch(text)
    return match[1].strip() if match else text


def _refused(file: Path, what: str) -> RosterError:
    hint = f"give a CSV file whose first line names the columns, our own or those of {_PRESETS}"
    return RosterError((Problem(file, None, None, what, hint),))
