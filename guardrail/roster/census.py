"""How often a name is borne, and whether it is an ordinary word: the second look at a match.

From the US census (surnames of 2010, first names of 2020; public domain) and a list of common English
words; tests/bench/roster_census.py makes the table. It holds hashes, so that no name stands in memory.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

_SLOT_BITS = 16
SLOTS = 1 << _SLOT_BITS
_FILE = Path(__file__).with_name("census.bin")
_TAG_SHIFT = 12
_CLASS = 0xF
_NAMES = 0xFF0
ORDINARY = 0xF  # the bits of an entry that say that the word is an ordinary one
# A class is log2 of the count less 6; two counts multiply, and are shared by a population of about 2**28.
_POPULATION = 28 - 2 * 6


@dataclass(frozen=True, slots=True)
class Facts:
    """Classes from 0 (not known) to 15 of a word as a given name, as a family name, and as an ordinary word."""

    given: int = 0
    family: int = 0
    word: int = 0


def fingerprint(word: str) -> tuple[int, int]:
    """Give slot and tag of a word in the table."""
    number = crc32(word.encode("utf-8", "surrogatepass"))
    return number & (SLOTS - 1), number >> _SLOT_BITS


def pack(tag: int, given: int, family: int, word: int) -> int:
    """Give an entry of the table; never 0, since one of the classes is not."""
    return tag << _TAG_SHIFT | given << 8 | family << 4 | word


@cache
def _table() -> array[int]:
    table = array("I", _FILE.read_bytes())
    if sys.byteorder == "big":
        table.byteswap()
    return table


def facts_of(entry: int) -> Facts:
    """Give what an entry of the table says."""
    return _facts(entry & (_NAMES | ORDINARY))


@cache
def _facts(classes: int) -> Facts:
    return Facts(classes >> 8 & _CLASS, classes >> 4 & _CLASS, classes & _CLASS)


def may_be_name(entry: int) -> bool:
    """Whether a word is known as a name, or not known at all; not so for a word that is only an ordinary one."""
    return entry & _NAMES > 0 or entry & ORDINARY == 0


def census_entry(word: str) -> int:
    """Give the table's entry of a folded word, 0 where it has none."""
    return census_entries((word,))[word]


def census_entries(words: Iterable[str]) -> dict[str, int]:
    """Give the table's entry of each folded word, 0 where it has none."""
    table = _table()
    entries: dict[str, int] = {}
    for word in words:
        # As `fingerprint` does; a call for each of a thousand words takes as long as all else that is asked of them.
        number = crc32(word.encode("utf-8", "surrogatepass"))
        slot, tag = number & (SLOTS - 1), number >> _SLOT_BITS
        while (entry := table[slot]) and entry >> _TAG_SHIFT != tag:
            slot = (slot + 1) & (SLOTS - 1)
        entries[word] = entry
    return entries


def bearers(one: Facts, other: Facts) -> float:
    """Give about how many people of the census bear the two names together, in either order; 0 where rare."""
    pairs = ((one.given, other.family), (other.given, one.family))
    return max(2.0 ** (given + family - _POPULATION) if given and family else 0.0 for given, family in pairs)


def bearers_of(entry: int, other: int) -> float:
    """Give about how many people bear the two names of these entries together, as `bearers` does."""
    return _bearers((entry & (_NAMES | ORDINARY)) << _TAG_SHIFT | other & (_NAMES | ORDINARY))


@cache
def _bearers(classes: int) -> float:
    return bearers(facts_of(classes >> _TAG_SHIFT), facts_of(classes))
