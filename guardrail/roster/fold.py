"""One spelling per name: what two texts must share to be the same words, in any script.

A text becomes words in plain lower-case Latin letters and digits (`latin`). A word of another script
keeps its own letters beside that (`native`), so that two names that merely sound alike in Latin
letters can be told from the very same name. Scripts written without spaces between words (Han, Kana)
or with endings joined to a name (Hangul) give one word per character.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from anyascii import anyascii

_RUN_ON = (
    r"\u3005-\u3007\u3040-\u30fa\u30fd-\u30ff\u31f0-\u31ff"  # iteration marks, Hiragana and Katakana
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    r"\u1100-\u11ff\uac00-\ud7a3"  # Hangul
)
# Zero-width and direction marks, soft hyphens and Hangul fillers are put into a text to break a word unseen.
_INVISIBLE = (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
# Of each ASCII byte the small letter or digit that it is, or a space.
_ASCII_FOLDED = bytes(code if bytes((code,)).isalnum() else ord(" ") for code in range(0x100)).lower()
_ASCII_LETTER = re.compile("[A-Za-z]")
# With the modifier letters (the apostrophes of Hawaiian or Uzbek names).
_LATIN_WORD = re.compile("[\\0-\u02ff\u1e00-\u1eff]*")
# Letters of Cyrillic and Greek that look like Latin ones, lower case (Unicode TR 39, confusables).
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏԛԝвкмнтαοενρτυικ", "aeopcyxijsdhlqwbkmhtaoevptuik")


def _marks() -> str:
    """Give the combining marks that stand inside words (Devanagari, Thai…) as a regex class body."""
    return "".join(
        re.escape(chr(code)) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)) in ("Mn", "Mc")
    )


def _cleaning() -> dict[int, str | None]:
    """Give the table that drops what a reader does not see or a writer leaves out, and evens out letters."""
    table: dict[int, str | None] = dict.fromkeys(_INVISIBLE)
    table |= {code: None for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    for first, last in (
        (0x300, 0x36F),
        (0x483, 0x487),
        (0x591, 0x5C7),
        (0x610, 0x61A),
        (0x64B, 0x65F),
        (0xFE00, 0xFE0F),
    ):
        table |= dict.fromkeys(code for code in range(first, last + 1) if unicodedata.category(chr(code)) == "Mn")
    table |= dict.fromkeys((0x640, 0x670))  # Arabic tatweel and the dagger alef
    table |= {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}  # Katakana to Hiragana
    table |= {ord(a): b for a, b in zip("ёأإآٱىةکی", "еاااايهكي", strict=True)}
    return table


class _Latin(dict[int, str]):
    """Transliteration of one character, asked of anyascii once (it looks into its files for each unknown one)."""

    def __missing__(self, code: int) -> str:
        letters = "".join(_ASCII_WORD.findall(anyascii(chr(code)).lower()))
        self[code] = letters
        return letters


_CLEAN = _cleaning()
_MARKS = _marks()
_WORD = re.compile(rf"[{_RUN_ON}]|(?:[^\W_{_RUN_ON}]|[{_MARKS}])+")
_RUN_ON_WORD = re.compile(rf"[{_RUN_ON}]")
_LATIN = _Latin()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in their order; the three tuples are of one length.

    `latin` in a-z and 0-9; `native` the same in its own script (equal to `latin` for Latin words);
    `run_on` whether the word is one character of a script that is written without spaces.
    For a text without other scripts `native` is `latin` itself and `run_on` is empty.
    """

    latin: tuple[str, ...]
    native: tuple[str, ...]
    run_on: tuple[bool, ...] = ()

    def runs_on(self, start: int, end: int) -> bool:
        """Whether a word of a script without spaces stands from `start` to before `end`."""
        return any(self.run_on[start:end])

    def pieces(self, size: int, overlap: int) -> Iterator[Words]:
        """Give pieces of `size` words, each beginning `overlap` words before the end of the last."""
        if len(self.latin) <= size:
            yield self
            return
        for start in range(0, len(self.latin) - overlap, size - overlap):
            part = slice(start, start + size)
            latin = self.latin[part]
            yield Words(latin, latin if self.native is self.latin else self.native[part], self.run_on[part])


def word_set(text: str) -> frozenset[str]:
    """Give the words of a list that stands in the source as one text."""
    return frozenset(text.split())


def split_words(text: str) -> Words:
    """Split `text` into folded words. Total; linear in the text's length."""
    if text.isascii():
        words = tuple(text.encode().translate(_ASCII_FOLDED).decode().split())
        return Words(words, words)
    found = _WORD.findall(evened(text))
    seen = {word: _letters(word) for word in set(found)}
    kept = [letters for word in found if (letters := seen[word])[0]]
    latin = tuple([letters[0] for letters in kept])
    native = tuple([letters[1] for letters in kept])
    if latin == native:
        return Words(latin, latin)
    return Words(latin, native, tuple([letters[2] for letters in kept]))


def fold(text: str) -> str:
    """Give `text` in the one spelling in which texts are compared: Latin words with single spaces."""
    return " ".join(split_words(text).latin)


def fold_handle(text: str) -> str:
    """Give a handle or id as it is compared: no case, no invisible characters, no `@`, no accents put apart."""
    return evened(text).strip().removeprefix("@")


def evened(text: str) -> str:
    """Give `text` in its own script, its forms evened out: no case, no invisible characters, no accents apart."""
    # Once over each is enough: what casefolding takes apart (İ) are marks, and these go next.
    return unicodedata.normalize("NFKC", text).casefold().translate(_CLEAN)


def _letters(word: str) -> tuple[str, str, bool]:
    """Give a word's Latin and native letters, and whether its script runs on without spaces."""
    if word.isascii():
        return word, word, False
    if _ASCII_LETTER.search(word):
        # Latin letters with a few of another script among them: somebody is hiding, or mistyped.
        word = word.translate(_LOOKALIKES)
    latin = word.translate(_LATIN)
    if _LATIN_WORD.fullmatch(word):
        return latin, latin, False
    return latin, without_marks(word), _RUN_ON_WORD.match(word) is not None


def without_marks(word: str) -> str:
    """Give an evened word of another script as `native` has it: without the marks of its letters."""
    apart = unicodedata.normalize("NFKD", word)
    if not any(map(unicodedata.combining, apart)):
        return apart
    return "".join([char for char in apart if not unicodedata.combining(char)])
