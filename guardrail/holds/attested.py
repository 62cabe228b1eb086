"""What clinicians said is not their client, over and over: by its keyed token, so that the clinic can look into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from guardrail.holds.answers import NOT_MY_CLIENT
from guardrail.holds.grants import is_quiet_key
from guardrail.model.entry import Entry, EntryKind, StoredEntry


@dataclass(slots=True)
class Attested:
    """One subject: how often it was attested, by whom, where, for which clients it was taken, and when last.

    `opened` is the entry of the last hold about it: what was typed stands there, closed.
    """

    token: str
    times: int = 0
    clinicians: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    last: datetime | None = None
    opened: StoredEntry | None = None


def attested(entries: Iterable[StoredEntry], at_least: int = 1) -> tuple[Attested, ...]:
    """Walk a ledger once and give what was attested at least so often, the most often first."""
    found: dict[str, Attested] = {}
    holds: dict[str, StoredEntry] = {}
    for stored in entries:
        entry = stored.entry
        if entry.kind is EntryKind.HOLD_OPENED and entry.hold is not None:
            holds[entry.hold] = stored
        elif _is_attestation(entry):
            token = str(entry.details["subject_key"])
            one = found.setdefault(token, Attested(token))
            one.times += 1
            one.last = entry.at
            one.clinicians.update([entry.clinician] if entry.clinician else [])
            one.sites.update([entry.site] if entry.site else [])
            one.clients.update([entry.client_ref] if entry.client_ref else [])
            one.opened = holds.get(entry.hold or "", one.opened)
    often = [one for one in found.values() if one.times >= at_least]
    return tuple(sorted(often, key=lambda one: (-one.times, one.token)))


def _is_attestation(entry: Entry) -> bool:
    key = entry.details.get("subject_key")
    is_bought = entry.kind is EntryKind.GRANT_ISSUED and entry.details.get("purpose") == NOT_MY_CLIENT
    return is_bought and isinstance(key, str) and not is_quiet_key(key)
