"""One check of a ledger in a process of its own: `python -m tests.bench.checking FEW PLACE`.

FEW is a ledger of few entries, checked before: what that takes of memory, the programs take. PLACE is a file, or a
database's address. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from pathlib import Path

from guardrail.ledger.place import Tree
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.verify import verify
from tests.ledger_keys import KEYS


def peak(*, anew: bool = False) -> float:
    """Give the most memory that this process had, in MiB: so far, or, `anew`, from now on (proc(5), Linux)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def main(few: str, place: str) -> None:
    """Check both, and say how fast the second went, and how much more memory it took."""
    there = Tree(place, KEYS[0].name) if place.startswith("postgresql") else Path(place)
    verify(Path(few), KEYS)
    with closing(LedgerReader(there)) as reader:  # and what a database's driver takes
        reader.head()
    before, begun = peak(anew=True), time.perf_counter()
    report = verify(there, KEYS)
    seconds = time.perf_counter() - begun
    assert report.good, report
    found = {
        "entries": report.entries, "per_s": round(report.entries / seconds),
        "grew_mib": round(peak() - before, 1), "peak_mib": round(peak(), 1),
    }  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
