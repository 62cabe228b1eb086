"""The kinds of variant under which a person may be written, and which of them an index takes in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, auto
from functools import cache


class Kind(IntFlag):
    """What a text changed in a name; the names in lower case are what a match and a setting say."""

    ORDER = auto()  # family name first
    NICKNAME = auto()
    OTHER_NAME = auto()  # preferred, former, married, alias
    PART = auto()  # without particles, one half of a double name, a middle name as the first
    INITIAL = auto()
    JOINED = auto()  # two words written as one, or one as two
    APART = auto()  # one word between given and family name
    SOUND = auto()
    TYPO = auto()
    SCRIPT = auto()  # transliterated


ALL_KINDS = Kind(sum(Kind))


@cache
def kind_names(kinds: int) -> tuple[str, ...]:
    """Give the names of `kinds` in lower case, in their order."""
    return tuple(kind.name.lower() for kind in Kind(kinds) if kind.name)


def kinds_named(names: tuple[str, ...]) -> Kind:
    """Give the kinds of these names; raise ValueError that says which are known."""
    found = Kind(0)
    for name in names:
        if name.upper() not in Kind.__members__:
            raise ValueError(f"there is no variant kind of this name; there are {', '.join(kind_names(ALL_KINDS))}")
        found |= Kind[name.upper()]
    return found


@dataclass(frozen=True, slots=True)
class Variants:
    """Which kinds an index knows, and the clinic's own nicknames (groups of names for one another)."""

    kinds: Kind = ALL_KINDS
    nicknames: tuple[tuple[str, ...], ...] = ()

    def without(self, *names: str) -> Variants:
        """Give these options with the kinds of these names switched off."""
        return Variants(self.kinds & ~kinds_named(names), self.nicknames)
