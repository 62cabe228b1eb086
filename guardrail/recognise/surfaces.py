"""On which surfaces a recogniser sees its action: browser, mobile web, app, official interface, WebSocket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from guardrail.recognise.compile import CompiledSite
from guardrail.recognise.examples import request_of
from guardrail.recognise.globs import Globs
from guardrail.recognise.hosts import covers
from guardrail.recognise.schema import RecogniserSpec, Surface

_FRAMES = frozenset({"events", "published"})
_MOBILE = frozenset({"m", "mobile", "mbasic", "touch", "wap", "lite"})


class Surfaces:
    """The surfaces of one site: as its file says (globs on host and path), else by the first label of the host."""

    def __init__(self, site: CompiledSite) -> None:
        """Take the site's own list and hosts."""
        said = site.notes.surfaces
        self._site = site
        self._said: Mapping[Surface, Globs] = {surface: Globs(globs) for surface, globs in said.items()}
        named = [glob.partition("/")[0] for globs in said.values() for glob in globs]
        wild = [host for host in named if "*" not in host and any(covers(one, host) for one in site.hosts)]
        self._hosts = tuple(dict.fromkeys((*site.hosts, *wild)))

    def of(self, spec: RecogniserSpec) -> frozenset[Surface]:
        """Give the surfaces on which `spec` sees its action.

        An example or a host that it names shows it. A recogniser of every host is there on the mobile pages too, and
        where the file says to which surface its paths belong; not on an interface's host that nothing shows.
        """
        if is_upgrade(spec) or _reads_frames(spec):
            return frozenset({Surface.SOCKET})
        requests = (request_of(one, spec, self._site.hosts) for one in spec.examples.match)
        found = {surface for one in requests for surface in self._at(one.host + one.path)}
        hosts = self._hosts if spec.when.host is None else spec.when.host
        for place in _places(hosts, spec.when.path):
            found.update(self._at(place, guess=spec.when.host is not None))
        return frozenset(found)

    def all(self) -> tuple[Surface, ...]:
        """Give the surfaces that the site has, in their order."""
        found = {surface for spec, _, _ in self._site.specs.values() for surface in self.of(spec)}
        found.update(self._said)
        found.update(surface for host in self._site.hosts for surface in self._at(f"{host}/"))
        found.update(Surface(key.split()[1]) for key in self._site.notes.unseen if " " in key)
        return tuple(surface for surface in Surface if surface in found)

    def _at(self, place: str, *, guess: bool = True) -> Iterator[Surface]:
        said = [surface for surface, globs in self._said.items() if globs(place)]
        if said:
            yield from said
            return
        surface = _by_host(place.partition("/")[0])
        if guess or surface is not Surface.API:
            yield surface


def is_upgrade(spec: RecogniserSpec) -> bool:
    """Whether a recogniser sees only that a WebSocket is opened."""
    return any(text.lower().startswith("header upgrade") for text in spec.when.where)


def _reads_frames(spec: RecogniserSpec) -> bool:
    texts = [*spec.when.where, *(text for _, texts in spec.take for text in texts or ())]
    opened = [example for example in spec.examples.match if "upgrade" in map(str.lower, example.headers)]
    return bool(opened) or any(not _FRAMES.isdisjoint(text.split()) for text in texts)


def _places(hosts: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    return (host + path for host in hosts for path in paths)


def _by_host(host: str) -> Surface:
    first, _, rest = host.partition(".")
    if first in _MOBILE and rest.count("."):
        return Surface.MOBILE
    interface = first.startswith("api") or first.endswith(("-api", "api")) or first == "graph"
    return Surface.API if interface or rest == "googleapis.com" else Surface.WEB
