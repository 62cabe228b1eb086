"""How sure a hit in the index is: what the text changed, and a second look at how often such names are borne."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from enum import IntEnum

from guardrail.model.people import Strength
from guardrail.roster.census import ORDINARY, bearers_of
from guardrail.roster.index import Index, Postings
from guardrail.roster.kinds import Kind
from guardrail.roster.names import PARTICLES, TITLES
from guardrail.roster.spellings import native_hash
from guardrail.roster.tokens import mark
from guardrail.roster.typed import FUNCTION_WORDS, Typed

_TWO = 2
_SHORTEST_WHOLE = 7  # letters of a whole name that is one word; shorter ones are words of their own
# People of the census: a name that so many bear is nobody's typing error. A letter that was left out makes a
# common name of another more often than one that was put in, so there it takes more people.
_COMMON_PAIR = 8.0
_COMMON_SHORTER = 32.0
_OFTEN = 64.0  # people of the census; from here on an ordinary word in a name leaves it weak
_LETTERS_AS_WORDS = ("a", "i", "e", "o", "y")  # in English and its neighbours

type Found = tuple[int, int, int]  # the record of a client, how surely (Strength), what was changed (Kind)
# How surely at most, what was changed, the hash of the native spelling that was typed, the marks of both words.
type _Worth = tuple[int, int, int, int, int]
type Hit = tuple[int, int, Span]  # by which Way, the place of the postings, which words
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
_AT_A_LETTER = (_TYPO, _SOUND, _INITIAL)  # nothing but a letter may stand between the two words
_ALL, _ALL_ALONE = int(Changed.WHOLE), int(Changed.ALONE)
_KINDS = (0, int(Kind.TYPO), int(Kind.SOUND), int(Kind.NICKNAME), int(Kind.INITIAL))
_EXACT, _VARIANT, _WEAK = int(Strength.EXACT), int(Strength.VARIANT), int(Strength.WEAK)
_MOST = (_EXACT, _VARIANT, _VARIANT, _VARIANT, _WEAK)
_BY_HALVES = int(Kind.PART | Kind.OTHER_NAME)  # what a name may be that is not on file, and still be guessed at
_ORDER, _APART, _PART, _JOINED, _SCRIPT = map(int, (Kind.ORDER, Kind.APART, Kind.PART, Kind.JOINED, Kind.SCRIPT))


class Judge:
    """Weighs the hits of one index in one text; `named` has the places of the two words of each name that it found."""

    __slots__ = ("_alone", "_index", "_kinds", "_letters", "_text", "_typed", "_words", "named")

    def __init__(self, index: Index, typed: Typed) -> None:
        """Take the index that gives the hits, and the text."""
        self._index = index
        self._typed = typed
        self._words = typed.words
        self._text = typed.text
        self._kinds = int(index.kinds)
        self._alone = len(typed.latin) <= _TWO
        self._letters: dict[tuple[str, str], bool] = {}
        self.named: set[int] = set()

    def found(self, hits: Iterable[Hit]) -> list[Found]:
        """Give the clients of hits with what each is worth; none where the second look says it is no name of theirs."""
        known: dict[tuple[int, Span], _Worth | None] = {}
        worth: list[tuple[int, int, Span, _Worth]] = []
        for way, place, span in hits:
            asked = (way, span)
            if asked not in known:
                known[asked] = self._worth(way, span)
            about = known[asked]
            if about is not None:
                worth.append((way, place, span, about))
        if not worth:
            return []
        found: list[Found] = []
        opened = self._index.postings([place for _, place, _, _ in worth])
        for (way, _, span, about), postings in zip(worth, opened, strict=True):
            weighed = self._weighed(postings, way, span, about)
            if weighed and not span[3]:
                self.named.update(span[:2])
            found += weighed
        return found

    def surely(self, hits: Iterable[Hit]) -> set[int]:
        """Give the places of all words, from first to last, of each hit that is more than weak."""
        spans = [hit[2] for hit in hits if any(sure >= _VARIANT for _, sure, _ in self.found((hit,)))]
        return {place for first, end, _, changed in spans for place in range(first, end + (changed < _ALL))}

    def _worth(self, way: int, span: Span) -> _Worth | None:
        """Give what a hit is worth before a record is read; None for nothing."""
        first, end, gap, changed = span
        latin = self._typed.latin
        if changed >= _ALL:
            return self._worth_of_all(way, span)
        apart = self._apart(way, span) if gap else 0
        if way > _INITIAL or apart is None:
            return None
        most = self._most(way, latin[first], latin[end], shorter=not changed)
        if most is None:
            return None
        most = min(most, _MOST[way], _VARIANT if apart else _EXACT)
        token = self._typed.token
        return most, _KINDS[way] | apart, self._native(span), mark(token(first)), mark(token(end))

    def _worth_of_all(self, way: int, span: Span) -> _Worth | None:
        """Do so for words that are one name together, or one word that is a whole name."""
        first, end, _, changed = span
        if way != (_ALONE if changed == _ALL_ALONE else _WHOLE):
            return None
        if changed == _ALL_ALONE or end - first > 1:
            return _EXACT, 0, self._native(span), 0, 0
        # `annalee` is a name by itself, not Anna Lee.
        word = self._typed.latin[first]
        is_name = len(word) < _SHORTEST_WHOLE or self._typed.entries[word]
        return None if is_name else (_VARIANT, _JOINED, self._native(span), 0, 0)

    def _weighed(self, postings: Postings, way: int, span: Span, worth: _Worth) -> list[Found]:
        """Weigh each posting. What only sounds alike is weaker: in another script it must be the same to be exact."""
        most, kinds, typed, *marks = worth
        changed = span[3]
        is_pair, guessed = changed < _ALL and not self._words.run_on, way in _GUESSED
        found: list[Found] = []
        for record, native, about, strength, given, family, _ in postings:
            sure, what = min(strength, most), kinds | about
            if guessed:
                word = self._typed.latin[span[(changed or _changed(given, family, marks)) - 1]]
                if not (self._alone or strength == _EXACT) and self._typed.entries[word]:
                    continue  # half a name, and a word that is one of its own
                if self._is_itself(word) or (strength < _EXACT and about & ~_BY_HALVES):
                    continue
                sure = sure if strength == _EXACT else _WEAK
            if native != typed:
                sure = min(sure, _WEAK if native and typed else _VARIANT)
                what |= _SCRIPT
            if is_pair and _family_first(given, family, marks):
                if span[2] and not self._spans(span):
                    continue  # `fort st john` and `snow in rose garden` are places
                what |= _ORDER
            if not what & ~self._kinds:
                found.append((record, sure, what))
        return found

    def _apart(self, way: int, span: Span) -> int | None:
        """Give the kind of what stands between two words that are apart; None where they do not belong together."""
        first, second = span[:2]
        between = self._words.latin[first + 1 : second]
        if (way == _NICKNAME and not self._spans(span)) or self._words.runs_on(first, second + 1):
            return None
        if way in _AT_A_LETTER and len(max(between, key=len)) > 1:
            return None
        if way == _NICKNAME and not FUNCTION_WORDS.isdisjoint(between):
            return None  # `tom my campbell`
        return _PART if PARTICLES.issuperset(between) else _APART

    def _spans(self, span: Span) -> bool:
        """Whether two words are the first and the last of the text, or a comma may part them."""
        return len(self._words.latin) == span[1] - span[0] + 1 or "," in self._text

    def _most(self, way: int, one: str, two: str, *, shorter: bool) -> int | None:
        """Take the second look at two words: how sure they can make a match at most, None where they make none."""
        entries = self._typed.entries
        about, about_two = entries[one], entries[two]
        common = bearers_of(about, about_two)
        if common >= _borne_by_many(way, shorter=shorter):
            return None
        ordinary = (about & ORDINARY > 0) + (about_two & ORDINARY > 0)
        if way == _INITIAL and not self._is_initial(one, two, ordinary=about_two & ORDINARY > 0):
            return None
        if ordinary == _TWO:
            # `good will hunting` is not William Good, and Will Good may be meant by `good will`.
            return _WEAK if way == _NAME or self._alone else None
        return _WEAK if ordinary and common >= _OFTEN else _EXACT

    def _is_itself(self, word: str) -> bool:
        """Whether a word is an ordinary one among others: `jane could go` is not about Jane Gould."""
        return not self._alone and self._typed.entries[word] & ORDINARY > 0

    def _native(self, span: Span) -> int:
        words = self._words
        if words.native is words.latin:
            return 0
        first, second, _, changed = span
        at = range(first, second) if changed >= Changed.WHOLE else (first, second)
        native = "".join([words.native[place] for place in at])
        return 0 if native == "".join([words.latin[place] for place in at]) else native_hash(self._index.tokens, native)

    def _is_initial(self, one: str, two: str, *, ordinary: bool) -> bool:
        """Whether one of two words is an initial: of a whole text; else only before one that is no `ordinary` word."""
        if min(one, two, key=len) in TITLES:
            return False  # `dr smith` is not Dwayne Rachel Smith
        if self._alone:
            return self._written(min(one, two, key=len), re.IGNORECASE)
        if ordinary or len(one) > len(two):
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


def _family_first(given: int, family: int, marks: Sequence[int]) -> bool:
    """Whether the family name stands first, so far as either word is as it is on file."""
    first, second = marks
    return (first == family or second == given) and not (first == given or second == family)


def _changed(given: int, family: int, marks: Sequence[int]) -> int:
    """Give which of two words is not as it is on file."""
    return Changed.SECOND if marks[0] in (given, family) else Changed.FIRST
