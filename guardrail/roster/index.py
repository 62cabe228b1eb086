"""The roster as it lives in memory: keyed tokens that lead to references, and no name.

Every name part, handle and beginning of a name is a keyed BLAKE2b digest (RFC 7693). Without the key
an index says neither who is in it nor whether a guessed name is; with the key, names could be guessed
one by one, which is why an index never holds its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from guardrail.model.people import Population, Strength
from guardrail.roster.handles import ANY_SITE, account_keys
from guardrail.roster.names import Pair, PersonNames, Unit

KEY_BYTES = 32
LONGEST_UNIT = 8  # words of a name part that are looked up together
_TOKEN_BYTES = 16
_SHORTEST_RUN = 7  # letters of a whole name written as one word; shorter ones are words of their own

type Tokeniser = Callable[[str], bytes]
# Which client, how surely, and the token of the name in its own script (empty: Latin).
type Place = tuple[int, Strength, bytes]


def make_tokeniser(key: bytes) -> Tokeniser:
    """Give the function from a text to its token under `key` (32 bytes; else ValueError)."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"the roster's key must be {KEY_BYTES} bytes long")
    keyed = hashlib.blake2b(key=key, digest_size=_TOKEN_BYTES)

    def token(text: str) -> bytes:
        state = keyed.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.digest()

    return token


def native_key(one: str, other: str) -> str:
    """Give the text whose token is kept for a name that is not Latin; the order of the parts is no matter."""
    return "\0".join(("native", *sorted((one, other))))


def beginning_key(known: str, beginning: str) -> str:
    """Give the text whose token is kept for one whole part of a name and the beginning of the other."""
    return f"{known}\0{beginning}"


@dataclass(frozen=True, slots=True)
class Client:
    """All that is kept of a person in plain: the clinic's reference, at most three initials, the population."""

    ref: str
    initials: str
    population: Population


@dataclass(frozen=True, slots=True)
class Index:
    """The tokens of a whole roster; plain data that says nothing without the key.

    `units` numbers the parts of names; `reach` says for the first word of a part of how many words the
    longest such part is; `pairs` leads from two parts (smaller number first) to the places; `runs` are
    whole names as one word and `alone` names of a single part, by number; `beginnings` lead to clients.
    """

    clients: tuple[Client, ...]
    units: dict[bytes, int] = field(default_factory=dict)
    reach: dict[bytes, int] = field(default_factory=dict)
    pairs: dict[tuple[int, int], tuple[Place, ...]] = field(default_factory=dict)
    runs: dict[int, tuple[Place, ...]] = field(default_factory=dict)
    alone: dict[int, tuple[Place, ...]] = field(default_factory=dict)
    beginnings: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    accounts: dict[bytes, tuple[Place, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Index({len(self.clients)} clients)"


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the roster, read and checked; it lives only until the index is built.

    `accounts` are pairs of site (or ANY_SITE) and account.
    """

    client: Client
    names: PersonNames
    accounts: tuple[tuple[str, str], ...] = ()


def build_index(people: Sequence[Person], token: Tokeniser) -> Index:
    """Put all `people` into a new index; the same reference may stand once only."""
    index = Index(tuple(person.client for person in people))
    for at, person in enumerate(people):
        for pair in person.names.pairs:
            _add_pair(index, token, at, pair)
        for unit in person.names.alone:
            place = (at, unit.strength, _native_token(token, unit, None))
            _add(index.alone, _number(index, token, unit), place)
        for site, account in person.accounts:
            _add_account(index, token, at, site, account)
    return index


def _add_pair(index: Index, token: Tokeniser, at: int, pair: Pair) -> None:
    given, family = pair.given, pair.family
    numbers = sorted((_number(index, token, given), _number(index, token, family)))
    native = _native_token(token, given, family)
    _add(index.pairs, (numbers[0], numbers[1]), (at, pair.strength, native))
    for one, other in permutations((given.key, family.key)):
        if pair.strength is Strength.EXACT and len(one) + len(other) >= _SHORTEST_RUN:
            run = Unit((one + other,), one + other)
            _add(index.runs, _number(index, token, run), (at, Strength.VARIANT, native))
        if len(one) > 1:
            for length in range(1, len(other)):
                _add(index.beginnings, token(beginning_key(one, other[:length])), at)


def _add_account(index: Index, token: Tokeniser, at: int, site: str, account: str) -> None:
    for key in account_keys(site, account):
        _add(index.accounts, token(key), (at, Strength.EXACT, b""))
    if site != ANY_SITE and not account.isdecimal():
        # People keep a handle from site to site, but so do strangers: weak elsewhere.
        for key in account_keys(ANY_SITE, account):
            _add(index.accounts, token(key), (at, Strength.WEAK, b""))


def _number(index: Index, token: Tokeniser, unit: Unit) -> int:
    if 1 < len(unit.words) <= LONGEST_UNIT:
        first = token(unit.words[0])
        index.reach[first] = max(index.reach.get(first, 1), len(unit.words))
    return index.units.setdefault(token(unit.key), len(index.units))


def _native_token(token: Tokeniser, one: Unit, other: Unit | None) -> bytes:
    natives = (one.native, other.native if other else "")
    latin = (one.key, other.key if other else "")
    return b"" if natives == latin else token(native_key(*natives))


def _add[K, V](table: dict[K, tuple[V, ...]], key: K, value: V) -> None:
    known = table.get(key, ())
    if value not in known:
        table[key] = (*known, value)
