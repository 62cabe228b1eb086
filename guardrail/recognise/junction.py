"""What stands at one fixed path: nearly all API traffic goes to a few of them, so all that the path says is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from guardrail.recognise.pipeline import Pipeline
from guardrail.recognise.recogniser import Recogniser, operation_names
from guardrail.recognise.view import View

type Candidate = tuple[int, int, Recogniser, Mapping[str, str], str | None]
"""Rank, number of the template, the recogniser, the placeholders, the operation that it accepted."""
type Entry = tuple[Recogniser, int, Mapping[str, str]]
"""A recogniser, the number of its template, the placeholders."""

MAX_REMEMBERED = 4096
"""Names of operations whose candidates are remembered at one place."""
MAX_NAME = 200
"""Characters of such a name."""
by_rank = itemgetter(0, 1)
"""Sorts candidates: the first of them wins."""


class Group:
    """Recognisers of one place that look for operations in the same places of a request."""

    __slots__ = ("_by_name", "_captures", "_named", "_sources", "_unnamed")

    def __init__(self, sources: tuple[Pipeline, ...], named: Sequence[Entry], unnamed: Sequence[Entry]) -> None:
        """Take who wants some operations, and who wants a request that names none."""
        self._sources = sources
        self._named = tuple(named)
        self._unnamed = tuple((one.rank, position, one, captures, None) for one, position, captures in unnamed)
        self._captures = (*named, *unnamed)[0][2]
        self._by_name: dict[str, tuple[Candidate, ...]] = {}

    def collect(self, view: View, out: list[Candidate]) -> None:
        """Append who is to be judged."""
        view.unread = False
        names = operation_names(self._sources, view, self._captures)
        if view.unread:  # the part that cannot be read may name any of them
            out += [(one.rank, position, one, captures, None) for one, position, captures in self._named]
        if not names:
            out += self._unnamed
        for name in names:
            found = self._by_name.get(name)
            out += self._accepting(name) if found is None else found

    def _accepting(self, name: str) -> tuple[Candidate, ...]:
        """Give who accepts the operation `name`; remembered, so that globs are tried once per name."""
        found = tuple(
            (one.rank, position, one, captures, name)
            for one, position, captures in self._named
            if one.operation is None or one.operation(name)
        )
        if len(self._by_name) < MAX_REMEMBERED and len(name) < MAX_NAME:
            self._by_name[name] = found
        return found


class Junction:
    """All recognisers of one fixed path, their hints already asked and their placeholders read."""

    __slots__ = ("_groups", "_plain", "segments")

    def __init__(self, segments: tuple[str, ...], plain: Sequence[Entry], groups: Sequence[Group]) -> None:
        """Take who asks for no operation, and the groups that do."""
        self.segments = segments
        found = [(one.rank, position, one, captures, None) for one, position, captures in plain]
        self._plain: tuple[Candidate, ...] = tuple(sorted(found, key=by_rank))
        self._groups = tuple(groups)

    def candidates(self, view: View) -> Sequence[Candidate]:
        """Give who is to be judged, in order."""
        if not self._groups:
            return self._plain
        out = list(self._plain)
        for group in self._groups:
            group.collect(view, out)
        if len(out) > 1:
            out.sort(key=by_rank)
        return out
