"""Pipelines: `form variables | json | at /input/id`, compiled once to closures.

The first stage names a source, the others steps. ` + ` between pipelines joins their texts with a space.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from itertools import groupby, islice, product
from typing import Any

from guardrail.recognise.globs import Globs
from guardrail.recognise.steps import SOURCES, STEPS, Kind, Read, Step, Values, below, head_of, text_of
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
    `field`: the field that a `form KEY` reads. `placed`: it reads a placeholder of the path.
    `json_head`, `variable_head`: `key` of a `json /**/key…` or `variable /**/key…`; without it, there is nothing.
    """

    text: str
    read: Read
    body: bool
    stand_in: bool = False
    below: tuple[str, str] | None = None
    further: tuple[Step, ...] = ()
    json_head: str | None = None
    variable_head: str | None = None
    field: str | None = None
    placed: bool = False

    def values(self, view: View) -> Values:
        """Give what `read` gives; of the dozens of places that a recogniser names, most are left by their key."""
        if self.json_head is not None:
            if self.json_head not in view.body_keys():
                return ()
        elif self.variable_head is not None and self.variable_head not in view.variable_keys():
            return ()
        return self.read(view)

    def first(self, view: View) -> str | None:
        """Give the first value that is text and not empty."""
        values = self.values(view)
        return first_text(values) if values else None

    def texts(self, view: View) -> list[str]:
        """Give every value that is text and not empty."""
        values = self.values(view)
        return [text for value in values if (text := text_of(value))] if values else []


@dataclass(frozen=True, slots=True)
class Condition:
    """What a pipeline's values must be: there (`wanted` true), not there (false), or matched by globs."""

    pipeline: Pipeline
    wanted: bool | Globs

    def holds(self, view: View) -> bool:
        """Whether the request meets the condition."""
        texts = self.pipeline.texts(view)
        wanted = self.wanted
        if wanted is True or wanted is False:
            return bool(texts) is wanted
        if not texts:
            return wanted.only_refuses
        return all(map(wanted, texts)) if wanted.only_refuses else any(map(wanted, texts))


@cache
def compile_pipeline(text: str) -> Pipeline:
    """Compile `text`; raise ValueError saying what is wrong with it.

    Site files say the same again and again (whose account acts, for each recogniser): each text is compiled once.
    """
    parts = [_compile_one(part) for part in text.split(" + ")]
    if len(parts) == 1:
        return parts[0]

    def read(view: View) -> Values:
        # a part that stands twice is joined with each of its neighbours: nobody knows which one the site takes
        found = []
        for part in parts:
            values = part.values(view)
            if values and (texts := dict.fromkeys(_some(values))):
                found.append(texts)
        if len(found) < 2:  # noqa: PLR2004  nothing to join: most parts are absent
            return tuple(found[0]) if found else ()
        return [" ".join(chosen) for chosen in islice(product(*found), MAX_TEXTS + 1)]

    return Pipeline(text, read, any(part.body for part in parts))


def _some(values: Values) -> Iterator[str]:
    return islice(filter(None, map(text_of, values)), MAX_TEXTS + 1)


def fused(pipelines: Sequence[Pipeline]) -> tuple[Pipeline, ...]:
    """Give pipelines that find the same texts, those with the same `below` key in a row read at once."""
    out: list[Pipeline] = []
    for key, run in groupby(pipelines, lambda one: one.below and one.below[0]):
        same = list(run)
        out += same if key is None or len(same) == 1 else [_at_once(key, same)]
    return tuple(_with_gates(out))


def _with_gates(pipelines: Iterable[Pipeline]) -> Iterator[Pipeline]:
    """Give pipelines that find the same, runs of them behind one look at which keys or fields the body has."""
    for kind, run in groupby(pipelines, _gate):
        same = list(run)
        if kind is None or len(same) == 1:
            yield from same
        else:
            yield _behind_one_gate(kind, same)


def _gate(one: Pipeline) -> str | None:
    if one.stand_in:
        return None
    return "json" if one.json_head else "variable" if one.variable_head else "form" if one.field else None


def _behind_one_gate(kind: str, pipelines: Sequence[Pipeline]) -> Pipeline:
    reads = tuple((key, one.read) for one in pipelines if (key := one.json_head or one.variable_head or one.field))
    needed = frozenset(key for key, _ in reads)
    there = {"json": View.body_keys, "variable": View.variable_keys, "form": View.form_keys}[kind]

    def read(view: View) -> Values:
        keys = there(view)
        if needed.isdisjoint(keys):
            return ()
        return [value for key, one in reads if key in keys for value in one(view)]

    return Pipeline(", ".join(one.text for one in pipelines), read, body=True)


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

    return Pipeline(", ".join(one.text for one in pipelines), read, body=True, json_head=key)


def compile_value_pipeline(text: str) -> Sequence[Step]:
    """Compile steps only, for values that an answer gave; raise ValueError saying what is wrong."""
    return [_make(stage, STEPS, "step") for stage in _stages(text)]


def run_steps(steps: Sequence[Step], view: View, value: object) -> Values:
    """Send one value through `steps`."""
    values: Values = (value,)
    for step in steps:
        values = step(view, values)
    return values


def first_of(pipelines: Iterable[Pipeline], view: View) -> str | None:
    """Give the first text that any of `pipelines` finds, asked in their order."""
    for one in pipelines:
        text = one.first(view)
        if text:
            return text
    return None


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
    source, argument = stages[0]
    head = head_of(argument)
    made = Pipeline(
        text,
        read,
        kind.body,
        stand_in,
        json_head=head if source == "json" else None,
        variable_head=head if source == "variable" else None,
        field=argument if source == "form" and "*" not in argument else None,
        placed=source == "path",
    )
    steps = [_kind(stage, STEPS, "step") for stage in stages[1:]]
    if stand_in or source != "json" or any(one.keep for one in steps):
        return made
    further = tuple(one.make(wanted) for one, (_, wanted) in zip(steps, stages[1:], strict=True))
    return replace(made, below=below(argument), further=further)


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
