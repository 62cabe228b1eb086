"""What a durable append costs, beside a bare INSERT + COMMIT of the same bytes in the same run; and verify.

Both stores: SQLite, and a throw-away PostgreSQL server on the same disk, written by log-ins that may write one ledger
each. Prints JSON lines: microseconds as medians over rounds that alternate between the two; `cpu_us` is the
processor's time of this process alone. `--entries N` says how large the ledger is that is verified and proved.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg

from guardrail.ledger.canonical import record, to_bytes
from guardrail.ledger.logins import admit
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.ledger.prepare import planted, prepare
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.spool import Spool
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind
from guardrail.model.ports import Ledger
from tests.bench.workstations import signer
from tests.ledger_keys import SEAL, SIGNER, opened
from tests.postgres import Server

ROUNDS = 500
ENTRIES = 1_000_000
CHUNK = 1000
THREADS = 16
PROOFS = 200
WORKSTATIONS = 200
PROCESSES = 2
SECONDS = 10.0
CHECKED_EVERY = 10

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


def sealed_bytes() -> bytes:
    """Give the bytes that an append with a text to close writes of its entry: its body, and the closed text."""
    made = record(ENTRY, SEAL)
    return made.body + (made.payload or b"")


def appends(folder: Path) -> Iterator[dict[str, object]]:
    """Compare one append, without and with a text to close, with one bare insert and commit of the same bytes."""
    ledger, connection = opened(folder / "ledger"), bare(folder / "bare")

    def insert(body: bytes) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (body) VALUES (?)", (body,))
        connection.execute("COMMIT")

    yield from compare("sqlite", ledger, insert)
    ledger.close()
    connection.close()


def shared_appends(_: Path) -> Iterator[dict[str, object]]:
    """Do the same on PostgreSQL, for one workstation."""
    with clinic() as (server, url), psycopg.connect(server.conninfo("clinic")) as connection:
        connection.execute("CREATE TABLE bare (idx bigserial PRIMARY KEY, body bytea NOT NULL)")
        connection.commit()

        def insert(body: bytes) -> None:
            connection.execute("INSERT INTO bare (body) VALUES (%s)", (body,))
            connection.commit()

        admit(url, "front-desk")
        ledger = PostgresLedger(Tree(server.url("clinic", "front-desk"), SIGNER.verifier.name), SEAL, SIGNER)
        yield from compare("postgresql", ledger, insert)
        ledger.close()


def compare(store: str, ledger: Ledger, insert: Callable[[bytes], None]) -> Iterator[dict[str, object]]:
    """Time appends and bare inserts in turns."""
    peers = {"append": to_bytes(PLAIN), "append_sealed": sealed_bytes()}
    steps: dict[str, Callable[[], object]] = {
        "append": lambda: ledger.append(PLAIN),
        "append_sealed": lambda: ledger.append(ENTRY),
        **{f"bare {name}": partial(insert, body) for name, body in peers.items()},
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    chance = random.Random(1)  # noqa: S311 - an order in which nobody is always the first after a pause
    for _ in range(ROUNDS):
        for name in chance.sample(list(steps), len(steps)):
            times[name].append(microseconds(steps[name]))
    for name, body in peers.items():
        mine, base = statistics.median(times[name]), statistics.median(times[f"bare {name}"])
        yield {
            "bench": name, "store": store, "rounds": ROUNDS, "bytes": len(body),
            "ledger_us": round(mine, 1), "bare_us": round(base, 1),
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


def checks(folder: Path, entries: int) -> Iterator[dict[str, object]]:
    """Verify, read and prove, in a ledger of many entries."""
    path, few = folder / "many", folder / "few"
    with closing(opened(few)) as small:
        small.append(PLAIN)
    ledger = opened(path)
    building = microseconds(lambda: fill(ledger, entries))
    yield {"bench": "fill", "entries": entries, "per_s": round(entries / building * 1e6)}
    yield {"bench": "verify", "store": "sqlite", **checked(few, path)}
    reading = microseconds(lambda: sum(1 for _ in ledger.read()))
    yield {"bench": "read", "entries": entries, "per_s": round(entries / reading * 1e6)}
    yield {"bench": "prove", "store": "sqlite", "entries": entries, **proofs(ledger.reader, entries)}
    with clinic() as (server, url):
        admit(url, "front-desk")
        place = Tree(server.url("clinic", "front-desk"), ledger.origin)
        spool = Spool(ledger, place, "front-desk", timedelta(hours=1))
        sending = microseconds(spool.send)
        spool.close()
        yield {"bench": "send", "entries": entries, "per_s": round(entries / sending * 1e6)}
        reader = LedgerReader(Tree(url, ledger.origin))
        yield {"bench": "prove", "store": "postgresql", "entries": entries, **proofs(reader, entries)}
        reader.close()
        yield {"bench": "verify", "store": "postgresql", **checked(few, url)}
    ledger.close()


def fill(ledger: Ledger, entries: int) -> None:
    """Append so many entries, many at once."""
    for done in range(0, entries, CHUNK):
        ledger.append(*[PLAIN] * min(CHUNK, entries - done))


def checked(few: Path, place: Path | str) -> dict[str, object]:
    """Verify in a process of its own, whose memory nothing else has stretched."""
    command = [sys.executable, "-m", "tests.bench.checking", str(few), str(place)]
    found: dict[str, object] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def proofs(reader: LedgerReader, entries: int) -> dict[str, object]:
    """Prove entries here and there."""
    chance = random.Random(1)  # noqa: S311 - the same entries in every run
    begun = time.process_time_ns()
    times = [microseconds(lambda: reader.prove(chance.randrange(entries))) for _ in range(PROOFS)]
    spent = (time.process_time_ns() - begun) / 1000 / PROOFS
    return {"proof_us": round(statistics.median(times), 1), "cpu_us": round(spent, 1)}


def workstations(_: Path) -> Iterator[dict[str, object]]:
    """Let a clinic's workstations append at once, in two processes, and check each tree."""
    share = WORKSTATIONS // PROCESSES
    with clinic() as (_server, url):
        for number in range(WORKSTATIONS):
            admit(url, f"desk-{number}")
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.bench.workstations", url, str(at * share), str(share), str(SECONDS)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for at in range(PROCESSES)
        ]  # fmt: skip
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        said = [json.loads(one.communicate()[0]) for one in running]
        written: dict[str, int] = {tree: count for part in said for tree, count in part.items()}
        sizes = {one.origin: one.size for one in planted(url)}
        bad = sum(sizes.get(tree) != count for tree, count in written.items())
        for number in range(0, WORKSTATIONS, CHECKED_EVERY):
            key = signer(number).verifier
            report = verify(Tree(url, key.name), [key])
            bad += not report.good or report.entries != written[key.name]
    yield {
        "bench": "workstations", "workstations": WORKSTATIONS, "processes": PROCESSES, "seconds": SECONDS,
        "entries": sum(written.values()), "per_s": round(sum(written.values()) / SECONDS), "bad_trees": bad,
    }  # fmt: skip


@contextmanager
def clinic() -> Iterator[tuple[Server, str]]:
    """Run a server with a database that is ready."""
    server = Server()
    try:
        server.start()
        url = server.create("clinic")
        prepare(url, ENTRY.at.date())
        yield server, url
    finally:
        server.close()


def main(*arguments: str) -> None:
    """Print one line for each bench."""
    options = argparse.ArgumentParser(prog="ledger")
    options.add_argument("--entries", type=int, default=ENTRIES)
    entries: int = options.parse_args(arguments).entries
    with tempfile.TemporaryDirectory() as name:
        for bench in (appends, shared_appends, groups, crowds, workstations, partial(checks, entries=entries)):
            for line in bench(Path(name)):
                sys.stdout.write(json.dumps(line) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
