"""What is known of people on sites, learned from answers: in memory only, bounded, never written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace

from guardrail.model.action import Action, Identity, Subject

type Page = Callable[[str], Action | None]
type Key = tuple[str, str, str]

_MAX_ALIASES = 8  # that go on from answer to answer; each is a key of its own all the same


class Identities:
    """The last `limit` keys under which somebody is known: by id (and its aliases), and by handle."""

    def __init__(self, limit: int, page: Page | None = None) -> None:
        """Remember at most `limit` keys; `page` reads a profile's address (`SiteIndex.page`)."""
        self._limit = limit
        self._page = page
        self._known: OrderedDict[Key, Identity] = OrderedDict()

    def __len__(self) -> int:
        """Give how many keys are remembered."""
        return len(self._known)

    def learn(self, identities: Iterable[Identity]) -> None:
        """Remember identities; what an earlier answer told of the same person is kept where the new one is silent."""
        for new in identities:
            one = new
            for key in _keys(new):
                old = self._known.get(key)
                if old is not None:
                    one = _fuller(one, old)
            if len(one.aliases) > _MAX_ALIASES:
                one = replace(one, aliases=one.aliases[:_MAX_ALIASES])
            for key in dict.fromkeys((*_keys(new), *_keys(one))):
                self._known[key] = one
                self._known.move_to_end(key)
        while len(self._known) > self._limit:
            self._known.popitem(last=False)

    def resolve(self, site: str, subject: Subject, referer: str | None = None, accounts: Iterable[str] = ()) -> Subject:
        """Fill in what is missing of `subject`: from what was learned, else from the page that the request came from.

        `accounts` are further sites whose accounts those of `site` are.
        The page (`referer`) speaks only where the request names nothing but an id that nobody knows: then the
        person whose profile is open is the best that can be said.
        """
        places = (site, *accounts)
        known = self._find(places, subject)
        if known is None and referer and self._page is not None and _is_bare(subject):
            visited = self._page(referer)
            if visited is not None and visited.site in places:
                known = self._find(places, visited.subject) or Identity(site, None, visited.subject.handle)
        if known is None:
            return subject
        return replace(
            subject,
            id=subject.id or known.id,
            alt_id=subject.alt_id or (known.id if subject.id not in (None, known.id) else None),
            handle=subject.handle or known.handle,
            name=subject.name or known.name,
        )

    def _find(self, places: tuple[str, ...], subject: Subject) -> Identity | None:
        for what, value in (("id", subject.id), ("id", subject.alt_id), ("handle", subject.handle)):
            if value is None:
                continue
            for site in places:
                found = self._known.get((site, what, value))
                if found is not None:
                    self._known.move_to_end((site, what, value))
                    return found
        return None


def _keys(one: Identity) -> list[Key]:
    keys = [(one.site, "id", value) for value in (one.id, *one.aliases) if value]
    return [*keys, (one.site, "handle", one.handle)] if one.handle else keys


def _fuller(new: Identity, old: Identity) -> Identity:
    return replace(
        new,
        id=new.id or old.id,
        handle=new.handle or old.handle,
        name=new.name or old.name,
        aliases=tuple(dict.fromkeys((*new.aliases, *old.aliases))),
    )


def _is_bare(subject: Subject) -> bool:
    return subject.handle is None and subject.name is None and subject.query is None
