"""A compiled recogniser: what a request must be, and the action that it then is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.recognise.globs import Globs
from guardrail.recognise.pipeline import Condition, Pipeline
from guardrail.recognise.template import Template
from guardrail.recognise.view import View

_PAGE_DESTINATIONS = frozenset({b"document", b"iframe", b"frame", b"empty"})


@dataclass(frozen=True, slots=True)
class Unread:
    """Candidates that need a body which is there and cannot be read; the rules' failure modes decide.

    `recognisers` and `kinds` name what the request may have been.
    """

    site: str
    recognisers: tuple[str, ...]
    kinds: tuple[ActionKind, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """The action is recognised, and it is about the actor's own account: no action."""


@dataclass(frozen=True, slots=True)
class Route:
    """The request asks for another address of the site as if it were visited: recognise that one."""

    url: str


type Judged = Action | Own | Route | Literal["unread"] | None


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
            url = self._first(self.route, view)
            return Route(url) if url else "unread" if view.unread else None
        return self._action(self.kind, view)

    def _action(self, kind: ActionKind, view: View) -> Judged:
        actor = self._first(self.actor, view)
        view.actor = actor
        taken = {name: self._first(pipelines, view) for name, pipelines in self.takes.items()}
        if view.unread and taken and not any(taken.values()):
            return "unread"
        if any(taken.get(name) is None for name in self.needs):
            return "unread" if view.unread else None
        if not self.own and actor is not None and actor in (taken.get("id"), taken.get("alt_id")):
            return Own()
        return Action(
            kind=kind,
            site=self.site,
            recogniser=self.id,
            subject=_subject(taken),
            actor_id=actor,
            confidence=self.confidence,
            silence=self.silence,
            tells=self.tells,
        )

    @staticmethod
    def _first(pipelines: tuple[Pipeline, ...], view: View) -> str | None:
        for pipeline in pipelines:
            text = pipeline.first(view)
            if text is not None:
                return text
        return None


def operation_names(sources: tuple[Pipeline, ...], view: View, captures: Mapping[str, str]) -> tuple[str, ...]:
    """Give the names of the operations of a request, from the first place that names any.

    Order: a `{operation}` in the path, the site's own places (`sources`), a header, body, query.
    """
    if "operation" in captures:
        return (captures["operation"],)
    for pipeline in sources:
        text = pipeline.first(view)
        if text:
            return (text,)
    header = view.header_operation()
    if header:
        return (header,)
    return tuple(dict.fromkeys(name for name, _ in view.operations() if name))


def _subject(taken: Mapping[str, str | None]) -> Subject:
    handle = taken.get("handle")
    if handle is not None:
        handle = handle.removeprefix("@").lower() or None
    return Subject(taken.get("query"), taken.get("id"), taken.get("alt_id"), handle, taken.get("name"))


def _is_page(view: View) -> bool:
    for key, value in view.request.headers:
        if key.lower() == b"sec-fetch-dest":
            return value.lower() in _PAGE_DESTINATIONS
    return True
