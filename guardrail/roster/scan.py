"""Finds the names of an index in a text: tokens of its words, two and two, looked up all at once.

What is looked up depends on the text alone, so that its time does not grow with the roster: each two
neighbours as they stand and with each letter of either as any letter, words one apart, three words and
more run together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator

from guardrail.model.people import Strength
from guardrail.roster.census import ORDINARY, census_entry, may_be_name
from guardrail.roster.edits import SHORTEST, typed_patterns
from guardrail.roster.fold import Words, word_set
from guardrail.roster.index import Index
from guardrail.roster.layout import BLOCK, LONGEST_NAME, Way
from guardrail.roster.names import PARTICLES
from guardrail.roster.spellings import BEGUN, repeater, single_key, twice
from guardrail.roster.verdict import Changed, Found, Judge, Span

_TWO = 2
_WIDEST_GAP = 3
_JOINED = 3  # words of a name that are looked for together; more, or in a long text, only where a name begins so
_SHORT_TEXT = 32  # words
_LONGEST_BEGINNING = 3  # words at a text's end that may be the beginning of a part of a name
_NEITHER, _FIRST, _SECOND, _WHOLE, _ALONE = map(int, Changed)
_SAFE_BEGINNING = 3  # letters that a beginning needs when other words stand before the name
_CAPITALISED = re.compile(r"[A-Z][a-z]*")
# Words that nobody has for a mistyped name, nor beside one.
_FUNCTION_WORDS = word_set(
    "a about after again all also am and any are as at be because been before being best between both but by can "
    "could did do does doing for from had has have having he her here hers him his how i if in into is it its just "
    "me more most much my near no nor not now of off on once only or other our out over own same she should so some "
    "such than that the their them then there these they this those through to too under until up us very was we "
    "were what when where which while who whom whose why with without would you your every first might never "
    "really since still think today using"
)


class Scanner:
    """Looks texts up in one index."""

    __slots__ = ("index",)

    def __init__(self, index: Index) -> None:
        """Take an index."""
        self.index = index

    def names(self, words: Words, text: str) -> list[Found]:
        """Give every client whose given and family name stand together in `words`, which are those of `text`."""
        latin = words.latin
        places: dict[str, int] = {}
        for place, word in enumerate(latin):
            if word:
                places.setdefault(word, place)
        if not places:
            return []
        typed = _Typed(self.index, words, places, text)
        judge = Judge(self.index, words, text, typed.entries)
        found = list(self._as_they_stand(typed, judge))
        named = typed.named
        pairs = [pair for pair in typed.pairs if pair[0] not in named and pair[1] not in named]
        if pairs:
            found += self._mistyped(typed, judge, pairs)
        return found

    def beginnings(self, words: Words) -> list[Found]:
        """Give the clients of whose name `words` end in a beginning: one part whole, the other begun."""
        latin = words.latin
        texts: list[str] = []
        for middle in range(len(latin) - 1, max(0, len(latin) - 1 - _LONGEST_BEGINNING), -1):
            begun = "".join(latin[middle:])
            for start in range(middle - 1, max(-1, middle - 1 - LONGEST_NAME), -1):
                if latin[start] and (start == 0 or len(begun) >= _SAFE_BEGINNING):
                    texts += ["".join(latin[start:middle]), begun + BEGUN]
        if not texts:
            return []
        tokens = memoryview(self.index.tokens.of_words(texts)).cast("Q").tolist()
        sums = [tokens[at] ^ tokens[at + 2] for start in range(0, len(tokens), 4) for at in (start, start + 1)]
        names = self.index.tokens.names(b"".join([number.to_bytes(8, "little") for number in sums]))
        return [
            (posting.record, Strength.PREFIX, posting.kinds)
            for _, way, place in self.index.look_up(names)
            if way == Way.BEGINNING
            for posting in self.index.postings(place)
        ]

    def single(self, way: Way, key: str) -> list[Found]:
        """Give the clients to whom an account, an e-mail address or a number belongs."""
        return [
            (posting.record, posting.strength, posting.kinds)
            for _, found, place in self.index.look_up(self.index.tokens.of_whole(single_key(way, key)))
            if found == way
            for posting in self.index.postings(place)
        ]

    def _as_they_stand(self, typed: _Typed, judge: Judge) -> Iterator[Found]:
        """Give whom words mean without a letter left open, and note which words these are."""
        latin = typed.words.latin
        blocks, spans = typed.ask_pairs()
        tokens = self.index.tokens
        longer: dict[str, Span] = {}
        least = _JOINED if len(latin) > _SHORT_TEXT else _JOINED + 1
        for at, way, place in self.index.look_up(tokens.names(b"".join(blocks))):
            span = spans[at]
            if way != Way.REACH:
                for one in judge.found(way, place, span):
                    typed.named.update(span[:2] if span[3] == _NEITHER else ())
                    yield one
            elif place >= least:
                # A name of that many words begins like this; look wherever the word stands.
                begun = [start for start, word in enumerate(latin) if word == latin[span[0]]]
                for size in range(least, place + 1):
                    longer.update(_windows(latin, begun, size))
        if longer:
            spans = list(longer.values())
            for at, way, place in self.index.look_up(tokens.names(tokens.of_words(longer))):
                yield from judge.found(way, place, spans[at])

    def _mistyped(self, typed: _Typed, judge: Judge, pairs: list[tuple[int, int]]) -> Iterator[Found]:
        """Give whom neighbours mean where any one letter of either may be another."""
        blocks, starts, spans = typed.ask_mistyped(pairs)
        if not blocks:
            return
        judged: set[tuple[int, int, int]] = set()
        for at, way, place in self.index.look_up(self.index.tokens.names(b"".join(blocks))):
            span = spans[bisect_right(starts, at) - 1]
            if way == Way.TYPO and (span[0], span[1], place) not in judged:
                judged.add((span[0], span[1], place))
                yield from judge.found(way, place, span)


class _Typed:
    """The words of one text as numbers, and what is asked of them."""

    __slots__ = ("_blocks", "_index", "_known", "_numbers", "_places", "_text", "entries", "named", "pairs", "words")

    def __init__(self, index: Index, words: Words, places: dict[str, int], text: str) -> None:
        self._index = index
        self._text = text
        self.words = words
        self._places = places
        self.entries = {word: census_entry(word) for word in places}
        self.named: set[int] = set()
        self.pairs: list[tuple[int, int]] = []
        block = index.tokens.block
        self._blocks = {word: block(word) for word in places}
        self._numbers: dict[str, int] = {}
        # Of a long text: the words that stand on the roster as a part of a name, one of which any pair has.
        self._known: Container[str] = places

    def ask_pairs(self) -> tuple[list[bytes], list[Span]]:
        """Give tokens of words, of words run together, and of each two neighbours, with what each is made of."""
        latin, native, index, places = self.words.latin, self.words.native, self._index, self._places
        windows: dict[str, Span] = {}
        if len(latin) <= _SHORT_TEXT:
            windows.update(_windows(latin, range(len(latin) - _JOINED + 1), _JOINED))
        if len(latin) <= LONGEST_NAME:
            windows[single_key(Way.ALONE, "".join(latin))] = (0, len(latin), 0, _ALONE)
        block = index.tokens.block
        tokens = index.tokens.words(b"".join([*self._blocks.values(), *map(block, windows)]))
        numbers = self._numbers = {
            word: int.from_bytes(tokens[at : at + BLOCK], "little")
            for word, at in zip(places, range(0, len(tokens), BLOCK), strict=False)
        }
        blocks = [tokens]
        spans: list[Span] = [(place, place + 1, 0, _WHOLE) for place in places.values()]
        spans += windows.values()
        likely, shy = self._likely(tokens)
        known, run_on = self._known, self.words.run_on
        seen: set[tuple[str, str, int]] = set()
        for at, one in enumerate(latin):
            if one not in likely:
                continue
            for other in range(at + 1, _end(latin, at, run_on)):
                two = latin[other]
                if two not in likely or (one not in known and two not in known):
                    continue
                key = (native[at], native[other], other - at)
                if key in seen or self._is_talk(one, two, shy, apart=other > at + 1):
                    continue
                seen.add(key)
                spans.append((at, other, other - at - 1, _NEITHER))
                if one == two:
                    blocks.append(index.tokens.of_words([twice(one)]))
                    continue
                blocks.append((numbers[one] ^ numbers[two]).to_bytes(BLOCK, "little"))
                if other == at + 1:
                    self.pairs.append((at, other))
        return blocks, spans

    def _likely(self, tokens: bytes) -> tuple[Container[str], Container[str]]:
        """Give the words that are worth a look in a long text, and those in small letters that are mere grammar."""
        places, entries, index = self._places, self.entries, self._index
        if len(self.words.latin) <= _SHORT_TEXT:
            return places, ()
        order = list(places)
        hits = index.look_up(index.tokens.names(tokens))
        known = {order[at] for at, way, _ in hits if way == Way.REACH}
        self._known = known
        # Those that stand nowhere with a capital letter.
        shy = (_FUNCTION_WORDS & places.keys()) - set(map(str.lower, _CAPITALISED.findall(self._text)))
        return known | {word for word in places if word not in _FUNCTION_WORDS and may_be_name(entries[word])}, shy

    def _is_talk(self, one: str, two: str, shy: Container[str], *, apart: bool) -> bool:
        """Whether two words are no name for sure: `the` with another between, or in small letters beside `garden`."""
        if apart:
            return one in _FUNCTION_WORDS or two in _FUNCTION_WORDS
        if one in shy:
            return self.entries[two] & ORDINARY > 0
        return two in shy and self.entries[one] & ORDINARY > 0

    def ask_mistyped(self, pairs: list[tuple[int, int]]) -> tuple[list[bytes], list[int], list[Span]]:
        """Give tokens of pairs with a letter of either word left open; of which block each span begins.

        Among other words an ordinary one is that word, nobody's mistyped name; and one that is no name
        as well stands beside none.
        """
        latin, entries, numbers = self.words.latin, self.entries, self._numbers
        alone = len(latin) <= _TWO
        asked: list[tuple[str, str, Span]] = []
        patterns: dict[str, int] = {}
        typed: list[bytes] = []
        for at, other in pairs:
            one, two = latin[at], latin[other]
            for word, beside, changed in ((two, one, _SECOND), (one, two, _FIRST)):
                size = len(word)
                if not SHORTEST <= size < BLOCK or beside not in self._known:
                    continue
                if not alone and (entries[word] & ORDINARY or not may_be_name(entries[beside])):
                    continue
                if word not in patterns:
                    patterns[word] = len(typed)
                    typed += typed_patterns(self._blocks[word], size)
                asked.append((word, beside, (at, other, 0, changed)))
        tokens = self._index.tokens.words(b"".join(typed))
        blocks: list[bytes] = []
        starts: list[int] = []
        count = 0
        for word, beside, _ in asked:
            size, first = len(word), patterns[word]
            number = int.from_bytes(tokens[first * BLOCK : (first + size) * BLOCK], "little")
            blocks.append((number ^ numbers[beside] * repeater(size)).to_bytes(size * BLOCK, "little"))
            starts.append(count)
            count += size
        return blocks, starts, [span for _, _, span in asked]


def _windows(latin: tuple[str, ...], starts: Iterable[int], size: int) -> Iterator[tuple[str, Span]]:
    for start in starts:
        part = latin[start : start + size]
        if len(part) == size and all(part):
            yield "".join(part), (start, start + size, 0, _WHOLE)


def _end(latin: tuple[str, ...], at: int, run_on: tuple[bool, ...]) -> int:
    """Give before which word those end that may belong to the one at `at`: one between, particles not counted."""
    others = 0
    most = min(len(latin), at + _WIDEST_GAP + 2)
    for other in range(at + 1, most):
        word = latin[other]
        if not word:
            return other
        if word not in PARTICLES:
            others += 1
        if others > 1 or (run_on and run_on[other]):
            return other + 1
    return most
