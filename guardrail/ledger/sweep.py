"""What was destroyed or sealed anew on the workstations, removed from the clinic's database.

What a workstation sends only adds rows: `changes` says which closed text takes the place of which, or that it is gone,
and hides the old one. Here the old one goes, where an entry that the ledger's own key signed bears the change out. A
log-in that was stolen can add to `changes`, and entries too; it cannot sign what it added, and so removes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import batched, groupby

from sqlalchemy import Connection, create_engine, text

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import from_bytes
from guardrail.ledger.database import CONNECT_SECONDS, FAILURES, unavailable
from guardrail.ledger.merkle import leaf_hash
from guardrail.ledger.note import Verifier
from guardrail.ledger.place import Tree
from guardrail.ledger.proofs import inclusion
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry, EntryKind

_AT_ONCE = 1000
_TOLD_KEPT = 64
# Only where something is left to remove: the text that the entry had, or one that was put in its place meanwhile.
_CHANGED = """
SELECT tree, origin, idx, made, payload FROM guardrail.changes AS change JOIN guardrail.trees ON id = tree
    WHERE EXISTS (SELECT FROM guardrail.payloads AS kept WHERE kept.tree = change.tree AND kept.idx = change.idx)
    OR EXISTS (
        SELECT FROM guardrail.changes AS other
        WHERE other.tree = change.tree AND other.idx = change.idx AND other.made <> change.made
    )
    ORDER BY tree, idx, made DESC
"""
_ENTRY = "SELECT leaf, body FROM guardrail.entries WHERE tree = :tree AND idx = :made"
_GONE = """
unnest(CAST(:trees AS integer[]), CAST(:indexes AS bigint[]), CAST(:last AS bigint[])) AS gone (tree, idx, made)
    WHERE kept.tree = gone.tree AND kept.idx = gone.idx
"""
_REMOVE = (
    f"DELETE FROM guardrail.payloads AS kept USING {_GONE} RETURNING kept.tableoid::regclass::text",  # noqa: S608 - its own words
    f"DELETE FROM guardrail.changes AS kept USING {_GONE} AND kept.made < gone.made RETURNING 'guardrail.changes'",  # noqa: S608 - its own words
)
_IS_OWNER = """
SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'guardrail.payloads'::regclass
"""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many closed texts were removed, and how many changes no entry bears out: what they hide was left."""

    removed: int
    left: int


def sweep(url: str, keys: Sequence[Verifier], *, rewrite: bool = False) -> Swept:
    """Remove the closed texts that were sealed anew or destroyed since they were sent; entries stay.

    Only where the entry that says so is proved to stand under a state that one of `keys`, a key of its ledger, signed.
    `rewrite` makes the tables anew, so that nothing is left in their files, and is the owner's to do; while a table is
    being made, nobody writes to it. Otherwise it is the keeper's. Raise LedgerUnavailableError, LedgerError.
    """
    if not keys:
        raise LedgerError("nothing is removed without the keys that vouch for it: name the ledgers' verifier keys")
    place = Tree(url, "-")
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    touched: set[str] = set()
    try:
        with engine.begin() as connection:
            if rewrite and not connection.scalar(text(_IS_OWNER)):
                raise LedgerError("only the database's owner can make its tables anew: sweep without that")
            gone, left = _borne_out(connection, _Telling(connection, url, keys))
            removed = 0
            for some in batched(gone, _AT_ONCE):
                columns = zip(("trees", "indexes", "last"), map(list, zip(*some, strict=True)), strict=True)
                named = dict(columns)
                for statement in _REMOVE:
                    tables = connection.execute(text(statement), named).scalars().all()
                    removed += len(tables)
                    touched |= set(tables)
        if rewrite:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in sorted(touched):
                    connection.exec_driver_sql(f"VACUUM (FULL) {table}")
    except FAILURES as error:
        raise unavailable(place, error) from None
    finally:
        engine.dispose()
    return Swept(removed, left)


def _borne_out(connection: Connection, telling: _Telling) -> tuple[list[tuple[int, int, int]], int]:
    """Give for each text (tree, index, entry) the last change that an entry bears out; and how many none does."""
    gone: list[tuple[int, int, int]] = []
    left = 0
    rows = connection.execute(text(_CHANGED), execution_options={"yield_per": _AT_ONCE})
    for (tree, idx), changes in groupby(rows, key=lambda row: (row.tree, row.idx)):
        for one in changes:
            digest = None if one.payload is None else sha256(one.payload).hexdigest()
            if telling.of(tree, one.origin, one.made).get(idx, "") == digest:
                gone.append((tree, idx, one.made))
                break
            left += 1
    return gone, left


class _Telling:
    """What entries tell of closed texts."""

    def __init__(self, connection: Connection, url: str, keys: Sequence[Verifier]) -> None:
        self._connection = connection
        self._url = url
        self._keys = keys
        self.of: Callable[[int, str, int], Mapping[int, str | None]] = lru_cache(_TOLD_KEPT)(self._of)

    def _of(self, tree: int, origin: str, made: int) -> dict[int, str | None]:
        """Give the hash that each text has from that entry on, None where it is destroyed, by its index."""
        own = [key for key in self._keys if key.name == origin]
        rows = self._connection.execute(text(_ENTRY), {"tree": tree, "made": made}).all()
        # One entry may stand there twice, under two months: then nobody can say which of them was signed.
        if not own or len(rows) != 1 or leaf_hash(rows[0].body) != rows[0].leaf:
            return {}
        try:
            with closing(LedgerReader(Tree(self._url, origin))) as reader:
                inclusion(reader, made, own)
            return dict(_told(from_bytes(rows[0].body)))
        except LedgerError:
            return {}


def _told(entry: Entry) -> Iterator[tuple[int, str | None]]:
    named = entry.details.get({EntryKind.DESTROYED: "indexes", EntryKind.RESEALED: "texts"}.get(entry.kind, ""))
    for one in named if isinstance(named, list) else ():
        match one:
            case int():
                yield one, None
            case [int(index), str(), str(new)]:
                yield index, new
