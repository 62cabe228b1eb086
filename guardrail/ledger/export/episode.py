"""One hold and all that came of it: the entries of a ledger, told as an episode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import SEALED
from guardrail.ledger.seal import open_sealed
from guardrail.model.entry import GRANT_OVER, Entry, EntryKind, Json, StoredEntry

if TYPE_CHECKING:
    from pyrage import x25519

PROCEEDED = frozenset(
    {EntryKind.JUSTIFIED, EntryKind.ATTESTED, EntryKind.CONSENT_USED, EntryKind.ACKNOWLEDGED}
)  # fmt: skip
"""How a hold ends where the action goes on."""
CANCELLED = frozenset({EntryKind.BACKED_OUT, EntryKind.ABANDONED})
"""How a hold ends where it does not."""
READ: frozenset[EntryKind] = frozenset({EntryKind.VIEWED, EntryKind.EXPORTED})
"""That somebody read it: on the ledger with it, and no step of it."""
# What may be about one client alone, where the hold concerns several.
_LEAVE = GRANT_OVER | {EntryKind.GRANT_ISSUED, EntryKind.GRANT_USED}
_DUTY = frozenset({EntryKind.DUTY_CREATED, EntryKind.DUTY_DONE, EntryKind.DUTY_OVERDUE})


@dataclass(frozen=True, slots=True)
class Told:
    """An entry, and what was typed with it: `typed` is None where that is closed to us or was destroyed."""

    stored: StoredEntry
    typed: Mapping[str, Json] | None

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        return self.stored.entry

    @property
    def destroyed(self) -> bool:
        """Whether something was typed of which the hash alone is left."""
        return SEALED in self.entry.details and self.stored.payload is None

    def detail(self, name: str) -> Json:
        """Give a detail that stands in the clear; None where it is absent."""
        return self.entry.details.get(name)

    def moment(self, name: str) -> datetime | None:
        """Give a detail that is a time; None where it is absent."""
        text = self.detail(name)
        return datetime.fromisoformat(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Leave:
    """A grant: how it was issued, each use, and how it ended (None: not yet)."""

    issued: Told
    uses: tuple[Told, ...]
    over: Told | None


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty: `due` may be unset; `late` is the entry that says that it was not done in time."""

    id: str
    kind: str
    created: Told
    due: datetime | None
    done: Told | None
    late: Told | None


@dataclass(frozen=True)
class Episode:
    """Everything that the ledger says of one hold, oldest first; there is one entry at least.

    `only` is the client for whose file it is told, where it concerns several.
    """

    hold: str
    told: tuple[Told, ...]
    only: str | None = None

    @property
    def opening(self) -> Told:
        """The entry that opened it, or else its first: each names who, what, which rule."""
        return next(iter(self.of(EntryKind.HOLD_OPENED)), self.told[0])

    @cached_property
    def ending(self) -> Told | None:
        """How the hold was answered; None where it was not."""
        return next(iter(self.of(*PROCEEDED, *CANCELLED)), None)

    @cached_property
    def leaves(self) -> tuple[Leave, ...]:
        """The grants that the answer bought."""
        return tuple(
            Leave(
                issued,
                tuple(one for one in self.of(EntryKind.GRANT_USED) if one.entry.grant == issued.entry.grant),
                next((one for one in self.of(*GRANT_OVER) if one.entry.grant == issued.entry.grant), None),
            )
            for issued in self.of(EntryKind.GRANT_ISSUED)
        )

    @cached_property
    def duties(self) -> tuple[Owed, ...]:
        """What the grants obliged to."""
        done, late = self._by_duty(EntryKind.DUTY_DONE), self._by_duty(EntryKind.DUTY_OVERDUE)
        return tuple(
            Owed(
                duty,
                str(created.detail("duty_kind")),
                created,
                created.moment("due_at"),
                done.get(duty),
                late.get(duty),
            )
            for duty, created in self._by_duty(EntryKind.DUTY_CREATED).items()
        )

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """Every client whom it is told of, by reference, each once."""
        if self.only is not None:
            return (self.only,)
        return tuple(dict.fromkeys(ref for one in self.told for ref in one.entry.clients))

    @property
    def reviews(self) -> list[Told]:
        """How supervisors judged it; each review stays."""
        return self.of(EntryKind.REVIEWED)

    @property
    def awaits_review(self) -> bool:
        """Whether somebody went on for a reason of their own, and nobody has judged it: a read warning needs none."""
        return bool(self.of(*PROCEEDED - {EntryKind.ACKNOWLEDGED})) and not self.reviews

    @property
    def unfinished(self) -> bool:
        """Whether it was not answered yet, a grant still runs, or a duty is still owed."""
        return (
            self.ending is None
            or any(leave.over is None for leave in self.leaves)
            or any(duty.done is None for duty in self.duties)
        )

    def for_file_of(self, client: str) -> Episode:
        """Tell it for one client's file: grants and duties about others are left out, and nobody else is named.

        Raise LedgerError where it does not concern that client.
        """
        if client not in self.clients:
            raise LedgerError("this episode does not concern that client")
        others = {
            one.entry.grant
            for one in self.of(EntryKind.GRANT_ISSUED)
            if one.entry.clients and client not in one.entry.clients
        }

        def is_about_others(entry: Entry) -> bool:
            if entry.kind in _DUTY and entry.client_ref is not None:
                return entry.client_ref != client
            return entry.kind in _LEAVE | _DUTY and entry.grant in others

        return Episode(self.hold, tuple(one for one in self.told if not is_about_others(one.entry)), client)

    def opened(self, identities: Sequence[x25519.Identity]) -> Episode:
        """Give it with what was typed, where one of the keys opens it."""
        return replace(self, told=tuple(tell(one.stored, identities) for one in self.told))

    def of(self, *kinds: EntryKind) -> list[Told]:
        """Give its entries of these kinds."""
        return [one for one in self.told if one.entry.kind in kinds]

    def _by_duty(self, kind: EntryKind) -> dict[str, Told]:
        return {str(one.detail("duty")): one for one in self.of(kind)}


def chosen(entries: Iterable[StoredEntry], hold: str | None = None, client: str | None = None) -> Iterator[StoredEntry]:
    """Give, as they come, the entries of one hold, or those about one client and of their holds; else all of them.

    What comes of a grant names the grant alone: its hold is known from the entry that issued it.
    """
    if hold is None and client is None:
        yield from entries
        return
    holds: set[str] = set() if hold is None else {hold}
    grants: set[str] = set()
    for stored in entries:
        entry = stored.entry
        named = client is not None and client in entry.clients
        if named or entry.hold in holds or entry.grant in grants:
            if entry.hold is not None:
                holds.add(entry.hold)
            if entry.grant is not None:
                grants.add(entry.grant)
            yield stored


def episodes(entries: Iterable[StoredEntry], identities: Sequence[x25519.Identity] = ()) -> tuple[Episode, ...]:
    """Tell entries as episodes, in the order in which they began; what belongs to no hold is left out."""
    parts: dict[str, list[Told]] = {}
    by_grant: dict[str, str] = {}
    for stored in entries:
        entry = stored.entry
        hold = entry.hold or by_grant.get(entry.grant or "")
        if hold is None or (hold not in parts and entry.kind in READ):
            continue
        if entry.grant is not None:
            by_grant[entry.grant] = hold
        parts.setdefault(hold, []).append(tell(stored, identities))
    return tuple(Episode(hold, tuple(told)) for hold, told in parts.items())


def tell(stored: StoredEntry, identities: Sequence[x25519.Identity] = ()) -> Told:
    """Give an entry with what was typed, where one of the keys opens it: a supervisor's opens some entries alone."""
    if SEALED not in stored.entry.details:
        return Told(stored, {})
    if stored.payload is None or not identities:
        return Told(stored, None)
    try:
        return Told(stored, open_sealed(stored.payload, identities))
    except LedgerError:
        return Told(stored, None)
