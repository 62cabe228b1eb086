"""All episodes of a ledger, one after the other, in flat memory: which entries each is made of is noted on the disk.

What belongs to an episode may come years after its hold. So the ledger is walked once for the places of the entries,
and each episode is then read by them. The notes hold ids and numbers alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from guardrail.ledger.export.episode import READ, Episode, tell
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519

_TABLES = """
CREATE TABLE holds (number INTEGER PRIMARY KEY, id TEXT UNIQUE);
CREATE TABLE grants (id TEXT PRIMARY KEY, hold INTEGER) WITHOUT ROWID;
CREATE TABLE steps (hold INTEGER, idx INTEGER, PRIMARY KEY (hold, idx)) WITHOUT ROWID;
"""


def each_episode(
    ledger: LedgerReader, entries: Iterable[StoredEntry], identities: Sequence[x25519.Identity] = ()
) -> Generator[Episode, None, None]:
    """Give the episodes of some of a ledger's entries, in the order in which they began; as `episodes` tells them.

    Nothing is read before the first is asked for. Raise LedgerError at an entry that cannot be read.
    """
    # Without a name it is SQLite's own temporary file, which no other process can open and which goes with us.
    with closing(sqlite3.connect("")) as notes:
        notes.executescript(_TABLES)
        for stored in entries:
            _note(notes, stored)
        for number, hold in notes.execute("SELECT number, id FROM holds ORDER BY number"):
            steps = notes.execute("SELECT idx FROM steps WHERE hold = ? ORDER BY idx", (number,))
            told = tuple(tell(stored, identities) for stored in ledger.at(idx for (idx,) in steps))
            if told:
                yield Episode(hold, told)


def _note(notes: sqlite3.Connection, stored: StoredEntry) -> None:
    entry = stored.entry
    if entry.hold is not None:
        if entry.kind not in READ:
            notes.execute("INSERT OR IGNORE INTO holds (id) VALUES (?)", (entry.hold,))
        found = notes.execute("SELECT number FROM holds WHERE id = ?", (entry.hold,)).fetchone()
    elif entry.grant is not None:
        found = notes.execute("SELECT hold FROM grants WHERE id = ?", (entry.grant,)).fetchone()
    else:
        return
    if found is None:
        return
    if entry.grant is not None:
        notes.execute("INSERT OR REPLACE INTO grants VALUES (?, ?)", (entry.grant, *found))
    notes.execute("INSERT OR IGNORE INTO steps VALUES (?, ?)", (*found, stored.index))
