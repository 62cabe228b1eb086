"""What clinicians said is not their client, over and over: by keyed tokens, so that the clinic can look into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from guardrail.holds.answers import NOT_MY_CLIENT
from guardrail.holds.words import is_quiet_key
from guardrail.model.entry import Entry, EntryKind, StoredEntry

OFTEN = 2
"""So often is often: what was attested once needs no exception."""


@dataclass(slots=True)
class Attested:
    """One subject: how often it was attested, by whom, where, for which clients it was taken, and when last.

    `is_words`: these are words alone, `token` is theirs and of those clients, and the clinic may except them. Of an
    account or the like the token is the subject's own. `opened` is the entry of the last hold about it: what was
    typed stands there, closed. `excepted` is until when the clinic has excepted it, as the ledger says.
    """

    token: str
    is_words: bool = False
    times: int = 0
    clinicians: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    last: datetime | None = None
    opened: StoredEntry | None = None
    excepted: datetime | None = None

    def is_excepted(self, now: datetime) -> bool:
        """Say whether the clinic has excepted it, and that is not over."""
        return self.excepted is not None and now < self.excepted


def attested(entries: Iterable[StoredEntry], at_least: int = 1) -> tuple[Attested, ...]:
    """Walk a ledger once and give what was attested at least so often, the most often first."""
    found: dict[str, Attested] = {}
    holds: dict[str, StoredEntry] = {}
    said: dict[str, Entry] = {}
    excepted: dict[str, datetime] = {}
    for stored in entries:
        entry = stored.entry
        if entry.kind is EntryKind.HOLD_OPENED and entry.hold is not None:
            holds[entry.hold] = stored
        elif entry.kind is EntryKind.ATTESTED and entry.hold is not None:
            said[entry.hold] = entry
        elif _is_attestation(entry):
            one = _counted(found, said.get(entry.hold or ""), entry)
            one.opened = holds.get(entry.hold or "", one.opened)
        elif entry.kind is EntryKind.EXCEPTION_SET:
            excepted[str(entry.details["words"])] = datetime.fromisoformat(str(entry.details["until"]))
        elif entry.kind is EntryKind.EXCEPTION_REMOVED:
            excepted.pop(str(entry.details["words"]), None)
    often = [one for one in found.values() if one.times >= at_least]
    for one in often:
        one.excepted = excepted.get(one.token)
    return tuple(sorted(often, key=lambda one: (-one.times, one.token)))


def uses_of_exceptions(entries: Iterable[StoredEntry]) -> dict[str, tuple[int, datetime]]:
    """Walk a ledger once and give of each exception, by its token, how often it let something pass, and when last."""
    uses: dict[str, tuple[int, datetime]] = {}
    for stored in entries:
        token = stored.entry.details.get("exception")
        if stored.entry.kind is EntryKind.NOTED and isinstance(token, str):
            times, _ = uses.get(token, (0, None))
            uses[token] = times + 1, stored.entry.at
    return uses


def _counted(found: dict[str, Attested], said: Entry | None, bought: Entry) -> Attested:
    """Count one attestation: by its words' token where it was about words alone, else by its subject's."""
    words = said.details.get("words") if said is not None else None
    token = str(words or bought.details["subject_key"])
    one = found.setdefault(token, Attested(token, is_words=words is not None))
    one.times += 1
    one.last = bought.at
    one.clinicians.update([bought.clinician] if bought.clinician else [])
    one.sites.update([bought.site] if bought.site else [])
    one.clients.update((said if said is not None and words is not None else bought).clients)
    return one


def _is_attestation(entry: Entry) -> bool:
    key = entry.details.get("subject_key")
    is_bought = entry.kind is EntryKind.GRANT_ISSUED and entry.details.get("purpose") == NOT_MY_CLIENT
    return is_bought and isinstance(key, str) and not is_quiet_key(key)
