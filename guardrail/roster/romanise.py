"""How a name in another script may be written in Latin letters: several schemes, each letter group with its ways.

Cyrillic by GOST, ISO 9, BGN/PCGN and passports; Greek by ELOT 743 and by sound; Devanagari with its inherent
vowels; Kana by Hepburn and Kunrei; Hangul as people spell their syllables; Han by pinyin, family names by region
too. Names that are customarily spelt otherwise, and Arabic and Hebrew, stand in `customary`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import product

from anyascii import anyascii

from guardrail.roster.customary import customary, han_family, hangul_family
from guardrail.roster.fold import evened, split_words, without_marks

MOST = 12  # readings of a name
# Of so much text every mixture of readings is tried; of a longer one only the two likeliest, which take a look-up less
# time than to find the name in them.
_MOST_WORDS, _MOST_LETTERS, _LIKELIEST = 6, 100, 2
_MOST_EACH = (1, MOST, 8, 4, 3, 2)  # ways of each word, by how many words have several; of all further words only one
_PLACES = 3  # letter groups of a word in which the ways are mixed
_FOREIGN = re.compile(
    r"(?P<cyrillic>[\u0400-\u052f]+)|(?P<greek>[\u0370-\u03ff\u1f00-\u1fff]+)|(?P<devanagari>[\u0900-\u097f]+)"
    r"|(?P<kana>[\u3041-\u309f\u30fc]+)|(?P<hangul>[\uac00-\ud7a3]+)|(?P<han>[\u4e00-\u9fff]+)|(?P<letters>[\u0590-\u06ff]+)"
)

_CONDITION = re.compile(r"^(?:\^|\(\?<=.*?\))")

type Rules = tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
type Letters = tuple[dict[str, tuple[str, ...]], dict[str, Rules]]


def _rules(source: str) -> Rules:
    """Read letter groups, `/` between them, each with its ways, the usual one first; `-` is none."""
    found = []
    for line in source.split("/"):
        letters, *ways = line.split()
        found.append((re.compile(letters), tuple("" if way == "-" else way for way in ways)))
    return tuple(found)


def _paired(source: str) -> dict[str, str]:
    letters = source.split()
    return dict(zip(letters[::2], letters[1::2], strict=True))


_CYRILLIC = _rules(
    r"(?<=[жчшщц])ев ev yov ov/ий$ y i iy ii/ей$ ei ey ej/ай$ ai ay aj/ой$ oy oi oj/ый$ y yi iy"
    r"/ия$ ia iya iia ija/кс x ks/ье ie ye yo/ьи yi i ii/ья ya ia a/ью yu iu/^е e ye je/^ю yu ju iu"
    r"/^я ya ja ia/щ shch sch sh/ш sh sch s/ж zh j z/ч ch tch c/х kh h ch/ц ts c tz/ю yu iu u"
    r"/я ya ia ja/й y i j/ы y i/ь -/ъ -/є ye ie e/і i/ї yi i/ґ g/ў w u/э e/а a/б b/в v w/г g h/д d"
    r"/е e ye/з z/и i y/к k c/л l/м m/н n/о o/п p/р r/с s/т t/у u ou/ф f ph/ђ dj/ј j/љ lj/њ nj/ћ c"
    r"/џ dz"
)
_GREEK = _rules(
    r"ου ou u/αυ(?=[θκξπστφχψ]|$) af au/αυ av au/ευ(?=[θκξπστφχψ]|$) ef eu/ευ ev eu/ει i ei/οι i oi"
    r"/αι e ai/μπ b mp/ντ d nt/γκ g gk/γγ ng gg/τζ tz/γ(?=[ιηυε]) g y gi/χ ch h kh/φ f ph/θ th/ξ x ks"
    r"/ψ ps/η i e/υ y i u/β v b/ω o/α a/γ g/δ d/ε e/ζ z/ι i/κ k c/λ l/μ m/ν n/ο o/π p/ρ r/σ s/τ t"
)
_HANGUL = _rules(
    r"yeong yeong young/yeon yeon yun/eo eo u/oo oo/u u oo/^g g k/^d d t/^b b p/^j j ch/g$ k g/b$ p b"
    r"/d$ t d"
)
_CONSONANTS = _paired(
    "क k ख kh ग g घ gh ङ n च ch छ chh ज j झ jh ञ n ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n प p फ ph ब b भ bh म m "
    "य y र r ल l व v श sh ष sh स s ह h ळ l"
)
_VOWELS = _paired("अ a आ a इ i ई i उ u ऊ u ऋ ri ए e ऐ ai ओ o औ au")
_SIGNS = _paired("ा a ि i ी i ु u ू u ृ ri े e ै ai ो o ौ au")
_VIRAMA, _NASAL = "\u094d", "\u0902\u0901"
_SMALL = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_KUNREI = (("sh", "sy"), ("ch", "ty"), ("tsu", "tu"), ("j", "zy"), ("fu", "hu"))


def readings(text: str) -> tuple[str, ...]:
    """Give at most 12 ways to write `text` in Latin letters, the likeliest first; none where it has no other script."""
    even = evened(text)
    # Most words of Arabic and Hebrew have no ways, and do not count.
    words = [word for word in _FOREIGN.finditer(even) if word.lastgroup != "letters" or _ways("letters", word[0], MOST)]
    if len(words) > _MOST_WORDS or sum(len(word[0]) for word in words) > _MOST_LETTERS:
        return _likeliest(even, words)
    pieces: list[tuple[str, ...]] = []
    end = 0
    for found in words:
        ways = _ways(str(found.lastgroup), found[0], MOST)
        if ways:
            pieces += [(even[end : found.start()],), ways]
            end = found.end()
    if not pieces:
        return ()
    return tuple(_mixed([*pieces, (even[end:],)], MOST))


def _likeliest(text: str, words: Iterable[re.Match[str]]) -> tuple[str, ...]:
    """Give a long text with each word in its likeliest way, and with each in the next."""
    known = {word[0]: str(word.lastgroup) for word in words}
    ways = {word: found for word, script in known.items() if (found := _ways(script, word, _LIKELIEST))}
    if not ways:
        return ()
    ranks = ({word: found[min(rank, len(found) - 1)] for word, found in ways.items()} for rank in range(_LIKELIEST))
    return tuple(dict.fromkeys(_FOREIGN.sub(partial(_chosen, way), text) for way in ranks))


def _chosen(ways: dict[str, str], word: re.Match[str]) -> str:
    return ways.get(word[0], word[0])


def _mixed(pieces: Iterable[tuple[str, ...]], most: int) -> Iterator[str]:
    """Join one way of each piece, those of the lowest ranks first."""
    pieces = list(pieces)
    if most == _LIKELIEST:
        yield from _first_two(pieces)
        return
    # Mixtures grow with the power of the places: Hangul without spaces would take all memory.
    mixed = [place for place, ways in enumerate(pieces) if len(ways) > 1][: len(_MOST_EACH) - 1]
    each = _MOST_EACH[len(mixed)]  # 81 mixtures at most
    choices = list(
        product(*(range(min(each, len(ways)) if place in mixed else 1) for place, ways in enumerate(pieces)))
    )
    choices.sort(key=lambda choice: (sum(choice), max(choice, default=0)))
    seen = dict.fromkeys("".join(ways[at] for ways, at in zip(pieces, choice, strict=True)) for choice in choices)
    yield from list(seen)[:most]


def _first_two(pieces: list[tuple[str, ...]]) -> Iterator[str]:
    """Join the first way of each piece; then with the second of the last that has one."""
    yield "".join([ways[0] for ways in pieces])
    place = next((at for at in range(len(pieces) - 1, -1, -1) if len(pieces[at]) > 1), None)
    if place is not None:
        yield "".join([ways[at == place] for at, ways in enumerate(pieces)])


def _ways(script: str, word: str, most: int) -> tuple[str, ...]:
    """Give at most `most` ways to write a word of one script, the likeliest first."""
    if script == "kana":
        return _kana(word)
    if script == "hangul":
        return _hangul(word, most)
    if script == "han":
        return _han(word)
    native = without_marks(word)
    usual = customary(native)
    if script == "cyrillic":
        return _unique(usual, _spelled(_CYRILLIC_BY_LETTER, word, most))
    if script == "greek":
        return _unique(usual, _spelled(_GREEK_BY_LETTER, native.replace("ς", "σ"), most))
    return _unique(usual, _devanagari(word)) if script == "devanagari" else usual


def _by_letter(rules: Rules) -> Letters:
    """Give the ways of each letter that stands for itself always, and the rules by the letter that a group begins."""
    found: dict[str, Rules] = {}
    for letters, ways in rules:
        first = _CONDITION.sub("", letters.pattern)[0]
        found[first] = (*found.get(first, ()), (letters, ways))
    single = {first: some[0][1] for first, some in found.items() if [letters.pattern for letters, _ in some] == [first]}
    return single, found


def _spelled(by_letter: Letters, word: str, most: int) -> tuple[str, ...]:
    single, groups = by_letter
    pieces: list[tuple[str, ...]] = []
    at = 0
    while at < len(word):
        if word[at] in single:
            pieces.append(single[word[at]])
            at += 1
            continue
        for letters, ways in groups.get(word[at], ()):
            found = letters.match(word, at)
            if found:
                pieces.append(ways)
                at = found.end()
                break
        else:
            at += 1
    if most == _LIKELIEST:
        return tuple(_first_two(pieces))
    # The ways of a few places are mixed: those that stand last and first differ the most between schemes.
    open_places = [place for place, ways in enumerate(pieces) if len(ways) > 1]
    chosen = {*open_places[:1], *open_places[-_PLACES + 1 :]}
    return tuple(_mixed([ways if place in chosen else ways[:1] for place, ways in enumerate(pieces)], most))


def _devanagari(word: str) -> tuple[str, ...]:
    """Give a word with its inherent vowels; one before a last syllable with a vowel of its own is silent or not."""
    letters: list[str] = []
    for at, char in enumerate(word):
        after = word[at + 1 : at + 2]
        if char in _CONSONANTS:
            letters.append(_CONSONANTS[char] + ("" if not after or after in _SIGNS or after == _VIRAMA else "a"))
        elif char in _NASAL:
            letters.append("n")
        elif char in _SIGNS or char in _VOWELS:
            letters.append(_SIGNS.get(char) or _VOWELS[char])
    latin = "".join(letters)
    silent = re.sub(r"(?<=[aeiou][^aeiou])a(?=[^aeiou]h?[aeiou]+$)", "", latin)
    return _unique((latin, silent, latin.replace("v", "w"), re.sub("i(?=[^aeiou])", "ee", latin, count=1)))


def _kana(word: str) -> tuple[str, ...]:
    letters = ""
    double = False
    for char in word:
        if char in _SMALL:
            stem = letters.removesuffix("i")
            letters = stem + ("" if stem.endswith(("sh", "ch", "j")) else "y") + _SMALL[char]
        elif char == "っ":
            double = True
        elif char != "ー":
            sound = _sound(char)
            letters += sound[:1] * double + sound
            double = False
    short = re.sub("o[uo]", "o", letters).replace("uu", "u")
    kunrei = short
    for hepburn, other in _KUNREI:
        kunrei = kunrei.replace(hepburn, other)
    return _unique((short, letters, re.sub("o[uo]", "oh", letters), kunrei, re.sub("n(?=[bmp])", "m", short)))


@cache
def _sound(char: str) -> str:
    return "".join(split_words(char).latin)


def _hangul(word: str, most: int) -> tuple[str, ...]:
    whole = hangul_family(word)
    if whole:
        return whole
    family = hangul_family(word[:1]) if len(word) > len("철수") else ()
    syllables = [_syllable(char) for char in word[1 if family else 0 :]]
    given = tuple(_mixed(syllables, most))
    return tuple(_mixed([family, (" ",), given], most)) if family else given


@cache  # there are 11,172
def _syllable(char: str) -> tuple[str, ...]:
    latin = anyascii(char).lower()
    found = {latin: None}
    for letters, ways in _HANGUL:
        for one in list(found):
            found |= dict.fromkeys(letters.sub(way, one) for way in ways if way)
    return tuple(found)[:4]


def _han(word: str) -> tuple[str, ...]:
    """Give a word with its first character, or two, as a family name; pinyin for all else."""
    size = 2 if han_family(word[:2]) else 1
    family = han_family(word[:size])
    given = "".join(split_words(word[size:]).latin)
    if not family:
        return ("".join(split_words(word).latin),)
    return tuple(f"{one} {given}".strip() for one in family)


def _unique(*ways: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(way for some in ways for way in some if way))[:MOST]


_CYRILLIC_BY_LETTER = _by_letter(_CYRILLIC)
_GREEK_BY_LETTER = _by_letter(_GREEK)
