"""How fast texts are looked up, how long an import takes, and what stays in memory, by the size of the roster."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from guardrail.roster import Roster, write_index
from tests.bench.roster_people import Census, Named

SEED = 21
KEY = bytes(range(32))
TEXTS = 2000
REPEATS = 7  # of each text; the best counts, since what else a machine does is no cost of a look-up
MOST_MICROSECONDS = 60.0
MOST_GROWTH = 0.5
MOST_LONG_MILLISECONDS = 5.0
MOST_IMPORT = {100_000: 60.0}
MOST_RESIDENT_MB = 60.0
MOST_IMPORT_GB = 24.0
_ORDINARY = Path(__file__).with_name("ordinary_searches.txt")
_RESIDENT = """
import sys
from pathlib import Path
from guardrail.roster import Roster, empty_roster
roster = Roster.open(Path(sys.argv[1]), bytes(range(32))) if sys.argv[1] else empty_roster(bytes(range(32)))
for number in range(2000):
    roster.match_text(f"who is james smith {number} vancouver")
    roster.match_text(f"parking maria {number} garcia garden")
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""

type Line = dict[str, object]


def distinct(census: Census, count: int, random_: random.Random) -> list[Named]:
    """Draw people of `count` different names: what several namesakes cost is a figure of its own."""
    found: dict[str, Named] = {}
    while len(found) < count:
        found |= {who.full: who for who in census.draw(count - len(found), random_)}
    return list(found.values())


def five_words(people: Sequence[Named], census: Census, random_: random.Random) -> list[str]:
    """Give texts of five words: half name a client, a quarter a stranger, a quarter nobody."""
    searches = [line for line in _ORDINARY.read_text("utf-8").splitlines() if len(line.split()) == 5]
    found: list[str] = []
    for at in range(TEXTS):
        who = random_.choice(people)
        stranger = census.draw(1, random_)[0]
        found.append(
            (
                f"who is {who.full} vancouver".lower(),
                f"{who.full} facebook photos 2024",
                f"{stranger.full} linkedin profile page".lower(),
                random_.choice(searches),
            )[at % 4]
        )
    return found


def long_question(people: Sequence[Named], random_: random.Random) -> str:
    """Give a question of 2,000 words to an assistant that names one client in its middle."""
    words = [word for line in _ORDINARY.read_text("utf-8").splitlines() for word in line.split()]
    text = random_.choices(words, k=1998)
    return " ".join([*text[:1000], random_.choice(people).full, *text[1000:]])


def best_of(roster: Roster, text: str, repeats: int = REPEATS) -> float:
    """Give the seconds of the fastest of several look-ups."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        roster.match_text(text)
        times.append(time.perf_counter() - start)
    return min(times)


def percentile(times: Sequence[float], hundredths: int) -> float:
    """Give a percentile in microseconds."""
    return round(sorted(times)[len(times) * hundredths // 100] * 1e6, 1)


def resident_mb(file: Path | None) -> float:
    """Give the megabytes that a process holds with this roster, or with an empty one, after thousands of look-ups."""
    command = [sys.executable, "-c", _RESIDENT, str(file or "")]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


def import_index(file: Path, people: Sequence[Named]) -> Line:
    """Import people into an index file in this process; say how long it took and how much memory at most."""
    start = time.perf_counter()
    write_index(file, (who.person(str(at)) for at, who in enumerate(people)), KEY)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line: Line = {"what": "import", "clients": len(people), "seconds": round(seconds, 1), "most GiB": round(memory, 2)}
    line |= {"file MB": round(file.stat().st_size / 1e6, 1), "target GiB": MOST_IMPORT_GB}
    most = MOST_IMPORT.get(len(people))
    if most is not None:
        line["target seconds"] = most
    return line | {"pass": memory <= MOST_IMPORT_GB and (most is None or seconds <= most)}


def measure(census: Census, folder: Path, sizes: Sequence[int]) -> Iterator[Line]:
    """Give the figures of each size and how they grow."""
    first: float | None = None
    for size in sizes:
        random_ = random.Random(SEED)  # noqa: S311 - the same people in each run
        people = distinct(census, size, random_)
        file = folder / f"speed-{size}.index"
        yield import_index(file, people)
        start = time.perf_counter()
        roster = Roster.open(file, KEY)
        opened = time.perf_counter() - start
        times = [best_of(roster, text) for text in five_words(people, census, random_)]
        p95 = percentile(times, 95)
        first = first or p95
        growth = round(p95 / first - 1, 3)
        yield {
            "what": "look-up of five words, microseconds", "clients": size, "median": percentile(times, 50), "p95": p95,
            "target p95": MOST_MICROSECONDS, "growth": growth, "target growth": MOST_GROWTH,
            "seconds to open": round(opened, 2), "pass": p95 <= MOST_MICROSECONDS and growth < MOST_GROWTH,
        }  # fmt: skip
        long = best_of(roster, long_question(people, random_)) * 1e3
        yield {
            "what": "look-up of 2000 words, milliseconds", "clients": size, "best": round(long, 2),
            "target": MOST_LONG_MILLISECONDS, "pass": long < MOST_LONG_MILLISECONDS,
        }  # fmt: skip
        if sys.platform == "linux":
            more = resident_mb(file) - resident_mb(None)
            line: Line = {
                "what": "resident memory above an empty roster, MB",
                "clients": size,
                "guardrail": round(more, 1),
            }
            if size == 10_000:
                line |= {"target": MOST_RESIDENT_MB, "pass": more <= MOST_RESIDENT_MB}
            yield line
        file.unlink()
