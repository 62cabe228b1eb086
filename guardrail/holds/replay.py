"""What a restart must know, read back from the ledger: live grants, open duties, acknowledged notices, open holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guardrail.holds.grants import used
from guardrail.holds.words import is_quiet_key
from guardrail.model.decision import Scope
from guardrail.model.entry import GRANT_OVER, Entry, EntryKind, StoredEntry
from guardrail.model.hold import Duty, Grant

HOLD_OVER = frozenset(
    {
        EntryKind.BACKED_OUT,
        EntryKind.ABANDONED,
        EntryKind.JUSTIFIED,
        EntryKind.ATTESTED,
        EntryKind.CONSENT_USED,
        EntryKind.ACKNOWLEDGED,
    }
)
"""The entries that end a hold."""


@dataclass(slots=True)
class State:
    """What is open: grants and duties by id, clinicians who know what is recorded, and entries of open holds.

    `overdue` are the ids of duties whose lateness is on the ledger already.
    """

    grants: dict[str, Grant] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    overdue: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    holds: dict[str, Entry] = field(default_factory=dict)


def replay(entries: Iterable[StoredEntry], workstation: str) -> State:
    """Walk the ledger once and give what is open on this workstation.

    A grant whose time has passed is still here: that it expired is for `sweep` to write down.
    """
    state = State()
    for stored in entries:
        if stored.entry.workstation == workstation:
            _take(state, stored.entry)
    return state


def _take(state: State, entry: Entry) -> None:
    kind = entry.kind
    if kind is EntryKind.NOTICE_ACKNOWLEDGED and entry.clinician is not None:
        state.acknowledged.add(entry.clinician)
    elif kind is EntryKind.HOLD_OPENED and entry.hold is not None:
        state.holds[entry.hold] = entry
    elif kind in HOLD_OVER and entry.hold is not None:
        state.holds.pop(entry.hold, None)
    elif kind is EntryKind.GRANT_ISSUED:
        grant = _grant(entry)
        state.grants[grant.id] = grant
    elif kind is EntryKind.GRANT_USED and entry.grant in state.grants:
        state.grants[entry.grant] = used(state.grants[entry.grant])
    elif kind in GRANT_OVER and entry.grant is not None:
        state.grants.pop(entry.grant, None)
    elif kind is EntryKind.DUTY_CREATED:
        duty = _duty(entry)
        state.duties[duty.id] = duty
    elif kind is EntryKind.DUTY_DONE:
        state.duties.pop(str(entry.details.get("duty")), None)
    elif kind is EntryKind.DUTY_OVERDUE:
        state.overdue.add(str(entry.details.get("duty")))


def _grant(entry: Entry) -> Grant:
    details: Any = entry.details
    return Grant(
        id=entry.grant or "",
        hold_id=entry.hold or "",
        clinician_id=entry.clinician or "",
        subject_key=details["subject_key"],
        purpose=details["purpose"],
        scope=Scope(details["scope"]),
        actions=frozenset(details["actions"]),
        site=details["on_site"],
        issued_at=entry.at,
        expires_at=datetime.fromisoformat(details["expires_at"]),
        uses_left=details["uses"],
        asked_on=entry.site or "",
        denies=entry.clients if is_quiet_key(details["subject_key"]) else (),
    )


def _duty(entry: Entry) -> Duty:
    details: Any = entry.details
    due = details["due_at"]
    return Duty(
        id=details["duty"],
        grant_id=entry.grant or "",
        clinician_id=entry.clinician or "",
        client_ref=entry.client_ref,
        kind=details["duty_kind"],
        due_at=datetime.fromisoformat(due) if due else None,
    )
