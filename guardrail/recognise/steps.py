"""The closed tables of what a site file may name: sources read a request, steps turn values into values.

A new wire format is a pure file in `extract/` and one line here; `docs/recognition.md` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrail.recognise.extract import batchexecute, frames, pairs, protobuf, readable, text
from guardrail.recognise.extract.jsontext import is_broken, parse_text
from guardrail.recognise.extract.pointer import compile_pointer
from guardrail.recognise.extract.restli import parse_restli
from guardrail.recognise.extract.urltext import decode
from guardrail.recognise.glance import NOTED_HEADERS
from guardrail.recognise.globs import compile_glob
from guardrail.recognise.view import View

type Values = Sequence[Any]
type Read = Callable[[View], Values]
type Step = Callable[[View, Values], Values]

_LARGEST = 10**4000  # longer numbers Python will not write as text
_EXACT = 2**53  # beyond it a float stands for several integers: none of them is what the body says


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of a table: how to make it from its argument, and whether it must or may not have one."""

    make: Callable[[str], Any]
    argument: bool | None
    body: bool = False
    keep: bool = False


def text_of(value: Any) -> str | None:
    """Give a scalar as stripped text (`true`/`false` for booleans); None for anything else, or nothing."""
    if value.__class__ is str:
        out = value.strip()
    elif value is None:
        return None
    elif isinstance(value, bool):
        out = "true" if value else "false"
    elif isinstance(value, int) and abs(value) < _LARGEST:
        out = str(value)
    elif isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        out = str(int(value))
    else:
        return None
    if out and not out.isascii():
        out = out.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no text
    return out or None


def _one(value: Any) -> Values:
    return () if value is None else (value,)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _placed(argument: str) -> Callable[[View, Any], Values]:
    """Make a pointer on a part of the request; one at any depth shares its walk with all others."""
    pointer = compile_pointer(argument)
    if not argument.startswith("/**/"):
        return lambda _, value: pointer(value)
    key, slash, deeper = argument.removeprefix("/**/").partition("/")
    rest = compile_pointer(slash + deeper)
    if any(mark in key for mark in "*~") or key.removeprefix("-").isdecimal():
        inner = compile_pointer(argument.removeprefix("/**"))
        return lambda view, value: [found for node in view.nodes(value) for found in inner(node)]

    if not slash:
        return lambda view, value: view.anywhere(value, key)
    return lambda view, value: [found for head in view.anywhere(value, key) for found in rest(head)]


def below(argument: str) -> tuple[str, str] | None:
    """Give `key` and `last` of a pointer `/**/key/last`; None where it is any other."""
    parts = argument.removeprefix("/**/").split("/")
    plain = all(part and not any(mark in part for mark in "*~") for part in parts)
    if not argument.startswith("/**/") or len(parts) != len(("key", "last")) or not plain:
        return None
    return None if any(part.removeprefix("-").isdecimal() for part in parts) else (parts[0], parts[1])


def head_of(pointer: str) -> str | None:
    """Give `key` of a pointer `/**/key…`: where no object has it, the pointer finds nothing; None of any other."""
    key = pointer.removeprefix("/**/").partition("/")[0]
    plain = pointer.startswith("/**/") and key and not any(mark in key for mark in "*~")
    return key if plain and not key.removeprefix("-").isdecimal() else None


def _form_source(argument: str) -> Read:
    if "*" not in argument:
        return lambda view: view.form(argument)
    test = compile_glob(argument)
    return lambda view: [value for key in view.form_keys() if test(key) for value in view.form(key)]


def _header_source(argument: str) -> Read:
    name = argument.lower()
    noted = name.encode()
    if noted in NOTED_HEADERS:
        return lambda view: _one(view.glance.header(noted))
    return lambda view: _one(view.request.header(name))


def _json_source(argument: str) -> Read:
    place = below(argument)
    if place is not None:
        key, last = place
        # most of what is asked of a body at any depth is `/**/key/last`, a dozen times a request
        return lambda view: [head[last] for head in view.body_anywhere(key) if head.__class__ is dict and last in head]
    placed = _placed(argument)
    return lambda view: placed(view, view.json())


def _variable_source(argument: str) -> Read:
    placed = _placed(argument)
    return lambda view: [value for variables in view.variables() for value in placed(view, variables)]


SOURCES: Mapping[str, Kind] = {
    "path": Kind(lambda name: lambda view: _one(view.captures.get(name)), argument=True),
    "query": Kind(lambda key: lambda view: view.query(key), argument=True),
    "raw_query": Kind(lambda key: lambda view: view.raw_query(key), argument=True),
    "form": Kind(_form_source, argument=True, body=True),
    "json": Kind(_json_source, argument=True, body=True),
    "variable": Kind(_variable_source, argument=True, body=True),
    "body": Kind(lambda _: lambda view: _one(view.body_text()), argument=False, body=True),
    "readable": Kind(lambda _: lambda view: readable.readable(view.body_text()), argument=False, body=True),
    "published": Kind(lambda _: lambda view: view.published(), argument=False, body=True),
    "header": Kind(_header_source, argument=True),
    "cookie": Kind(lambda name: lambda view: _one(view.cookie(name)), argument=True),
    "referer": Kind(lambda _: lambda view: _one(view.request.header("referer")), argument=False),
    "url": Kind(lambda _: lambda view: _one(view.request.url), argument=False),
    "operation": Kind(lambda _: lambda view: _one(view.operation), argument=False),
}


def _each(function: Callable[[str], Any]) -> Step:
    """Lift a function on one text; what gives None gives nothing."""

    def step(_: View, values: Values) -> Values:
        found: list[Any] = []
        before = out = None
        for value in values:
            text = text_of(value)
            if text:
                if text != before:  # bodies say many a thing twice
                    before, out = text, function(text)
                if out is not None:
                    found.append(out)
        return found

    return step


def _parsing(function: Callable[[str], list[Any]]) -> Step:
    """Lift a decoder of JSON; a text that begins as JSON and cannot be parsed makes the request unread."""

    def step(view: View, values: Values) -> Values:
        out: list[Any] = []
        for one in map(text_of, values):
            if one:
                found = function(one)
                if not found and is_broken(one):
                    view.unread = True
                out.extend(found)
        return out

    return step


def _many(function: Callable[[str], list[Any]]) -> Step:
    return lambda _, values: [out for one in map(text_of, values) if one for out in function(one)]


def _at(argument: str) -> Step:
    pointer = compile_pointer(argument)
    return lambda _, values: [found for value in values for found in pointer(value)]


def _segment(argument: str) -> Step:
    at = int(argument)
    return _each(lambda url: text.segment(url, at))


def _like(argument: str) -> Step:
    test = compile_glob(argument)
    return _each(lambda one: one if test(one) else None)


def _unlike(argument: str) -> Step:
    test = compile_glob(argument)
    return _each(lambda one: None if test(one) else one)


def _join(argument: str) -> Step:
    mark = argument or " "
    return lambda _, values: _one(mark.join(filter(None, map(text_of, values))) or None)


def _others(_: str) -> Step:
    return lambda view, values: [value for value in values if text_of(value) != view.actor]


def _entry(name: str) -> Step:
    return lambda _, values: [found for value in values for found in pairs.entries(value, name)]


def _protobuf(argument: str) -> Step:
    path = protobuf.compile_path(argument)
    return _many(lambda one: protobuf.from_text(one, path))


def _unquote(_: str) -> Step:
    return _each(lambda one: decode(one, plus=False))


STEPS: Mapping[str, Kind] = {
    "json": Kind(lambda _: _parsing(lambda one: _listed(parse_text(one))), argument=False, keep=True),
    "restli": Kind(lambda _: _each(parse_restli), argument=False, keep=True),
    "signed": Kind(lambda _: _parsing(lambda one: _listed(text.signed(one))), argument=False, keep=True),
    "calls": Kind(lambda _: _parsing(batchexecute.calls), argument=False, keep=True),
    "events": Kind(lambda _: _parsing(frames.events), argument=False, keep=True),
    "at": Kind(_at, argument=True),
    "param": Kind(lambda key: _each(lambda url: text.param(url, key)), argument=True),
    "segment": Kind(_segment, argument=True),
    "before": Kind(lambda mark: _each(lambda one: text.before(one, mark)), argument=True),
    "after": Kind(lambda mark: _each(lambda one: text.after(one, mark)), argument=True),
    "after_last": Kind(lambda mark: _each(lambda one: text.after_last(one, mark)), argument=True),
    "split": Kind(lambda mark: _many(lambda one: list(one.split(mark))), argument=True),
    "urn": Kind(lambda _: _each(text.urn_id), argument=False),
    "base64": Kind(lambda _: _each(text.base64_text), argument=False),
    "unquote": Kind(_unquote, argument=False),
    "words": Kind(lambda marks: _each(lambda one: text.words(one, marks)), argument=True),
    "like": Kind(_like, argument=True),
    "unlike": Kind(_unlike, argument=True),
    "digits": Kind(lambda _: _each(lambda one: one if one.isdecimal() and one.isascii() else None), argument=False),
    "join": Kind(_join, argument=None),
    "others": Kind(_others, argument=False),
    "entry": Kind(_entry, argument=True),
    "protobuf": Kind(_protobuf, argument=True),
}
