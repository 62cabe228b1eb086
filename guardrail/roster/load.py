"""Reads the clinic's client list (CSV) into a Roster; no message that it gives quotes a cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.build import Making, build_index
from guardrail.roster.index import Index
from guardrail.roster.kinds import Variants
from guardrail.roster.matcher import Roster
from guardrail.roster.person import Person
from guardrail.roster.row import COLUMNS, nearest, read_person, ref_key
from guardrail.roster.table import Row, decode, read_rows

_REVISION_BYTES = 16


@dataclass(frozen=True, slots=True)
class ClientList:
    """A client list, read and checked: its people, the rows that were left out, and a keyed hash of its bytes."""

    people: tuple[Person, ...]
    rejected: tuple[Problem, ...]
    revision: str


def load_roster(
    file: Path,
    key: bytes,
    *,
    allow_bad_rows: bool = False,
    variants: Variants | None = None,
    own_names: Iterable[str] = (),
) -> Roster:
    """Read the roster `file` and index it under `key` (32 bytes), in memory.

    Raise RosterError naming every bad row by its line; with `allow_bad_rows` only where the file as a
    whole cannot be trusted, and the bad rows are then in the roster's `rejected`.
    """
    read = read_clients(file, key, allow_bad_rows=allow_bad_rows)
    index = build_index(read.people, key, Making(variants or Variants(), read.revision))
    return Roster(Index(index, key, file), read.rejected, own_names)


def empty_roster(key: bytes, own_names: Iterable[str] = ()) -> Roster:
    """Give a roster that nobody is on."""
    return Roster(Index(build_index((), key), key), (), own_names)


def read_clients(file: Path, key: bytes, *, allow_bad_rows: bool = False) -> ClientList:
    """Read the roster `file` without indexing it; raise RosterError as `load_roster` does.

    The revision is a keyed hash of the file's bytes, so that it tells nothing of them.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        what = f"cannot read the roster: {(error.strerror or 'unknown reason').lower()}"
        raise RosterError((Problem(file, None, None, what),)) from None
    rows = read_rows(file, decode(file, data))
    header = next(rows, None)
    if header is None:
        hint = f"it must start with a line that names the columns: {', '.join(COLUMNS)}"
        raise RosterError((Problem(file, None, None, "the roster is empty", hint),))
    columns = _columns(file, header)
    people: list[Person] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for row in rows:
        person = _read(file, columns, row)
        if isinstance(person, Person):
            first = lines.setdefault(ref_key(person.client.ref), row.line)
            if first != row.line:
                what, hint = "this client_ref stands in more than one row", f"see line {first}; keep one row a client"
                person = Problem(file, row.line, None, what, hint)
        if isinstance(person, Person):
            people.append(person)
        else:
            problems.append(person)
    if problems and not allow_bad_rows:
        raise RosterError(tuple(problems))
    if not people:
        what = "the roster has no client" if not problems else "the roster has no good row"
        raise RosterError((*problems, Problem(file, None, None, what, "a roster without clients guards nobody")))
    revision = hashlib.blake2b(data, key=key, digest_size=_REVISION_BYTES, person=b"revision").hexdigest()
    return ClientList(tuple(people), tuple(problems), revision)


def _read(file: Path, columns: list[str], row: Row) -> Person | Problem:
    if row.problem is not None:
        return row.problem
    if len(row.cells) != len(columns):
        what = f"the row has {len(row.cells)} cells, the header {len(columns)}"
        return Problem(file, row.line, None, what, "put cells that contain the separator into double quotes")
    return read_person(file, row.line, dict(zip(columns, row.cells, strict=True)))


def _columns(file: Path, header: Row) -> list[str]:
    """Give the header's columns; raise RosterError for a header that could lose a column."""
    if header.problem is not None:
        raise RosterError((header.problem,))
    names = ["_".join(cell.strip().lower().replace("-", " ").split()) for cell in header.cells]
    problems = tuple(_header_problems(file, header.line, names))
    if problems:
        raise RosterError(problems)
    return names


def _header_problems(file: Path, line: int, names: list[str]) -> Iterator[Problem]:
    if not set(names) & set(COLUMNS):
        hint = f"the first line must name the columns, separated by commas: {', '.join(COLUMNS)}"
        yield Problem(file, line, None, "the first line names no column", hint)
        return
    for at, name in enumerate(names, start=1):
        if name not in COLUMNS:
            # The cell may be a person's name where the header is missing: it is not quoted.
            near = nearest(name, COLUMNS)
            yield Problem(
                file,
                line,
                None,
                f"column {at} has an unknown name",
                near or f"take it out; known: {', '.join(COLUMNS)}",
            )
        elif name in names[: at - 1]:
            yield Problem(file, line, None, f"the column `{name}` stands twice", "keep one of them")
    if "client_ref" not in names:
        yield Problem(file, line, None, "the column `client_ref` is missing", "it holds the clinic's own number")
