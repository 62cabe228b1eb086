"""Makes guardrail/roster/census.bin: how often US census names are borne, and which words are ordinary ones.

Run: python tests/bench/roster_census.py GIVEN.csv FAMILY.csv WORDS.txt OUT
GIVEN and FAMILY have lines `name,count` (US Census Bureau: surnames of 2010, first names of 2020; works of
the United States government, in the public domain). WORDS has one English word a line, commonest first
(made from the SCOWL word list and counts of film subtitles, both freely licensed). Of a name or a word no
more is kept than 20 bits of a hash and three classes, so that the table fits into a megabyte's quarter.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from guardrail.roster.census import SLOTS, fingerprint, pack
from guardrail.roster.fold import word_set

FAMILIES, GIVENS, WORDS = 26_000, 9_000, 10_000
# Places that are names as well; a dictionary of words leaves them out.
PLACES = (
    "jordan paris london georgia austin madison chelsea florence sydney charlotte brooklyn victoria vienna milan "
    "israel china india chad kenya cuba dallas houston lincoln jackson hamilton berlin holland france york vancouver "
    "richmond surrey burnaby victoria nelson kelowna delta abbotsford langley whistler vernon kingston windsor halifax "
    "regina calgary edmonton toronto ottawa montreal boston denver phoenix orlando memphis savannah aurora salem "
    "eugene bristol oxford cambridge preston lancaster durham kent essex devon easter christmas god jesus lord"
)
SITES = (
    "facebook linkedin instagram twitter tiktok google youtube reddit snapchat whatsapp pinterest yelp bing yahoo "
    "wikipedia amazon netflix spotify etsy ebay zillow indeed tinder hinge bumble discord twitch gmail outlook "
    "obituary email website online blog blogs selfie selfies login signup http https www com org net html"
)
# Given names that a dictionary has in another sense that nobody means.
NAMES_FIRST = word_set(
    "john james jack frank victor roger robin martin jean mike tony johnny billy jimmy bobby oliver harry fred tom "
    "nick jenny ray charlie bob ted ed sally molly dean max"
)


def counted(file: Path, most: int) -> Iterator[tuple[str, int]]:
    """Give the commonest names of a file with the class of their count: about the logarithm of base 2, 1 to 15."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = sorted(((name, int(count)) for name, count in csv.reader(lines)), key=lambda row: (-row[1], row[0]))
    for name, count in [row for row in rows if row[0].isalpha() and row[0].isascii()][:most]:
        yield name, max(1, min(15, round(math.log2(count)) - 6))


def main(given: Path, family: Path, words: Path, out: Path) -> None:
    """Write the table."""
    known: dict[str, list[int]] = {}
    for name, size in counted(given, GIVENS):
        known.setdefault(name, [0, 0, 0])[0] = size
    for name, size in counted(family, FAMILIES):
        known.setdefault(name, [0, 0, 0])[1] = size
    ordinary = [word for word in words.read_text("utf-8").split() if word not in NAMES_FIRST][:WORDS]
    for rank, word in enumerate([*PLACES.split(), *SITES.split(), *ordinary]):
        facts = known.setdefault(word, [0, 0, 0])
        facts[2] = facts[2] or max(1, 15 - round(math.log2(rank + 1)))
    table = [0] * SLOTS
    for word, (givens, families, ordinary_) in known.items():
        slot, tag = fingerprint(word)
        while table[slot]:
            slot = (slot + 1) % SLOTS
        table[slot] = pack(tag, givens, families, ordinary_)
    out.write_bytes(b"".join(entry.to_bytes(4, "little") for entry in table))
    sys.stdout.write(f"{len(known)} names and words\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
