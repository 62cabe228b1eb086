"""Every spelling under which one word of a name is looked up, as tokens in bulk: what an index takes in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from guardrail.roster.called import spelled
from guardrail.roster.edits import stored_patterns
from guardrail.roster.kinds import Kind, Variants
from guardrail.roster.layout import BLOCK, VALUE_BITS, Way
from guardrail.roster.nickname import Nicknames
from guardrail.roster.respell import sound_alikes
from guardrail.roster.tokens import Tokens

BEGUN = ">"  # marks the token of a beginning, so that it is no token of a word


class Care(IntEnum):
    """How many variants a name is worth: that of a half name only as it is, the name on file all of them."""

    AS_IS = 0
    GIVEN = 1  # the given name is whole: nicknames and initials too
    HALF = 2  # typing errors too
    ALL = 3


@dataclass(frozen=True, slots=True)
class Spellings:
    """The tokens of one word's spellings as a single number, how many they are, and the way of each, shifted."""

    tokens: int
    count: int
    ways: tuple[int, ...]

    def beside(self, token: bytes) -> bytes:
        """Give the blocks of these spellings together with the word of this token."""
        number = self.tokens ^ int.from_bytes(token, "little") * repeater(self.count)
        return number.to_bytes(self.count * BLOCK, "little")


class Speller:
    """Makes the spellings of words, each once."""

    def __init__(self, tokens: Tokens, variants: Variants) -> None:
        """Take the index's tokens and the kinds of variants that it is to know."""
        self._tokens = tokens
        self._kinds = variants.kinds
        self._nicknames = Nicknames(variants.nicknames)
        self._made: dict[tuple[str, bool, Care, str], Spellings] = {}
        self._begun: dict[str, Spellings] = {}
        self._ways: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._words: dict[str, bytes] = {}

    def forget(self) -> None:
        """Let go of all that was made."""
        for made in (self._made, self._begun, self._words, self._ways):
            made.clear()

    def token(self, word: str) -> bytes:
        """Give a word's own token."""
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._tokens.words(self._tokens.block(word))
        return known

    def given(self, word: str, care: Care, initials: str) -> Spellings:
        """Give what may stand for the given name `word` beside a family name as it is."""
        return self._spellings(word, care, initials, given=True)

    def family(self, word: str, care: Care) -> Spellings:
        """Give what may stand for the family name `word` beside a given name as it is."""
        return self._spellings(word, care, "", given=False)

    def begun(self, word: str) -> Spellings:
        """Give the beginnings of `word`."""
        known = self._begun.get(word)
        if known is None:
            found = dict.fromkeys((word[:size] + BEGUN for size in range(1, len(word))), Way.BEGINNING)
            known = self._begun[word] = self._enciphered(found)
        return known

    def _spellings(self, word: str, care: Care, initials: str, *, given: bool) -> Spellings:
        key = (word, given, care, initials)
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = self._make(key)
        return known

    def _make(self, key: tuple[str, bool, Care, str]) -> Spellings:
        word, given, care, initials = key
        found: dict[str, Way] = {}
        if given and care >= Care.GIVEN:
            if Kind.NICKNAME in self._kinds:
                _add(found, self._nicknames.of(word), Way.NICKNAME)
            if Kind.INITIAL in self._kinds and len(word) > 1:
                _add(found, (word[0], initials), Way.INITIAL)
        if care is Care.ALL and Kind.SOUND in self._kinds:
            _add(found, spelled(word) if given else (), Way.SOUND)
            _add(found, sound_alikes(word), Way.SOUND)
        if care >= Care.HALF and Kind.TYPO in self._kinds:
            _add(found, stored_patterns(word), Way.TYPO)
        found.pop(word, None)
        return self._enciphered(found)

    def _enciphered(self, found: dict[str, Way]) -> Spellings:
        tokens = self._tokens.of_words(found)
        ways = tuple([way << VALUE_BITS for way in found.values()])
        # Most words have as many spellings of each kind as others of their length: one tuple is enough for all of them.
        ways = self._ways.setdefault(ways, ways)
        return Spellings(int.from_bytes(tokens, "little"), len(found), ways)


def _add(found: dict[str, Way], spellings: Iterable[str], way: Way) -> None:
    for spelling in spellings:
        if spelling:
            found.setdefault(spelling, way)


_REPEATERS: list[int] = [0]


def repeater(count: int) -> int:
    """Give the number that a token is multiplied by to have it `count` times over, side by side."""
    while len(_REPEATERS) <= count:
        _REPEATERS.append(_REPEATERS[-1] << (8 * BLOCK) | 1)
    return _REPEATERS[count]


def native_hash(tokens: Tokens, native: str) -> int:
    """Give 32 bits that are kept for a name that is not Latin; the order of its letters is no matter, never 0."""
    return int.from_bytes(tokens.of_whole("native\0" + "".join(sorted(native)))[:4], "little") or 1


def single_key(way: Way, key: str) -> str:
    """Give the text whose token stands for a key of its own: an account, an address, a name of one part."""
    return f"{way:x}\0{key}"


def twice(word: str) -> str:
    """Give the text whose token stands for a name of two equal words."""
    return f"{word}="


def xor(one: bytes, other: bytes) -> bytes:
    """Add blocks, as many of one as of the other, bit by bit."""
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")
