"""Finds the names of an index in a text: tokens of its words, two and two, looked up all at once.

What is looked up depends on the text alone, so that its time does not grow with the roster: each two
neighbours as they stand and with each letter of either as any letter, words one apart, three words and
more run together. All neighbours are added at once, as one long number and the same number a word further
on; what is grammar and not a name is left out among the few that are found, not among the many asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from guardrail.model.people import Strength
from guardrail.roster.census import ORDINARY, may_be_name
from guardrail.roster.compound import compound
from guardrail.roster.edits import SHORTEST, typed_patterns
from guardrail.roster.fold import Words
from guardrail.roster.index import Index
from guardrail.roster.layout import BLOCK, LONGEST_NAME, Way
from guardrail.roster.names import PARTICLES
from guardrail.roster.spellings import BEGUN, single_key, twice, xor
from guardrail.roster.typed import FUNCTION_WORDS, SHORT_TEXT, Typed
from guardrail.roster.verdict import Changed, Found, Hit, Judge, Span

_TWO = 2
_WIDEST_GAP = 3
_BITS = 8 * BLOCK
_NOTHING = bytes(BLOCK)
_JOINED = 3  # words of a name that are looked for together; more, or in a long text, only where a name begins so
_LONGEST_BEGINNING = 3  # words at a text's end that may be the beginning of a part of a name
_NEITHER, _FIRST, _SECOND, _WHOLE, _ALONE = map(int, Changed)
_INITIAL, _WHOLE_NAME, _REACH, _TYPO = map(int, (Way.INITIAL, Way.WHOLE, Way.REACH, Way.TYPO))
_GUESSES = (int(Way.TYPO), int(Way.SOUND))
_SAFE_BEGINNING = 3  # letters that a beginning needs when other words stand before the name


class Scanner:
    """Looks texts up in one index."""

    __slots__ = ("index",)

    def __init__(self, index: Index) -> None:
        """Take an index."""
        self.index = index

    def names(self, words: Words, text: str) -> list[Found]:
        """Give every client whose given and family name stand together in `words`, which are those of `text`."""
        latin = words.latin
        if not any(latin):
            return []
        joined = _joined(latin)
        typed = Typed(self.index, words, text, joined)
        reach: dict[str, int] = {}
        hits = self._as_they_stand(typed, joined, reach)
        judge = Judge(self.index, typed) if hits else None
        found = judge.found(hits) if judge else []
        mistyped = self._mistyped(typed, judge.named if judge else set())
        if mistyped:
            found += (judge or Judge(self.index, typed)).found(mistyped)
        if reach:
            found += compound(self.index, typed, reach, judge.surely(hits) if judge else set())
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
        hits = [place for _, way, place in self.index.look_up(names) if way == Way.BEGINNING]
        return [
            (record, Strength.PREFIX, kinds)
            for postings in self.index.postings(hits)
            for record, _, kinds, *_ in postings
        ]

    def single(self, way: Way, key: str) -> list[Found]:
        """Give the clients to whom an account, an e-mail address or a number belongs."""
        tokens = self.index.tokens.of_whole(single_key(way, key))
        hits = [place for _, found, place in self.index.look_up(tokens) if found == way]
        return [
            (record, strength, kinds)
            for postings in self.index.postings(hits)
            for record, _, kinds, strength, *_ in postings
        ]

    def _as_they_stand(self, typed: Typed, joined: dict[str, Span], reach: dict[str, int]) -> list[Hit]:
        """Give what words lead to without a letter left open; put into `reach` which begin longer names."""
        row, tokens = typed.row, self.index.tokens
        number = int.from_bytes(row, "little")
        near = (number ^ number >> _BITS).to_bytes(len(row), "little")[:-BLOCK]
        apart = (number ^ number >> 2 * _BITS).to_bytes(len(row), "little")[: -2 * BLOCK]
        further, of_further = self._further(typed, near, apart)
        looked = self.index.look_up(tokens.names(b"".join((typed.singles, near, apart, of_further))))
        if not looked:
            return []
        of_joined = list(joined.values())
        from_joined = len(typed.distinct)
        from_near = from_joined + len(joined)
        hits: list[Hit] = []
        pairs: list[tuple[int, int, int]] = []
        for at, way, place in looked:
            if at >= from_near:
                pairs.append((at - from_near, way, place))
            elif at >= from_joined:
                hits.append((way, place, of_joined[at - from_joined]))
            elif way == _WHOLE_NAME:
                first = typed.latin.index(typed.distinct[at])
                hits.append((way, place, (first, first + 1, 0, _WHOLE)))
            elif way == _REACH:
                reach[typed.distinct[at]] = place
        if pairs:
            hits += _of_pairs(typed, pairs, (len(near) // BLOCK, len(apart) // BLOCK), further)
        if reach:
            hits += self._longer(typed, reach)
        return hits

    def _longer(self, typed: Typed, reach: dict[str, int]) -> Iterator[Hit]:
        """Look for the longer names that begin with a word, wherever it stands."""
        least = _JOINED if typed.is_long else _JOINED + 1
        latin = typed.latin
        longer: dict[str, Span] = {}
        for begins, most in reach.items():
            starts = [start for start, word in enumerate(latin) if word == begins] if most >= least else []
            for size in range(least, most + 1):
                longer.update(_windows(latin, starts, size))
        spans = list(longer.values())
        tokens = self.index.tokens
        for at, way, place in self.index.look_up(tokens.names(tokens.of_words(longer))):
            if way == _WHOLE_NAME:
                yield way, place, spans[at]

    def _further(self, typed: Typed, near: bytes, apart: bytes) -> tuple[list[tuple[int, int]], bytes]:
        """Give what the rows do not have, and its tokens: particles between two words, and twice the same word."""
        places: list[tuple[int, int]] = []
        blocks: list[bytes] = []
        if not PARTICLES.isdisjoint(typed.distinct):
            for at, other in _around_particles(typed):
                places.append((at, other))
                blocks.append(xor(typed.token(at), typed.token(other)))
        if len(typed.distinct) < len(typed.kept):
            twins = {(typed.latin[at], other - at): (at, other) for at, other in _twins(typed.kept, near, apart)}
            places += twins.values()
            blocks.append(self.index.tokens.of_words([twice(word) for word, _ in twins]))
        return places, b"".join(blocks)

    def _mistyped(self, typed: Typed, named: set[int]) -> list[Hit]:
        """Give what neighbours lead to where any one letter of either may be another."""
        asked = _open(typed, named)
        if not asked:
            return []
        latin, tokens = typed.latin, self.index.tokens
        sizes = [len(latin[word]) for word, _, _ in asked]
        left_open = [typed_patterns(latin[word]) for word, _, _ in asked]
        besides = [typed.token(beside) * size for (_, beside, _), size in zip(asked, sizes, strict=True)]
        looked = self.index.look_up(tokens.names(xor(tokens.words(b"".join(left_open)), b"".join(besides))))
        if not looked:
            return []
        starts = list(accumulate(sizes, initial=0))
        hits = {(way, place, asked[bisect_right(starts, at) - 1][2]): None for at, way, place in looked if way == _TYPO}
        return list(hits)


def _joined(latin: tuple[str, ...]) -> dict[str, Span]:
    """Give the words of a short text that may be one name, run together, with where they stand."""
    joined: dict[str, Span] = {}
    if len(latin) <= SHORT_TEXT:
        joined = {
            one + two + three: (at, at + _JOINED, 0, _WHOLE)
            for at, (one, two, three) in enumerate(zip(latin, latin[1:], latin[2:], strict=False))
            if one and two and three
        }
    if len(latin) <= LONGEST_NAME:
        joined[single_key(Way.ALONE, "".join(latin))] = (0, len(latin), 0, _ALONE)
    return joined


def _windows(latin: tuple[str, ...], starts: Iterable[int], size: int) -> Iterator[tuple[str, Span]]:
    for start in starts:
        part = latin[start : start + size]
        if len(part) == size and all(part):
            yield "".join(part), (start, start + size, 0, _WHOLE)


def _of_pairs(
    typed: Typed, looked: list[tuple[int, int, int]], counts: tuple[int, int], further: list[tuple[int, int]]
) -> Iterator[Hit]:
    """Give those of the pairs found that may be a name here; neighbours come first, then words apart, then further."""
    latin, kept = typed.latin, typed.kept
    near, apart = counts[0], sum(counts)
    spans: dict[int, Span | None] = {}
    seen: set[tuple[str, str, int]] = set()
    for at, way, place in looked:
        if way in _GUESSES and at >= near:
            continue  # nobody's typing error stands apart
        if at not in spans:
            if at < near:
                one, other = kept[at], kept[at + 1]
            elif at < apart:
                one, other = kept[at - near], kept[at - near + 2]
            else:
                one, other = further[at - apart]
            # A word and itself add up to nothing, as do the parts of other names; their token is their own.
            twin = at < apart and latin[one] == latin[other]
            fits = not twin and _belong(typed, one, other, seen)
            spans[at] = (one, other, other - one - 1, _NEITHER) if fits else None
        span = spans[at]
        if span is not None and way <= _INITIAL:
            yield way, place, span


def _belong(typed: Typed, at: int, other: int, seen: set[tuple[str, str, int]]) -> bool:
    """Whether two words that are on the roster together may be a name here; the same two are so only once."""
    latin, native = typed.latin, typed.words.native
    one, two = latin[at], latin[other]
    key = (native[at], native[other], other - at)
    if key in seen:
        return False
    if other > at + 1:
        if one in FUNCTION_WORDS or two in FUNCTION_WORDS or other >= _end(latin, at, typed.words.run_on):
            return False
    elif typed.is_long and typed.is_talk(one, two):
        return False
    if typed.is_long and not (typed.is_likely(one) and typed.is_likely(two)):
        return False
    seen.add(key)
    return True


def _twins(kept: Sequence[int], near: bytes, apart: bytes) -> Iterator[tuple[int, int]]:
    """Give where a word stands twice: added to itself it is nothing."""
    for row, step in ((near, 1), (apart, 2)):
        at = row.find(_NOTHING)
        while at >= 0:
            place, rest = divmod(at, BLOCK)
            if not rest:
                yield kept[place], kept[place + step]
            at = row.find(_NOTHING, (place + 1) * BLOCK)


def _around_particles(typed: Typed) -> Iterator[tuple[int, int]]:
    """Give each two words with two or three between them, all but one of which are particles; not if none is kept."""
    latin, run_on = typed.latin, typed.words.run_on
    particles = PARTICLES.intersection(typed.distinct)
    starts = {
        place - back
        for place in typed.kept
        if latin[place] in particles
        for back in range(1, min(place, _WIDEST_GAP) + 1)
        if latin[place - back] not in FUNCTION_WORDS
    }
    for at in sorted(starts):
        for other in range(at + _TWO + 1, _end(latin, at, run_on)):
            if latin[other] not in FUNCTION_WORDS and latin[other] != latin[at]:
                yield at, other


def _end(latin: tuple[str, ...], at: int, run_on: tuple[bool, ...]) -> int:
    """Give before which word those end that may belong to the one at `at`: one between, particles not counted."""
    others = 0
    most = min(len(latin), at + _WIDEST_GAP + 2)
    for other in range(at + 1, most):
        word = latin[other]
        if not word:
            return other
        if word not in PARTICLES or latin[other - 1] in FUNCTION_WORDS:  # `mary had a little lamb`
            others += 1
        if others > 1 or (run_on and run_on[other]):
            return other + 1
    return most


def _open(typed: Typed, named: set[int]) -> list[tuple[int, int, Span]]:
    """Give where words stand that may be mistyped, each with a neighbour that is as it should be.

    Among other words an ordinary one is that word, nobody's mistyped name; and one that is no name
    as well stands beside none.
    """
    latin, native, entries = typed.latin, typed.words.native, typed.entries
    alone, last = len(latin) <= _TWO, len(latin) - 1
    may_be = [word for word in typed.distinct if SHORTEST <= len(word) < BLOCK]
    if typed.is_long:
        typed.learn(may_be)
    if not alone:
        may_be = [word for word in may_be if not entries[word] & ORDINARY]
    if not may_be:
        return []
    some = set(may_be)
    places = [at for at, word in enumerate(latin) if word in some]
    if named.issuperset(places):
        return []
    if alone:
        fit = some.union(latin)
    elif typed.is_long:
        fit = _named_besides(typed, places)
    else:
        fit = {word for word in typed.distinct if may_be_name(entries[word])}
    fit.discard("")
    asked = [
        (at, beside)
        for at in places
        for beside in (at - 1, at + 1)
        if 0 <= beside <= last and latin[beside] in fit and latin[beside] != latin[at]
    ]
    found: list[tuple[int, int, Span]] = []
    seen: set[tuple[str, str, bool]] = set()
    for at, beside in asked:
        key = (native[at], native[beside], at < beside)
        if key in seen:
            continue
        seen.add(key)
        if at not in named and beside not in named:
            found.append((at, beside, (at, beside, 0, _FIRST) if at < beside else (beside, at, 0, _SECOND)))
    return found


def _named_besides(typed: Typed, places: list[int]) -> set[str]:
    """Give the words of a long text that stand beside these places and are a part of a name on the roster."""
    latin, entries = typed.latin, typed.entries
    words = {latin[at - 1] for at in places if at} | {latin[at + 1] for at in places if at + 1 < len(latin)}
    typed.learn(words.difference(entries))
    words = {word for word in words if may_be_name(entries[word])}
    parts = typed.parts(words)
    return {word for word in words if parts[word]}
