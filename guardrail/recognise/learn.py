"""Identities from answers: shapes of objects, lists and texts in which a site shows a person."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from guardrail.model.action import Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise.extract.batchexecute import answered
from guardrail.recognise.extract.flight import rows
from guardrail.recognise.extract.jsontext import documents
from guardrail.recognise.extract.pages import embedded, unquoted
from guardrail.recognise.extract.pieces import objects_with
from guardrail.recognise.extract.pointer import walk
from guardrail.recognise.extract.urltext import split_path
from guardrail.recognise.pipeline import Pipeline, compile_pipeline, first_of
from guardrail.recognise.schema import LearnSpec, TextFieldSpec, TextShapeSpec
from guardrail.recognise.shapes import MAX_VALUE, Shape, compile_shape, may_hold
from guardrail.recognise.steps import text_of
from guardrail.recognise.template import Template, compile_template
from guardrail.recognise.view import View

ANSWER_LIMIT = 16 * 1024 * 1024
_MAX_PEOPLE = 3000  # of one answer, or piece of it: what they cost is some tens of milliseconds
_MAX_WALKED = 100_000
_TYPES = {
    "json": ("json", "javascript", "graphql"),
    "html": ("html",),
    "script": ("html", "javascript"),
    "flight": ("x-component", "octet-stream"),
}
_ASSETS = (".js", ".mjs", ".css", ".map", ".wasm")


@lru_cache(maxsize=512)
def answers_of(content_type: str) -> frozenset[str]:
    """Give which kinds of answers (`json`, `html`, `script`, `flight`) a Content-Type stands for."""
    lowered = content_type.lower()
    return frozenset(answer for answer, parts in _TYPES.items() if any(part in lowered for part in parts))


def is_asset(request: HttpRequest) -> bool:
    """Whether a request asks for a part of the site's program, by its path or by what the browser wants it for.

    Such answers name nobody; they go by the same media type as the JSON of some sites.
    """
    if request.path.endswith(_ASSETS):
        return True
    destination = request.header("sec-fetch-dest")
    return destination is not None and destination not in ("empty", "document", "iframe", "frame")


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
    anchors: frozenset[str] | None

    def wants(self, request: HttpRequest, content_type: str) -> bool:
        """Whether the answer to `request`, of this type, may teach."""
        kinds = answers_of(content_type)
        if self.answers.isdisjoint(kinds) or ("script" in kinds and "html" not in kinds and is_asset(request)):
            return False
        if not self.templates:
            return True
        segments = split_path(request.path)
        return any(template.match(segments) is not None for template in self.templates)

    def learn(self, view: View, response: HttpResponse) -> Iterator[Identity]:
        """Give every identity in the answer, as it stands there, in order."""
        body = response.body
        if len(body) > ANSWER_LIMIT:
            return
        shaped = may_hold(unquoted(body) if _is_page(body) else body, self.shapes)
        texts = [spec for spec in self.texts if _may_stand_in(spec, body)]
        if not shaped and not texts:
            return
        self._introduce(view)
        if shaped:
            for value in self._values(body):
                yield from self._people(view, walk(value, _MAX_WALKED, self.skip))
        yield from self._texts(view, body, texts)

    def learn_piece(self, view: View, piece: bytes) -> Iterator[Identity]:
        """Give the identities in a piece of an answer that is cut off at both ends: objects and texts only."""
        objects = [shape for shape in self.objects if shape.has and may_hold(piece, (shape,))]
        texts = [spec for spec in self.texts if spec.repeat and _may_stand_in(spec, piece)]
        if not objects and not texts:
            return
        self._introduce(view)
        text = piece.decode("utf-8", "replace")
        found = objects_with(text, dict.fromkeys(max(shape.has, key=len) for shape in objects))
        nodes = chain.from_iterable(walk(value, _MAX_WALKED, self.skip) for value in found)
        yield from self._people(view, nodes)
        yield from self._texts(view, piece, texts)

    def _introduce(self, view: View) -> None:
        view.actor = first_of(self.actor, view)

    @property
    def shapes(self) -> Iterator[Shape]:
        """Every shape, of objects and of lists."""
        return chain(self.objects, self.lists)

    def _values(self, body: bytes) -> Iterator[Any]:
        if not _is_page(body):
            if "json" in self.answers:
                for document in documents(body):
                    yield document
                    yield from answered(document)
            if "flight" in self.answers:
                yield from rows(body.decode("utf-8", "replace"))
        elif not self.answers.isdisjoint(("html", "script")):
            yield from embedded(body.decode("utf-8", "replace"))

    def _people(self, view: View, nodes: Iterable[Any]) -> Iterator[Identity]:
        anchors = self.anchors
        fitting: dict[Any, tuple[Shape, ...]] = {}  # objects of one kind have the same keys: they are compared once
        for one in nodes:
            kind: Any
            if one.__class__ is not dict:
                shapes, kind = self.lists, len(one)
            elif anchors is not None and anchors.isdisjoint(one):
                continue
            else:
                shapes, kind = self.objects, tuple(one)
            if not shapes:
                continue
            fits = fitting.get(kind)
            if fits is None:
                fits = fitting[kind] = tuple(shape for shape in shapes if shape.fits(one))
            for shape in fits:
                parts = shape.read(view, one)
                if parts:
                    yield self._identity(parts, shape.read_aliases(view, one))
                    break

    def _texts(self, view: View, body: bytes, specs: Iterable[TextShapeSpec]) -> Iterator[Identity]:
        text: str | None = None
        for spec in specs:
            text = body.decode("utf-8", "replace") if text is None else text
            yield from self._stretches(view, text, spec)

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
                if found and len(found) <= MAX_VALUE:
                    parts[name] = found
            if parts:
                yield self._identity(parts)

    def _identity(self, parts: Mapping[str, str], aliases: tuple[str, ...] = ()) -> Identity:
        read = parts.get
        handle = read("handle")
        return Identity(
            self.site, read("id"), handle.removeprefix("@").lower() if handle else None, read("name"), aliases
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
        tuple(compile_shape(shape) for shape in spec.objects),
        tuple(compile_shape(shape) for shape in spec.lists),
        spec.texts,
        # one key of each shape: most objects have none of them, and are passed over at once
        frozenset(max(shape.has, key=len) for shape in spec.objects) if all(one.has for one in spec.objects) else None,
    )


def merge(found: Iterable[Identity]) -> tuple[Identity, ...]:
    """Put what is known of one person together: by id, else by handle; drop what names one thing only."""
    people: dict[tuple[str, str, str], Identity] = {}
    aliases: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in islice(found, _MAX_PEOPLE):
        key = (one.site, "id", one.id) if one.id else (one.site, "handle", one.handle or "")
        known = people.get(key)
        if known is None:
            people[key] = one
        elif known != one:
            people[key] = replace(known, handle=known.handle or one.handle, name=known.name or one.name)
            aliases.setdefault(key, dict.fromkeys(known.aliases)).update(dict.fromkeys(one.aliases))
    for key, several in aliases.items():
        people[key] = replace(people[key], aliases=tuple(several))
    return tuple([one for one in people.values() if _teaches(one)])


def _teaches(one: Identity) -> bool:
    """Whether an identity names at least two things."""
    if one.id or one.handle:
        return bool((one.id and one.handle) or one.name or one.aliases)
    return bool(one.name and one.aliases)


def _is_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _may_stand_in(spec: TextShapeSpec, body: bytes) -> bool:
    fields = (spec.id, spec.handle, spec.name)
    return any(field.after.encode() in body for field in fields if isinstance(field, TextFieldSpec))


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
    stop = text.find(field.before, at, min(at + MAX_VALUE, len(text)))
    return text_of(html.unescape(text[at:stop])) if stop >= 0 else None
