"""From a checked site file to recognisers that can judge; every mistake becomes a Problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

from guardrail.errors import Problem
from guardrail.model.action import ActionKind
from guardrail.recognise.globs import Globs
from guardrail.recognise.hosts import covers, expand
from guardrail.recognise.learn import Learner, compile_learn
from guardrail.recognise.pipeline import Condition, Pipeline, compile_pipeline, fused
from guardrail.recognise.recogniser import Beside, Recogniser
from guardrail.recognise.schema import (
    KINDS,
    AbsentSpec,
    BesideSpec,
    FragmentSpec,
    RecogniserSpec,
    SiteSpec,
    Surface,
    WhenSpec,
)
from guardrail.recognise.silence import FORMATS
from guardrail.recognise.template import Template, compile_template
from guardrail.strict_yaml import Document, KeyPath

_FIELDS = ("query", "id", "alt_id", "handle", "name")
# Operations are looked for there on every site: see `operation_names`.
_EVERYWHERE = frozenset(
    {
        "header x-fb-friendly-name",
        "form fb_api_req_friendly_name",
        "query fb_api_req_friendly_name",
        "json /fb_api_req_friendly_name",
    }
)
_TYPED = (ActionKind.SEARCH, ActionKind.SUGGEST)


@dataclass(frozen=True, slots=True)
class CoverageNotes:
    """What a file says for the coverage table; `shared` is what its kind's fragments say.

    `surfaces` are globs on host and path, `unseen` has keys like `message`, `message socket`, `* app`.
    """

    surfaces: Mapping[Surface, tuple[str, ...]] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[AbsentSpec, ...] = ()
    shared: tuple[AbsentSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledSite:
    """A site ready for the index; the recognisers' ranks count from 0 within the site."""

    id: str
    name: str
    hosts: tuple[str, ...]
    recognisers: tuple[Recogniser, ...]
    specs: Mapping[str, tuple[RecogniserSpec, Document, KeyPath]]
    learners: tuple[Learner, ...]
    kind: str = ""
    notes: CoverageNotes = CoverageNotes()
    beside: tuple[BesideSpec, ...] = ()


class _Notes:
    """Collects problems; `take` runs something that may raise ValueError and notes it at its place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def take[T](self, path: KeyPath, make: Callable[[], T]) -> list[T]:
        """Give what `make` gives as a list of one; an empty one where it fails."""
        try:
            return [make()]
        except ValueError as error:
            self.problems.append(self.document.problem(path, str(error)))
            return []


def compile_site(
    spec: SiteSpec, document: Document, fragments: Mapping[str, tuple[FragmentSpec, Document]]
) -> tuple[CompiledSite | None, tuple[Problem, ...]]:
    """Compile `spec`; give the site, or None with every problem."""
    notes = _Notes(document)
    folder = document.file.parent.name
    kind = folder if folder in KINDS else "own"
    included = [part for part in fragments.values() if part[0].kind == kind and part[0].fragment not in spec.include]
    for at, name in enumerate(spec.include):
        if name in fragments:
            included.append(fragments[name])
        else:
            notes.problems.append(document.problem(("include", at), f"there is no fragment `{name}`"))
    sources: list[tuple[SiteSpec | FragmentSpec, Document]] = [(spec, document), *included]
    suffixes = tuple(suffix for part, _ in sources for suffix in part.suffixes)
    hosts = tuple(chain(*notes.take(("hosts",), lambda: expand(spec.hosts, suffixes))))
    reserved = {
        name: frozenset(word.lower() for word in words)
        for part, _ in reversed(sources)
        for name, words in part.reserved.items()
    }
    compiled: list[Recogniser] = []
    specs: dict[str, tuple[RecogniserSpec, Document, KeyPath]] = {}
    learners: list[Learner] = []
    problems: list[Problem] = []
    for part, origin in sources:
        own_notes = notes if origin is document else _Notes(origin)
        maker = _Maker(spec, sources, (hosts, suffixes), reserved, own_notes)
        for at, item in enumerate(part.recognisers):
            path = ("recognisers", at)
            if item.id in specs:
                own_notes.problems.append(origin.problem((*path, "id"), f"the recogniser `{item.id}` stands twice"))
                continue
            specs[item.id] = (item, origin, path)
            compiled.append(replace(maker.recogniser(item, path), rank=len(compiled)))
        if part.learn is not None:
            learners.extend(own_notes.take(("learn",), partial(compile_learn, spec.site, part.learn, maker.whose)))
        if own_notes is not notes:
            problems.extend(own_notes.problems)
    problems = [*notes.problems, *problems]
    if problems:
        return None, tuple(problems)
    said = _coverage(spec, [part for part, _ in sources[1:]])
    beside = tuple(one for part, _ in included for one in part.beside)
    return CompiledSite(spec.site, spec.name, hosts, tuple(compiled), specs, tuple(learners), kind, said, beside), ()


def _coverage(spec: SiteSpec, parts: Sequence[SiteSpec | FragmentSpec]) -> CoverageNotes:
    unseen = {key: why for part in parts for key, why in part.unseen.items()} | spec.unseen
    return CoverageNotes(spec.surfaces, unseen, spec.absent, tuple(one for part in parts for one in part.absent))


class _Maker:
    """What the recognisers of one file have in common."""

    def __init__(
        self,
        site: SiteSpec,
        sources: list[tuple[SiteSpec | FragmentSpec, Document]],
        hosts: tuple[tuple[str, ...], tuple[str, ...]],
        reserved: Mapping[str, frozenset[str]],
        notes: _Notes,
    ) -> None:
        self.site = site
        self.hosts, self.suffixes = hosts
        self.reserved = reserved
        self.notes = notes
        self.actor = tuple(text for part, _ in sources for text in part.actor)
        self.whose = self.pipelines(self.actor, ("actor",))
        places = (text for part, _ in sources for text in part.operation if text not in _EVERYWHERE)
        self.operation = self.pipelines(places, ("operation",))
        self.beside = [
            (one.of, Beside(one.id, one.action, self.conditions(one.where, ("beside",)), one.confidence))
            for part, _ in sources
            if isinstance(part, FragmentSpec)
            for one in part.beside
        ]
        self.kinds = tuple(
            dict.fromkeys(item.action for part, _ in sources for item in part.recognisers if item.action is not None)
        )

    def pipelines(self, texts: Iterable[str], path: KeyPath) -> tuple[Pipeline, ...]:
        return tuple(chain(*(self.notes.take(path, partial(compile_pipeline, text)) for text in texts)))

    def recogniser(self, spec: RecogniserSpec, path: KeyPath) -> Recogniser:
        self.check(spec, path)
        kinds = self.kinds if spec.action is None else (spec.action,)
        templates = self.templates(spec.when, path)
        takes = self.takes(spec, templates, path)
        default_needs = ("query",) if spec.action in _TYPED and "query" in takes else ()
        return Recogniser(
            site=self.site.site,
            id=spec.id,
            rank=0,
            kind=spec.action,
            kinds=kinds,
            methods=frozenset(spec.when.method),
            hosts=self.hosts_of(spec.when, path),
            templates=templates,
            hints=tuple(hint.lower() for hint in spec.when.hint),
            operation=Globs(spec.when.operation) if spec.when.operation else None,
            unnamed=spec.when.operation is False,
            operation_sources=self.operation,
            page=spec.when.page,
            conditions=self.conditions(spec.when.where, (*path, "when", "where")),
            takes=takes,
            needs=spec.needs if spec.needs is not None else default_needs,
            own=spec.own if spec.own is not None else spec.action is not ActionKind.VIEW_PROFILE,
            actor=self.pipelines((*(spec.take.actor or ()), *self.actor), (*path, "take", "actor")),
            route=self.pipelines(spec.route or (), (*path, "route")),
            silence=spec.silence,
            tells=None if spec.tells == "none" else spec.tells,
            confidence=spec.confidence,
            accounts=self.site.accounts,
            beside=tuple(one for of, one in self.beside if spec.action in of),
        )

    def check(self, spec: RecogniserSpec, path: KeyPath) -> None:
        document, found = self.notes.document, self.notes.problems
        if (spec.action is None) is (spec.route is None):
            found.append(document.problem(path, f"`{spec.id}` must have either `action` or `route`"))
        if spec.silence is not None and spec.silence not in FORMATS:
            hint = f"there are {', '.join(FORMATS)}"
            found.append(document.problem((*path, "silence"), f"`{spec.silence}` is no format of silence", hint))

    def hosts_of(self, when: WhenSpec, path: KeyPath) -> tuple[str, ...]:
        if when.host is None:
            return self.hosts
        wanted = when.host
        hosts = tuple(chain(*self.notes.take((*path, "when", "host"), lambda: expand(wanted, self.suffixes))))
        named = frozenset(self.hosts)  # some sites have 700: nearly every host stands there as it is
        for host in hosts:
            if host not in named and not any(covers(pattern, host) for pattern in self.hosts):
                what = f"`{host}` does not stand under the site's `hosts`"
                self.notes.problems.append(self.notes.document.problem((*path, "when", "host"), what))
        return hosts

    def templates(self, when: WhenSpec, path: KeyPath) -> tuple[Template, ...]:
        place = (*path, "when", "path")
        found = [self.notes.take(place, partial(compile_template, text, self.reserved)) for text in when.path]
        return tuple(template for made in found for templates in made for template in templates)

    def conditions(self, where: Mapping[str, bool | tuple[str, ...]], path: KeyPath) -> tuple[Condition, ...]:
        out: list[Condition] = []
        for text, wanted in where.items():
            place = (*path, text)
            test = wanted if isinstance(wanted, bool) else Globs(wanted)
            out.extend(Condition(pipeline, test) for pipeline in self.pipelines((text,), place))
        return tuple(sorted(out, key=lambda condition: condition.pipeline.body))  # the body last: it costs most

    def takes(
        self, spec: RecogniserSpec, templates: tuple[Template, ...], path: KeyPath
    ) -> Mapping[str, tuple[Pipeline, ...]]:
        """Give what is taken; a placeholder named like a part of the subject is taken by itself."""
        placed = {name for template in templates for name in template.names if name is not None}
        out = {}
        for name in _FIELDS:
            texts = getattr(spec.take, name)
            if texts is None and name in placed:
                texts = (f"path {name}",)
            if texts is not None:
                out[name] = fused(self.pipelines(texts, (*path, "take", name)))
        return out
