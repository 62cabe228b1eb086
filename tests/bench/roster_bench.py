"""Measures the roster beside a plain loop over all names, in one run; prints one JSON line a figure.

Run: python tests/bench/roster_bench.py [CLIENTS…]     (default: 400 10000)
"""

from __future__ import annotations

import csv
import json
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

from guardrail.model.action import Subject
from guardrail.roster import Roster, load_roster

SEED = 20
KEY = bytes(range(32))
SIZES = (400, 10_000)
SYLLABLES = (
    "ba",
    "dor",
    "el",
    "fin",
    "gar",
    "hal",
    "is",
    "jor",
    "kel",
    "lun",
    "mar",
    "nis",
    "ot",
    "per",
    "quin",
    "ros",
)
WORDS = (
    "what",
    "does",
    "a",
    "clinic",
    "near",
    "the",
    "station",
    "open",
    "on",
    "sunday",
    "and",
    "is",
    "there",
    "parking",
)
SECONDS = 0.3


def invent_names(count: int, random_: random.Random) -> list[tuple[str, str]]:
    """Give `count` invented given and family names; given names repeat as real ones do."""
    givens = ["".join(random_.choices(SYLLABLES, k=2)) for _ in range(300)]
    return [(random_.choice(givens), "".join(random_.choices(SYLLABLES, k=3))) for _ in range(count)]


def texts(names: list[tuple[str, str]], random_: random.Random) -> dict[str, str]:
    """Give one text of each class."""
    given, family = random_.choice(names)
    long = random_.choices(WORDS, k=2000)
    mixed = list(long)
    for at in range(0, 2000, 10):
        mixed[at] = random_.choice(names)[random_.randrange(2)]
    return {
        "2 words, a client": f"{given} {family}",
        "2 words, nobody": "parking station",
        "5 words, a client": f"who is {given} {family} vancouver",
        "5 words, accents, a client": f"où habite {given} {family} é",
        "2000 words, nobody": " ".join(long),
        "2000 different words, nobody": " ".join("".join(random_.choices(SYLLABLES, k=4)) for _ in range(2000)),
        "2000 words, 200 parts of names": " ".join(mixed),
        "2000 Han characters": "請問附近有沒有停車場可以" * 167,
    }


def microseconds(call: Callable[[], object]) -> dict[str, float]:
    """Give median and p95 of single calls."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    return {"median_us": round(times[len(times) // 2], 2), "p95_us": round(times[len(times) * 95 // 100], 2)}


def say(**facts: object) -> None:
    """Print one JSON line."""
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")


def load(names: list[tuple[str, str]], folder: Path) -> Roster:
    """Write the names to a file and load it; say how long it took and what stays in memory."""
    file = folder / "clients.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["client_ref", "given_name", "family_name", "handles"])
        writer.writerows([f"R{at}", *name, f"x:user{at}"] for at, name in enumerate(names))
    start = time.perf_counter()
    load_roster(file, KEY)
    seconds = time.perf_counter() - start
    tracemalloc.start()
    roster = load_roster(file, KEY)
    say(
        bench="load",
        clients=len(names),
        seconds=round(seconds, 3),
        kept_mb=round(tracemalloc.get_traced_memory()[0] / 1e6, 1),
    )
    tracemalloc.stop()
    return roster


def measure(size: int, folder: Path) -> None:
    """Measure a roster of `size` people."""
    random_ = random.Random(SEED)  # noqa: S311 - invented names, the same in each run
    names = invent_names(size, random_)
    roster = load(names, folder)
    plain = [" ".join(name) for name in names]

    def substring_loop(text: str) -> list[str]:
        return [name for name in plain if name in text]

    for kind, text in texts(names, random_).items():
        ours = microseconds(partial(roster.match_text, text))
        say(
            bench="match",
            clients=size,
            text=kind,
            roster=ours,
            substring_loop=microseconds(partial(substring_loop, text)),
        )
    beginning = plain[0][: plain[0].index(" ") + 3]
    typed = microseconds(partial(roster.match_text, beginning, prefix=True))
    say(bench="match", clients=size, text="a beginning", roster=typed)
    handle = microseconds(partial(roster.match, Subject(handle="somebody.else"), "x"))
    say(bench="match", clients=size, text="an unknown handle", roster=handle)


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size."""
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            measure(size, Path(folder))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
