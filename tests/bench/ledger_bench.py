"""What a durable append costs, beside a bare INSERT + COMMIT of the same bytes in the same run; and verify.

Prints JSON lines: microseconds as medians over rounds that alternate between the two.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from guardrail.ledger.canonical import to_bytes
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind

ROUNDS = 500
ENTRIES = 20_000

ENTRY = Entry(
    EntryKind.GRANT_USED,
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    "front-desk",
    "dr-wren",
    "google",
    "search",
    "searching",
    "0" * 64,
    "C-1001",
    "h" * 22,
    "g" * 22,
    {"verdict": "justify", "mode": "enforce", "match": "name", "sealed": {"query": "margit ollander vancouver"}},
)


def bare(path: Path) -> sqlite3.Connection:
    """Open a database as durable as the ledger."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bare (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    return connection


def microseconds(step: Callable[[], object]) -> float:
    """Time one step."""
    begun = time.perf_counter_ns()
    step()
    return (time.perf_counter_ns() - begun) / 1000


def appends(folder: Path) -> dict[str, object]:
    """Compare one append with one bare insert and commit of the same bytes."""
    ledger, connection, body = SqliteLedger(folder / "ledger"), bare(folder / "bare"), to_bytes(ENTRY)

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (body) VALUES (?)", (body,))
        connection.execute("COMMIT")

    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(microseconds(insert))
        ours.append(microseconds(lambda: ledger.append(ENTRY)))
    ledger.close()
    connection.close()
    mine, base = statistics.median(ours), statistics.median(theirs)
    return {
        "bench": "append", "rounds": ROUNDS, "bytes": len(body), "ledger_us": round(mine, 1),
        "bare_us": round(base, 1), "ratio": round(mine / base, 2),
        "ledger_p95_us": round(sorted(ours)[-ROUNDS // 20], 1),
    }  # fmt: skip


def groups(folder: Path) -> dict[str, object]:
    """Append four entries together, as an answered hold does."""
    ledger = SqliteLedger(folder / "groups")
    times = [microseconds(lambda: ledger.append(ENTRY, ENTRY, ENTRY, ENTRY)) for _ in range(ROUNDS)]
    ledger.close()
    return {"bench": "append_4", "rounds": ROUNDS, "ledger_us": round(statistics.median(times), 1)}


def checks(folder: Path) -> dict[str, object]:
    """Verify and read many entries."""
    path = folder / "many"
    ledger = SqliteLedger(path)
    ledger.append(*[ENTRY] * ENTRIES)
    verifying = microseconds(lambda: verify(path))
    reading = microseconds(lambda: sum(1 for _ in ledger.read()))
    ledger.close()
    per_second = {"verify_per_s": verifying, "read_per_s": reading}
    rates: dict[str, object] = {name: round(ENTRIES / took * 1e6) for name, took in per_second.items()}
    return {"bench": "verify", "entries": ENTRIES, **rates}


def main() -> None:
    """Print one line for each bench."""
    with tempfile.TemporaryDirectory() as name:
        for bench in (appends, groups, checks):
            sys.stdout.write(json.dumps(bench(Path(name))) + "\n")


if __name__ == "__main__":
    main()
