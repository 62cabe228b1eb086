"""What a durable append costs, beside a bare INSERT + COMMIT of the same bytes in the same run; and verify.

Prints JSON lines: microseconds as medians over rounds that alternate between the two.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from guardrail.ledger.canonical import to_bytes
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import KEYS, opened

ROUNDS = 500
ENTRIES = 100_000
CHUNK = 1000
THREADS = 16
PROOFS = 50

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

PLAIN = replace(ENTRY, details={name: value for name, value in ENTRY.details.items() if name != "sealed"})


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


def appends(folder: Path) -> Iterator[dict[str, object]]:
    """Compare one append, without and with a text to close, with one bare insert and commit of the same bytes."""
    ledger, connection, body = opened(folder / "ledger"), bare(folder / "bare"), to_bytes(PLAIN)

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (body) VALUES (?)", (body,))
        connection.execute("COMMIT")

    steps: dict[str, Callable[[], object]] = {
        "bare": insert,
        "append": lambda: ledger.append(PLAIN),
        "append_sealed": lambda: ledger.append(ENTRY),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    chance = random.Random(1)  # noqa: S311 - an order in which nobody is always the first after a pause
    for _ in range(ROUNDS):
        for name in chance.sample(list(steps), len(steps)):
            times[name].append(microseconds(steps[name]))
    ledger.close()
    connection.close()
    base = statistics.median(times["bare"])
    for name in ("append", "append_sealed"):
        mine = statistics.median(times[name])
        yield {
            "bench": name, "rounds": ROUNDS, "bytes": len(body), "ledger_us": round(mine, 1), "bare_us": round(base, 1),
            "ratio": round(mine / base, 2), "ledger_p95_us": round(sorted(times[name])[-ROUNDS // 20], 1),
        }  # fmt: skip


def crowds(folder: Path) -> Iterator[dict[str, object]]:
    """Append from many threads at once: what waits goes together."""
    ledger = opened(folder / "crowd")
    with ThreadPoolExecutor(THREADS) as pool:
        took = microseconds(lambda: list(pool.map(lambda _: ledger.append(PLAIN), range(ROUNDS * 2))))
    ledger.close()
    yield {"bench": "append_crowd", "threads": THREADS, "per_s": round(ROUNDS * 2 / took * 1e6)}


def groups(folder: Path) -> Iterator[dict[str, object]]:
    """Append four entries together, as an answered hold does."""
    ledger = opened(folder / "groups")
    times = [microseconds(lambda: ledger.append(ENTRY, ENTRY, ENTRY, ENTRY)) for _ in range(ROUNDS)]
    ledger.close()
    yield {"bench": "append_4", "rounds": ROUNDS, "ledger_us": round(statistics.median(times), 1)}


def checks(folder: Path) -> Iterator[dict[str, object]]:
    """Verify, read and prove, in a ledger of many entries."""
    path = folder / "many"
    ledger = opened(path)
    for _ in range(0, ENTRIES, CHUNK):
        ledger.append(*[PLAIN] * CHUNK)
    verifying = microseconds(lambda: verify(path, KEYS))
    reading = microseconds(lambda: sum(1 for _ in ledger.read()))
    chance = random.Random(1)  # noqa: S311 - the same entries in every run
    proving = [microseconds(lambda: ledger.reader.prove(chance.randrange(ENTRIES))) for _ in range(PROOFS)]
    ledger.close()
    per_second = {"verify_per_s": verifying, "read_per_s": reading}
    rates: dict[str, object] = {name: round(ENTRIES / took * 1e6) for name, took in per_second.items()}
    yield {"bench": "verify", "entries": ENTRIES, **rates, "proof_us": round(statistics.median(proving), 1)}


def main() -> None:
    """Print one line for each bench."""
    with tempfile.TemporaryDirectory() as name:
        for bench in (appends, groups, crowds, checks):
            for line in bench(Path(name)):
                sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
