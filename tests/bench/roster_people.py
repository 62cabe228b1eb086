"""People drawn as the census counts them, and texts that name them otherwise: one class per kind of change."""

from __future__ import annotations

import csv
import random
import string
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

from nicknames import NickNamer

from guardrail.model.people import Population
from guardrail.roster.names import person_names
from guardrail.roster.person import Client, Person

_LONG = 5  # letters of a word that may be mistyped
_TOGETHER = 7  # letters of a name that is run together
_SWAP = 3
_TYPOS = ("insert", "delete", "replace", "swap")


@dataclass(frozen=True, slots=True)
class Named:
    """An invented person: given and family name, other names with `;` between them."""

    given: str
    family: str
    others: str = ""

    @property
    def full(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"

    def person(self, ref: str) -> Person:
        """Give the person as a row of a roster."""
        names = person_names(self.given, self.family, "", [one for one in self.others.split(";") if one])
        return Person(Client(ref, names.initials, Population.CURRENT), names)


@dataclass(frozen=True, slots=True)
class Text:
    """A text, its class, and the number of the person whom it means."""

    kind: str
    text: str
    person: int


class Census:
    """Names with how often they are borne; `draw` gives people as they would walk in."""

    def __init__(self, given: Path, family: Path) -> None:
        """Read two files with lines `name,count`."""
        self._given, self._given_sums = _weighted(given)
        self._family, self._family_sums = _weighted(family)

    def draw(self, count: int, random_: random.Random) -> list[Named]:
        """Draw `count` people, given and family name each by itself."""
        givens = random_.choices(self._given, cum_weights=self._given_sums, k=count)
        families = random_.choices(self._family, cum_weights=self._family_sums, k=count)
        return [Named(given.title(), family.title()) for given, family in zip(givens, families, strict=True)]

    def family(self, random_: random.Random) -> str:
        """Draw a family name."""
        return random_.choices(self._family, cum_weights=self._family_sums)[0].title()


def _weighted(file: Path) -> tuple[list[str], list[int]]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [(name, int(count)) for name, count in csv.reader(lines) if name.isascii() and name.isalpha()]
    return [name for name, _ in rows], list(accumulate(count for _, count in rows))


TRANSLITERATED = (  # as on the roster, and as people write them in Latin letters
    ("Дмитрий", "Dmitri", "Козлов", "Kozlov"),
    ("Юлия", "Julia", "Ковалёва", "Kovaleva"),
    ("Сергей", "Sergei", "Ильин", "Ilyin"),
    ("Наталья", "Natalya", "Щербакова", "Shcherbakova"),
    ("Алексей", "Alexey", "Журавлёв", "Zhuravlev"),
    ("Татьяна", "Tatiana", "Белова", "Belova"),
    ("Γιώργος", "Giorgos", "Παπαδόπουλος", "Papadopoulos"),
    ("Ελένη", "Eleni", "Νικολάου", "Nikolaou"),
    ("Μαρία", "Maria", "Δημητρίου", "Dimitriou"),
    ("小龙", "Xiaolong", "李", "Li"),
    ("伟", "Wei", "张", "Zhang"),
    ("晓雯", "Xiaowen", "陈", "Chen"),
    ("राहुल", "Rahul", "शर्मा", "Sharma"),
    ("अनिता", "Anita", "वर्मा", "Verma"),
    ("철수", "Cheolsu", "박", "Park"),
    ("さくら", "Sakura", "やまだ", "Yamada"),
    ("Екатерина", "Ekaterina", "Соловьёва", "Solovyova"),
    ("Андрей", "Andrey", "Цветков", "Tsvetkov"),
    ("Ольга", "Olga", "Хохлова", "Khokhlova"),
    ("Павел", "Pavel", "Черных", "Chernykh"),
    ("Κωνσταντίνος", "Konstantinos", "Αγγελόπουλος", "Angelopoulos"),
    ("Ευαγγελία", "Evangelia", "Ξενάκη", "Xenaki"),
    ("Θεοδώρα", "Theodora", "Χατζής", "Hatzis"),
    ("प्रिया", "Priya", "मेहता", "Mehta"),
    ("अमित", "Amit", "अग्रवाल", "Agarwal"),
    ("지민", "Jimin", "최", "Choi"),
    ("영수", "Youngsoo", "이", "Lee"),
    ("ゆうき", "Yuki", "さいとう", "Saito"),
    ("けんじ", "Kenji", "おおの", "Ohno"),
    ("美玲", "Meiling", "黃", "Huang"),
    ("志明", "Zhiming", "陳", "Chan"),
    ("يوسف", "Youssef", "منصور", "Mansour"),
    ("ليلى", "Layla", "حداد", "Haddad"),
    ("נועה", "Noa", "כהן", "Cohen"),
    ("דוד", "David", "פרידמן", "Friedman"),
)
ACCENTED = (
    "José García", "Zoë Brontë", "François Lefèvre", "Bjørn Ødegård", "Łukasz Wałęsa", "Siobhán Ó Súilleabháin",
    "Jürgen Müller", "Chloé Béliveau", "Søren Kjær", "Nuño Peña", "Renée Côté", "Ştefan Ionuţ", "André Gagné",
    "Iñigo Núñez", "Håkan Sjöberg", "Dvořák Jiří", "Thảo Nguyễn", "Óscar Ibáñez", "Agnès Guérin", "Žofie Černá",
)  # fmt: skip
_PLAIN = str.maketrans("éèêëáàâäãåíìîïóòôöõøúùûüñçłşţřýžčśćęąảễ", "eeeeaaaaaaiiiioooooouuuunclstryzcsceaae")
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("f", "ph"), ("x", "ks"), ("leigh", "ley"), ("ley", "leigh"), ("ly", "lee"),
    ("sch", "sh"), ("que", "k"), ("au", "aw"), ("ee", "ea"), ("ie", "y"), ("y", "ie"), ("c", "k"), ("k", "c"),
    ("th", "t"), ("tch", "ch"), ("ough", "o"), ("ll", "l"), ("nn", "n"), ("tt", "t"), ("ss", "s"),
)  # fmt: skip
_PARTICLES = (
    "O'{}", "D'{}", "Mc{}", "Mac {}", "St. {}", "van {}", "van den {}", "de la {}", "Dela {}", "Al-{}", "Abu {}",
)  # fmt: skip
_INITIALS = ("{0} {1}", "{0}. {1}", "{1} {0}", "{1}, {0}.")
_EXTRA = (
    "who is {} vancouver", "{} facebook photos", "find {} on linkedin", "{} instagram", '"{}" site:facebook.com',
    "is {} married and where does she live", "what do reviews say about {} please", "{} 1200 west broadway vancouver",
    "pictures of {} from the party", "email address of {}", "Dr. {}", "does anybody here know {}?", "{} obituary 2019",
    "https://www.google.com/search?q={}&hl=en", "hi, I wonder whether {} works at the bank on main street now",
)  # fmt: skip


def typo(word: str, how: int, random_: random.Random) -> str:
    """Give `word` with a letter inserted, deleted, replaced, or swapped with its neighbour."""
    while True:
        at = random_.randrange(len(word) - (how == _SWAP))
        letter = random_.choice(string.ascii_lowercase)
        mistyped = (
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        )[how].lower()
        if mistyped != word.lower():
            return mistyped


def sample(
    people: Sequence[Named], census: Census, each: int, random_: random.Random
) -> tuple[list[Named], list[Text]]:
    """Give a roster that begins with `people`, and about `each` texts of every class about people on it."""
    change = _Change(people, random_)
    roster = list(people)
    texts = [Text(kind, *make()) for kind, make in change.classes().items() for _ in range(each)]
    for kind, named, text in _special(census, each, random_):
        roster.append(named)
        texts.append(Text(kind, text, len(roster) - 1))
    return roster, texts


class _Change:
    """Makes texts about people of a roster, one class of change a method; each gives a text and a person's number."""

    def __init__(self, people: Sequence[Named], random_: random.Random) -> None:
        self._people = people
        self._random = random_
        self._nicknames = NickNamer()

    def classes(self) -> dict[str, Callable[[], tuple[str, int]]]:
        return {
            "as it is": self.as_it_is,
            **{f"typo: {name}": partial(self.mistyped, how) for how, name in enumerate(_TYPOS)},
            "nickname": partial(self.called, self._nicknames.nicknames_of),
            "formal name": partial(self.called, self._nicknames.canonicals_of),
            "order": partial(self.written, "{1} {0}", "{1}, {0}"),
            "initial": self.initial,
            "extra words": self.among,
            "run together": partial(self.written, "{0}{1}", "#{0}{1}"),
            "sound-alike": self.sounding,
        }

    def pick(self, suits: Callable[[Named], object] = bool) -> tuple[int, Named]:
        while True:
            at = self._random.randrange(len(self._people))
            if suits(self._people[at]):
                return at, self._people[at]

    def as_it_is(self) -> tuple[str, int]:
        at, who = self.pick()
        return who.full, at

    def mistyped(self, how: int) -> tuple[str, int]:
        at, who = self.pick(lambda who: max(len(who.given), len(who.family)) >= _LONG)
        parts = [who.given, who.family]
        which = self._random.choice([place for place in (0, 1) if len(parts[place]) >= _LONG])
        parts[which] = typo(parts[which], how, self._random)
        return " ".join(parts).lower(), at

    def called(self, names: Callable[[str], AbstractSet[str]]) -> tuple[str, int]:
        at, who = self.pick(lambda who: names(who.given.lower()))
        return f"{self._random.choice(sorted(names(who.given.lower())))} {who.family}".lower(), at

    def written(self, *forms: str) -> tuple[str, int]:
        at, who = self.pick(lambda who: len(who.full) > _TOGETHER)
        return self._random.choice(forms).format(who.given, who.family).lower(), at

    def initial(self) -> tuple[str, int]:
        at, who = self.pick()
        return self._random.choice(_INITIALS).format(who.given[0], who.family), at

    def among(self) -> tuple[str, int]:
        at, who = self.pick()
        return self._random.choice(_EXTRA).format(self._random.choice((who.full, who.full.lower()))), at

    def sounding(self) -> tuple[str, int]:
        while True:
            at, who = self.pick()
            one, other = self._random.choice(_SOUNDS)
            given, family = who.given.lower(), who.family.lower()
            if one in family:
                return f"{given} {family.replace(one, other, 1)}", at
            if one in given:
                return f"{given.replace(one, other, 1)} {family}", at


def _special(census: Census, each: int, random_: random.Random) -> Iterator[tuple[str, Named, str]]:
    """Give people of their own for the classes that need them, so that they do not change the others' crowd."""
    for who in census.draw(max(1, each // 4), random_):
        married = census.family(random_)
        yield "married", Named(who.given, who.family, married), f"{who.given} {married}"
        alias = census.draw(1, random_)[0]
        yield "alias", Named(who.given, who.family, alias.full), alias.full.lower()
        yield "double family name", Named(who.given, f"{who.family}-{married}"), f"{who.given} {married}".lower()
        yield "middle name", Named(f"{who.given} {alias.given}", who.family), f"{who.given} {who.family}".lower()
    for name in ACCENTED:
        given, _, family = name.partition(" ")
        yield "accent", Named(given, family), name.lower().translate(_PLAIN)
        yield "accent", Named(given.lower().translate(_PLAIN), family.lower().translate(_PLAIN)), name
    for given, latin_given, family, latin_family in TRANSLITERATED:
        yield "transliteration", Named(given, family), f"{latin_given} {latin_family}"
        yield "other script", Named(latin_given, latin_family), f"{given} {family}"
        yield "own script", Named(given, family), f"{family} {given}"
    yield from _several_words(census, each, random.Random(each))  # noqa: S311 - the same texts in each run


def _several_words(census: Census, each: int, random_: random.Random) -> Iterator[tuple[str, Named, str]]:
    """Give people with a particle, a double family name or a middle name, and texts that change a word of these."""
    for _ in range(max(1, each // 4)):
        who, other = census.draw(2, random_)
        forms = (
            (who.given, random_.choice(_PARTICLES).format(who.family)),
            (who.given, f"{who.family}-{other.family}"),
            (f"{who.given} {other.given}", who.family),
        )
        given, family = random_.choice(forms)
        words = f"{given} {family}".lower().split()
        places = [at for at, word in enumerate(words) if word.isalpha() and len(word) >= _LONG]
        if places:
            at = random_.choice(places)
            words[at] = typo(words[at], random_.randrange(len(_TYPOS)), random_)
            yield "typo in a name of several words", Named(given, family), " ".join(words)
        given, family = forms[0]
        text = random_.choice(_INITIALS).format(given[0], family)
        yield "initial with a particle", Named(given, family), text.lower()
