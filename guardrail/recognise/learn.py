"""Identities from answers: shapes of objects, lists and texts in which a site shows a person."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from guardrail.model.action import Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise.extract.jsontext import documents, parse_text
from guardrail.recognise.extract.pointer import walk
from guardrail.recognise.extract.urltext import split_path
from guardrail.recognise.globs import Globs
from guardrail.recognise.pipeline import Pipeline, compile_pipeline, compile_value_pipeline, first_text, run_steps
from guardrail.recognise.schema import LearnSpec, ShapeSpec, TextFieldSpec, TextShapeSpec
from guardrail.recognise.steps import Step, text_of
from guardrail.recognise.template import Template, compile_template
from guardrail.recognise.view import View

ANSWER_LIMIT = 16 * 1024 * 1024
_MAX_PEOPLE = 5000
_MAX_SCRIPTS = 200
_MAX_VALUE = 300
_TYPES = {"json": ("json", "javascript", "graphql"), "html": ("html",), "script": ("html", "javascript")}
_SCRIPT = re.compile(r"<script\b[^>]{0,2000}>", re.IGNORECASE)
_DATA = re.compile(r"\bdata:\s{0,20}(?=[\[{])")

type ValueReader = tuple[tuple[tuple[Step, ...], ...], ...]
"""Alternatives; each joins its parts with a space; each part is steps on the shape's value."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A compiled shape of an object (`has` its keys) or of a list."""

    has: frozenset[str]
    where: tuple[tuple[ValueReader, bool | Globs], ...]
    fields: Mapping[str, ValueReader]
    aliases: tuple[ValueReader, ...] = ()

    def read_aliases(self, view: View, value: Any) -> tuple[str, ...]:
        """Give every further id under which requests mean the person that `value` is."""
        found = (_read(reader, view, value) for reader in self.aliases)
        return tuple(dict.fromkeys(text for text in found if text is not None and len(text) <= _MAX_VALUE))

    def read(self, view: View, value: Any) -> dict[str, str] | None:
        """Give the parts of the person that `value` is; None where it does not have the shape."""
        for reader, wanted in self.where:
            text = _read(reader, view, value)
            if isinstance(wanted, bool):
                if (text is not None) is not wanted:
                    return None
            elif text is None or not wanted(text):
                return None
        found = {name: _read(reader, view, value) for name, reader in self.fields.items()}
        return {name: text for name, text in found.items() if text is not None and len(text) <= _MAX_VALUE}


@dataclass(frozen=True, slots=True, eq=False)
class Learner:
    """How one site's answers teach."""

    site: str
    actor: tuple[Pipeline, ...]
    answers: frozenset[str]
    templates: tuple[Template, ...]
    skip: frozenset[str]
    objects: tuple[Shape, ...]
    lists: tuple[Shape, ...]
    texts: tuple[TextShapeSpec, ...]

    def wants(self, request: HttpRequest, content_type: str) -> bool:
        """Whether the answer to `request`, of this type, may teach."""
        lowered = content_type.lower()
        if not any(part in lowered for answer in self.answers for part in _TYPES[answer]):
            return False
        if not self.templates:
            return True
        segments = split_path(request.path)
        return any(template.match(segments) is not None for template in self.templates)

    def learn(self, view: View, response: HttpResponse) -> Iterator[Identity]:
        """Give every identity in the answer, as it stands there, in order."""
        if len(response.body) > ANSWER_LIMIT:
            return
        view.actor = next((text for pipeline in self.actor if (text := pipeline.first(view))), None)
        text = response.body.decode("utf-8", "replace")
        if self.objects or self.lists:
            for value in self._values(text):
                yield from self._people(view, value)
        for spec in self.texts:
            yield from self._stretches(view, text, spec)

    def _values(self, text: str) -> Iterator[Any]:
        page = text[:200].lstrip("\ufeff \t\r\n").startswith("<")
        if "json" in self.answers and not page:
            yield from documents(text)
        if page and not self.answers.isdisjoint(("html", "script")):
            yield from _embedded(text)

    def _people(self, view: View, value: Any) -> Iterator[Identity]:
        for one in walk(value, skip=self.skip):
            shapes = self.objects if isinstance(one, dict) else self.lists
            for shape in shapes:
                if shape.has and not shape.has <= one.keys():
                    continue
                parts = shape.read(view, one)
                if parts:
                    yield self._identity(parts, shape.read_aliases(view, one))
                    break

    def _stretches(self, view: View, text: str, spec: TextShapeSpec) -> Iterator[Identity]:
        fields = {"id": spec.id, "handle": spec.handle, "name": spec.name}
        anchor = next((field for field in fields.values() if isinstance(field, TextFieldSpec)), None)
        if anchor is None:
            return
        starts = _occurrences(text, anchor.after) if spec.repeat else [0]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
            parts = {}
            for name, field in fields.items():
                found = _between(text, start, end, field) if isinstance(field, TextFieldSpec) else None
                if isinstance(field, str):
                    found = compile_pipeline(field).first(view)
                if found:
                    parts[name] = found
            if parts:
                yield self._identity(parts)

    def _identity(self, parts: Mapping[str, str], aliases: tuple[str, ...] = ()) -> Identity:
        handle = parts.get("handle")
        return Identity(
            self.site,
            parts.get("id"),
            handle.removeprefix("@").lower() if handle else None,
            parts.get("name"),
            aliases,
        )


def compile_learn(site: str, spec: LearnSpec, actor: tuple[Pipeline, ...] = ()) -> Learner:
    """Compile the `learn` part of a site file; raise ValueError saying what is wrong.

    `actor` are the site's pipelines for whose account asks: the step `others` leaves that one out.
    """
    templates = tuple(template for text in spec.path for template in compile_template(text, {}))
    for shape in spec.texts:
        for field in (shape.id, shape.handle, shape.name):
            if isinstance(field, str):
                compile_pipeline(field)
    return Learner(
        site,
        actor,
        frozenset(spec.answers),
        templates,
        frozenset(spec.skip),
        tuple(_shape(shape) for shape in spec.objects),
        tuple(_shape(shape) for shape in spec.lists),
        spec.texts,
    )


def merge(found: Iterable[Identity]) -> tuple[Identity, ...]:
    """Put what is known of one person together: by id, else by handle; drop what names one thing only."""
    people: dict[tuple[str, str, str], Identity] = {}
    for _, one in zip(range(_MAX_PEOPLE), found, strict=False):
        key = (one.site, "id", one.id) if one.id else (one.site, "handle", one.handle or "")
        known = people.get(key)
        if known is not None:
            one = replace(  # noqa: PLW2901  the richer of the two goes on
                known,
                handle=known.handle or one.handle,
                name=known.name or one.name,
                aliases=tuple(dict.fromkeys((*known.aliases, *one.aliases))),
            )
        people[key] = one
    return tuple(one for one in people.values() if sum(map(bool, (one.id, one.handle, one.name, one.aliases))) > 1)


def _shape(spec: ShapeSpec) -> Shape:
    where = tuple(
        (_reader((text,)), wanted if isinstance(wanted, bool) else Globs(wanted)) for text, wanted in spec.where.items()
    )
    fields = {name: _reader(texts) for name in ("id", "handle", "name") if (texts := getattr(spec, name))}
    return Shape(frozenset(spec.has), where, fields, tuple(_reader((text,)) for text in spec.alias or ()))


def _reader(texts: Iterable[str]) -> ValueReader:
    return tuple(tuple(tuple(compile_value_pipeline(part)) for part in text.split(" + ")) for text in texts)


def _read(reader: ValueReader, view: View, value: Any) -> str | None:
    for parts in reader:
        texts = [first_text(run_steps(steps, view, value)) for steps in parts]
        found = text_of(" ".join(filter(None, texts)))
        if found:
            return found
    return None


def _embedded(text: str) -> Iterator[Any]:
    """Give the JSON that a page carries: whole scripts of JSON, and `data:` of Google's callbacks."""
    for _, opening in zip(range(_MAX_SCRIPTS), _SCRIPT.finditer(text), strict=False):
        end = text.find("</script", opening.end())
        content = text[opening.end() : end if end >= 0 else len(text)].strip()
        if content[:1] in ("{", "["):
            value = parse_text(content)
            if value is not None:
                yield value
            continue
        for _, mark in zip(range(_MAX_SCRIPTS), _DATA.finditer(content), strict=False):
            try:
                value, _ = json.JSONDecoder().raw_decode(content, mark.end())
            except (ValueError, RecursionError):
                break
            yield value


def _occurrences(text: str, mark: str) -> list[int]:
    out: list[int] = []
    at = text.find(mark)
    while at >= 0 and len(out) < _MAX_PEOPLE:
        out.append(at)
        at = text.find(mark, at + len(mark))
    return out


def _between(text: str, start: int, end: int, field: TextFieldSpec) -> str | None:
    at = text.find(field.after, start, end)
    if at < 0:
        return None
    at += len(field.after)
    stop = text.find(field.before, at, min(at + _MAX_VALUE, len(text)))
    return text_of(html.unescape(text[at:stop])) if stop >= 0 else None
