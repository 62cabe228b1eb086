"""Whether a subject is a client: accounts first, then the name, then the words of a query."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import unquote

from guardrail.errors import Problem
from guardrail.model.action import Subject
from guardrail.model.people import ClientMatch, Strength
from guardrail.roster.fold import split_words
from guardrail.roster.handles import ANY_SITE, account_keys, accounts_in
from guardrail.roster.index import Index, Tokeniser
from guardrail.roster.scan import Scanner

_OPERATOR = re.compile(r"(?<!\S)-?[a-z_]{2,20}:\S+", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_LONGEST_HANDLE = 100
_LONGEST_TAIL = 2048  # characters; what is being typed stands at the end
_QUOTES = "\"'“”«»‘’ \t\r\n"


class Roster:
    """All clients, found by keyed tokens. Every match is total: no text makes it raise.

    A roster is replaced, never changed; it refuses to be pickled because it holds its key.
    """

    __slots__ = ("_scanner", "rejected", "revision")

    def __init__(self, index: Index, token: Tokeniser, revision: str, rejected: tuple[Problem, ...] = ()) -> None:
        """Take a built index with the tokeniser of its key, its revision, and the rows that were left out."""
        self._scanner = Scanner(index, token)
        self.revision = revision
        self.rejected = rejected

    def __len__(self) -> int:
        return len(self._scanner.index.clients)

    def __repr__(self) -> str:
        return f"<Roster of {len(self)} clients, revision {self.revision[:12]}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a roster holds its key and cannot be pickled")

    def match(self, subject: Subject, site: str, *, prefix: bool = False) -> tuple[ClientMatch, ...]:
        """Give the clients whom `subject` of `site` means, best first; each client once.

        With `prefix` the query may also be the beginning of a name, as while typing. A name that is
        only read out of a handle (`margit-ollander-0a1b2c`) is `weak`.
        """
        found = _Best()
        for account in (subject.id, subject.alt_id):
            if account:
                found.add(self._accounts(site, account), "id")
        if subject.handle:
            found.add(self._accounts(site, subject.handle), "handle")
        known = found.surest is Strength.EXACT
        if subject.handle and not known:
            found.add(_at_most(self._accounts(ANY_SITE, subject.handle), Strength.EXACT), "handle")
            found.add(_at_most(self._text(_DIGITS.sub(" ", subject.handle)), Strength.WEAK), "handle")
        if subject.name and not known:
            # An account that is known for one client is not their namesake's.
            found.add(self._text(subject.name), "name")
        if subject.query:
            self._query(found, subject.query, site, prefix=prefix)
        clients = self._scanner.index.clients
        return tuple(
            ClientMatch(clients[at].ref, clients[at].initials, clients[at].population, how, strength)
            for at, (strength, how) in found.ranked()
        )

    def match_text(self, text: str, *, prefix: bool = False) -> tuple[ClientMatch, ...]:
        """Give the clients whom a text names, on no site in particular; as `match` for its query."""
        return self.match(Subject(query=text), ANY_SITE, prefix=prefix)

    def _query(self, found: _Best, query: str, site: str, *, prefix: bool) -> None:
        for place, account in dict.fromkeys(accounts_in(query)):
            if place == ANY_SITE:
                found.add(self._accounts(site, account), "handle")
                found.add(_at_least(self._accounts(ANY_SITE, account), Strength.VARIANT), "handle")
            else:
                found.add(self._accounts(place, account), "handle")
        bare = query.strip(_QUOTES)
        if len(bare) <= _LONGEST_HANDLE and not any(map(str.isspace, bare)):
            found.add(self._accounts(site, bare), "handle")
            found.add(_at_most(self._accounts(ANY_SITE, bare), Strength.WEAK), "handle")
        found.add(self._text(query), "name")
        if prefix:
            found.add(self._scanner.beginnings(split_words(query[-_LONGEST_TAIL:])), "prefix")

    def _text(self, text: str) -> list[tuple[int, Strength]]:
        if "%" in text:
            text = unquote(text)  # an address that was pasted
        words = split_words(text)
        found = self._scanner.names(words)
        if self._scanner.index.alone:
            if ":" in text and len(text) < _LONGEST_HANDLE:
                words = split_words(_OPERATOR.sub(" ", text))
            found += self._scanner.alone(words)
        return found

    def _accounts(self, site: str, account: str) -> list[tuple[int, Strength]]:
        index, token = self._scanner.index.accounts, self._scanner.token
        return [
            (client, strength)
            for key in account_keys(site, account)
            for client, strength, _ in index.get(token(key), ())
        ]


class _Best:
    """The surest way in which each client was found; of equally sure ones the first."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[int, tuple[Strength, str]] = {}

    def add(self, places: list[tuple[int, Strength]], how: str) -> None:
        for client, strength in places:
            known = self._found.get(client)
            if known is None or strength > known[0]:
                self._found[client] = strength, how

    @property
    def surest(self) -> Strength | None:
        return max((strength for strength, _ in self._found.values()), default=None)

    def ranked(self) -> list[tuple[int, tuple[Strength, str]]]:
        return sorted(self._found.items(), key=lambda item: (-item[1][0], item[0]))


def _at_most(places: list[tuple[int, Strength]], most: Strength) -> list[tuple[int, Strength]]:
    return [(client, min(strength, most)) for client, strength in places]


def _at_least(places: list[tuple[int, Strength]], least: Strength) -> list[tuple[int, Strength]]:
    return [(client, max(strength, least)) for client, strength in places]
