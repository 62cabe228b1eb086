"""Whether the recognisers still see: hits, and what looks like an action and is none. Numbers and operation names only.

Sites change, and a recogniser that matches nothing any more makes no error. Nothing here says who asked for whom:
a request leaves a number, and at most the name that the site's own program gives to the operation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest
from guardrail.recognise.glance import OPERATION_HEADERS, OPERATION_LENGTHS
from guardrail.recognise.index import SiteIndex
from guardrail.recognise.together import Outcome

MAX_NAMES = 50
"""Names that are kept of a site; further ones are counted together."""
_SILENT_AFTER = 2000
_USUAL_GAPS = 20
_ENOUGH_HITS = 5
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_MAX_LOOKED_AT = 4096
_MAX_NAME = 80
_OTHERS = "(others)"

_MARKS = (b"riendly_name=", b"operationName")
_BETWEEN = b'"=: '
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,79}")
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ACTIONS = frozenset(
    """
    follow follows friend friends friending friendship friendships connect connection connections invite invites
    invitation invitations reply replies accept message messages comment comments like react reaction subscribe
    subscription review reviews poke nudge endorse recommend recommendation
    """.split()  # noqa: SIM905 - a text is read at a glance, a list of strings is not
)
_UNDOING = frozenset(
    """
    un unfollow unfriend unlike unsubscribe cancel remove delete decline reject withdraw ignore block mute hide
    report seen read get feed fetch list load search mark marked typing viewed count counts badge log logging
    impression settings setting
    """.split()  # noqa: SIM905 - as above
)
_ORDINARY = frozenset(
    """
    create add send new post request requests user users update do submit batch api
    """.split()  # noqa: SIM905 - as above
)


@dataclass(slots=True)
class SiteTally:
    """What was seen of one site: requests, hits by recogniser, the requests at each one's last hit, and misses."""

    requests: int = 0
    unread: int = 0
    hits: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)

    def silent(self) -> Iterator[str]:
        """Give each recogniser that used to see and has not for long: 20 times its usual gap, in requests."""
        for recogniser, hits in self.hits.items():
            gap = self.requests - self.last[recogniser]
            if hits >= _ENOUGH_HITS and gap > max(_SILENT_AFTER, _USUAL_GAPS * self.last[recogniser] // hits):
                yield recogniser

    @property
    def blind(self) -> bool:
        """Whether the site is much visited and nothing at all was ever recognised on it."""
        return self.requests > _SILENT_AFTER and not self.hits


class Tally:
    """The counts of all sites, since they were first kept."""

    def __init__(self, kept: Any = None) -> None:
        """Go on from what `as_json` gave; what is no such thing is left."""
        self.sites: dict[str, SiteTally] = {}
        self.changes = 0
        for site, counts in _mapping(kept).items():
            self.sites[str(site)] = _site_tally(_mapping(counts))

    def saw(self, index: SiteIndex, request: HttpRequest, found: Outcome) -> None:
        """Count one request on a watched host, and what it was found to be."""
        self.changes += 1
        if isinstance(found, Action):
            self._of(found.site).requests += 1
            for one in (found, *found.along):
                tally = self._of(one.site)
                tally.hits[one.recogniser] = tally.hits.get(one.recogniser, 0) + 1
                tally.last[one.recogniser] = tally.requests
            return
        for site in index.sites_on(request.host):
            tally = self._of(site)
            tally.requests += 1
            if found is not None:
                tally.unread += 1
            elif request.method not in _SAFE:
                name = action_name(request)
                if name is not None:
                    key = name if name in tally.missed or len(tally.missed) < MAX_NAMES else _OTHERS
                    tally.missed[key] = tally.missed.get(key, 0) + 1

    def warnings(self) -> Iterator[tuple[str, str]]:
        """Give, per site with something to look at, its id and one line that says what."""
        for site, tally in sorted(self.sites.items()):
            silent = sorted(tally.silent())
            if silent:
                yield site, f"silent for long: {', '.join(silent)}"
            if tally.blind:
                yield site, f"{tally.requests} requests, and nothing was ever recognised"

    def as_json(self) -> dict[str, Any]:
        """Give the counts for the file: numbers and names only."""
        return {
            site: {
                "requests": one.requests,
                "unread": one.unread,
                "hits": one.hits,
                "last": one.last,
                "missed": one.missed,
            }
            for site, one in sorted(self.sites.items())
        }

    def _of(self, site: str) -> SiteTally:
        tally = self.sites.get(site)
        if tally is None:
            tally = self.sites[site] = SiteTally()
        return tally


def action_name(request: HttpRequest) -> str | None:
    """Give the operation's name of a request that looks like an action; None where it does not.

    The name is the program's (a header, a field of the body), or a last path segment made of ordinary words only:
    a segment with any other word may be a person's name.
    """
    name = _operation(request)
    if name is not None:
        return _shown(name) if _is_action(_words(name)) else None
    for segment in filter(None, reversed(request.path[-_MAX_LOOKED_AT:].split("/"))):
        words = _words(segment)
        if words and _is_action(words):
            known = all(word in _ACTIONS or word in _ORDINARY for word in words)
            return _shown(segment) if known and segment.replace("_", "").replace("-", "").isalpha() else None
        if not segment.isdecimal():
            return None
    return None


def _operation(request: HttpRequest) -> str | None:
    for key, value in request.headers:
        if len(key) in OPERATION_LENGTHS and key.lower() in OPERATION_HEADERS:
            return value.decode("latin-1")
    body = request.body
    for mark in _MARKS:
        at = body.find(mark, 0, _MAX_LOOKED_AT)
        if at >= 0:
            rest = body[at + len(mark) : at + len(mark) + _MAX_NAME].lstrip(_BETWEEN)
            found = _NAME.match(rest.decode("latin-1"))
            return found.group() if found else None
    return None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _PARTS.findall(name[:_MAX_NAME])]


def _is_action(words: list[str]) -> bool:
    return not _ACTIONS.isdisjoint(words) and _UNDOING.isdisjoint(words) and "query" not in words


def _shown(name: str) -> str | None:
    """Give a name as it is kept: an identifier, its digits hidden; None where it is none."""
    whole = _NAME.fullmatch(name.replace("-", "_"))
    return re.sub(r"\d+", "#", name) if whole else None


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _site_tally(counts: Mapping[Any, Any]) -> SiteTally:
    hits, last = _numbers(counts.get("hits")), _numbers(counts.get("last"))
    requests = counts.get("requests")
    unread = counts.get("unread")
    return SiteTally(
        requests if isinstance(requests, int) else 0,
        unread if isinstance(unread, int) else 0,
        hits,
        {name: last.get(name, 0) for name in hits},
        dict(list(_numbers(counts.get("missed")).items())[: MAX_NAMES + 1]),
    )


def _numbers(value: Any) -> dict[str, int]:
    return {str(key): number for key, number in _mapping(value).items() if isinstance(number, int)}
