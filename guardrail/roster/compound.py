"""Names of several words that are mistyped, sound alike or are shortened: their words taken together as one.

The index knows `donoghue` beside `odonoghue`, and of a name of three words and more the words with which a part
begins. Where such a word stands in a text, it and its neighbours are read as one part of a name, and what
stands before or behind them as the other. Where no such word stands, nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from guardrail.roster.census import may_be_name
from guardrail.roster.edits import SHORTEST, typed_patterns
from guardrail.roster.fold import Words
from guardrail.roster.index import Index
from guardrail.roster.layout import BLOCK, Way
from guardrail.roster.names import PARTICLES
from guardrail.roster.spellings import xor
from guardrail.roster.typed import Typed
from guardrail.roster.verdict import Changed, Found, Hit, Judge

_LEAST_WORDS = 3  # two are neighbours, which are looked up as they are
_AROUND = 3  # words on either side that the second look sees of a long text
_NEITHER, _FIRST, _SECOND = map(int, (Changed.NEITHER, Changed.FIRST, Changed.SECOND))
_AS_IT_STANDS = tuple(map(int, (Way.TYPO, Way.SOUND, Way.NICKNAME, Way.INITIAL)))

type _Parts = tuple[int, int, int, int]  # the first part's words from, to before; the second's from, to before


def compound(index: Index, typed: Typed, reach: Mapping[str, int], named: set[int]) -> Iterator[Found]:
    """Give the clients of whose name one part of several words, or the part beside it, is written otherwise.

    `reach` has the words with which parts of long names begin, and how many words those have; words of which
    the places are in `named` are surely somebody's name already.
    """
    pairs: dict[tuple[str, str], _Parts] = {}
    for parts in _places(typed, reach, named):
        pairs.setdefault((_joined(typed.latin, *parts[:2]), _joined(typed.latin, *parts[2:])), parts)
    if not pairs:
        return
    known = typed.parts(dict.fromkeys(part for pair in pairs for part in pair))
    sure = {part for pair in pairs for part in pair if known[part] and part not in PARTICLES and len(part) > 1}
    asked = [(pair, parts) for pair, parts in pairs.items() if not sure.isdisjoint(pair)]
    for parts, hits in _looked_up(index, asked, sure) if asked else ():
        yield from Judge(index, Typed(index, _view(typed.words, parts), typed.text)).found(hits)


def _places(typed: Typed, reach: Mapping[str, int], named: set[int]) -> Iterator[_Parts]:
    """Give where a name of several words may lie, all but one of which are on the roster and none surely another's."""
    latin = typed.latin
    reaches = [(at, reach[word]) for at, word in enumerate(latin) if word in reach and at not in named]
    near = dict.fromkeys(word for at, most in reaches for word in latin[max(0, at + 1 - most) : at + most])
    single = [word for word in near if len(word) > 1 and word not in PARTICLES]
    parts = typed.parts(single)
    odd = {word for word in single if not parts[word]}
    other = {""}
    if len(latin) > max(reach.values()):
        other.update(word for word in odd if not may_be_name(typed.entries[word]))
    seen: set[tuple[int, tuple[str, ...]]] = set()
    for start, most in reaches:
        first, end = start, start + 1
        while first > max(0, start + 1 - most) and first - 1 not in named and latin[first - 1] not in other:
            first -= 1
        while end < min(len(latin), start + most) and end not in named and latin[end] not in other:
            end += 1
        around = (start - first, latin[first:end])
        if end - first >= _LEAST_WORDS and around not in seen and not typed.words.runs_on(first, end):
            seen.add(around)
            for place in _around(latin, start, most, (first, end)):
                if sum(word in odd for word in latin[place[0] : place[3]]) <= 1:
                    yield place


def _around(latin: Sequence[str], start: int, most: int, within: tuple[int, int]) -> Iterator[_Parts]:
    """Give how a name may lie that has one of its parts at `start`: with the other behind it, or before it."""
    first, end = within
    for here in range(start + 1, min(start + most, end + 1)):
        size = here - start
        for other in range(max(1, _LEAST_WORDS - size), most - size + 1):
            if here + other <= end:
                yield start, here, here, here + other
            if start - other >= first:
                yield start - other, start, start, here
    # `elspeth r. thaceray`: a letter between two words is read past.
    for at in (start, start - 2):
        if first <= at and at + 3 <= end and len(latin[at + 1]) == 1:
            yield at, at + 1, at + 2, at + 3


def _joined(latin: Sequence[str], start: int, end: int) -> str:
    return "".join(latin[start:end])


def _looked_up(
    index: Index, pairs: Iterable[tuple[tuple[str, str], _Parts]], known: AbstractSet[str]
) -> Iterator[tuple[_Parts, list[Hit]]]:
    """Ask for each two parts as they stand, and with each letter of one as any letter beside one that is known."""
    asked: list[tuple[_Parts, int]] = []
    blocks: list[bytes] = []
    for (one, other), parts in pairs:
        tokens = index.tokens.of_words((one, other))
        first, second = tokens[:BLOCK], tokens[BLOCK:]
        asked.append((parts, _NEITHER))
        blocks.append(xor(first, second))
        for word, beside, by, changed in ((one, other, second, _FIRST), (other, one, first, _SECOND)):
            if beside in known and SHORTEST <= len(word) < BLOCK:
                asked += [(parts, changed)] * len(word)
                blocks.append(xor(index.tokens.words(typed_patterns(word)), by * len(word)))
    hits: dict[_Parts, dict[Hit, None]] = {}
    exact: set[int] = set()  # what is written as it should be is found by itself, and so is its pattern
    for at, way, place in index.look_up(index.tokens.names(b"".join(blocks))):
        parts, changed = asked[at]
        if way == Way.NAME:
            exact.add(place)
        elif way == Way.TYPO if changed else way in _AS_IT_STANDS:
            shift, gap = min(parts[0], _AROUND), parts[2] - parts[1]
            hits.setdefault(parts, {})[way, place, (shift, shift + 1 + gap, gap, changed)] = None
    return ((parts, [hit for hit in found if hit[1] not in exact]) for parts, found in hits.items())


def _view(words: Words, parts: _Parts) -> Words:
    """Give the words around two parts, and each part as one word."""
    start, here, there, end = parts
    latin = _with_parts(words.latin, start, here, there, end)
    if words.native is words.latin:
        return Words(latin, latin)
    return Words(latin, _with_parts(words.native, start, here, there, end))


def _with_parts(words: Sequence[str], start: int, here: int, there: int, end: int) -> tuple[str, ...]:
    around = max(0, start - _AROUND)
    one, other = _joined(words, start, here), _joined(words, there, end)
    return *words[around:start], one, *words[here:there], other, *words[end : end + _AROUND]
