"""Spellings that sound like a name's word, or transliterate the same one: rewritten letters, no list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrail.roster.edits import SHORTEST, one_edit_apart

_MOST = 12
_LEAST_LETTERS = 3
# Letters and how else they are written in English and in common transliterations. Spellings that are one edit
# apart matter in short words, and in two places of a long one.
_REWRITTEN = (
    ("ph", "f"),
    ("f+", "ph"),
    ("ph", "v"),
    ("(?<=e)v(?=e)", "ph"),
    ("^c(?=[aourl])", "k"),
    ("^k(?=[aourl])", "c"),
    ("ck", "k"),
    ("ck$", "c"),
    ("(?<=.)c(?=[aourl])", "k"),
    ("(?<=[aeiou])k(?=.)", "c"),
    ("ks|cks", "x"),
    ("x", "ks"),
    ("^ch(?=[rl])", "k"),
    ("^k(?=r)", "ch"),
    ("(?<=.)c(?=[eiy])", "s"),
    ("(?<=[aeiou])s(?=[eiy])", "c"),
    ("z", "s"),
    ("(?<=[aeiou])s(?=[aeiou])", "z"),
    ("y$", "ie"),
    ("ie$", "y"),
    ("ey$", "y"),
    ("y$", "i"),
    ("i$", "y"),
    ("ie?y$", "i"),
    ("i+$", "iy"),
    ("(?<=.)y(?=.)", "i"),
    ("i(?=[^aeiou])", "y"),
    ("leigh$", "ley"),
    ("(?:ley|ly|lee)$", "leigh"),
    ("eigh", "ay"),
    ("ee", "ea"),
    ("ea", "ee"),
    ("ee", "i"),
    ("i(?=[nk]e?$)", "ee"),
    ("ine$", "in"),
    ("in$", "ine"),
    ("yn$", "in"),
    ("in$", "yn"),
    ("ei", "i"),
    ("ai", "ay"),
    ("au", "aw"),
    ("au", "o"),
    ("aw", "au"),
    ("ou", "u"),
    ("oo", "u"),
    ("(?<=[^aeiou])u(?=[^aeiou])", "ou"),
    ("ough", "o"),
    ("ae", "e"),
    ("oe", "o"),
    ("sch", "sh"),
    ("sh", "sch"),
    ("^sh", "s"),
    ("tch", "ch"),
    ("dt$", "t"),
    ("th", "t"),
    ("(?<=.)t(?=[^h]|$)", "th"),
    ("gh", "g"),
    ("^kn", "n"),
    ("^wr", "r"),
    ("rh", "r"),
    ("^j(?=e)", "g"),
    ("^g(?=e)", "j"),
    ("^geo", "je"),
    ("que$", "k"),
    ("qu", "kw"),
    ("^w", "v"),
    ("^v", "w"),
    ("tz", "ts"),
    ("cz", "ch"),
    (r"([bdfglmnprst])\1", r"\1"),
    ("(?<=[aeiou])([lnt])(?=[aeiouy])", r"\1\1"),
    ("(?<=[aeiou])([lnt])$", r"\1\1"),
    ("e$", ""),
    ("(?<=[^aeiou])$", "e"),
    ("(?<=a)h$", ""),
    ("(?<=a)$", "h"),
    ("(?<=.)h(?=[^aeiou])", ""),
    ("(?<=...)an$", "en"),
    ("(?<=...)en$", "an"),
    ("(?<=...)on$", "en"),
    ("^jon", "john"),
    ("sen$", "son"),
    ("son$", "sen"),
    ("er$", "ar"),
    ("[ao]r$", "er"),
    ("^ya|(?<=[aeiou])ya$", "ia"),
    ("ya", "ja"),
    ("ia$", "ya"),
    ("yu", "iu"),
    ("yu", "u"),
    ("kh", "h"),
    ("zh", "j"),
    ("shch", "sch"),
    ("yo", "e"),
    ("(?<=.)y", "ie"),
    ("(?<=.)ie", "y"),
    ("ly", "lee"),
    ("(?<=.)k", "c"),
    ("c(?!h)", "k"),
    ("f+", "ph"),
    ("f", "ph"),
    ("que", "k"),
)


def _needed(letters: str) -> str:
    """Give letters that every match of a rule has, and that are found faster than the rule; none are known of some."""
    if "|" in letters:
        return ""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", letters)
    return max(re.findall(r"[a-z]+(?![a-z?])", plain), key=len, default="")


_RULES = tuple((_needed(letters), re.compile(letters), other) for letters, other in _REWRITTEN)


def sound_alikes(word: str) -> tuple[str, ...]:
    """Give at most 12 spellings of a Latin `word` that sound like it; of a long word only those that no edit finds."""
    if len(word) < _LEAST_LETTERS or not word.isalpha():
        return ()
    long = len(word) >= SHORTEST
    kept: dict[str, None] = {}
    for spelling in _twice_rewritten(word):
        if spelling != word and len(spelling) >= _LEAST_LETTERS and not (long and one_edit_apart(word, spelling)):
            kept[spelling] = None
            if len(kept) == _MOST:
                break
    return tuple(kept)


def _twice_rewritten(word: str) -> Iterator[str]:
    """Give a word with one rule applied, then with two."""
    once = dict.fromkeys(_rewritten(word))
    yield from once
    for spelling in once:
        yield from _rewritten(spelling)


def _rewritten(word: str) -> Iterator[str]:
    for needed, letters, other in _RULES:
        if needed in word and letters.search(word):
            yield letters.sub(other, word)
            yield letters.sub(other, word, count=1)
