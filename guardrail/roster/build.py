"""Puts people into an index, variant by variant: every way to write a name becomes an entry of its own."""

from __future__ import annotations

import hashlib
import os
import secrets
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkstemp

from guardrail.model.people import Strength
from guardrail.roster.handles import ANY_SITE, account_keys
from guardrail.roster.kinds import Kind, Variants
from guardrail.roster.layout import (
    BLOCK,
    FILL,
    HEADER,
    HIGH,
    LONGEST_NAME,
    LOW,
    MAC_BYTES,
    MAGIC,
    META,
    META_BLOCKS,
    POPULATIONS,
    RECORD,
    SLOT_BYTES,
    VALUE_BITS,
    VERSION,
    Posting,
    Way,
    unseal,
)
from guardrail.roster.names import Pair
from guardrail.roster.person import Client, Person
from guardrail.roster.spellings import Care, Speller, native_hash, repeater, single_key, twice, values
from guardrail.roster.tokens import SALT_BYTES, Tokens, derive, mark

_SHORTEST_WHOLE = 5  # letters of a whole name written as one word, among other words
_SHORTEST_REACH = 3  # words of a name that are looked for together; two words are a pair
_CHUNK = 1 << 20
_SMALLEST_TABLE = 14  # as powers of two
_SMALLEST_HEAP = 10
_REPORT_EVERY = 1000

type Progress = Callable[[str, int, int | None], None]
"""Told of the stage (`read`, `names`, `table`), how much is done, and of how much where that is known."""


@dataclass(slots=True)
class _Group:
    """All clients of one given and family name, and how many variants it is worth."""

    postings: list[tuple[int, int, Kind, Strength]] = field(default_factory=list)
    care: Care = Care.AS_IS
    initials: str = ""


@dataclass(slots=True)
class _Entries:
    """What goes into the table: for each entry the low half of its token (its slot), and the entry itself."""

    slots: array[int] = field(default_factory=lambda: array("I"))
    entries: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, tokens: bytes, value: array[int]) -> None:
        """Take final tokens with the value of each."""
        numbers = array("Q", tokens)
        keys = numbers[::2].tolist()
        self.slots.extend([key & LOW for key in keys])
        masked = zip(keys, numbers[1::2].tolist(), value, strict=True)
        self.entries.extend([key & HIGH | (mask ^ one) & LOW for key, mask, one in masked])


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
        self.clients = 0

    def add(self, person: Person) -> None:
        """Take a person; the same reference may come once only."""
        record = self._record(person.client)
        self.clients += 1
        for pair in person.names.pairs:
            if pair.kinds in self._variants.kinds:
                self._add_pair(record, pair)
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

    def _add_pair(self, record: int, pair: Pair) -> None:
        given, family = pair.given, pair.family
        native = self._native(given.key + family.key, given.native + family.native)
        group = self._names.setdefault((given.key, family.key), _Group())
        posting = (record, native, pair.kinds, pair.strength)
        if posting not in group.postings:
            group.postings.append(posting)
        if pair.strength is Strength.EXACT:
            group.care = Care.ALL
        elif given.strength is Strength.EXACT:
            group.care = max(group.care, Care.GIVEN)
        if len(given.words) > 1 and len(group.initials) < len(given.words):
            group.initials = "".join(word[0] for word in given.words)
        for key in (given.key, family.key):
            self._reach.setdefault(key, 1)
        if pair.strength is Strength.EXACT and pair.size >= _SHORTEST_REACH:
            for word in (given.words[0], family.words[0]):
                self._reach[word] = max(self._reach.get(word, 0), min(pair.size, LONGEST_NAME))

    def _native(self, latin: str, native: str) -> int:
        return 0 if native == latin else native_hash(self._tokens, native)

    def _add_single(self, way: Way, key: str, posting: tuple[int, int, Kind, Strength]) -> None:
        known = self._single.setdefault((way, key), [])
        if posting not in known:
            known.append(posting)

    def parts(self) -> tuple[bytes, array[int], bytes]:
        """Give the header, the table and the heap of the finished index. Nothing can be added afterwards."""
        found = _Entries()
        heap = self._records
        heap[: META.size] = META.pack(self.clients, self._making.revision.encode())
        self._enter_names(found, heap)
        self._enter_singles(found, heap)
        for word, size in self._reach.items():
            found.add(self._tokens.of_whole(word), values(size, (Way.REACH << VALUE_BITS,)))
        self._names, self._single = {}, {}
        table = _table(found, self._making.progress)
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
        mac.update(sealed)
        return HEADER.pack(MAGIC, VERSION, *facts, self._salt, check, mac.digest()), table, sealed

    def _enter_names(self, found: _Entries, heap: bytearray) -> None:
        speller, tokens, total = self._speller, self._tokens, len(self._names)
        blocks: list[bytes] = []
        waiting = array("I")
        for at, ((given, family), group) in enumerate(self._names.items()):
            one, other = speller.token(given), speller.token(family)
            start = _write(heap, group.postings, (mark(one), mark(other)))
            for token, spellings in (
                (one, speller.family(family, group.care)),
                (other, speller.given(given, group.care, group.initials)),
            ):
                number = spellings.tokens ^ int.from_bytes(token, "little") * repeater(spellings.count)
                blocks.append(number.to_bytes(spellings.count * BLOCK, "little"))
                waiting.extend(values(start, spellings.ways))
            singles = [given + family, family + given]
            if given == family:
                # A word added to itself is nothing; it has a token of its own.
                blocks.append(tokens.words(tokens.block(twice(given))))
                waiting.extend(values(start, (Way.NAME << VALUE_BITS,)))
                singles.pop()
            if len(singles[0]) >= _SHORTEST_WHOLE:
                blocks.append(tokens.of_words(singles))
                waiting.extend(values(start, [Way.WHOLE << VALUE_BITS] * len(singles)))
            if len(waiting) > _CHUNK // BLOCK or at == total - 1:
                found.add(tokens.names(b"".join(blocks)), waiting)
                blocks, waiting = [], array("I")
            if self._making.progress and at % _REPORT_EVERY == 0:
                self._making.progress("names", at, total)

    def _enter_singles(self, found: _Entries, heap: bytearray) -> None:
        for (way, key), postings in self._single.items():
            start = _write(heap, postings, (0, 0))
            found.add(self._tokens.of_whole(single_key(way, key)), values(start, (way << VALUE_BITS,)))


def build_index(people: Iterable[Person], key: bytes, making: Making | None = None) -> bytes:
    """Give the bytes of an index of all `people`."""
    header, table, heap = _built(people, key, making or Making()).parts()
    return b"".join((header, table.tobytes(), heap))


def write_index(file: Path, people: Iterable[Person], key: bytes, making: Making | None = None) -> int:
    """Write an index of all `people` to `file`, whole or not at all; give how many they are. Raise OSError."""
    builder = _built(people, key, making or Making())
    header, table, heap = builder.parts()
    handle, temporary = mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mkstemp makes mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(header)
            out.write(memoryview(table).cast("B"))
            out.write(heap)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)
    return builder.clients


def _built(people: Iterable[Person], key: bytes, making: Making) -> Builder:
    builder = Builder(key, making)
    for person in people:
        builder.add(person)
        if making.progress and builder.clients % _REPORT_EVERY == 0:
            making.progress("read", builder.clients, None)
    return builder


def _write(heap: bytearray, postings: list[tuple[int, int, Kind, Strength]], marks: tuple[int, int]) -> int:
    start = len(heap) // BLOCK
    last = len(postings) - 1
    for at, (record, native, kinds, strength) in enumerate(postings):
        heap += Posting(record, native, kinds, strength, *marks, at < last).pack()
    return start


def _table(found: _Entries, progress: Progress | None) -> array[int]:
    """Place every entry in the first free slot from its own on; pad with random ones to the same fill always."""
    bits = _SMALLEST_TABLE
    while len(found.slots) > FILL * (1 << bits):
        bits += 1
    mask = (1 << bits) - 1
    padding = int(FILL * (1 << bits)) - len(found.slots)
    table = array("Q", bytes(SLOT_BYTES << bits))
    before = padding // 2
    stages = (
        (array("I", secrets.token_bytes(4 * before)), array("Q", secrets.token_bytes(8 * before))),
        (found.slots, found.entries),
        (
            array("I", secrets.token_bytes(4 * (padding - before))),
            array("Q", secrets.token_bytes(8 * (padding - before))),
        ),
    )
    total = before + len(found.slots) + padding - before
    done = 0
    for slots, entries in stages:
        for at in range(0, len(slots), _CHUNK):
            for slot, entry in zip(slots[at : at + _CHUNK], entries[at : at + _CHUNK], strict=True):
                place = slot & mask
                while table[place]:
                    place = (place + 1) & mask
                table[place] = entry
            done += min(_CHUNK, len(slots) - at)
            if progress:
                progress("table", done, total)
    return table


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
