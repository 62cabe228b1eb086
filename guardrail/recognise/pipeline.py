"""Pipelines: `form variables | json | at /input/id`, compiled once to closures.

The first stage names a source, the others steps. ` + ` between pipelines joins their texts with a space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice, product
from typing import Any

from guardrail.recognise.globs import Globs
from guardrail.recognise.steps import SOURCES, STEPS, Kind, Read, Step, Values, text_of
from guardrail.recognise.view import View

MAX_TEXTS = 64
"""Texts that one request may give at one place; nobody means more people at once."""

_ELSE = "else "
_STAND_INS = frozenset({"referer", "header", "cookie", "readable"})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled pipeline: its text, how to read it, and whether it looks at the body.

    `stand_in`: it reads what stands beside the request, or guesses, and speaks only where nothing else does.
    """

    text: str
    read: Read
    body: bool
    stand_in: bool = False

    def first(self, view: View) -> str | None:
        """Give the first value that is text and not empty."""
        for value in self.read(view):
            text = text_of(value)
            if text:
                return text
        return None

    def texts(self, view: View) -> Iterator[str]:
        """Give every value that is text and not empty."""
        return filter(None, map(text_of, self.read(view)))


@dataclass(frozen=True, slots=True)
class Condition:
    """What a pipeline's values must be: there (`wanted` true), not there (false), or matched by globs."""

    pipeline: Pipeline
    wanted: bool | Globs

    def holds(self, view: View) -> bool:
        """Whether the request meets the condition."""
        texts = list(self.pipeline.texts(view))
        if isinstance(self.wanted, bool):
            return bool(texts) is self.wanted
        if self.wanted.only_refuses:
            return all(self.wanted(text) for text in texts)
        return any(self.wanted(text) for text in texts)


def compile_pipeline(text: str) -> Pipeline:
    """Compile `text`; raise ValueError saying what is wrong with it."""
    parts = [_compile_one(part) for part in text.split(" + ")]
    if len(parts) == 1:
        return parts[0]

    def read(view: View) -> Values:
        # a part that stands twice is joined with each of its neighbours: nobody knows which one the site takes
        found = filter(None, (list(islice(part.texts(view), MAX_TEXTS + 1)) for part in parts))
        joined = [" ".join(chosen) for chosen in islice(product(*found), MAX_TEXTS + 1)]
        return [one for one in joined if one]

    return Pipeline(text, read, any(part.body for part in parts))


def compile_value_pipeline(text: str) -> Sequence[Step]:
    """Compile steps only, for values that an answer gave; raise ValueError saying what is wrong."""
    return [_make(stage, STEPS, "step") for stage in _stages(text)]


def run_steps(steps: Sequence[Step], view: View, value: object) -> Values:
    """Send one value through `steps`."""
    values: Values = (value,)
    for step in steps:
        values = step(view, values)
    return values


def first_text(values: Values) -> str | None:
    """Give the first of `values` that is text and not empty."""
    return next((text for text in map(text_of, values) if text), None)


def _compile_one(text: str) -> Pipeline:
    bare = text.removeprefix(_ELSE)
    stages = _stages(bare)
    kind = _kind(stages[0], SOURCES, "source")
    read: Read = _make(stages[0], SOURCES, "source")
    prefix = " ".join(stages[0])
    for stage in stages[1:]:
        prefix += " | " + " ".join(stage)
        read = _then(read, _make(stage, STEPS, "step"), prefix if _kind(stage, STEPS, "step").keep else None)
    return Pipeline(text, read, kind.body, bare is not text or stages[0][0] in _STAND_INS)


def _then(read: Read, step: Step, keep_as: str | None) -> Read:
    """Put `step` behind `read`; a costly one (a decoder) keeps its values for the other recognisers."""
    if keep_as is None:
        return lambda view: step(view, read(view))

    def kept(view: View) -> Values:
        # the operation and the placeholders change what `variable` and `path` read
        key = (keep_as, view.operation, view.instance, tuple(view.captures.values()))
        values: Values | None = view.kept.get(key)
        if values is None:
            values = step(view, read(view))
            if not view.unread:
                view.kept[key] = values
        return values

    return kept


def _stages(text: str) -> list[tuple[str, str]]:
    stages = []
    for stage in text.split(" | "):
        name, _, argument = stage.strip().partition(" ")
        argument = argument.strip()
        if len(argument) > 1 and argument[0] == argument[-1] == "'":
            argument = argument[1:-1]
        stages.append((name, argument))
    return stages


def _kind(stage: tuple[str, str], table: Mapping[str, Kind], what: str) -> Kind:
    name, argument = stage
    kind = table.get(name)
    if kind is None:
        near = get_close_matches(name, table, n=1)
        raise ValueError(f"`{name}` is no {what}" + (f"; did you mean `{near[0]}`?" if near else ""))
    if kind.argument is not None and bool(argument) is not kind.argument:
        raise ValueError(f"the {what} `{name}` {'needs' if kind.argument else 'takes no'} argument")
    return kind


def _make(stage: tuple[str, str], table: Mapping[str, Kind], what: str) -> Any:
    return _kind(stage, table, what).make(stage[1])
