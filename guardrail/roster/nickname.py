"""Nicknames and formal names: those of the `nicknames` package, our own, and groups that a clinic adds."""

from __future__ import annotations

from pathlib import Path

from nicknames import NickNamer

from guardrail.errors import Problem, RosterError
from guardrail.roster.called import called
from guardrail.roster.fold import fold

_TWO = 2


class Nicknames:
    """Which given names are called for one another. It is needed while an index is built, and only then."""

    def __init__(self, groups: tuple[tuple[str, ...], ...] = ()) -> None:
        """Take the clinic's own groups; each name of a group is known by every other."""
        self._public = NickNamer()
        self._own: dict[str, set[str]] = {}
        for group in groups:
            folded = {fold(name).replace(" ", "") for name in group} - {""}
            for name in folded:
                self._own.setdefault(name, set()).update(folded)

    def of(self, given: str) -> frozenset[str]:
        """Give the folded names for which a folded given name stands, in either direction, without itself."""
        public = self._public.nicknames_of(given) | self._public.canonicals_of(given)
        folded = {fold(name).replace(" ", "") for name in public}
        return frozenset((folded | called(given) | self._own.get(given, set())) - {given, ""})


def read_nicknames(file: Path) -> tuple[tuple[str, ...], ...]:
    """Read a clinic's list: one group a line, names with commas between them, `#` starts a remark.

    Raise RosterError that names the lines with fewer than two names; no message quotes a name.
    """
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        what, hint = "cannot read the list of nicknames", "it must be a text file in UTF-8"
        raise RosterError((Problem(file, None, None, what, hint),)) from None
    groups: list[tuple[str, ...]] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        group = tuple(name.strip() for name in text.split(",") if fold(name))
        if len(group) < _TWO:
            hint = "write the names of one group with commas between them"
            problems.append(Problem(file, number, None, "a group of nicknames needs two names", hint))
        groups.append(group)
    if problems:
        raise RosterError(tuple(problems))
    return tuple(groups)
