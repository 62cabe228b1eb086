"""Puts people into an index, variant by variant: every way to write a name becomes an entry of its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from guardrail.durable import replace_file
from guardrail.model.people import Strength
from guardrail.roster.handles import ANY_SITE, account_keys
from guardrail.roster.kinds import Kind, Variants
from guardrail.roster.layout import (
    BLOCK,
    HEADER,
    LONGEST_NAME,
    MAC_BYTES,
    MAGIC,
    META,
    META_BLOCKS,
    POPULATIONS,
    RECORD,
    VALUE_BITS,
    VERSION,
    Posting,
    Way,
    unseal,
)
from guardrail.roster.names import Pair, Unit
from guardrail.roster.person import Client, Person
from guardrail.roster.placing import Progress, Stage, place
from guardrail.roster.spellings import Care, Speller, native_hash, single_key, twice, xor
from guardrail.roster.tokens import SALT_BYTES, Tokens, derive, mark

_SHORTEST_WHOLE = 5  # letters of a whole name written as one word, among other words
_SHORTEST_REACH = 3  # words of a name that are looked for together; two words are a pair
_CHUNK = 1 << 20
_SMALLEST_HEAP = 10  # as a power of two
# Of the names that a guess or a beginning may mean so many are kept: all would be held alike.
_MOST_GUESSED = 32
_MOST_BEGUN = 8
_REPORT_EVERY = 1000


@dataclass(slots=True)
class _Group:
    """All clients of one given and family name, and how many variants it is worth."""

    postings: list[tuple[int, int, Kind, Strength]] = field(default_factory=list)
    care: Care = Care.AS_IS
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """How an index is made: which variants it knows, the revision that it bears, whom to tell how far it is."""

    variants: Variants = field(default_factory=Variants)
    revision: str = "none"
    progress: Progress | None = None


class Builder:
    """Takes people one by one and gives the bytes of an index."""

    def __init__(self, key: bytes, making: Making) -> None:
        """Take the roster's key (32 bytes; else ValueError) and how the index is to be made."""
        self._key = key
        self._salt = secrets.token_bytes(SALT_BYTES)
        self._tokens = Tokens(key, self._salt)
        self._making = making
        self._variants = making.variants
        self._speller = Speller(self._tokens, self._variants)
        self._records = bytearray(META_BLOCKS * BLOCK)
        self._names: dict[tuple[str, str], _Group] = {}
        self._single: dict[tuple[Way, str], list[tuple[int, int, Kind, Strength]]] = {}
        self._reach: dict[str, int] = {}
        self._parts: set[str] = set()
        self.clients = 0

    def add(self, person: Person) -> None:
        """Take a person; the same reference may come once only."""
        record = self._record(person.client)
        self.clients += 1
        for pair in person.names.pairs:
            if pair.kinds in self._variants.kinds:
                self._add_pair(record, pair, _care(pair, person.names.pairs[0].given))
        for unit in person.names.alone:
            native = self._native(unit.key, unit.native)
            self._add_single(Way.ALONE, unit.key, (record, native, unit.kinds, unit.strength))
        for site, account in person.accounts:
            for key in account_keys(site, account):
                self._add_single(Way.ACCOUNT, key, (record, 0, Kind(0), Strength.EXACT))
            if site != ANY_SITE and not account.isdecimal():
                # People keep a handle from site to site, but so do strangers: weak elsewhere.
                for key in account_keys(ANY_SITE, account):
                    self._add_single(Way.ACCOUNT, key, (record, 0, Kind(0), Strength.WEAK))
        for way, keys in ((Way.EMAIL, person.emails), (Way.PHONE, person.phones)):
            for key in keys:
                self._add_single(way, key, (record, 0, Kind(0), Strength.EXACT))

    def _record(self, client: Client) -> int:
        at = len(self._records) // BLOCK
        initials, ref = client.initials.encode("utf-8", "replace"), client.ref.encode("utf-8", "replace")
        data = RECORD.pack(POPULATIONS.index(client.population), len(initials), len(ref)) + initials + ref
        self._records += data.ljust(-len(data) % BLOCK + len(data), b"\0")
        return at

    def _add_pair(self, record: int, pair: Pair, care: Care) -> None:
        given, family = pair.given, pair.family
        native = self._native(given.key + family.key, given.native + family.native)
        group = self._names.setdefault((given.key, family.key), _Group())
        posting = (record, native, pair.kinds, pair.strength)
        if posting not in group.postings:
            group.postings.append(posting)
        group.care = max(group.care, care)
        if len(given.words) > 1 and len(group.initials) < len(given.words):
            group.initials = "".join(word[0] for word in given.words)
        self._parts.update((given.key, family.key))
        if pair.strength is Strength.EXACT and pair.size >= _SHORTEST_REACH:
            for word in (given.words[0], family.words[0]):
                self._reach[word] = max(self._reach.get(word, 0), min(pair.size, LONGEST_NAME))

    def _native(self, latin: str, native: str) -> int:
        return 0 if native == latin else native_hash(self._tokens, native)

    def _add_single(self, way: Way, key: str, posting: tuple[int, int, Kind, Strength]) -> None:
        known = self._single.setdefault((way, key), [])
        if posting not in known:
            known.append(posting)

    def parts(self) -> tuple[bytes, memoryview, memoryview, bytes]:
        """Give the header, the table, its flags and the heap of the finished index; nothing can be added then."""
        encipher = self._tokens.names
        heap = self._records
        heap[: META.size] = META.pack(self.clients, self._making.revision.encode())
        sure, guessed, begun = Stage(encipher), Stage(encipher, _MOST_GUESSED), Stage(encipher, _MOST_BEGUN)
        self._enter_names(sure, guessed, begun, heap)
        self._enter_singles(sure, heap)
        for word, size in self._reach.items():
            sure.put(self._speller.token(word), size, (Way.REACH << VALUE_BITS,))
        for word in self._parts | self._reach.keys():
            sure.put(self._tokens.of_words((single_key(Way.PART, word),)), 0, (Way.PART << VALUE_BITS,))
        self._names, self._single = {}, {}
        self._speller.forget()
        table, flags = place((sure, guessed, begun), self._making.progress)
        blocks = 1 << max(_SMALLEST_HEAP, (len(heap) // BLOCK - 1).bit_length())
        heap += secrets.token_bytes(blocks * BLOCK - len(heap))
        sealed = b"".join(
            unseal(self._tokens.seal, range(at, min(at + _CHUNK, blocks)), heap[at * BLOCK : (at + _CHUNK) * BLOCK])
            for at in range(0, blocks, _CHUNK)
        )
        mac = hashlib.blake2b(key=derive(self._key, self._salt, b"mac"), digest_size=32)
        facts = (self._variants.kinds, len(table).bit_length() - 1, blocks.bit_length() - 1)
        check = derive(self._key, self._salt, b"check")[:BLOCK]
        mac.update(HEADER.pack(MAGIC, VERSION, *facts, self._salt, check, b"")[:-MAC_BYTES])
        mac.update(memoryview(table).cast("B"))
        mac.update(memoryview(flags).cast("B"))
        mac.update(sealed)
        return (
            HEADER.pack(MAGIC, VERSION, *facts, self._salt, check, mac.digest()),
            memoryview(table).cast("B"),
            memoryview(flags).cast("B"),
            sealed,
        )

    def _enter_names(self, sure: Stage, guessed: Stage, begun: Stage, heap: bytearray) -> None:
        speller, tokens, total = self._speller, self._tokens, len(self._names)
        for at, ((given, family), group) in enumerate(self._names.items()):
            one, other = speller.token(given), speller.token(family)
            start = _write(heap, group.postings, (mark(one), mark(other)))
            # A word added to itself is nothing; it has a token of its own.
            name = xor(one, other) if given != family else tokens.words(tokens.block(twice(given)))
            sure.put(name, start, (Way.NAME << VALUE_BITS,))
            singles = list(dict.fromkeys((given + family, family + given)))
            if len(singles[0]) >= _SHORTEST_WHOLE:
                sure.put(tokens.of_words(singles), start, [Way.WHOLE << VALUE_BITS] * len(singles))
            for token, spellings in (
                (one, speller.family(family, group.care)),
                (other, speller.given(given, group.care, group.initials)),
            ):
                guessed.put(spellings.beside(token), start, spellings.ways)
            for token, spellings in ((one, speller.begun(family)), (other, speller.begun(given))):
                begun.put(spellings.beside(token), start, spellings.ways)
            if self._making.progress and at % _REPORT_EVERY == 0:
                self._making.progress("names", at, total)

    def _enter_singles(self, sure: Stage, heap: bytearray) -> None:
        tokens = self._tokens
        for (way, key), postings in self._single.items():
            start = _write(heap, postings, (0, 0))
            sure.put(tokens.words(tokens.block(single_key(way, key))), start, (way << VALUE_BITS,))


def build_index(people: Iterable[Person], key: bytes, making: Making | None = None) -> bytes:
    """Give the bytes of an index of all `people`."""
    header, table, flags, heap = _built(people, key, making or Making()).parts()
    return b"".join((header, table, flags, heap))


def write_index(file: Path, people: Iterable[Person], key: bytes, making: Making | None = None) -> int:
    """Write an index of all `people` to `file`, whole or not at all; give how many they are. Raise OSError."""
    builder = _built(people, key, making or Making())
    header, table, flags, heap = builder.parts()
    replace_file(file, header, table, flags, heap)
    return builder.clients


def _built(people: Iterable[Person], key: bytes, making: Making) -> Builder:
    builder = Builder(key, making)
    for person in people:
        builder.add(person)
        if making.progress and builder.clients % _REPORT_EVERY == 0:
            making.progress("read", builder.clients, None)
    return builder


def _care(pair: Pair, whole: Unit) -> Care:
    """Give how many variants a pair is worth: errors too with half a family name, or the first word of a given one."""
    given, family = pair.given, pair.family
    halves = [unit for unit in (given, family) if unit.strength is not Strength.EXACT]
    if not halves:
        return Care.ALL
    if len(halves) > 1 or (halves == [given] and given.key != whole.words[0]):
        return Care.AS_IS
    is_half = halves[0].strength is Strength.VARIANT and halves[0].kinds in Kind.PART | Kind.OTHER_NAME
    if is_half and len(given.words) == len(family.words) == 1:
        return Care.HALF
    return Care.GIVEN if halves == [family] else Care.AS_IS


def _write(heap: bytearray, postings: list[tuple[int, int, Kind, Strength]], marks: tuple[int, int]) -> int:
    start = len(heap) // BLOCK
    last = len(postings) - 1
    for at, (record, native, kinds, strength) in enumerate(postings):
        heap += Posting(record, native, kinds, strength, *marks, at < last).pack()
    return start
