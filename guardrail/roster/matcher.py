"""Whether a subject is a client: accounts, addresses and numbers first, then the name, then the words of a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn, Self
from urllib.parse import unquote

from guardrail.errors import Problem
from guardrail.model.action import Subject
from guardrail.model.people import ClientMatch, Strength
from guardrail.roster.contacts import emails_in, phones_in
from guardrail.roster.fold import split_words
from guardrail.roster.handles import ANY_SITE, account_keys, accounts_in, handles_among
from guardrail.roster.index import Index, open_index
from guardrail.roster.kinds import Kind, kind_names
from guardrail.roster.layout import Way
from guardrail.roster.own import OwnNames
from guardrail.roster.romanise import readings
from guardrail.roster.scan import Scanner
from guardrail.roster.verdict import Found

_OPERATOR = re.compile(r"(?<!\S)-?[a-z_]{2,20}:\S+", re.IGNORECASE)
# What stands before the parts of a name in a record that was pasted: `Last name: Doe First name: Jane`.
_LABEL = re.compile(
    r"\b(?:(?:first|last|given|family|middle|preferred|full|sur|fore)[ _-]?)?(?:name)(?:s|\(s\))?\s*:"
    r"|\b(?:first|last|given|family|middle)\s*:",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_LONGEST_HANDLE = 100
_LONGEST_TAIL = 2048  # characters; what is being typed stands at the end
_STRENGTHS = (Strength.PREFIX, *Strength)
_QUOTES = "\"'“”«»‘’ \t\r\n"


class Roster:
    """All clients, found by keyed tokens. Every match is total: no text makes it raise.

    A roster is replaced, never changed; it refuses to be pickled because it holds its key.
    """

    __slots__ = ("_index", "_own", "_scanner", "rejected", "revision")

    def __init__(self, index: Index, rejected: tuple[Problem, ...] = (), own_names: Iterable[str] = ()) -> None:
        """Take an index, the rows that were left out of it, and the names that are never a client's.

        `own_names` are those of the clinician and of the clinic: words that spell one are read past.
        """
        self._index = index
        self._scanner = Scanner(index)
        self._own = OwnNames(own_names)
        self.revision = index.revision
        self.rejected = rejected

    @classmethod
    def open(cls, file: Path, key: bytes, own_names: Iterable[str] = ()) -> Self:
        """Open an index file in place; raise RosterError where it is missing, damaged, or of another key."""
        return cls(open_index(file, key), own_names=own_names)

    def __len__(self) -> int:
        return self._index.clients

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
        known = bool(found) and found.surest == Strength.EXACT
        if subject.handle and not known:
            found.add(_at_most(self._accounts(ANY_SITE, subject.handle), Strength.EXACT), "handle")
            found.add(_at_most(self._text(_DIGITS.sub(" ", subject.handle)), Strength.WEAK), "handle")
        if subject.name and not known:
            # An account that is known for one client is not their namesake's.
            found.add(self._text(subject.name), "name")
        if subject.query:
            self._query(found, subject.query, site, prefix=prefix)
        return self._told(found) if found else ()

    def match_text(self, text: str, *, prefix: bool = False) -> tuple[ClientMatch, ...]:
        """Give the clients whom a text names, on no site in particular; as `match` for its query."""
        found = _Best()
        self._query(found, text, ANY_SITE, prefix=prefix)
        return self._told(found) if found else ()

    def is_named_in(self, text: str) -> bool:
        """Whether a text that is to be kept in the clear names a client; an initial or a begun name does not count."""
        return any(match.strength >= Strength.VARIANT for match in self.match_text(text))

    def _told(self, found: _Best) -> tuple[ClientMatch, ...]:
        """Say who was found, best first."""
        ranked = found.ranked()
        clients = self._index.people([record for record, _ in ranked])
        return tuple(
            [
                ClientMatch(ref, initials, population, how, _STRENGTHS[strength], kind_names(kinds))
                for (_, (strength, how, kinds)), (ref, initials, population) in zip(ranked, clients, strict=True)
            ]
        )

    def _query(self, found: _Best, query: str, site: str, *, prefix: bool) -> None:
        for place, account in dict.fromkeys(accounts_in(query)) if "@" in query or "/" in query else ():
            if place == ANY_SITE:
                found.add(self._accounts(site, account), "handle")
                found.add(_at_least(self._accounts(ANY_SITE, account), Strength.VARIANT), "handle")
            else:
                found.add(self._accounts(place, account), "handle")
        for email in emails_in(query):
            found.add(self._scanner.single(Way.EMAIL, email), "email")
        for phone in phones_in(query):
            found.add(self._scanner.single(Way.PHONE, phone), "phone")
        bare = query.strip(_QUOTES)
        if len(bare) <= _LONGEST_HANDLE and len(bare.split(None, 1)) == 1:
            found.add(self._accounts(site, bare), "handle")
            found.add(_at_most(self._accounts(ANY_SITE, bare), Strength.WEAK), "handle")
            if _DIGITS.search(bare):
                found.add(_at_most(self._text(_DIGITS.sub(" ", bare)), Strength.WEAK), "handle")
        for place, handle in handles_among(query):
            found.add(_at_most(self._accounts(site, handle), Strength.VARIANT), "handle")
            most = Strength.WEAK if place == ANY_SITE else Strength.VARIANT
            found.add(_at_most(self._accounts(place, handle), most), "handle")
        found.add(self._text(query), "name")
        if prefix:
            words = self._own.without(split_words(_unescaped(query[-_LONGEST_TAIL:])))
            found.add(self._scanner.beginnings(words), "prefix")

    def _text(self, text: str) -> list[Found]:
        if "%" in text:
            text = _unescaped(text)
        if ":" in text and len(text) <= _LONGEST_TAIL:
            text = _LABEL.sub(" ", text)
        words = self._own.without(split_words(text))
        found = self._scanner.names(words, text)
        if ":" in text and len(text) < _LONGEST_HANDLE:
            bare = _OPERATOR.sub(" ", text)
            if bare != text:
                found += self._scanner.names(self._own.without(split_words(bare)), bare)
        if not text.isascii():
            found += self._readings(text)
        return found

    def _readings(self, text: str) -> Iterator[Found]:
        """Read words of another script in the ways in which a Latin roster may have them; weak if none is Latin."""
        if not self._index.kinds & Kind.SCRIPT:
            return
        for reading in readings(text):
            words = self._own.without(split_words(reading))
            for record, strength, kinds in self._scanner.names(words, reading):
                most = Strength.WEAK if kinds & Kind.SCRIPT else Strength.VARIANT
                yield record, min(strength, most), kinds | Kind.SCRIPT

    def _accounts(self, site: str, account: str) -> list[Found]:
        return [found for key in account_keys(site, account) for found in self._scanner.single(Way.ACCOUNT, key)]


class _Best:
    """The surest way in which each client was found; of equally sure ones that which changed less, then the first."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[int, tuple[int, str, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, places: list[Found], how: str) -> None:
        for client, strength, kinds in places:
            known = self._found.get(client)
            if (
                known is None
                or strength > known[0]
                or (strength == known[0] and kinds.bit_count() < known[2].bit_count())
            ):
                if known is not None and strength == known[0]:
                    how = known[1]
                self._found[client] = strength, how, kinds

    @property
    def surest(self) -> int | None:
        return max((strength for strength, _, _ in self._found.values()), default=None)

    def ranked(self) -> list[tuple[int, tuple[int, str, int]]]:
        found = list(self._found.items())
        return sorted(found, key=lambda item: (-item[1][0], item[0])) if len(found) > 1 else found


def _unescaped(text: str) -> str:
    """Give the text of an address that was pasted, which may have been escaped twice."""
    return unquote(unquote(text)) if "%" in text else text


def _at_most(places: list[Found], most: Strength) -> list[Found]:
    return [(client, min(strength, most), kinds) for client, strength, kinds in places]


def _at_least(places: list[Found], least: Strength) -> list[Found]:
    return [(client, max(strength, least), kinds) for client, strength, kinds in places]
