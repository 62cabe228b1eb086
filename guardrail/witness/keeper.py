"""A witness's memory: the last state of each ledger that it cosigned, and what it refused as another history.

It sees sizes and hashes alone. What it answers is on the disk before: SQLite, a rollback journal, synchronous EXTRA.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import EMPTY_ROOT, is_consistent
from guardrail.ledger.note import Checkpoint, Note, Signer, Verifier
from guardrail.witness.submission import SIZE_TYPE, Submission

_TABLES = """
CREATE TABLE IF NOT EXISTS latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused (origin TEXT, note TEXT, at INTEGER NOT NULL, PRIMARY KEY (origin, note)) STRICT;
"""
_KEPT_AS_PROOF = 20  # of each ledger: the first other histories say what there is to say
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness says: an HTTP status and a text."""

    status: int
    text: str
    content_type: str = "text/plain"


class Keeper:
    """Judges submissions, one after the other; may be used from any thread."""

    def __init__(self, file: Path, signer: Signer, logs: Mapping[str, Sequence[Verifier]]) -> None:
        """Take the file of its memory, the key that cosigns, and which keys sign for which ledger (`origin`).

        Raise LedgerError where the file cannot be used.
        """
        self._file = file
        self._signer = signer
        self._logs = logs
        with self._memory() as memory:
            memory.executescript(_TABLES)

    def add(self, body: bytes, now: datetime) -> Answer:
        """Judge a submission, and remember it where it is good. Raise LedgerError where it cannot be remembered."""
        try:
            asked = Submission.read(body)
            note = Note.read(asked.note)
            checkpoint = note.checkpoint()
        except LedgerError as error:
            return Answer(400, f"{error}\n")
        verifiers = self._logs.get(checkpoint.origin)
        if verifiers is None:
            return Answer(404, "this witness does not know the ledger\n")
        if not note.signed_by(verifiers):
            return Answer(403, "no signature on the checkpoint is good\n")
        if asked.old > checkpoint.size:
            return Answer(400, "the old size is larger than the new one\n")
        at = int(now.timestamp())
        with self._memory() as memory:
            memory.execute("BEGIN IMMEDIATE")
            answer, is_other = self._judge(asked, checkpoint, self._last(memory, checkpoint.origin))
            if is_other:
                self._keep_proof(memory, checkpoint.origin, asked.note, at)
            if answer is None:
                row = (checkpoint.origin, checkpoint.size, asked.note)
                memory.execute("INSERT OR REPLACE INTO latest (origin, size, note) VALUES (?, ?, ?)", row)
            memory.execute("COMMIT")
        return answer or Answer(200, self._signer.line(note.text, at))

    def latest(self) -> list[str]:
        """Give the last checkpoint of each ledger, with this witness's memory of it, as notes."""
        with self._memory() as memory:
            return [note for (note,) in memory.execute("SELECT note FROM latest ORDER BY origin")]

    def refused(self) -> list[str]:
        """Give the checkpoints that ledgers signed and that do not fit what they signed before."""
        with self._memory() as memory:
            return [note for (note,) in memory.execute("SELECT note FROM refused ORDER BY rowid")]

    def _last(self, memory: sqlite3.Connection, origin: str) -> Checkpoint:
        row = memory.execute("SELECT note FROM latest WHERE origin = ?", (origin,)).fetchone()
        return Note.read(row[0]).checkpoint() if row else Checkpoint(origin, 0, EMPTY_ROOT)

    def _judge(self, asked: Submission, new: Checkpoint, last: Checkpoint) -> tuple[Answer | None, bool]:
        """Give the refusal, if any, and whether the ledger signed two histories."""
        if new.size == last.size and new.root != last.root:
            return Answer(409, f"{last.size}\n", SIZE_TYPE), True
        if asked.old != last.size:
            return Answer(409, f"{last.size}\n", SIZE_TYPE), False
        # A tree of nothing has one root, whatever is proved: the proof for it is empty.
        if is_consistent(last.size, last.root, new.size, new.root, asked.proof):
            return None, False
        return Answer(422, "the proof does not lead from the last state to this one\n"), True

    def _keep_proof(self, memory: sqlite3.Connection, origin: str, note: str, at: int) -> None:
        (count,) = memory.execute("SELECT count(*) FROM refused WHERE origin = ?", (origin,)).fetchone()
        if count < _KEPT_AS_PROOF:
            memory.execute("INSERT OR IGNORE INTO refused (origin, note, at) VALUES (?, ?, ?)", (origin, note, at))

    @contextmanager
    def _memory(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._file, timeout=_PATIENCE_SECONDS, isolation_level=None)) as memory:
                memory.execute("PRAGMA synchronous = EXTRA")
                yield memory
        except sqlite3.Error as error:
            raise LedgerError(f"the witness's memory {self._file} cannot be used: {error}: check the disk") from None


def read_logs(file: Path) -> dict[str, tuple[Verifier, ...]]:
    """Read which ledgers are witnessed: its verifier keys, on one line or on several; `#` comments.

    Raise LedgerError where the file is not there, names none, or a key is damaged.
    """
    try:
        lines = [line.partition("#")[0].split() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"cannot read {file}: write a verifier key of each ledger into it, one a line") from None
    keys = [tuple(map(Verifier.read, line)) for line in lines if line]
    if not keys:
        raise LedgerError(f"{file} names no ledger: write the verifier key of each into it, one a line")
    known: dict[str, tuple[Verifier, ...]] = {}
    for line in keys:  # a `ledger.vkey` whose key was rotated has a line for each
        known[line[0].name] = (*known.get(line[0].name, ()), *line)
    return known
