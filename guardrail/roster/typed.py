"""The words of one text: their tokens side by side, and what is known of a word, found out when it is asked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import compress

from guardrail.roster.census import ORDINARY, census_entries, census_entry, may_be_name
from guardrail.roster.fold import Words, word_set
from guardrail.roster.index import Index
from guardrail.roster.layout import BLOCK, Way
from guardrail.roster.spellings import single_key

SHORT_TEXT = 32  # words
_CAPITALISED = re.compile(r"[A-Z][a-z]*")
# Words that nobody has for a mistyped name, nor beside one.
FUNCTION_WORDS = word_set(
    "a about after again all also am and any are as at be because been before being best between both but by can "
    "could did do does doing for from had has have having he her here hers him his how i if in into is it its just "
    "me more most much my near no nor not now of off on once only or other our out over own same she should so some "
    "such than that the their them then there these they this those through to too under until up us very was we "
    "were what when where which while who whom whose why with without would you your every first might never "
    "really since still think today using"
)


class _Entries(dict[str, int]):
    """What the census has of each word, asked for once."""

    __slots__ = ()

    def __missing__(self, word: str) -> int:
        entry = self[word] = census_entry(word)
        return entry


class Typed:
    """The words of one text, in their order (`latin`); where those stand that are worth a look (`kept`); their tokens.

    In a long text mere grammar is left out, and letters that are no initials, but for parts of a name on the roster.
    `row` is a token for each word that is kept, in their order; `singles` are the tokens of `distinct`, which are
    these words once each, and behind them of `more` texts of the caller's.
    """

    __slots__ = (
        "_index",
        "_parts",
        "_shy",
        "distinct",
        "entries",
        "is_long",
        "kept",
        "latin",
        "row",
        "singles",
        "text",
        "words",
    )

    def __init__(self, index: Index, words: Words, text: str, more: Iterable[str] = ()) -> None:
        """Take the words of `text` and the index whose tokens they are to have."""
        self._index = index
        self._parts: dict[str, bool] = {}
        self._shy: frozenset[str] | None = None
        self.words = words
        self.text = text
        self.latin = latin = words.latin
        self.is_long = len(latin) > SHORT_TEXT
        known = dict.fromkeys(latin)
        # Of a long text, of which few words are worth it, a word's entry is looked for when it is asked for.
        self.entries = _Entries() if self.is_long else _Entries(census_entries(known))
        self.kept: Sequence[int] = range(len(latin))
        if self.is_long:
            grammar = {
                word for word in known if word in FUNCTION_WORDS or (len(word) == 1 and not self._is_begun(word))
            }
            parts = self.parts(grammar)
            for word in grammar:
                if not parts[word]:
                    del known[word]
            is_kept = list(map(known.__contains__, latin))
            self.kept = list(compress(range(len(latin)), is_kept))
            latin = tuple(compress(latin, is_kept))
        self.distinct = distinct = list(known)
        self.singles = tokens = index.tokens.of_words([*distinct, *more])
        if len(distinct) == len(latin):
            self.row = tokens[: len(latin) * BLOCK]
        else:
            blocks = [tokens[at : at + BLOCK] for at in range(0, len(distinct) * BLOCK, BLOCK)]
            self.row = b"".join(map(dict(zip(distinct, blocks, strict=True)).__getitem__, latin))

    def _is_begun(self, letter: str) -> bool:
        """Whether a letter may be an initial in a long text: the first word, or with a capital or a full stop there."""
        text = self.text
        if not text.isascii():
            return True  # there, other characters may stand for the letter
        return letter == self.latin[0] or letter.upper() in text or f"{letter}." in text

    def token(self, place: int) -> bytes:
        """Give the token of a word that is kept."""
        at = (bisect_left(self.kept, place) if self.is_long else place) * BLOCK
        return self.row[at : at + BLOCK]

    def learn(self, words: Iterable[str]) -> None:
        """Ask the census for many words at once."""
        self.entries.update(census_entries(words))

    def parts(self, words: Iterable[str]) -> dict[str, bool]:
        """Say of these words which ones stand on the roster as a part of a name."""
        new = [word for word in dict.fromkeys(words) if word not in self._parts]
        if new:
            tokens = self._index.tokens
            asked = tokens.names(tokens.of_words([single_key(Way.PART, word) for word in new]))
            self._parts.update(dict.fromkeys(new, False))
            self._parts.update({new[at]: True for at, way, _ in self._index.look_up(asked) if way == Way.PART})
        return self._parts

    def is_likely(self, word: str) -> bool:
        """Whether a word of a long text is worth a look: it may be a name, or it is a part of one on the roster."""
        return (word not in FUNCTION_WORDS and may_be_name(self.entries[word])) or self.parts((word,))[word]

    def is_talk(self, one: str, two: str) -> bool:
        """Whether two neighbours in a long text are no name for sure: grammar in small letters beside `garden`."""
        if one in self._grammar:
            return self.entries[two] & ORDINARY > 0
        return two in self._grammar and self.entries[one] & ORDINARY > 0

    @property
    def _grammar(self) -> frozenset[str]:
        """The words of mere grammar that stand nowhere with a capital letter."""
        if self._shy is None:
            self._shy = FUNCTION_WORDS.difference(map(str.lower, _CAPITALISED.findall(self.text)))
        return self._shy
