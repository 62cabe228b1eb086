"""How long what was typed is kept: closed texts that have had their time are destroyed, and an entry says so.

Entries stay for good, and the tree over them; only the closed text goes. A legal hold, an entry as well, keeps the
texts of one client or of all from being destroyed until it is lifted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta
from itertools import batched

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import Swap
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json, StoredEntry

INDEXES, RULE, HELD = "indexes", "rule", "held"
"""The names of facts in an entry `destroyed`, and in one `legal_hold`."""
_AT_ONCE = 256
# A house that runs writes every few minutes: an older ledger, or a clock that is ahead, cannot be told apart.
_AHEAD = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Terms:
    """How many years closed texts are kept: by the kind of their entry, and where no kind says otherwise."""

    years: int
    of: Mapping[EntryKind, int]

    def years_of(self, kind: EntryKind) -> int:
        """Give the years for a kind of entry."""
        return self.of.get(kind, self.years)

    def rule(self, kind: EntryKind) -> str:
        """Give the words by which an entry says why a text was destroyed."""
        return f"{kind.value}: {self.years_of(kind)} years"


@dataclass(frozen=True, slots=True)
class Due:
    """What may be destroyed: indexes by rule; and how many texts are due but held."""

    texts: Mapping[str, Sequence[int]]
    held: int

    @property
    def count(self) -> int:
        """How many texts."""
        return sum(map(len, self.texts.values()))


def due(entries: Iterable[StoredEntry], terms: Terms, now: datetime) -> Due:
    """Say which closed texts have had their time at `now`, in one walk.

    Raise LedgerError where the ledger's last entry does not bear out that it is now.
    """
    ripe: list[tuple[int, EntryKind, tuple[str, ...]]] = []
    held: set[str | None] = set()
    last: datetime | None = None
    for stored in entries:
        entry, last = stored.entry, stored.entry.at
        if entry.kind is EntryKind.LEGAL_HOLD:
            (held.add if entry.details.get(HELD) is True else held.discard)(entry.client_ref)
        elif stored.payload is not None and _years_after(entry.at, terms.years_of(entry.kind)) <= now:
            ripe.append((stored.index, entry.kind, entry.clients))
    if ripe and last is not None and not last - _AHEAD <= now <= last + _AHEAD:
        raise LedgerError(
            f"the ledger's last entry is of {last:%Y-%m-%d}, this computer's clock says {now:%Y-%m-%d}: "
            "set the clock, or start guardrail once, before anything is destroyed"
        )
    texts: dict[str, list[int]] = {}
    for index, kind, clients in ripe:
        if None not in held and held.isdisjoint(clients):
            texts.setdefault(terms.rule(kind), []).append(index)
    return Due(texts, len(ripe) - sum(map(len, texts.values())))


def destroy(ledger: SqliteLedger, found: Due, workstation: str, now: datetime) -> int:
    """Destroy these texts; each transaction writes the entry `destroyed` that names them. Give how many.

    Raise LedgerUnavailableError: what is destroyed by then has its entry.
    """
    for rule, indexes in found.texts.items():
        for some in batched(indexes, _AT_ONCE):
            details: dict[str, Json] = {INDEXES: list(some), RULE: rule}
            entry = Entry(EntryKind.DESTROYED, now, workstation, details=details)
            ledger.replace(entry, {index: Swap(None) for index in some})
    return found.count


def hold_entry(workstation: str, now: datetime, client: str | None, reason: str, *, held: bool) -> Entry:
    """Give the entry that sets or lifts a legal hold on one client's texts, or on all; the reason is closed."""
    details: dict[str, Json] = {HELD: held, "sealed": {"reason": reason}}
    return Entry(EntryKind.LEGAL_HOLD, now, workstation, client_ref=client, details=details)


def holds(entries: Iterable[StoredEntry]) -> Counter[str | None]:
    """Give the clients whose texts are held; None where all are."""
    held: Counter[str | None] = Counter()
    for stored in entries:
        if stored.entry.kind is EntryKind.LEGAL_HOLD:
            held[stored.entry.client_ref] = int(stored.entry.details.get(HELD) is True)
    return +held


def _years_after(at: datetime, years: int) -> datetime:
    if at.year + years > MAXYEAR:
        return datetime.max.replace(tzinfo=at.tzinfo)
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # 29 February
        return at.replace(year=at.year + years, month=3, day=1)
