"""What the site files see: site by action by surface, with what is guessed, and what cannot be seen and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guardrail.model.action import ActionKind, Confidence
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.schema import RecogniserSpec

_FRAME_STEPS = ("events", "mqtt")


@dataclass(frozen=True, slots=True)
class Cell:
    """How one action is seen on one site: the surfaces, all of them guesses (`low`), or why it cannot be seen."""

    surfaces: tuple[str, ...]
    low: bool
    why: str | None

    def __str__(self) -> str:
        """Give the cell as people read it."""
        if not self.surfaces:
            return f"impossible: {self.why}" if self.why else "–"
        seen = ", ".join(self.surfaces) + (" (low)" if self.low else "")
        return f"{seen}; not all: {self.why}" if self.why else seen


def cells(site: CompiledSite) -> dict[ActionKind, Cell]:
    """Give every action's cell of one site, in the order of the closed list.

    Surfaces: `address` (a GET), `request` (any other), `frame` (what is sent through a WebSocket, readable),
    `upgrade` (only that a WebSocket is opened).
    """
    seen: dict[ActionKind, list[tuple[str, bool]]] = {}
    for spec, _, _ in site.specs.values():
        if spec.action is not None:
            low = spec.confidence is Confidence.LOW
            seen.setdefault(spec.action, []).extend((surface, low) for surface in _surfaces(spec))
    return {kind: _cell(seen.get(kind, []), site.unseen.get(kind)) for kind in ActionKind}


def guesses(site: CompiledSite) -> tuple[str, ...]:
    """Give the recognisers of low confidence."""
    return tuple(one.id for one in site.recognisers if one.confidence is Confidence.LOW)


def markdown(sites: Iterable[CompiledSite]) -> Iterator[str]:
    """Give the lines of the table for `docs/coverage.md`, by kind of site."""
    by_kind: dict[str, list[CompiledSite]] = {}
    for site in sites:
        by_kind.setdefault(site.kind, []).append(site)
    for kind, members in sorted(by_kind.items()):
        yield from ("", f"## {kind.capitalize()}")
        for site in sorted(members, key=lambda one: one.id):
            yield from ("", f"### {site.name} (`{site.id}`)", "", "| action | seen in |", "|---|---|")
            yield from (f"| {action} | {cell} |" for action, cell in cells(site).items() if cell.surfaces or cell.why)


def _cell(found: list[tuple[str, bool]], why: str | None) -> Cell:
    return Cell(tuple(dict.fromkeys(surface for surface, _ in found)), all(low for _, low in found), why)


def _surfaces(spec: RecogniserSpec) -> Iterator[str]:
    texts = [*spec.when.where, *(text for texts in spec.take for text in texts[1] or ())]
    if any(text.lower().startswith("header upgrade") for text in spec.when.where):
        yield "upgrade"
        return
    if any(step in text.split() for text in texts for step in _FRAME_STEPS):
        yield "frame"
        return
    if "GET" in spec.when.method:
        yield "address"
    if any(method != "GET" for method in spec.when.method):
        yield "request"
