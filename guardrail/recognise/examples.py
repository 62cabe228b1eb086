"""The examples of a site file, run against its own recognisers: one that fails refuses the file."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import orjson

from guardrail.errors import Problem
from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.extract.urltext import split_url
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.schema import ExampleSpec, RecogniserSpec
from guardrail.strict_yaml import Document, KeyPath


def run_examples(site: CompiledSite) -> tuple[Problem, ...]:
    """Give a problem for every example that does not come out as its file says."""
    index = SiteIndex((site,))
    return tuple(
        problem
        for spec, document, path in site.specs.values()
        for problem in _failures(index, site, spec, document, path)
    )


def request_of(example: ExampleSpec, spec: RecogniserSpec, hosts: tuple[str, ...]) -> HttpRequest:
    """Make the request that an example stands for; an address from `/` on is on the first host that fits."""
    host, path, query = split_url(example.url)
    if not host:
        wanted = spec.when.host or hosts
        host = next((one for one in hosts if one in wanted and not one.startswith("*.")), hosts[0])
        host = host.replace("*.", "www.", 1)
    headers = {name.lower(): value for name, value in example.headers.items()}
    body = (example.body or "").encode()
    if example.form is not None:
        fields = {key: value if isinstance(value, str) else orjson.dumps(value) for key, value in example.form.items()}
        body = urlencode(fields).encode()
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    elif example.body_json is not None:
        body = orjson.dumps(example.body_json)
        headers.setdefault("content-type", "application/json")
    raw = tuple((name.encode("latin-1", "replace"), value.encode("utf-8")) for name, value in headers.items())
    return HttpRequest(example.method or spec.when.method[0], "https", host, 443, path, query, raw, body)


def _failures(
    index: SiteIndex, site: CompiledSite, spec: RecogniserSpec, document: Document, path: KeyPath
) -> Iterator[Problem]:
    for at, example in enumerate(spec.examples.match):
        place = (*path, "examples", "match", at)
        outcome = index.recognise(request_of(example, spec, site.hosts))
        found = _named(outcome)
        if not isinstance(outcome, Action) or (spec.route is None and outcome.recogniser != spec.id):
            yield document.problem(place, f"`{spec.id}` does not match its example; it is {found}")
            continue
        subject = outcome.subject
        got = {"query": subject.query, "id": subject.id, "alt_id": subject.alt_id, "handle": subject.handle}
        got |= {"name": subject.name, "actor": outcome.actor_id}
        for name, wanted in example.expect.items():
            if got[name] != wanted:
                yield document.problem(place, f"`{spec.id}` takes `{got[name]}` as {name} where `{wanted}` is expected")
    for at, example in enumerate(spec.examples.ignore):
        outcome = index.recognise(request_of(example, spec, site.hosts))
        taken = isinstance(outcome, Action) and (outcome.recogniser == spec.id or spec.route is not None)
        if taken:
            place = (*path, "examples", "ignore", at)
            yield document.problem(place, f"`{spec.id}` matches an example that it must ignore")


def _named(outcome: object) -> str:
    return f"`{outcome.recogniser}`" if isinstance(outcome, Action) else "unread" if outcome else "nothing"
