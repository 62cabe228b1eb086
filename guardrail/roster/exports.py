"""Reads a client list in the columns of any program into people, for an import; no message quotes a cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.encoding import read_text
from guardrail.roster.intake import Intake, Sheet
from guardrail.roster.person import Person
from guardrail.roster.presets import FULL_NAME, OWN, PRESETS, Preset, detect, header_key
from guardrail.roster.row import COLUMNS
from guardrail.roster.table import Row, read_rows

REVISION_BYTES = 16
_PRESETS = ", ".join(PRESETS)
_MOST_TOLD = 100  # bad rows of a list that is refused; more of them mostly have one cause


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
    """How a list is to be read: whose columns (None: told by the header), the encoding, whether bad rows may go.

    `make_refs`: the list has no number of a client, so references are made of names and addresses or numbers.
    """

    preset: Preset | None = None
    encoding: str | None = None
    allow_bad_rows: bool = False
    make_refs: bool = False


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
    places = _places(file, header, preset, make_refs=reading.make_refs)
    intake = Intake(Sheet(file, preset, places, len(header.cells), reading.make_refs), key)
    for row in rows:
        intake.take(row)
    if intake.problems and not reading.allow_bad_rows:
        raise RosterError(_told(file, intake.problems))
    if not intake.people:
        what = "the client list has no good row" if intake.problems else "the client list has no client"
        problem = Problem(file, None, None, what, "a roster without clients guards nobody")
        raise RosterError((*_told(file, intake.problems), problem))
    if intake.has_rounded_refs():
        what = "all long numbers of clients end in zeros: a spreadsheet has rounded them"
        hint = "export the list anew, and open it in no spreadsheet before"
        raise RosterError((Problem(file, None, None, what, hint),))
    revision = hashlib.blake2b(data, key=key, digest_size=REVISION_BYTES, person=b"revision").hexdigest()
    people, problems = tuple(intake.people.values()), tuple(intake.problems)
    return Export(people, problems, revision, intake.digests, preset.name, encoding, intake.left_out)


def _preset_of(file: Path, header: Row) -> Preset:
    found = detect(header.cells)
    if len(found) == 1:
        return PRESETS[found[0]]
    what = "the header may be of several programs" if found else "the first line names the columns of no known program"
    hint = f"say whose it is with --from ({_PRESETS}), or which column is which with --column client_ref=THEIRS"
    raise RosterError((Problem(file, header.line, None, what, hint),))


def _told(file: Path, problems: list[Problem]) -> tuple[Problem, ...]:
    """Give the problems of a list that is refused; of very many the first, and how many more there are."""
    more = len(problems) - _MOST_TOLD
    if more <= 0:
        return tuple(problems)
    hint = "mend the first ones; the others may well have the same cause"
    return (*problems[:_MOST_TOLD], Problem(file, None, None, f"{more} more rows are bad", hint))


def _places(file: Path, header: Row, preset: Preset, *, make_refs: bool) -> dict[str, tuple[int, ...]]:
    """Give for each of our columns where it stands in a row; raise RosterError for a header that could lose one."""
    keys = [header_key(cell) for cell in header.cells]
    takes = {theirs: ours for ours, all_theirs in preset.takes.items() for theirs in all_theirs}
    problems = (
        *_column_problems(file, header.line, keys, takes, preset),
        *_missing_columns(file, header.line, keys, preset, make_refs=make_refs),
    )
    if problems:
        raise RosterError(problems)
    return {
        ours: places
        for ours, all_theirs in preset.takes.items()
        if (places := tuple(keys.index(theirs) for theirs in all_theirs if theirs in keys))
    }


def _column_problems(
    file: Path, line: int, keys: list[str], takes: Mapping[str, str], preset: Preset
) -> Iterator[Problem]:
    for at, name in enumerate(keys, start=1):
        if name in takes and name in keys[: at - 1]:
            yield Problem(file, line, None, f"column {at} has the name of another one", "keep one of them")
        elif preset.name == OWN and name and name not in takes:
            # The cell may be a person's name where the header is missing: it is not quoted.
            known = ", ".join(COLUMNS)
            yield Problem(file, line, None, f"column {at} has an unknown name", f"take it out; known: {known}")


def _missing_columns(file: Path, line: int, keys: list[str], preset: Preset, *, make_refs: bool) -> Iterator[Problem]:
    def has(columns: Iterable[str]) -> bool:
        return any(theirs in keys for ours in columns for theirs in preset.takes.get(ours, ()))

    for ours in sorted(preset.named):
        if not has((ours,)):
            hint = "write its name as it stands in the first line"
            yield Problem(file, line, None, f"the column that --column names for {ours} is not there", hint)
    if make_refs and has(("client_ref",)):
        what = "the list has a column for the clinic's number of a client"
        yield Problem(file, line, None, what, "leave --make-refs out: what is there is better")
    elif not make_refs and "client_ref" not in preset.named and not has(("client_ref",)):
        hint = "name it, --column client_ref=THEIRS; or, where the program has none, have references made: --make-refs"
        yield Problem(file, line, None, "no column holds the clinic's number of a client", hint)
    if not has((*COLUMNS[1:8], FULL_NAME)):
        hint = "name it: --column family_name=THEIRS"
        yield Problem(file, line, None, "no column says who a client is", hint)


def _refused(file: Path, what: str) -> RosterError:
    hint = f"give a CSV file whose first line names the columns, our own or those of {_PRESETS}"
    return RosterError((Problem(file, None, None, what, hint),))
