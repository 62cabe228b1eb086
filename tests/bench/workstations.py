"""Half of a clinic: workstations that append to one database, each by a log-in and a key of its own.

`python -m tests.bench.workstations URL FIRST COUNT SECONDS` says `ready`, begins at a line on standard input, and
prints what each has written as one JSON object (tree to entries).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import make_url

from guardrail.ledger.note import Signer
from guardrail.ledger.place import Tree
from guardrail.ledger.postgres import PostgresLedger
from guardrail.model.entry import Entry, EntryKind
from tests.ledger_keys import SEAL


def signer(number: int) -> Signer:
    """Give the key of a workstation."""
    return Signer(f"guardrail/desk-{number}", number.to_bytes(32))


def main(url: str, first: int, count: int, seconds: float) -> None:
    """Let them all append as fast as each can, one entry at a time."""
    numbers = range(first, first + count)
    ledgers: dict[int, PostgresLedger] = {}
    for number in numbers:
        own = make_url(url).set(username=f"desk-{number}").render_as_string(hide_password=False)
        ledgers[number] = PostgresLedger(Tree(own, signer(number).verifier.name), SEAL, signer(number))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    until = time.monotonic() + seconds
    written = dict.fromkeys(numbers, 0)

    def work(number: int) -> None:
        while time.monotonic() < until:
            ledgers[number].append(Entry(EntryKind.NOTED, datetime.now(UTC), f"desk-{number}", "dr-wren", "google"))
            written[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ledger in ledgers.values():
        ledger.close()
    sys.stdout.write(json.dumps({signer(number).verifier.name: count for number, count in written.items()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
