"""Shapes of people in answers: which objects and lists are one, what is read of them, and which texts hold none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from guardrail.recognise.globs import Globs
from guardrail.recognise.pipeline import compile_value_pipeline, first_text, run_steps
from guardrail.recognise.schema import ShapeSpec
from guardrail.recognise.steps import text_of
from guardrail.recognise.view import View

MAX_VALUE = 300
"""Characters of an id, a handle or a name."""
MAX_ALIASES = 16
"""Further ids of one person."""
_GLANCE = 32 * 1024
_WORD = re.compile(r"[A-Za-z0-9_]{3,}")

type Read = Callable[[View, Any], str | None]
"""Read one text out of an object or a list."""
type Needles = tuple[tuple[bytes, ...], ...]
"""Of each group, at least one must stand in the bytes of an answer that has the shape."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled shape of an object (`has` its keys) or of a list (at least `length` items)."""

    has: frozenset[str]
    length: int
    where: tuple[tuple[Read, bool | Globs], ...]
    fields: tuple[tuple[str, tuple[str, ...], bool, Read], ...]
    aliases: tuple[Read, ...]
    needles: Needles

    def fits(self, value: Any) -> bool:
        """Whether an object has the keys, or a list the length."""
        if isinstance(value, dict):
            return value.keys() >= self.has
        return len(value) >= self.length

    def read_aliases(self, view: View, value: Any) -> tuple[str, ...]:
        """Give every further id under which requests mean the person that `value` is."""
        if not self.aliases:
            return ()
        found = (read(view, value) for read in self.aliases)
        return tuple(dict.fromkeys(text for text in found if text is not None and len(text) <= MAX_VALUE))[:MAX_ALIASES]

    def read(self, view: View, value: Any) -> dict[str, str] | None:
        """Give the parts of the person that `value` is; None where it does not have the shape."""
        for reader, wanted in self.where:
            text = reader(view, value)
            if wanted is True or wanted is False:
                if (text is not None) is not wanted:
                    return None
            elif text is None or not wanted(text):
                return None
        out = {}
        is_object = value.__class__ is dict
        for name, keys, plain, reader in self.fields:
            # of a person in a list of people nearly all is plain text under one key: no call is cheaper than a call
            for key in keys if is_object else ():
                found = value.get(key)
                if found is not None:
                    text = found.strip() if found.__class__ is str and found.isascii() else None
                    text = text or reader(view, value)
                    break
            else:
                text = None if is_object and plain else reader(view, value)
            if text and len(text) <= MAX_VALUE:
                out[name] = text
        return out


def compile_shape(spec: ShapeSpec) -> Shape:
    """Compile a shape; raise ValueError saying what is wrong."""
    where = tuple(
        # whether there is any text is told by the first of the parts that has one: nothing need be joined
        (_reader(text.split(" + ")), wanted) if isinstance(wanted, bool) else (_reader((text,)), Globs(wanted))
        for text, wanted in spec.where.items()
    )
    fields = tuple(
        (name, keys := tuple(takewhile(bool, map(_only_key, texts))), len(keys) == len(texts), _reader(texts))
        for name in ("id", "handle", "name")
        if (texts := getattr(spec, name))
    )
    rarest = sorted(spec.has, key=len, reverse=True)  # long keys are rare ones
    groups: list[tuple[bytes, ...]] = [(f'"{key}"'.encode(),) for key in rarest]
    groups += [words for wanted in spec.where.values() if not isinstance(wanted, bool) and (words := _words(wanted))]
    asked = (text for text, wanted in spec.where.items() if wanted is not False)
    return Shape(
        frozenset(spec.has),
        max((_items(text) for text in asked), default=0),
        where,
        fields,
        tuple(_reader((text,)) for text in spec.alias or ()),
        tuple(groups),
    )


def may_hold(body: bytes, shapes: Iterable[Shape]) -> bool:
    """Whether any of `shapes` may stand in `body`: a search for their words, far cheaper than a parse.

    A key that is written with escapes (no site does) is not seen.
    """
    if len(body) > _GLANCE:  # where people stand at the beginning, no word need be searched to the end
        shapes = tuple(shapes)
        if may_hold(body[:_GLANCE], shapes):
            return True
    seen: dict[bytes, bool] = {}

    def stands(needle: bytes) -> bool:
        found = seen.get(needle)
        if found is None:
            found = seen[needle] = needle in body
        return found

    return any(all(any(map(stands, group)) for group in shape.needles) for shape in shapes)


def _words(globs: Iterable[str]) -> tuple[bytes, ...]:
    """Give a word of each glob, one of which must stand in the answer; nothing where one has no word.

    Words only: a slash or a letter outside of ASCII may be escaped in JSON.
    """
    found = []
    for glob in globs:
        words = [] if glob.startswith("!") else _WORD.findall(glob)
        if not words:
            return ()
        found.append(max(words, key=len).encode())
    return tuple(found)


def _items(text: str) -> int:
    """Give how many items a list must have for `at /2 …` to give anything."""
    first = text.removeprefix("at /").partition(" ")[0].partition("/")[0]
    return int(first) + 1 if text.startswith("at /") and first.isdecimal() and first.isascii() else 0


def _reader(texts: Iterable[str]) -> Read:
    """Make a reader of alternatives; each joins its parts with a space."""
    reads = tuple(_joined(tuple(_part(part) for part in text.split(" + "))) for text in texts)
    if len(reads) == 1:
        return reads[0]

    def read(view: View, value: Any) -> str | None:
        for one in reads:
            found = one(view, value)
            if found:
                return found
        return None

    return read


def _joined(parts: tuple[Read, ...]) -> Read:
    if len(parts) == 1:
        return parts[0]

    def read(view: View, value: Any) -> str | None:
        texts = [text for part in parts if (text := part(view, value))]
        return " ".join(texts) if texts else None

    return read


def _part(text: str) -> Read:
    steps = compile_value_pipeline(text)
    first, _, rest = text.partition(" | ")
    name, _, argument = first.strip().partition(" ")
    keys = tuple(argument.strip().split("/")[1:])
    if name != "at" or not argument.startswith("/") or any(_is_special(key) for key in keys):
        return lambda view, value: first_text(run_steps(steps, view, value))
    if not rest and len(keys) == 1:
        key = keys[0]
        return lambda _, value: text_of(value.get(key)) if value.__class__ is dict else None
    at = _straight(keys)
    if not rest:
        return lambda _, value: text_of(at(value))
    further = steps[1:]

    def read(view: View, value: Any) -> str | None:
        found = at(value)
        return None if found is None else first_text(run_steps(further, view, found))

    return read


def _only_key(text: str) -> str:
    """Give the key of an `at /key`; nothing of any other pipeline."""
    key = text.removeprefix("at /")
    return "" if key == text or _is_special(key) or not key.isidentifier() else key


def _is_special(key: str) -> bool:
    return any(mark in key for mark in "*~'") or key.removeprefix("-").isdecimal()


def _straight(keys: tuple[str, ...]) -> Callable[[Any], Any]:
    """Make what `at /a/b` is where every key is an object's: a dozen of these are read per person."""

    def read(value: Any) -> Any:
        for key in keys:
            if value.__class__ is not dict:
                return None
            value = value.get(key)
        return value

    return read
