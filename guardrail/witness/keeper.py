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
from guardrail.ledger.merkle import EMPTY_ROOT, grown_roots, is_consistent
from guardrail.ledger.note import Checkpoint, Note, Signer, Verifier
from guardrail.witness.submission import SIZE_TYPE, Submission

_TABLES = """
CREATE TABLE IF NOT EXISTS latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
    number INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    at INTEGER NOT NULL, proven INTEGER NOT NULL, UNIQUE (origin, size, root)
) STRICT;
"""
# Of each ledger. Two states that cannot both be true need its key, so nobody else can fill their places. What only does
# not follow anybody can hand in, a true state with a wrong proof: the first and the newest of them stay.
_MOST_PROVEN, _FIRST, _MOST_ODD = 40, 10, 20
_KEEP = "INSERT OR IGNORE INTO evidence (origin, size, root, note, at, proven) VALUES (?, ?, ?, ?, ?, 0)"
_DROP = "DELETE FROM evidence WHERE origin = ? AND size = ? AND root = ? AND proven = 0"
_THIN = f"""
DELETE FROM evidence WHERE number IN (
    SELECT number FROM evidence WHERE origin = ? AND proven = 0 ORDER BY number LIMIT max(0, (
        SELECT count(*) FROM evidence WHERE origin = ? AND proven = 0) - {_MOST_ODD}) OFFSET {_FIRST})
"""  # noqa: S608 - the numbers are this file's own
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the witness says: an HTTP status and a text."""

    status: int
    text: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class _Signed:
    """A state, its note with the ledger's own signatures alone, and when it was handed in (seconds since 1970)."""

    checkpoint: Checkpoint
    note: str = ""
    at: int = 0

    def row(self) -> tuple[str, int, bytes, str, int]:
        """Give it as evidence."""
        return self.checkpoint.origin, self.checkpoint.size, self.checkpoint.root, self.note, self.at


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
        state = _Signed(checkpoint, note.vouched(verifiers), int(now.timestamp()))
        with self._memory() as memory:
            memory.execute("BEGIN IMMEDIATE")
            answer = self._judge(memory, asked, state)
            if answer is None:
                row = (checkpoint.origin, checkpoint.size, state.note)
                memory.execute("INSERT OR REPLACE INTO latest (origin, size, note) VALUES (?, ?, ?)", row)
                memory.execute(_DROP, (checkpoint.origin, checkpoint.size, checkpoint.root))
            memory.execute("COMMIT")
        return answer or Answer(200, self._signer.line(note.text, state.at))

    def latest(self) -> list[str]:
        """Give the last checkpoint of each ledger, with this witness's memory of it, as notes."""
        with self._memory() as memory:
            return [note for (note,) in memory.execute("SELECT note FROM latest ORDER BY origin")]

    def refused(self) -> list[str]:
        """Give what ledgers signed and what this witness did not: first the states that cannot all be true.

        Then come those that were only not shown to follow.
        """
        wanted = "SELECT note FROM evidence ORDER BY proven DESC, origin, size, number"
        with self._memory() as memory:
            return [note for (note,) in memory.execute(wanted)]

    def _last(self, memory: sqlite3.Connection, origin: str) -> _Signed:
        row = memory.execute("SELECT note FROM latest WHERE origin = ?", (origin,)).fetchone()
        return _Signed(Note.read(row[0]).checkpoint(), row[0]) if row else _Signed(Checkpoint(origin, 0, EMPTY_ROOT))

    def _judge(self, memory: sqlite3.Connection, asked: Submission, state: _Signed) -> Answer | None:
        """Give the refusal, if any, and keep what it is evidence of."""
        new, last = state.checkpoint, self._last(memory, state.checkpoint.origin)
        old = last.checkpoint
        for other in self._others(memory, new):
            self._prove(memory, state, other)
        if new.size == old.size and new.root != old.root:
            self._prove(memory, state, last)
            return Answer(409, f"{old.size}\n", SIZE_TYPE)
        if asked.old != old.size:
            return Answer(409, f"{old.size}\n", SIZE_TYPE)
        # A tree of nothing has one root, whatever is proved: the proof for it is empty.
        if is_consistent(old.size, old.root, new.size, new.root, asked.proof):
            return None
        roots = grown_roots(old.size, old.root, new.size, asked.proof) if 0 < old.size < new.size else None
        if roots is not None and roots[1] == new.root:  # the very tree that was signed begins otherwise
            self._prove(memory, state, last)
        else:
            memory.execute(_KEEP, state.row())
            memory.execute(_THIN, (new.origin, new.origin))
        return Answer(422, "the proof does not lead from the last state to this one\n")

    def _others(self, memory: sqlite3.Connection, new: Checkpoint) -> list[_Signed]:
        """Give the kept states of the same size with another root."""
        wanted = "SELECT note, at FROM evidence WHERE origin = ? AND size = ? AND root <> ?"
        rows = memory.execute(wanted, (new.origin, new.size, new.root)).fetchall()
        return [_Signed(Note.read(note).checkpoint(), note, at) for note, at in rows]

    def _prove(self, memory: sqlite3.Connection, *pair: _Signed) -> None:
        """Keep two states that cannot both be true."""
        origin = pair[0].checkpoint.origin
        counted = "SELECT count(*) FROM evidence WHERE origin = ? AND proven = 1"
        (count,) = memory.execute(counted, (origin,)).fetchone()
        if count + len(pair) > _MOST_PROVEN:
            return
        for state in pair:
            memory.execute(_KEEP, state.row())
            told = "UPDATE evidence SET proven = 1 WHERE origin = ? AND size = ? AND root = ?"
            memory.execute(told, state.row()[:3])

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
