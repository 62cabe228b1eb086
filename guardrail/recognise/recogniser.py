"""A compiled recogniser: what a request must be, and the action that it then is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.recognise.globs import Globs
from guardrail.recognise.pipeline import MAX_TEXTS, Condition, Pipeline, first_of
from guardrail.recognise.steps import text_of
from guardrail.recognise.template import Template
from guardrail.recognise.together import Unread, bounded
from guardrail.recognise.view import View

_MAX_NAME = 1000
_PAGE_DESTINATIONS = frozenset({b"document", b"iframe", b"frame", b"empty"})


@dataclass(frozen=True, slots=True)
class Own:
    """The action is recognised, and it is about the actor's own account: no action."""


@dataclass(frozen=True, slots=True)
class Route:
    """The request asks for other addresses of the site as if they were visited: recognise those.

    Each is an address, or an object with `relative_url`, `method` and `body` (a batch of requests).
    """

    asked: Sequence[Any]


type Judged = Action | Unread | Own | Route | Literal["unread"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What an action is as well where these conditions hold: about the same people, and judged before it."""

    id: str
    kind: ActionKind
    conditions: tuple[Condition, ...]
    confidence: Confidence

    def add(self, action: Action, view: View) -> Action:
        """Give the action, with what it is as well in front of it."""
        if not all(condition.holds(view) for condition in self.conditions):
            return action
        more = replace(action, kind=self.kind, recogniser=self.id, confidence=self.confidence, tells=None, silence=None)
        return replace(more, along=(replace(action, along=()), *action.along))


@dataclass(frozen=True, slots=True, eq=False)
class Recogniser:
    """One recogniser of one site, ready to judge; `rank` orders all of them, the lowest wins.

    `kind` is None for one that routes (`route`); `kinds` is what it may turn out to be.
    """

    site: str
    id: str
    rank: int
    kind: ActionKind | None
    kinds: tuple[ActionKind, ...]
    methods: frozenset[str]
    hosts: tuple[str, ...]
    templates: tuple[Template, ...]
    operation: Globs | None
    operation_sources: tuple[Pipeline, ...]
    page: bool
    conditions: tuple[Condition, ...]
    takes: Mapping[str, tuple[Pipeline, ...]]
    needs: tuple[str, ...]
    own: bool
    actor: tuple[Pipeline, ...]
    route: tuple[Pipeline, ...]
    silence: str | None
    tells: str | None
    confidence: Confidence
    accounts: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    unnamed: bool = False
    beside: tuple[Beside, ...] = ()

    def hinted(self, view: View) -> bool:
        """Whether one of the hints, if there are any, stands in the path; asked before all else."""
        return not self.hints or self.hinted_in(view.lowered_path)

    def hinted_in(self, path: str) -> bool:
        """Whether one of the hints, if there are any, stands in a path that is decoded and in lower case."""
        return not self.hints or stands_in(self.hints, path)

    def judge(self, view: View, captures: Mapping[str, str], operation: str | None) -> Judged:
        """Judge a request whose method, path and operation already fit."""
        if self.page and not _is_page(view):
            return None
        view.captures = captures
        view.operation = operation
        view.unread = False
        if not all(condition.holds(view) for condition in self.conditions):
            return "unread" if view.unread else None
        if self.kind is None:
            asked = [one for pipeline in self.route for one in pipeline.values(view) if one]
            return Route(asked) if asked else "unread" if view.unread else None
        return self._action(self.kind, view)

    def _action(self, kind: ActionKind, view: View) -> Judged:
        actor = view.actor = first_of(self.actor, view)
        taken: dict[str, list[str]] = {}
        first: dict[str, str] = {}
        read = several = False
        for name, pipelines in self.takes.items():
            texts, from_body = _texts(pipelines, view)
            taken[name] = texts
            if texts:
                first[name] = texts[0]
                read = read or from_body
                several = several or len(texts) > 1
        if view.unread and taken and not first:
            return "unread"
        if self.needs and any(name not in first for name in self.needs):
            return "unread" if view.unread else None
        action = Action(
            kind=kind,
            site=self.site,
            recogniser=self.id,
            subject=_subject(first),
            actor_id=actor,
            confidence=self.confidence,
            silence=self.silence,
            tells=self.tells,
            others=_others(taken, actor) if several else (),
            accounts=self.accounts,
        )
        left = action if self.own else about_others(action)
        # Where the body was to be read and gave nothing, whom it names stays unknown, whatever the address says.
        hidden = view.unread and not read and any(one.body for takes in self.takes.values() for one in takes)
        if left is None:
            return "unread" if hidden else Own()
        for one in self.beside:
            left = one.add(left, view)
        outcome = bounded(left)
        return Unread(self.site, (self.id,), (kind,), (left,)) if hidden and outcome is left else outcome


def stands_in(hints: tuple[str, ...], path: str) -> bool:
    """Whether one of `hints` stands in a path that is decoded and in lower case."""
    for hint in hints:  # noqa: SIM110  a generator costs more than what it would run here
        if hint in path:
            return True
    return False


def about_others(action: Action) -> Action | None:
    """Give the action without the actor's own account among those whom it is about; None where nobody is left."""
    subjects = (action.subject, *action.others)
    if action.actor_id is None or action.actor_id not in (action.subject.id, action.subject.alt_id):
        return action
    left = [one for one in subjects if action.actor_id not in (one.id, one.alt_id)]
    return replace(action, subject=left[0], others=tuple(left[1:])) if left else None


def operation_names(sources: tuple[Pipeline, ...], view: View, captures: Mapping[str, str]) -> Sequence[str]:
    """Give the names of the operations of a request, from every place that names any.

    A site heeds one of them, and nobody else knows which: a header must not hide what the body asks for.
    Order: a `{operation}` in the path, the site's own places (`sources`), headers, body, query.
    """
    place = ("names", id(sources), captures.get("operation"))
    kept: Sequence[str] | None = view.kept.get(place)
    if kept is not None:
        return kept
    names = [captures["operation"]] if "operation" in captures else []
    placed = False
    for pipeline in sources:
        placed = placed or pipeline.placed
        values = pipeline.values(view)
        if values:
            names.extend(filter(None, map(text_of, values)))
    names += view.header_operations()
    names += view.operation_names()
    found = names if len(names) < 2 else list(dict.fromkeys(names))  # noqa: PLR2004  one is the whole
    if found and max(map(len, found)) > _MAX_NAME:
        view.unread = True  # no site's program names anything so; to look for all that it may hold takes long
        found = [name for name in found if len(name) <= _MAX_NAME]
    if not view.unread and not placed:
        view.kept[place] = found  # the templates that fit one path ask for the same names
    return found


def _texts(pipelines: tuple[Pipeline, ...], view: View) -> tuple[list[str], bool]:
    """Give every text that the pipelines find, each once, and whether the body gave any.

    A site heeds one of several places, and nobody else knows which, so all count.
    """
    found: dict[str, None] = {}
    read = False
    for pipeline in pipelines:
        if pipeline.stand_in and found:
            continue
        values = pipeline.values(view)
        if not values:
            continue
        count = 0
        for value in values:
            text = text_of(value)
            if text:
                found[text] = None
                count += 1
                if count > MAX_TEXTS + 1:
                    break
        read = read or (pipeline.body and count > 0)
    return list(found), read


def _subject(taken: Mapping[str, str]) -> Subject:
    handle = taken.get("handle")
    if handle is not None:
        handle = handle.removeprefix("@").lower() or None
    return Subject(taken.get("query"), taken.get("id"), taken.get("alt_id"), handle, taken.get("name"))


def _others(taken: Mapping[str, list[str]], actor: str | None) -> tuple[Subject, ...]:
    """Give a subject for each text beyond the first of its field; the actor is nobody's subject."""
    found = []
    known = {actor, *(texts[0] for texts in taken.values() if texts)}
    for name, texts in taken.items():
        field = "id" if name == "alt_id" else name
        found += [_subject({field: text}) for text in texts[1:] if text not in known]
    return tuple(dict.fromkeys(found))


def _is_page(view: View) -> bool:
    for key, value in view.request.headers:
        if key.lower() == b"sec-fetch-dest":
            return value.lower() in _PAGE_DESTINATIONS
    return True
