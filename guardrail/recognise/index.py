"""The index: host, then method and path, then operation; a handful of candidates is left.

Its cost does not grow with the number of recognisers. `scan_all` tries them all, one by one, and is the
oracle that tests hold the index against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from guardrail.model.action import Action, ActionKind, Identity
from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.extract.urltext import split_path, split_url
from guardrail.recognise.glance import Glance
from guardrail.recognise.hosts import covers, registrable
from guardrail.recognise.judge import judge
from guardrail.recognise.junction import Candidate, by_rank
from guardrail.recognise.learn import Learner, merge
from guardrail.recognise.meanings import meanings
from guardrail.recognise.recogniser import Recogniser, operation_names
from guardrail.recognise.together import Outcome, together
from guardrail.recognise.trie import Paths
from guardrail.recognise.view import View

_MAX_ROUTES = 2
_PROFILE = (ActionKind.VIEW_PROFILE, ActionKind.VIEW_FOLLOWERS)


class _HostTable:
    """What may happen on one host: the paths per method, and how its answers teach."""

    __slots__ = ("learners", "paths", "sites")

    def __init__(
        self, recognisers: Sequence[Recogniser], learners: tuple[Learner, ...], sites: tuple[str, ...]
    ) -> None:
        self.learners = learners
        self.sites = sites
        self.paths: dict[str, Paths] = {}
        for recogniser in recognisers:
            for method in recogniser.methods:
                self.paths.setdefault(method, Paths()).add(recogniser)


class SiteIndex:
    """All sites, compiled; never changed, only replaced. Every method is total."""

    def __init__(self, sites: Iterable[CompiledSite], revision: str = "") -> None:
        """Index `sites`; where several match, the earlier site, then the earlier recogniser of its file wins."""
        self.revision = revision
        self.sites = tuple(sites)
        ordered: list[Recogniser] = []
        for one in chain.from_iterable(site.recognisers for site in self.sites):
            ordered.append(replace(one, rank=len(ordered)))
        self._all = tuple(ordered)
        self._hosts = self._tables()
        self.domains = tuple(sorted({domain for host in self._hosts if (domain := registrable(host)) is not None}))

    def watches(self, host: str) -> bool:
        """Whether any site is on `host`; what is not watched is never decrypted."""
        return self._table(host) is not None

    def sites_on(self, host: str) -> tuple[str, ...]:
        """Give the ids of the sites that are on `host`."""
        table = self._hosts.get(host) or self._table(host)
        return () if table is None else table.sites

    def recognise(self, request: HttpRequest) -> Outcome:
        """Give the action that `request` is; Unread where its body would decide and cannot be read."""
        return self._recognise(request, _MAX_ROUTES)

    def _recognise(self, request: HttpRequest, routes: int) -> Outcome:
        table = self._hosts.get(request.host) or self._table(request.host)
        if table is None:
            return None
        glance = Glance(request) if request.body else None  # nearly all other traffic ends without one
        meant = meanings(request, glance)
        if len(meant) == 1:
            return self._look_up(table, meant[0], glance, routes)
        return together(self._look_up(table, one, None, routes) for one in meant)

    def _look_up(self, table: _HostTable, request: HttpRequest, glance: Glance | None, routes: int) -> Outcome:
        paths = table.paths.get(request.method)
        if paths is None:
            return None
        candidates: Sequence[Candidate]
        junction = paths.junction(request.path)
        if junction is not None:
            view = View(request, junction.segments, glance)
            candidates = junction.candidates(view)
        else:
            segments = split_path(request.path)
            leaves = paths.leaves(segments)
            if not leaves:
                return None
            view = View(request, segments, glance)
            found: list[Candidate] = []
            for leaf in leaves:
                leaf.candidates(view, found)
            if len(found) > 1:
                found.sort(key=by_rank)
            candidates = found
        return judge(view, candidates, self._recognise, routes)

    def scan_all(self, request: HttpRequest) -> Outcome:
        """Give what `recognise` gives, the slow way: every recogniser in order, none skipped."""
        return self._scan_all(request, _MAX_ROUTES)

    def _scan_all(self, request: HttpRequest, routes: int) -> Outcome:
        views = [View(one, split_path(one.path)) for one in meanings(request)]
        return together(judge(view, list(self._scan(view)), self._scan_all, routes) for view in views)

    def page(self, url: str) -> Action | None:
        """Give the action that visiting `url` would be, if it is a profile's page."""
        host, path, query = split_url(url)
        found = self.recognise(HttpRequest("GET", "https", host, 443, path, query))
        return found if isinstance(found, Action) and found.kind in _PROFILE else None

    def learns_from(self, request: HttpRequest, content_type: str) -> bool:
        """Whether the answer to `request`, of this type, can teach an identity."""
        table = self._hosts.get(request.host) or self._table(request.host)
        return table is not None and any(learner.wants(request, content_type) for learner in table.learners)

    def learn(self, request: HttpRequest, response: HttpResponse) -> tuple[Identity, ...]:
        """Give the identities that the answer teaches."""
        return self._learn(request, response, lambda learner, view: learner.learn(view, response))

    def learn_piece(self, request: HttpRequest, response: HttpResponse) -> tuple[Identity, ...]:
        """Give the identities in a piece of an answer: its body is cut off at both ends."""
        return self._learn(request, response, lambda learner, view: learner.learn_piece(view, response.body))

    def _learn(
        self, request: HttpRequest, response: HttpResponse, read: Callable[[Learner, View], Iterator[Identity]]
    ) -> tuple[Identity, ...]:
        table = self._table(request.host)
        if table is None:
            return ()
        kind = response.header("content-type") or ""
        wanted = [learner for learner in table.learners if learner.wants(request, kind)]
        if not wanted:
            return ()
        view = View(request, split_path(request.path))
        return merge(one for learner in wanted for one in read(learner, view))

    def _table(self, host: str) -> _HostTable | None:
        table = self._hosts.get(host)
        rest = host
        while table is None and rest:
            _, _, rest = rest.partition(".")
            table = self._hosts.get("*." + rest)
        if table is None and host.endswith("."):
            return self._table(host.rstrip("."))
        return table

    def _tables(self) -> dict[str, _HostTable]:
        patterns = dict.fromkeys(host for site in self.sites for host in site.hosts)
        patterns.update(dict.fromkeys(host for one in self._all for host in one.hosts))
        exact: dict[str, list[Recogniser]] = {}
        for one in self._all:
            for host in one.hosts:
                exact.setdefault(host, []).append(one)
        learners: dict[str, list[Learner]] = {}
        owners: dict[str, list[str]] = {}
        for site in self.sites:
            for host in site.hosts:
                owners.setdefault(host, []).append(site.id)
                learners.setdefault(host, []).extend(site.learners)
        shared: dict[tuple[object, ...], _HostTable] = {}
        out = {}
        for host in patterns:
            above = [host, *(pattern for pattern in _parents(host) if pattern in patterns)]
            found = sorted({one.rank: one for pattern in above for one in exact.get(pattern, ())}.items())
            taught = tuple(dict.fromkeys(learner for pattern in above for learner in learners.get(pattern, ())))
            named = tuple(dict.fromkeys(site for pattern in above for site in owners.get(pattern, ())))
            key = (tuple(rank for rank, _ in found), taught, named)
            if key not in shared:
                shared[key] = _HostTable([one for _, one in found], taught, named)
            out[host] = shared[key]
        return out

    def _scan(self, view: View) -> Iterator[Candidate]:
        request = view.request
        host = request.host.rstrip(".")
        for one in self._all:
            if request.method not in one.methods or not any(covers(pattern, host) for pattern in one.hosts):
                continue
            if not one.hinted(view):
                continue
            for position, template in enumerate(one.templates):
                captures = template.match(view.segments)
                if captures is not None:
                    for name in _operations_for(one, view, captures):
                        yield one.rank, position, one, captures, name


def _operations_for(one: Recogniser, view: View, captures: Mapping[str, str]) -> Iterator[str | None]:
    """Give each operation for which `one` is to be judged; None where it asks for none, or none can be read."""
    if one.operation is None and not one.unnamed:
        yield None
        return
    view.unread = False
    names = operation_names(one.operation_sources, view, captures)
    if one.operation is None:
        if not names:
            yield None
        return
    if view.unread:
        yield None
    yield from filter(one.operation, names)


def _parents(host: str) -> Iterator[str]:
    rest = host.removeprefix("*.")
    while rest:
        _, _, rest = rest.partition(".")
        if rest:
            yield "*." + rest
