"""Make the golden ledger and its tampered copies: `python -m tests.ledger.golden.make`.

The same bytes in every row at every run: fixed keys and times, and closed texts that were closed once. A test holds
the files to this script, another holds `guardrail ledger verify` to what each copy must be found out by.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from guardrail.ledger.canonical import from_bytes, to_bytes
from guardrail.ledger.merkle import Growth, leaf_hash
from guardrail.ledger.note import Algorithm, Checkpoint, Signer
from guardrail.ledger.proofs import checkpoints
from guardrail.ledger.pulse import CHECKPOINT, COSIGNED, HEARTBEAT, lasts
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json

FOLDER = Path(__file__).parent
SIGNER = Signer("guardrail/golden", b"g" * 32)
COSIGNER = Signer("association.example/golden", b"w" * 32, Algorithm.COSIGNATURE)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERY, BEAT = 8, 900
BEATS: dict[str, Json] = {HEARTBEAT: BEAT}
STARTED: dict[str, Json] = {HEARTBEAT: BEAT, CHECKPOINT: EVERY}
_PAGE = 512

type Change = Callable[[sqlite3.Connection], None]


class Closed:
    """Stands in for the seal: the same closed bytes each time, so that the rows are the same each time."""

    def close(self, sealed: Mapping[str, Json], *_: object) -> bytes:
        """Give bytes that nobody opens, of the length that is usual."""
        return b"age-encryption.org/v1\n" + base64.b64encode(repr(sorted(sealed)).encode()).ljust(256, b"=")


def line(kind: EntryKind, minutes: float, details: dict[str, Json] | None = None, hold: str | None = None) -> Entry:
    """Give an entry at so many minutes."""
    at, by = START + timedelta(minutes=minutes), "dr-wren" if hold else None
    return Entry(kind, at, "front-desk", by, hold=hold, policy_revision="r1", details=details or {})


def sign_of_life(kind: EntryKind, minutes: float, cosigned: int = 0, more: Mapping[str, Json] = BEATS) -> Entry:
    """Give a start, a heartbeat or an end that names what the witness had cosigned by then: so many entries."""
    said: Json = [{"witness": COSIGNER.verifier.name, "size": cosigned}]
    return line(kind, minutes, {**more, **({COSIGNED: said} if cosigned else {})})


def beat(minutes: float, cosigned: int = 0) -> Entry:
    """Give a heartbeat."""
    return sign_of_life(EntryKind.HEARTBEAT, minutes, cosigned)


DAY = (
    line(EntryKind.STARTED, 0, STARTED),
    line(EntryKind.POLICY_LOADED, 0),
    line(EntryKind.ROSTER_LOADED, 0, {"people": 3}),
    line(EntryKind.HOLD_OPENED, 5, {"sealed": {"query": "somebody"}}, "h1"),
    line(EntryKind.JUSTIFIED, 7, {"purpose": "locate", "sealed": {"narrative": "why"}}, "h1"),
    line(EntryKind.GRANT_ISSUED, 7, hold="h1"),
    beat(15),
    line(EntryKind.GRANT_USED, 16, hold="h1"),
    line(EntryKind.HOLD_OPENED, 20, {"sealed": {"query": "another"}}, "h2"),
    line(EntryKind.BACKED_OUT, 21, hold="h2"),
    beat(30, 7),
    line(EntryKind.GRANT_EXPIRED, 37, hold="h1"),
    beat(45, 11),
    beat(60, 11),
    sign_of_life(EntryKind.STOPPED, 61, 11),
    sign_of_life(EntryKind.STARTED, 900, 15, STARTED),
    line(EntryKind.NOTED, 905, {"note": "a line"}),
    line(EntryKind.NOTED, 906, {"note": "another line"}),
    beat(915, 15),
    sign_of_life(EntryKind.STOPPED, 920, 15),
)
WITNESSED = (7, 11, 15)


def record(path: Path, entries: tuple[Entry, ...] = DAY, signer: Signer = SIGNER) -> None:
    """Write the day into a new ledger, with what the witness signed."""
    with closing(SqliteLedger(path, Closed(), signer, EVERY)) as ledger:
        for size, entry in enumerate(entries, 1):
            ledger.append(entry)
            if size in WITNESSED:
                cosign(ledger, size)


def cosign(ledger: SqliteLedger, size: int) -> None:
    """Have the witness sign the state of these entries, which are all that there are."""
    text, _, _ = ledger.reader.head().rpartition("\n\n")
    ledger.cosign(size, COSIGNER.verifier.name, COSIGNER.line(text + "\n", int(START.timestamp()) + size * 60))


def resign(connection: sqlite3.Connection, signer: Signer = SIGNER) -> None:
    """Make all hashes and all signed states anew, as somebody with the key could; no witness signs that.

    Nor does any entry tell any more that one did.
    """
    rows = [(idx, unsaid(body)) for idx, body in connection.execute("SELECT idx, body FROM entries ORDER BY idx")]
    connection.executemany("UPDATE entries SET body = ?2 WHERE idx = ?1", rows)
    sizes = [size for (size,) in connection.execute("SELECT size FROM checkpoints ORDER BY size")]
    growth, note = Growth(), ""
    for idx, body in rows:
        growth, _ = growth.add([leaf_hash(body)])
        connection.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (leaf_hash(body), idx))
        note = signer.sign(Checkpoint(SIGNER.verifier.name, growth.size, growth.root()))
        if growth.size in sizes:
            connection.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (note, growth.size))
    connection.execute("UPDATE head SET size = ?, note = ?", (growth.size, note))
    connection.execute("DELETE FROM cosignatures")


def unsaid(body: bytes) -> bytes:
    """Give an entry that tells of no cosignature."""
    entry = from_bytes(body)
    return to_bytes(replace(entry, details={name: told for name, told in entry.details.items() if name != COSIGNED}))


def set_back(connection: sqlite3.Connection) -> None:
    """Take the ledger as a whole back to a state that it once had."""
    connection.execute("DELETE FROM entries WHERE idx >= 11")
    connection.execute("DELETE FROM checkpoints WHERE size > 11")
    connection.execute("DELETE FROM cosignatures WHERE size > 11")
    connection.execute("UPDATE head SET size = 11, note = (SELECT note FROM checkpoints WHERE size = 11)")


def sql(*statements: str) -> Change:
    """Change rows."""

    def change(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return change


def other_words(connection: sqlite3.Connection) -> None:
    """Change what an old entry says, and sign all anew with today's key."""
    connection.execute("UPDATE entries SET body = CAST(replace(body, 'locate', 'crisis') AS BLOB) WHERE idx = 4")
    resign(connection)


def wrong_key(connection: sqlite3.Connection) -> None:
    """Sign all with another key of the same name."""
    resign(connection, Signer(SIGNER.verifier.name, b"x" * 32))


def dropped_and_signed(connection: sqlite3.Connection) -> None:
    """Drop entries out of the middle, close the ranks, and sign all anew."""
    connection.execute("DELETE FROM entries WHERE idx IN (8, 9)")
    connection.execute("DELETE FROM payloads WHERE idx = 8")
    connection.execute("DELETE FROM checkpoints")
    for idx in range(10, len(DAY)):
        connection.execute("UPDATE entries SET idx = ? WHERE idx = ?", (idx - 2, idx))
    for idx, body in connection.execute("SELECT idx, body FROM entries").fetchall():
        if lasts(from_bytes(body).kind, idx + 1, (EVERY,)):
            connection.execute("INSERT INTO checkpoints VALUES (?, '')", (idx + 1,))
    resign(connection)


@dataclass(frozen=True, slots=True)
class Tampered:
    """A copy that somebody changed, and how it is found out: by itself, or only beside what others kept."""

    change: Change
    first_bad: int | None
    words: str
    alone: bool = True


_SWAP = "UPDATE entries SET idx = {1} WHERE idx = {0}"
TAMPERED = {
    "bit-in-body": Tampered(
        sql("UPDATE entries SET body = CAST(replace(body, '\"people\":3', '\"people\":2') AS BLOB) WHERE idx = 2"),
        2, "its hash does not fit its bytes",
    ),
    "bit-in-sealed": Tampered(
        sql("UPDATE payloads SET payload = CAST(replace(payload, 'v1', 'v0') AS BLOB) WHERE idx = 4"),
        4, "sealed text of entry 4",
    ),
    "dropped-last": Tampered(sql("DELETE FROM entries WHERE idx = 19"), 19, "a checkpoint counts 20 entries"),
    "dropped-range": Tampered(sql("DELETE FROM entries WHERE idx BETWEEN 8 AND 9"), 8, "entry 8 is missing"),
    "dropped-and-signed": Tampered(dropped_and_signed, 7, "others remember another ledger of 11 entries", alone=False),
    "swapped": Tampered(
        sql(_SWAP.format(16, 99), _SWAP.format(17, 16), _SWAP.format(99, 17)), 16, "signs another tree"
    ),
    "signed-anew": Tampered(other_words, 0, "others remember another ledger of 7 entries", alone=False),
    "wrong-key": Tampered(wrong_key, 0, "bears no good signature"),
    "no-signature": Tampered(
        sql("UPDATE head SET note = substr(note, 1, instr(note, '— ') - 1)"), 20, "cannot be read: it was changed"
    ),
    "unsigned": Tampered(
        sql("UPDATE checkpoints SET note = substr(note, 1, instr(note, '— ') - 2)", "UPDATE head SET note = ''"),
        0, "cannot be read: it was changed",
    ),
    "removed-checkpoint": Tampered(
        sql("DELETE FROM checkpoints WHERE size = 8"), 7, "the checkpoint at 8 entries is missing"
    ),
    "removed-heartbeats-checkpoint": Tampered(
        sql("DELETE FROM checkpoints WHERE size = 13"), 12, "the checkpoint at 13 entries is missing"
    ),
    "changed-cosignature": Tampered(
        sql("UPDATE cosignatures SET line = (SELECT line FROM cosignatures WHERE size = 7) WHERE size = 11"),
        10, "the cosignature of `association.example/golden` at 11 entries is not good",
    ),
    "removed-cosignature": Tampered(
        sql("DELETE FROM cosignatures WHERE size = 11"),
        10, "the cosignature of `association.example/golden` at 11 entries is missing: entry 12 says that it was there",
    ),
    "trigger": Tampered(
        sql("CREATE TRIGGER forget AFTER INSERT ON cosignatures BEGIN DELETE FROM cosignatures; END"),
        None, "a trigger `forget` on `cosignatures` stands in the database that guardrail did not make",
    ),
    "removed-head": Tampered(sql("DELETE FROM head"), 20, "the head is missing"),
    "set-back": Tampered(set_back, 11, "others remember 15 entries, there are 11", alone=False),
}  # fmt: skip
SILENT = (*DAY[:12], beat(150, 11), beat(165, 11), sign_of_life(EntryKind.STOPPED, 166, 11), *DAY[15:])
"""A day in which no heart beat for two hours."""


def write(name: str, change: Change | None, entries: tuple[Entry, ...] = DAY, folder: Path = FOLDER) -> Path:
    """Write one file of the set, as small as SQLite can."""
    file = folder / f"{name}.sqlite3"
    with TemporaryDirectory() as room:
        path = Path(room) / "ledger.sqlite3"
        record(path, entries)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            if change is not None:
                change(connection)
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("VACUUM")
        file.write_bytes(path.read_bytes())
    return file


def main(folder: Path = FOLDER) -> None:
    """Write all files."""
    write("good", None, folder=folder)
    write("silent", None, SILENT, folder)
    for name, tampered in TAMPERED.items():
        write(name, tampered.change, folder=folder)
    with TemporaryDirectory() as room:
        path = Path(room) / "ledger.sqlite3"
        record(path)
        with closing(SqliteLedger(path, Closed(), SIGNER, EVERY)) as ledger:
            kept = [note for note in checkpoints(ledger.reader) if COSIGNER.verifier.name in note]
    (folder / "witnessed.txt").write_text("\n".join(kept), encoding="utf-8")
    (folder / "ledger.vkey").write_text(f"{SIGNER.verifier}\n", encoding="utf-8")
    (folder / "witness.vkey").write_text(f"{COSIGNER.verifier}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
