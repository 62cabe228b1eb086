"""An import from beginning to end: compare, refuse what lost too many, write, check, and only then let it count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from guardrail.errors import Problem, RosterError
from guardrail.roster.build import Making, write_index
from guardrail.roster.changes import Changes, Facts, compare
from guardrail.roster.exports import Export
from guardrail.roster.known import Came, known
from guardrail.roster.versions import Versions, header_hash


@dataclass(frozen=True, slots=True)
class Terms:
    """How an import is done: when it is, how the index is made, how many clients in a hundred may be gone."""

    now: datetime
    making: Making
    most_lost: int = 20
    accept_loss: bool = False


def import_export(versions: Versions, file: Path, export: Export, terms: Terms) -> tuple[int, Changes]:
    """Make a version of an export and put it in force; give its number, and what it changes.

    Raise RosterError where too many clients are gone, or a version cannot be written; the old one then stays.
    """
    digests = {ref: digest.hex() for ref, digest in export.digests.items()}
    changes = compare(_before(versions, file, terms), digests)
    if changes.lost_percent > terms.most_lost and not terms.accept_loss:
        what = f"{len(changes.gone)} of {changes.before} clients are missing from this list"
        hint = "check that the export is whole; if they are to go, add --accept-loss"
        respelled = _respelled(changes)
        if respelled:
            what += f", and {respelled} of their numbers stand there in another spelling"
            hint = "export it anew, and open it in no spreadsheet before, which takes leading zeros; else --accept-loss"
        raise RosterError((Problem(file, None, None, what, hint),))
    number = versions.claim()
    index = versions.index_file(number)
    try:
        clients = write_index(index, export.people, versions.key, replace(terms.making, revision=export.revision))
        mark = header_hash(index)
    except OSError as error:
        what = f"cannot write the index: {(error.strerror or 'unknown reason').lower()}"
        raise RosterError((Problem(index, None, None, what, "make room, and import again"),)) from None
    facts = Facts(terms.now, export.preset, export.revision, clients, len(export.rejected), mark, digests)
    versions.complete(number, facts)
    versions.put_in_force(number)
    versions.drop_old()
    return number, changes


def _respelled(changes: Changes) -> int:
    """Count the references that are gone of which a new one is the same number: 0042 and 42, or 42.0."""
    new = set(map(_number, changes.new)) - {""}
    return sum(_number(ref) in new for ref in changes.gone)


def _number(ref: str) -> str:
    number = ref.removesuffix(".0")
    return number.lstrip("0") if number.isdecimal() else ""


def _before(versions: Versions, file: Path, terms: Terms) -> dict[str, str]:
    """Give the digests of the list in force, or else of the newest that can be read; none where there never was one."""
    numbers = versions.numbers()
    if not numbers and known(versions.folder.parent) is not Came.IMPORTED:
        return {}
    try:
        current = versions.current()
    except RosterError:
        current = None
    for number in ([] if current is None else [current]) + [*reversed(numbers)]:
        try:
            return dict(versions.facts(number).digests)
        except RosterError:
            continue
    if terms.accept_loss:
        return {}
    what = "no earlier client list can be opened, so nobody can say who is missing from this one"
    hint = "bring back the folder `roster` and the roster's key, or add --accept-loss"
    raise RosterError((Problem(file, None, None, what, hint),))
