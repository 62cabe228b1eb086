"""Pipelines: `form variables | json | at /input/id`, compiled once to closures.

The first stage names a source, the others steps. ` + ` between pipelines joins their texts with a space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby, islice, product
from typing import Any

from guardrail.recognise.globs import Globs
from guardrail.recognise.steps import SOURCES, STEPS, Kind, Read, Step, Values, below, text_of
from guardrail.recognise.view import View

MAX_TEXTS = 64
"""Texts that one request may give at one place; nobody means more people at once."""

_ELSE = "else "
_STAND_INS = frozenset({"referer", "header", "cookie", "readable"})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A compiled pipeline: its text, how to read it, and whether it looks at the body.

    `stand_in`: it reads what stands beside the request, or guesses, and speaks only where nothing else does.
    `below`: key and last key of a `json /**/key/last`, which goes on with the steps `further`.
    """

    text: str
    read: Read
    body: bool
    stand_in: bool = False
    below: tuple[str, str] | None = None
    further: tuple[Step, ...] = ()

    def first(self, view: View) -> str | None:
        """Give the first value that is text and not empty."""
        values = self.read(view)
        return first_text(values) if values else None

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
        found = [texts for part in parts if (texts := dict.fromkeys(islice(part.texts(view), MAX_TEXTS + 1)))]
        return [" ".join(chosen) for chosen in islice(product(*found), MAX_TEXTS + 1)] if found else ()

    return Pipeline(text, read, any(part.body for part in parts))


def fused(pipelines: Sequence[Pipeline]) -> tuple[Pipeline, ...]:
    """Give pipelines that find the same texts, those with the same `below` key in a row read at once."""
    out: list[Pipeline] = []
    for key, run in groupby(pipelines, lambda one: one.below and one.below[0]):
        same = list(run)
        out += same if key is None or len(same) == 1 else [_at_once(key, same)]
    return tuple(out)


def _at_once(key: str, pipelines: Sequence[Pipeline]) -> Pipeline:
    wanted = [(one.below[1], one.further) for one in pipelines if one.below is not None]

    def read(view: View) -> Values:
        heads = view.body_anywhere(key)
        out: list[Any] = []
        for last, steps in wanted if heads else ():
            found: Values = [head[last] for head in heads if head.__class__ is dict and last in head]
            for step in steps if found else ():
                found = step(view, found)
            out += found
        return out

    return Pipeline(", ".join(one.text for one in pipelines), read, body=True)


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
    for value in values:
        text = text_of(value)
        if text:
            return text
    return None


def _compile_one(text: str) -> Pipeline:
    bare = text.removeprefix(_ELSE)
    stages = _stages(bare)
    kind = _kind(stages[0], SOURCES, "source")
    read: Read = _make(stages[0], SOURCES, "source")
    prefix = " ".join(stages[0])
    for stage in stages[1:]:
        prefix += " | " + " ".join(stage)
        read = _then(read, _make(stage, STEPS, "step"), prefix if _kind(stage, STEPS, "step").keep else None)
    stand_in = bare is not text or stages[0][0] in _STAND_INS
    steps = [_kind(stage, STEPS, "step") for stage in stages[1:]]
    if stand_in or stages[0][0] != "json" or any(one.keep for one in steps):
        return Pipeline(text, read, kind.body, stand_in)
    further = tuple(one.make(argument) for one, (_, argument) in zip(steps, stages[1:], strict=True))
    return Pipeline(text, read, kind.body, stand_in, below(stages[0][1]), further)


def _then(read: Read, step: Step, keep_as: str | None) -> Read:
    """Put `step` behind `read`; a costly one (a decoder) keeps its values for the other recognisers."""
    if keep_as is None:

        def plain(view: View) -> Values:
            values = read(view)
            return step(view, values) if values else values  # most of what is asked for is not there

        return plain

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
