"""All the spellings under which one person of the roster is recognised.

A unit is one part of a name as a whole (a given name, a family name), of one word or several: its
`key` is its words joined, so that O'Neil, O Neil and ONeil, or Anne-Marie and Annemarie, are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from guardrail.model.people import Strength
from guardrail.roster.fold import Words, split_words, word_set
from guardrail.roster.kinds import Kind
from guardrail.roster.romanise import readings

PARTICLES = word_set(
    "a al av ap ben bat bin bint binti bte d da dal de degli dei del dela della delos den der des di do dos du e el en "
    "fitz ibn la las le les los lo mac mc ni nic o of op san st t ten ter til tot ua ui um van vande vander "
    "ver von vom y zu zum zur und abu umm"
)
TITLES = word_set(
    "dr doctor prof professor mr mrs ms mx miss sir dame lord lady rev reverend mme mlle monsieur madame herr frau"
)
_SUFFIXES = word_set("jr junior sr senior ii iii iv phd md mba rn rcc esq msw bsc msc")
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_COMPOUND_FAMILY = word_set("欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 令狐 慕容 남궁 황보 제갈 선우 독고")
_BORN = re.compile(r"^\s*(?:née|nee|né|born|aka|formerly|geb\.?)\s+", re.IGNORECASE)
_LEFT_OUT = re.compile(r"\((.*?)\)|[\"“”«»](.*?)[\"“”«»]")
_AS_IS = Kind(0)
_MOST_UNITS = 12
_MAC = 5
_TWO = 2
_LONGEST_RUN_ON = 5
_SEVERAL = 3  # given names of which two are written as one


@dataclass(frozen=True, slots=True)
class Unit:
    """One part of a name: its Latin words, its native spelling (`key` itself where Latin), how sure it is, and why."""

    words: tuple[str, ...] = field(repr=False)
    native: str = field(repr=False)
    strength: Strength = Strength.EXACT
    kinds: Kind = _AS_IS

    @property
    def key(self) -> str:
        """The words joined: what is looked up."""
        return "".join(self.words)

    def weakened(self) -> Unit:
        """Give this unit as a variant of the name as it is written."""
        return Unit(self.words, self.native, min(self.strength, Strength.VARIANT), self.kinds | Kind.OTHER_NAME)

    def as_other(self) -> Unit:
        """Give this unit as part of another name of the person: as sure, but not the first name on file."""
        return Unit(self.words, self.native, self.strength, self.kinds | Kind.OTHER_NAME)


@dataclass(frozen=True, slots=True)
class Pair:
    """A given and a family unit that name the person together."""

    given: Unit
    family: Unit

    @property
    def strength(self) -> Strength:
        """The weaker of both."""
        return min(self.given.strength, self.family.strength)

    @property
    def kinds(self) -> Kind:
        """What both parts changed."""
        return self.given.kinds | self.family.kinds

    @property
    def size(self) -> int:
        """Of how many words the name is."""
        return len(self.given.words) + len(self.family.words)


@dataclass(frozen=True, slots=True)
class PersonNames:
    """The spellings of one person: pairs, names that stand alone, and at most three initials for a page."""

    pairs: tuple[Pair, ...]
    alone: tuple[Unit, ...]
    initials: str

    def __bool__(self) -> bool:
        return bool(self.pairs or self.alone)


def person_names(given: str, family: str, preferred: str = "", others: Iterable[str] = ()) -> PersonNames:
    """Give the spellings of a person from the roster's fields; total, and empty where nothing has a letter."""
    givens, families = given_units(given), family_units(family)
    if bool(givens) != bool(families):
        # The whole name in one field: `family, given` or, in Han and Hangul, family name first.
        givens, families = _split_full(given if givens else family) or (givens, families)
    called = given_units(preferred)
    called = tuple(unit.as_other() for unit in called)
    pairs = [Pair(g, f) for g in (*givens, *called) for f in families]
    if not families:
        pairs += [*_as_other(_full_pairs(preferred)), *_full_pairs(given)]
    elif preferred:
        pairs += _as_other(_full_pairs(preferred))
    for other in others:
        pairs += _as_other(_other_pairs(other, (*givens, *called), families))
    alone: tuple[Unit, ...] = ()
    if not pairs:
        alone = tuple(unit for unit in (*givens, *families, *called) if unit.strength is Strength.EXACT)
        alone += tuple(unit for other in others for unit in given_units(other) if unit.strength is Strength.EXACT)
    return PersonNames(tuple(_unique(pairs)), alone, _initials(givens or called, families))


def given_units(text: str) -> tuple[Unit, ...]:
    """Give the units of a given name: whole, its first word or hyphenated word, then the others as variants."""
    return _units(text, particles=False)


def family_units(text: str) -> tuple[Unit, ...]:
    """Give the units of a family name: whole, without its particles, and each of several as variants."""
    return _units(text, particles=True)


def _units(text: str, *, particles: bool) -> tuple[Unit, ...]:
    units: dict[str, Unit] = {}
    for spelling in _spellings(_plain(text)):
        words = split_words(spelling)
        start, end = _bare_range(words.latin)
        if start == end:
            continue
        # `Mary Jane`: the first word is as good as the whole, `Anne-Marie` and `Smith-Jones` are one name.
        for unit in _parts(words, start, end, particles=particles, first=_first_word(spelling, start)):
            known = units.get(unit.key)
            if known is None or known.strength < unit.strength:
                units[unit.key] = unit
    for inside in _asides(text):
        for unit in _units(inside, particles=particles):
            units.setdefault(unit.key, unit.weakened())
    if not text.isascii():
        for unit in _read(_plain(text)):
            units.setdefault(unit.key, unit)
    return tuple(units.values())[:_MOST_UNITS]


def _read(text: str) -> Iterator[Unit]:
    """Give a name of another script, and its first word, as it may be written in Latin letters; the first is exact."""
    for piece in dict.fromkeys((text, *text.split()[:1])):
        native = "".join(split_words(piece).native)
        for rank, reading in enumerate(readings(piece)):
            words = split_words(reading).latin
            if words:
                strength = Strength.VARIANT if rank else Strength.EXACT
                yield Unit(words, native, strength, Kind.SCRIPT)


def _parts(words: Words, start: int, end: int, *, particles: bool, first: int) -> Iterator[Unit]:
    whole = _unit(words, start, end)
    yield whole
    if words.runs_on(start, end):
        return
    first_end = start + first
    if not particles and start < first_end < end and len(words.latin[start]) > 1:
        yield _unit(words, start, first_end)
    lead = start
    while lead < end - 1 and words.latin[lead] in PARTICLES:
        lead += 1
    if lead > start:
        yield _unit(words, lead, end, Strength.VARIANT, Kind.PART)
    for at in range(lead, end):
        if len(words.latin[at]) > 1 and words.latin[at] not in PARTICLES:
            yield _unit(words, at, at + 1, Strength.VARIANT, Kind.PART)
    for at, other in _inner(words.latin, start, end, particles=particles):
        yield _unit(words, at, other, Strength.VARIANT, Kind.PART)
    if whole.key.startswith("mac") and len(whole.key) > _MAC:
        yield Unit(("mc" + whole.key[3:],), "mc" + whole.key[3:], Strength.VARIANT, Kind.SOUND)
    elif whole.key.startswith("mc"):
        yield Unit(("mac" + whole.key[2:],), "mac" + whole.key[2:], Strength.VARIANT, Kind.SOUND)


def _inner(latin: tuple[str, ...], start: int, end: int, *, particles: bool) -> Iterator[tuple[int, int]]:
    """Give where some of a part's words are one: particles with the word after them, two of three given names."""
    for at in range(start, end - 1):
        other = at + 1
        while other < end - 1 and latin[other] in PARTICLES:
            other += 1
        belong = latin[at] in PARTICLES if particles else end - start >= _SEVERAL
        if belong and (at, other + 1) != (start, end):
            yield at, other + 1


def _unit(words: Words, start: int, end: int, strength: Strength = Strength.EXACT, kinds: Kind = _AS_IS) -> Unit:
    if end - start == 1 and len(words.native[start]) == 1 and not words.runs_on(start, end):
        strength, kinds = Strength.WEAK, kinds | Kind.INITIAL  # a lone initial
    return Unit(words.latin[start:end], "".join(words.native[start:end]), strength, kinds)


def _bare_range(words: tuple[str, ...]) -> tuple[int, int]:
    """Give where a name starts and ends without titles and suffixes; all of it where nothing else is there."""
    start, end = 0, len(words)
    while start < end and words[start] in TITLES:
        start += 1
    while end > start and words[end - 1] in _SUFFIXES:
        end -= 1
    return (start, end) if start < end else (0, len(words))


def _first_word(spelling: str, start: int) -> int:
    """Give of how many folded words the first word between spaces consists, titles not counted."""
    pieces = [count for piece in spelling.split() if (count := len(split_words(piece).latin))]
    at = 0
    for count in pieces:
        if at >= start:
            return count
        at += count
    return 0


def _spellings(text: str) -> tuple[str, ...]:
    spelled = text.translate(_UMLAUTS)
    return (text,) if spelled == text else (text, spelled)


def _plain(text: str) -> str:
    """Give a name without what stands in brackets or quotes, all of it where nothing else is there."""
    plain = _LEFT_OUT.sub(" ", text)
    return plain if split_words(plain).latin else text


def _asides(text: str) -> Iterator[str]:
    """Give what stands in brackets or quotes: `Margaret (Peg)`."""
    for found in _LEFT_OUT.finditer(text):
        inside = found[1] or found[2]
        if inside and inside.strip() != text.strip():
            yield _BORN.sub("", inside)


def _split_full(text: str) -> tuple[tuple[Unit, ...], tuple[Unit, ...]] | None:
    if "," in text:
        family, _, given = text.partition(",")
        if set(split_words(given).latin) - _SUFFIXES:
            return given_units(given), family_units(family)
        text = family
    words = split_words(text)
    size = len(words.latin)
    if size > 1 and words.run_on and all(words.run_on):
        if len(text.split()) > 1 or size > _LONGEST_RUN_ON or any(map(_is_kana, words.native)):
            return None
        at = _TWO if size > _TWO and "".join(words.native[:_TWO]) in _COMPOUND_FAMILY else 1
        return _run_on_units(words, at, size), _run_on_units(words, 0, at)
    return None


def _run_on_units(words: Words, start: int, end: int) -> tuple[Unit, ...]:
    whole = _unit(words, start, end)
    return whole, *(unit for unit in _read(unicodedata.normalize("NFC", whole.native)) if unit.key != whole.key)


def _is_kana(char: str) -> bool:
    return "\u3040" <= char <= "\u30ff"


def _full_pairs(text: str) -> list[Pair]:
    """Give the pairs of a whole name in one text: `Jane van Doe`, `Doe, Jane`, 李小龙; none for one word."""
    text, full = _plain(text), text
    split = _split_full(text)
    if split is None:
        text, _, _ = text.partition(",")  # what follows a comma here is a suffix
        pieces = [piece for piece in text.split() if split_words(piece).latin]
        while len(pieces) > _TWO and _is_one_of(pieces[0], TITLES):
            pieces.pop(0)
        while len(pieces) > _TWO and _is_one_of(pieces[-1], _SUFFIXES):
            pieces.pop()
        if len(pieces) < _TWO:
            return []
        at = len(pieces) - 1
        while at > 1 and _is_one_of(pieces[at - 1], PARTICLES):
            at -= 1
        split = given_units(" ".join(pieces[:at])), family_units(" ".join(pieces[at:]))
    givens, families = split
    pairs = [Pair(given, family) for given in givens for family in families]
    for inside in _asides(full):
        # `Jane Doe (née Roe)`, `Jane (Jenny) Doe`: either part may be meant.
        pairs += [Pair(given.weakened(), family) for given in given_units(inside) for family in families]
        pairs += [Pair(given, family.weakened()) for given in givens for family in family_units(inside)]
    return pairs


def _is_one_of(piece: str, words: frozenset[str]) -> bool:
    return "".join(split_words(piece).latin) in words


def _other_pairs(text: str, givens: tuple[Unit, ...], families: tuple[Unit, ...]) -> list[Pair]:
    """Give the pairs of another name: a whole one; a single one is taken for a given or a family name."""
    text = _BORN.sub("", text)
    whole = _full_pairs(text)
    if whole:
        return whole
    pairs = [Pair(given, family.weakened()) for given in givens for family in family_units(text)]
    return pairs + [Pair(given.weakened(), family) for given in given_units(text) for family in families]


def _as_other(pairs: Iterable[Pair]) -> list[Pair]:
    return [Pair(pair.given.as_other(), pair.family) for pair in pairs]


def _unique(pairs: Iterable[Pair]) -> Iterator[Pair]:
    best: dict[tuple[str, str, str, str], Pair] = {}
    for pair in pairs:
        place = (pair.given.key, pair.given.native, pair.family.key, pair.family.native)
        if place not in best or best[place].strength < pair.strength:
            best[place] = pair
    yield from best.values()


def _initials(givens: tuple[Unit, ...], families: tuple[Unit, ...]) -> str:
    letters = [units[0].words[0][0] for units in (givens, families) if units]
    if families:
        words = families[0].words
        if len(words) > 1 and words[0] not in PARTICLES and families[0].native == families[0].key:
            letters.append(words[1][0])
    return "".join(letters).upper()
