"""Finds the names of an index in a text: pure look-ups of tokens, linear in the text's length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from guardrail.model.people import Strength
from guardrail.roster.fold import Words
from guardrail.roster.index import LONGEST_UNIT, Index, Place, Tokeniser, beginning_key, native_key
from guardrail.roster.names import PARTICLES

# Between given and family name may stand one word, and particles beside it (`Jane van der Doe`).
_WIDEST_GAP = 3
_LONGEST_BEGINNING = 3  # words at a text's end that may be the beginning of a part of a name
_SAFE_BEGINNING = 3  # letters that a beginning needs when other words stand before the name

# No name takes more words than overlap: two parts of LONGEST_UNIT words, a gap, and neighbours as far again.
_OVERLAP = 4 * LONGEST_UNIT
_PIECE = 4 * _OVERLAP

type Found = tuple[int, Strength]
type Span = tuple[int, int]  # from which word to before which


@dataclass(frozen=True, slots=True)
class Scanner:
    """An index with the key's tokeniser."""

    index: Index
    token: Tokeniser

    def names(self, words: Words) -> list[Found]:
        """Give every client whose given and family name stand together in `words`.

        A long text is looked at in pieces that overlap by more than a name takes, the same piece once.
        """
        known = self._known(words.latin)
        if not known:
            return []
        joined: dict[str, int] = {}
        found: list[Found] = []
        for piece in dict.fromkeys(words.pieces(_PIECE, _OVERLAP)):
            if not known.keys().isdisjoint(piece.latin):
                found += self._names(piece, self._spans(piece.latin, known, joined))
        return found

    def _names(self, words: Words, spans: dict[Span, int]) -> Iterator[Found]:
        runs, pairs = self.index.runs, self.index.pairs
        order = sorted(spans)
        for at, (start, end) in enumerate(order):
            number = spans[start, end]
            if end - start == 1 and number in runs and not words.runs_on(start, end):
                yield from ((client, strength) for client, strength, _ in runs[number])
            for nearby in range(at + 1, len(order)):
                other = order[nearby]
                if other[0] > end + _WIDEST_GAP:
                    break
                if other[0] < end:
                    continue
                second = spans[other]
                places = pairs.get((number, second) if number <= second else (second, number))
                if places is not None and (most := _gap_strength(words, end, other[0])):
                    yield from self._judged(words, places, (start, end), other, most)

    def alone(self, words: Words) -> list[Found]:
        """Give the clients whose one-part name is all of `words`."""
        size = len(words.latin)
        if not self.index.alone or not 0 < size <= LONGEST_UNIT:
            return []
        places = self.index.alone.get(self._number("".join(words.latin)), ())
        return list(self._judged(words, places, (0, size), (size, size), Strength.EXACT))

    def beginnings(self, words: Words) -> list[Found]:
        """Give the clients of whose name `words` end in a beginning: one part whole, the other begun."""
        latin, found = words.latin, self.index.beginnings
        out: list[Found] = []
        for middle in range(len(latin) - 1, max(0, len(latin) - 1 - _LONGEST_BEGINNING), -1):
            begun = "".join(latin[middle:])
            for start in range(middle - 1, max(-1, middle - 1 - LONGEST_UNIT), -1):
                if start > 0 and len(begun) < _SAFE_BEGINNING:
                    continue
                clients = found.get(self.token(beginning_key("".join(latin[start:middle]), begun)), ())
                out += [(client, Strength.PREFIX) for client in clients]
        return out

    def _spans(
        self, latin: tuple[str, ...], known: dict[str, tuple[int, int]], joined: dict[str, int]
    ) -> dict[Span, int]:
        """Give where a part of any name stands, with its number; `joined` remembers what was looked up."""
        spans = {(at, at + 1): known[word][0] for at, word in enumerate(latin) if known.get(word, (-1, 0))[0] >= 0}
        self._look(latin, _reaches(latin, known), spans, joined)
        # A neighbour may be written in two or three words where the roster has one: Mac Donald, Anne Marie.
        self._look(latin, _windows(spans, len(latin)), spans, joined)
        return spans

    def _look(
        self, latin: tuple[str, ...], ranges: Iterable[Span], spans: dict[Span, int], joined: dict[str, int]
    ) -> None:
        """Add to `spans` those of `ranges` whose words, joined, are a part of a name."""
        for start, end in ranges:
            text = "".join(latin[start:end])
            number = joined.get(text)
            if number is None:
                number = joined[text] = self._number(text)
            if number >= 0:
                spans[start, end] = number

    def _known(self, latin: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Give the words that are a part of a name, or its first word: its number (-1: none), longest part."""
        token, units, reach = self.token, self.index.units, self.index.reach
        known = {}
        for word in set(latin):
            digest = token(word)
            number, longest = units.get(digest, -1), reach.get(digest, 1)
            if number >= 0 or longest > 1:
                known[word] = number, longest
        return known

    def _number(self, key: str) -> int:
        return self.index.units.get(self.token(key), -1)

    def _judged(
        self, words: Words, places: tuple[Place, ...], one: Span, other: Span, most: Strength
    ) -> Iterator[Found]:
        """Weaken what only sounds alike: a name of another script must be the same there too to be exact."""
        native = b""
        if words.native is not words.latin:
            parts = ["".join(words.native[slice(*span)]) for span in (one, other)]
            if parts != ["".join(words.latin[slice(*span)]) for span in (one, other)]:
                native = self.token(native_key(*parts))
        for client, strength, place_native in places:
            if place_native == native:
                yield client, min(strength, most)
            elif place_native and native:
                yield client, Strength.WEAK
            else:
                yield client, min(strength, most, Strength.VARIANT)


def _reaches(latin: tuple[str, ...], known: dict[str, tuple[int, int]]) -> Iterator[Span]:
    for at, word in enumerate(latin):
        if word in known:
            for end in range(at + 2, min(at + known[word][1], len(latin)) + 1):
                yield at, end


def _windows(spans: Iterable[Span], size: int) -> set[Span]:
    """Give each stretch of two or three words beside a span, or one word apart from it, once."""
    found: set[Span] = set()
    for length in (2, 3):
        for gap in (0, 1):
            found.update([(start - gap - length, start - gap) for start, _ in spans])
            found.update([(end + gap, end + gap + length) for _, end in spans])
    return {one for one in found if one[0] >= 0 and one[1] <= size}


def _gap_strength(words: Words, start: int, end: int) -> Strength | None:
    """Give how sure a name can be whose parts stand this far apart; None where they do not belong together."""
    if start == end:
        return Strength.EXACT
    if words.runs_on(start, end):
        return None
    others = sum(word not in PARTICLES for word in words.latin[start:end])
    return Strength.VARIANT if others <= 1 else None
