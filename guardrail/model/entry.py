"""Ledger entries as data: what happened, when, to whom, under which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

type Json = bool | int | str | list[Json] | dict[str, Json] | None


class EntryKind(StrEnum):
    """What an entry records. A closed list; the strings are stable."""

    STARTED = "started"
    STOPPED = "stopped"
    POLICY_LOADED = "policy_loaded"
    POLICY_REFUSED = "policy_refused"
    ROSTER_LOADED = "roster_loaded"
    NOTICE_ACKNOWLEDGED = "notice_acknowledged"
    NOTED = "noted"
    HOLD_OPENED = "hold_opened"
    BACKED_OUT = "backed_out"
    ABANDONED = "abandoned"
    JUSTIFIED = "justified"
    ATTESTED = "attested"
    CONSENT_USED = "consent_used"
    ACKNOWLEDGED = "acknowledged"
    GRANT_ISSUED = "grant_issued"
    GRANT_USED = "grant_used"
    GRANT_USED_UP = "grant_used_up"
    GRANT_EXPIRED = "grant_expired"
    GRANT_REVOKED = "grant_revoked"
    DUTY_CREATED = "duty_created"
    DUTY_DONE = "duty_done"
    DUTY_OVERDUE = "duty_overdue"
    REFUSED = "refused"
    FAILURE = "failure"
    SETTINGS_CHANGED = "settings_changed"
    READERS_CHANGED = "readers_changed"
    KEY_ROTATED = "key_rotated"
    KEY_IN_USE = "key_in_use"
    RESEALED = "resealed"
    VIEWED = "viewed"
    REVIEWED = "reviewed"
    EXPORTED = "exported"
    LEGAL_HOLD = "legal_hold"
    DESTROYED = "destroyed"
    STORE_BACK = "store_back"
    STORE_LOST = "store_lost"
    HEARTBEAT = "heartbeat"
    EXCEPTION_SET = "exception_set"
    EXCEPTION_REMOVED = "exception_removed"


GRANT_OVER = frozenset({EntryKind.GRANT_USED_UP, EntryKind.GRANT_EXPIRED, EntryKind.GRANT_REVOKED})
"""The kinds of entry that end a grant."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, before it has an index.

    `at` is aware and in UTC. `details` is plain JSON without floats; what was typed stands only under
    the key `sealed`, which the ledger closes when it takes the entry: read back, it holds the hash of the
    closed text alone. Absent facts are None.
    """

    kind: EntryKind
    at: datetime
    workstation: str
    clinician: str | None = None
    site: str | None = None
    action: str | None = None
    rule: str | None = None
    policy_revision: str | None = None
    client_ref: str | None = None
    hold: str | None = None
    grant: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)

    @property
    def clients(self) -> tuple[str, ...]:
        """The references of every client whom it is about: `client_ref`, then those under `also`."""
        also = self.details.get("also")
        refs = (self.client_ref, *(also if isinstance(also, list) else ()))
        return tuple(ref for ref in refs if isinstance(ref, str))


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with its place: `index` counts from 0, `leaf` is its hash in the tree (hex).

    `payload` is the closed text (age), None where nothing was typed or the text was destroyed.
    """

    index: int
    entry: Entry
    leaf: str
    payload: bytes | None = None
