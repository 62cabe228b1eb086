"""How sure a hit in the index is: what the text changed, and a second look at how often such names are borne."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from enum import IntEnum

from guardrail.model.people import Strength
from guardrail.roster.census import Facts, bearers, facts_of
from guardrail.roster.fold import Words
from guardrail.roster.index import Index
from guardrail.roster.kinds import Kind
from guardrail.roster.layout import Posting
from guardrail.roster.names import PARTICLES
from guardrail.roster.spellings import native_hash

_TWO = 2
_SHORTEST_WHOLE = 7  # letters of a whole name that is one word; shorter ones are words of their own
# People of the census: a name that so many bear is nobody's typing error. A letter that was left out makes a
# common name of another more often than one that was put in, so there it takes more people.
_COMMON_PAIR = 8.0
_COMMON_SHORTER = 32.0
_OFTEN = 64.0  # people of the census; from here on an ordinary word in a name leaves it weak
_LETTERS_AS_WORDS = ("a", "i", "e", "o", "y")  # in English and its neighbours

type Found = tuple[int, int, int]  # the record of a client, how surely (Strength), what was changed (Kind)
type Span = tuple[int, int, int, int]  # first word, second word or end, words between them, Changed


class Changed(IntEnum):
    """Which of two words was looked up with a letter left open; or that all words from first to end are one."""

    NEITHER = 0
    FIRST = 1
    SECOND = 2
    WHOLE = 3
    ALONE = 4


# Plain numbers, since flags and enumerations take a microsecond that a look-up does not have.
_NAME, _TYPO, _SOUND, _NICKNAME, _INITIAL, _WHOLE, _ALONE = range(7)
_GUESSED = (_TYPO, _SOUND)
_KINDS = (0, int(Kind.TYPO), int(Kind.SOUND), int(Kind.NICKNAME), int(Kind.INITIAL), 0, 0)
_EXACT, _VARIANT, _WEAK = int(Strength.EXACT), int(Strength.VARIANT), int(Strength.WEAK)
_MOST = (_EXACT, _VARIANT, _VARIANT, _VARIANT, _WEAK, _EXACT, _EXACT)
_ORDER, _APART, _PART, _JOINED, _SCRIPT = map(int, (Kind.ORDER, Kind.APART, Kind.PART, Kind.JOINED, Kind.SCRIPT))


class Judge:
    """Weighs the hits of one index in one text."""

    __slots__ = ("_alone", "_entries", "_index", "_kinds", "_letters", "_marks", "_text", "_words")

    def __init__(self, index: Index, words: Words, text: str, entries: dict[str, int]) -> None:
        """Take the index that gives the hits, and the text with its words and their entries in the census."""
        self._index = index
        self._words = words
        self._text = text
        self._kinds = int(index.kinds)
        self._alone = len(words.latin) <= _TWO
        self._entries = entries
        self._letters: dict[tuple[str, str], bool] = {}
        self._marks: dict[tuple[str, str], tuple[int, int]] = {}

    def found(self, way: int, place: int, span: Span) -> Iterator[Found]:
        """Give the clients of a hit with what it is worth; none where the second look says it is no name of theirs."""
        changed = span[3]
        if changed == Changed.ALONE:
            if way == _ALONE:
                yield from self._weighed(way, place, span, _EXACT, 0)
        elif changed == Changed.WHOLE:
            if way == _WHOLE:
                yield from self._whole(place, span)
        elif way <= _INITIAL:
            yield from self._pair(way, place, span)

    def _whole(self, place: int, span: Span) -> Iterator[Found]:
        first, end = span[:2]
        word = self._words.latin[first]
        if end - first > 1:
            yield from self._weighed(_WHOLE, place, span, _EXACT, 0)
        elif len(word) >= _SHORTEST_WHOLE and not self._entries[word]:
            # `annalee` is a name by itself, not Anna Lee.
            yield from self._weighed(_WHOLE, place, span, _VARIANT, _JOINED)

    def _pair(self, way: int, place: int, span: Span) -> Iterator[Found]:
        one, two = self._words.latin[span[0]], self._words.latin[span[1]]
        about = facts_of(self._entries[one]), facts_of(self._entries[two])
        apart = self._apart(way, span)
        most = self._most(way, one, two, about, shorter=span[3] == Changed.NEITHER)
        if apart is None or most is None:
            return
        if apart:
            most = min(most, _VARIANT)
        guessed = way in _GUESSED
        marks = self._marks.get((one, two))
        if marks is None:
            marks = self._marks[one, two] = self._index.tokens.marks(one, two)
        for record, strength, kinds, posting in self._postings(way, place, span, most, apart):
            if guessed and (posting.strength < _EXACT or self._is_itself(about, span[3] or _changed(posting, marks))):
                continue
            changed = kinds | (_ORDER if not self._words.run_on and _family_first(posting, marks) else 0)
            if changed & _ORDER and apart and not self._spans(span):
                continue  # `fort st john` and `snow in rose garden` are places
            if not changed & ~self._kinds:
                yield record, strength, changed

    def _apart(self, way: int, span: Span) -> int | None:
        """Give the kind of what stands between two words, 0 for nothing; None where they do not belong together."""
        first, second, gap, _ = span
        if not gap:
            return 0
        between = self._words.latin[first + 1 : second]
        if way in _GUESSED or (way == _NICKNAME and not self._spans(span)) or self._words.runs_on(first, second + 1):
            return None
        if way == _INITIAL and len(max(between, key=len)) > 1:
            return None
        return _PART if PARTICLES.issuperset(between) else _APART

    def _spans(self, span: Span) -> bool:
        """Whether two words are the first and the last of the text, or a comma may part them."""
        return len(self._words.latin) == span[1] - span[0] + 1 or "," in self._text

    def _most(self, way: int, one: str, two: str, about: tuple[Facts, Facts], *, shorter: bool) -> int | None:
        """Take the second look at two words: how sure they can make a match at most, None where they make none."""
        common = bearers(*about)
        ordinary = (about[0].word > 0) + (about[1].word > 0)
        if common >= _borne_by_many(way, shorter=shorter):
            return None
        if way == _INITIAL and not self._is_initial(one, two, about[1]):
            return None
        if ordinary == _TWO:
            # `good will hunting` is not William Good, and Will Good may be meant by `good will`.
            return _WEAK if way == _NAME or self._alone else None
        return _WEAK if ordinary and common >= _OFTEN else _EXACT

    def _is_itself(self, about: tuple[Facts, Facts], changed: int) -> bool:
        """Whether a word is an ordinary one among others: `jane could go` is not about Jane Gould."""
        return not self._alone and about[changed - 1].word > 0

    def _weighed(self, way: int, place: int, span: Span, most: int, kinds: int) -> Iterator[Found]:
        for record, strength, found, _ in self._postings(way, place, span, most, kinds):
            if not found & ~self._kinds:
                yield record, strength, found

    def _postings(
        self, way: int, place: int, span: Span, most: int, kinds: int
    ) -> Iterator[tuple[int, int, int, Posting]]:
        """Weaken what only sounds alike: a name of another script must be the same there too to be exact."""
        typed = self._native(span)
        kinds |= _KINDS[way]
        most = min(most, _MOST[way])
        for posting in self._index.postings(place):
            strength, found = min(posting.strength, most), kinds | posting.kinds
            if posting.native != typed:
                strength = min(strength, _WEAK if posting.native and typed else _VARIANT)
                found |= _SCRIPT
            yield posting.record, strength, found, posting

    def _native(self, span: Span) -> int:
        words = self._words
        if words.native is words.latin:
            return 0
        first, second, _, changed = span
        at = range(first, second) if changed >= Changed.WHOLE else (first, second)
        native = "".join([words.native[place] for place in at])
        return 0 if native == "".join([words.latin[place] for place in at]) else native_hash(self._index.tokens, native)

    def _is_initial(self, one: str, two: str, about_two: Facts) -> bool:
        """Whether one of two words is an initial: of a whole text; else only before a word that is no ordinary one."""
        if self._alone:
            return self._written(min(one, two, key=len), re.IGNORECASE)
        if len(one) > len(two) or about_two.word:
            return False
        if self._written(one, re.IGNORECASE, r"\."):
            return True
        if one in _LETTERS_AS_WORDS:
            return False
        # In the midst of a text a small letter is many things: `vitamin d`, `b and b`.
        first = self._words.latin[0] == one and self._written(one, re.IGNORECASE)
        return first or self._written(one.upper(), re.NOFLAG)

    def _written(self, letter: str, flags: re.RegexFlag, after: str = r"(?![\w'’])") -> bool:
        """Whether a letter stands in the text by itself, and is not what an apostrophe leaves of `what's`."""
        asked = (letter, after)
        known = self._letters.get(asked)
        if known is None:
            pattern = rf"(?<![\w'’´`]){re.escape(letter)}{after}"
            known = self._letters[asked] = re.search(pattern, self._text, flags) is not None
        return known


def _borne_by_many(way: int, *, shorter: bool) -> float:
    """Give how many people of one name make it too common to be a guess at another."""
    if way == _SOUND:
        return _COMMON_PAIR
    if way == _TYPO:
        return _COMMON_SHORTER if shorter else _COMMON_PAIR
    return math.inf


def _family_first(posting: Posting, marks: tuple[int, int]) -> bool:
    """Whether the family name stands first, so far as either word is as it is on file."""
    first, second = marks
    return (first == posting.family or second == posting.given) and not (
        first == posting.given or second == posting.family
    )


def _changed(posting: Posting, marks: tuple[int, int]) -> int:
    """Give which of two words is not as it is on file."""
    return Changed.SECOND if marks[0] in (posting.given, posting.family) else Changed.FIRST
