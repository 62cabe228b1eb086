"""What the site files see: site by action by surface, with what is guessed, and what cannot be seen and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from guardrail.model.action import ActionKind, Confidence
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.schema import RecogniserSpec, Surface
from guardrail.recognise.surfaces import Surfaces, is_upgrade


class Mark(StrEnum):
    """How an action is seen, the best first; `PARTLY` is said of a whole site only."""

    SEEN = "●"
    PARTLY = "◐"
    GUESSED = "○"
    OPENED = "◇"
    UNSEEN = "✕"
    NOT_YET = "·"
    ABSENT = "–"


_SHOWN = (Mark.SEEN, Mark.GUESSED, Mark.OPENED)  # the best first


@dataclass(frozen=True, slots=True)
class Cell:
    """How one action is seen on one surface; `why` it is not, or not wholly."""

    mark: Mark
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One site: a cell for every action on every surface that the site has."""

    site: CompiledSite
    surfaces: tuple[Surface, ...]
    cells: Mapping[tuple[ActionKind, Surface], Cell]

    def row(self, action: ActionKind) -> tuple[Cell, ...]:
        """Give the cells of one action, in the order of `surfaces`."""
        return tuple(self.cells[action, surface] for surface in self.surfaces)

    def whole(self, action: ActionKind) -> Mark:
        """Give one mark for the whole site: the best of its surfaces, `PARTLY` where another falls behind it."""
        row = self.row(action)
        marks = [cell.mark for cell in row]
        best = next((mark for mark in _SHOWN if mark in marks), None)
        if best is None:
            return next(mark for mark in (Mark.UNSEEN, Mark.NOT_YET, Mark.ABSENT) if mark in marks)
        behind = any(cell.mark is not Mark.ABSENT and (cell.mark is not best or cell.why) for cell in row)
        return Mark.PARTLY if best is Mark.SEEN and behind else best

    def words(self, action: ActionKind) -> str | None:
        """Say in a line how an action is seen; None where there is no such action, or nothing sees it."""
        row = zip(self.surfaces, self.row(action), strict=True)
        seen = [_words(surface, cell.mark) for surface, cell in row if cell.mark in _SHOWN]
        reasons = list(
            dict.fromkeys(cell.why for cell in self.row(action) if cell.why and cell.mark is not Mark.ABSENT)
        )
        if not seen:
            return f"impossible: {'; '.join(reasons)}" if reasons else None
        return ", ".join(seen) + (f"; not all: {'; '.join(reasons)}" if reasons else "")


def coverage(site: CompiledSite) -> Coverage:
    """Say how each action is seen on each surface of a site."""
    places = Surfaces(site)
    seen: dict[tuple[ActionKind, Surface], set[Mark]] = {}
    for spec, _, _ in site.specs.values():
        if spec.action is not None:
            for surface in places.of(spec):
                seen.setdefault((spec.action, surface), set()).add(_mark(spec))
                for one in site.beside:
                    if spec.action in one.of and not is_upgrade(spec):
                        seen.setdefault((one.action, surface), set()).add(_sure(one.confidence))
    surfaces = places.all()
    pairs = [(action, surface) for action in ActionKind for surface in surfaces]
    return Coverage(site, surfaces, {pair: _cell(site, *pair, seen.get(pair, set())) for pair in pairs})


def guesses(site: CompiledSite) -> tuple[str, ...]:
    """Give the recognisers of low confidence."""
    return tuple(one.id for one in site.recognisers if one.confidence is Confidence.LOW)


def by_kind(sites: Iterable[CompiledSite]) -> Iterator[CompiledSite]:
    """Give the sites by kind, then by name."""
    yield from sorted(sites, key=lambda site: (site.kind, site.name.lower()))


def _mark(spec: RecogniserSpec) -> Mark:
    if is_upgrade(spec):
        return Mark.OPENED
    return _sure(spec.confidence)


def _sure(confidence: Confidence) -> Mark:
    return Mark.GUESSED if confidence is Confidence.LOW else Mark.SEEN


def _cell(site: CompiledSite, action: ActionKind, surface: Surface, seen: set[Mark]) -> Cell:
    notes = site.notes
    keys = (f"{action} {surface}", str(action), f"* {surface}", "*")
    why = next((notes.unseen[key] for key in keys if key in notes.unseen), None)
    best = next((mark for mark in _SHOWN if mark in seen), None)
    if best is not None:
        return Cell(best, why)
    if any(key in notes.unseen for key in keys[: 1 if surface is Surface.SOCKET else 2]):
        return Cell(Mark.UNSEEN, why)
    absent = (one.why for one in (*notes.absent, *notes.shared) if action in one.actions and surface in one.on)
    reason = next(absent, None)
    if reason is not None:
        return Cell(Mark.ABSENT, reason)
    if why is not None and surface is not Surface.SOCKET:
        return Cell(Mark.UNSEEN, why)
    # What no file speaks of does not travel through a socket.
    return Cell(Mark.ABSENT if surface is Surface.SOCKET else Mark.NOT_YET)


def _words(surface: Surface, mark: Mark) -> str:
    if mark is Mark.OPENED:
        return f"{surface} (that it is opened)"
    return f"{surface} (low)" if mark is Mark.GUESSED else str(surface)
