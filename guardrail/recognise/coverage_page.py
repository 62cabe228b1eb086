"""`docs/coverage.md`: one table of all sites, then what is not plainly recognised, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from guardrail.model.action import ActionKind
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.coverage import Coverage, Mark, by_kind, coverage
from guardrail.recognise.schema import Surface

COMMAND = "guardrail sites coverage --markdown > docs/coverage.md"
_TITLES = {
    "assistants": "Assistants",
    "people": "People search",
    "reviews": "Reviews",
    "search": "Search engines",
    "social": "Social networks",
    "own": "The clinic's own",
}
_SURFACES = {
    Surface.WEB: "browser",
    Surface.MOBILE: "mobile web",
    Surface.APP: "app",
    Surface.API: "interface",
    Surface.SOCKET: "WebSocket",
}
_LEGEND = {
    Mark.SEEN: "recognised",
    Mark.PARTLY: "recognised, but not on every surface, or not all of it: see the site below",
    Mark.GUESSED: "recognised by shape or by a guessed name only: low confidence, so that a rule can be milder",
    Mark.OPENED: "only that the connection is opened can be seen, not what is sent through it",
    Mark.UNSEEN: "cannot be seen; the reason stands below",
    Mark.NOT_YET: "not seen: no recogniser",
    Mark.ABSENT: "there is no such action on this site, or not on this surface",
}
_HEAD = f"""\
# Coverage

What guardrail recognises, site by site. This page is made from the site files: `{COMMAND}`.

Surfaces: *browser* is pages on a computer and what their scripts send; *mobile web* the pages for phones; *app* what
the site's own apps send, where they let the clinic's certificate authority in (many pin their own); *interface* the
official one, which scheduling tools and the like use; *WebSocket* what goes through a connection that stays open.
"""
_DETAILED = (Mark.PARTLY, Mark.OPENED, Mark.UNSEEN)


def page(sites: Iterable[CompiledSite]) -> Iterator[str]:
    """Give the lines of the page."""
    rows = [coverage(site) for site in by_kind(sites)]
    yield from _HEAD.splitlines()
    yield from ("", "| mark | means |", "|---|---|")
    yield from (f"| {mark} | {means} |" for mark, means in _LEGEND.items())
    yield from ("", "## All sites", "")
    yield _line("site", *(f"`{action}`" for action in ActionKind))
    yield _line("---", *(":-:" for _ in ActionKind))
    for kind, members in groupby(rows, attrgetter("site.kind")):
        yield _line(f"**{_TITLES[kind]}**", *("" for _ in ActionKind))
        yield from (_line(one.site.name, *(one.whole(action) for action in ActionKind)) for one in members)
    for kind, members in groupby(rows, attrgetter("site.kind")):
        yield from ("", f"## {_TITLES[kind]}")
        yield from _of_kind(list(members))


def _of_kind(members: list[Coverage]) -> Iterator[str]:
    """Say what no site of a kind offers, then go through the sites with something to say of."""
    shared = dict.fromkeys(said for one in members for said in one.site.notes.shared)
    if shared:
        yield from ("", f"What {Mark.ABSENT} stands for in these rows, unless a site says otherwise below:", "")
        yield from (f"- {_listed(said.actions)}{_only(said.on)}: {said.why}." for said in shared)
    alike: dict[tuple[str, ...], list[str]] = {}
    for one in members:
        alike.setdefault((*_table(one), *_reasons(one)), []).append(f"{one.site.name} (`{one.site.id}`)")
    for lines, names in alike.items():
        if lines:
            yield from ("", f"### {', '.join(names)}", *lines)


def _table(one: Coverage) -> Iterator[str]:
    """Give the actions that are not seen alike on all surfaces."""
    actions = [action for action in ActionKind if one.whole(action) in _DETAILED]
    if not actions or len(one.surfaces) == 1:
        return
    yield from ("", _line("action", *(_SURFACES[surface] for surface in one.surfaces)))
    yield _line("---", *(":-:" for _ in one.surfaces))
    for action in actions:
        yield _line(f"`{action}`", *(cell.mark for cell in one.row(action)))


def _reasons(one: Coverage) -> Iterator[str]:
    shared = {said.why for said in one.site.notes.shared}
    found: dict[str, list[tuple[ActionKind, Surface, Mark]]] = {}
    for (action, surface), cell in one.cells.items():
        if cell.why and cell.why not in shared:
            found.setdefault(cell.why, []).append((action, surface, cell.mark))
    if found:
        yield ""
    for why, cells in found.items():
        marks = {mark for *_, mark in cells}
        lead = "" if marks == {Mark.ABSENT} else "cannot be seen: " if marks == {Mark.UNSEEN} else "not all is seen: "
        places = dict.fromkeys(surface for _, surface, _ in cells)
        where = "" if {*places, Surface.SOCKET} >= set(one.surfaces) else _only(places)
        yield f"- {_listed(dict.fromkeys(action for action, *_ in cells))}{where}: {lead}{why}."


def _listed(actions: Iterable[ActionKind]) -> str:
    return ", ".join(f"`{action}`" for action in actions)


def _only(surfaces: Collection[Surface]) -> str:
    named = ", ".join(_SURFACES[surface] for surface in surfaces)
    return "" if len(surfaces) == len(Surface) else f" ({named})"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
