"""What a house does although nothing happens: its heart beats on the ledger, and its checkpoints go to witnesses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, or_, select

from guardrail.errors import GuardrailError
from guardrail.ledger.canonical import from_bytes
from guardrail.ledger.database import ENTRIES
from guardrail.ledger.note import Note
from guardrail.ledger.pulse import COSIGNED, HEARTBEAT, TURN_SECONDS, Pulse, last_sign, set_back
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.model.ports import Clock
from guardrail.tending import aside, to_the_end
from guardrail.witness.sender import Sender

type Write = Callable[[EntryKind, dict[str, Json]], None]
type Facts = Callable[[], Mapping[str, Json]]

_EVERY_SECONDS = 60.0
_LOOKED_AT = 2000
_AT_ONCE = 100
# How they look in their bytes: in RFC 8785 form no text can hold these quotes.
_STAMPS = [
    literal(f'"kind":"{kind.value}"'.encode())
    for kind in (EntryKind.STARTED, EntryKind.STOPPED, EntryKind.HEARTBEAT, EntryKind.FAILURE)
]
SWEEP, RELOAD, CANARY, HEART, WITNESSING = "sweep", "reload", "canary", "heartbeat", "witnessing"
TASKS = frozenset({SWEEP, RELOAD, CANARY, HEART, WITNESSING})
"""The names of a house's tasks, in its log, its metrics, and in entries `failure` under `where`."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a ledger says of a house's life: its last start, heartbeat or end, and when which of its tasks failed."""

    last: datetime
    heartbeat_seconds: int
    has_ended: bool
    failed: Mapping[str, datetime]

    def is_silent(self, now: datetime) -> bool:
        """Whether a heartbeat is long overdue."""
        return 0 < 2 * self.heartbeat_seconds < (now - self.last).total_seconds()


def signs(reader: LedgerReader, workstation: str) -> Signs | None:
    """Look for them in what was written since the last start; None where there is none. Raise LedgerError."""
    failed: dict[str, datetime] = {}
    last: Entry | None = None
    for entry in _about_the_house(reader):
        if entry.workstation != workstation:
            continue
        where = entry.details.get("where")
        if entry.kind is EntryKind.FAILURE:
            if isinstance(where, str) and where in TASKS:
                failed.setdefault(where, entry.at)
            continue
        last = last or entry
        if entry.kind is EntryKind.STARTED:
            break
    if last is None:
        return None
    seconds = last.details.get(HEARTBEAT)
    return Signs(last.at, seconds if isinstance(seconds, int) else 0, last.kind is EntryKind.STOPPED, failed)


def _about_the_house(reader: LedgerReader) -> Iterator[Entry]:
    """Give the entries of a house about itself, the newest first."""
    body = ENTRIES.c.body
    wanted = select(ENTRIES.c.idx, body).where(or_(*(func.instr(body, stamp) > 0 for stamp in _STAMPS)))
    end: int | None = None
    while True:
        piece = wanted if end is None else wanted.where(ENTRIES.c.idx < end)
        with reader.moment() as connection:
            rows = connection.execute(piece.order_by(ENTRIES.c.idx.desc()).limit(_AT_ONCE)).all()
        for row in rows:
            yield from_bytes(row.body)
        if len(rows) < _AT_ONCE:
            return
        end = rows[-1].idx


async def beat(pulse: Pulse, clock: Clock, write: Write, facts: Facts = dict) -> None:
    """Write a heartbeat with `facts` whenever one is due. One that the ledger does not take is due at the next turn."""

    def try_to() -> None:
        try:
            write(EntryKind.HEARTBEAT, {**pulse.details(), **facts()})
        except Exception as error:
            pulse.refused()
            if not isinstance(error, GuardrailError):
                raise
        else:
            pulse.written()

    while True:
        await asyncio.sleep(TURN_SECONDS)
        if pulse.turn(clock.now()):
            await to_the_end(try_to)


def last_beat(pulse: Pulse, clock: Clock) -> dict[str, Json]:
    """Give what the last entry says of the clock since the last heartbeat."""
    pulse.turn(clock.now())
    return pulse.details()


def first_beat(reader: LedgerReader, workstation: str, now: datetime) -> dict[str, Json]:
    """Give what the first entry says of the clock since this workstation's last. Raise LedgerUnavailableError."""
    size = Note.read(reader.head()).checkpoint().size
    newest_first = [stored.entry for stored in reader.read(max(0, size - _LOOKED_AT))][::-1]
    return set_back(last_sign(newest_first, workstation), now)


def cosigned(sender: Sender | None, ledger: SqliteLedger) -> dict[str, Json]:
    """Give what an entry says of the witnesses: what was there can then not be taken out unseen."""
    named = sender.cosigned(ledger) if sender is not None else []
    return {COSIGNED: named} if named else {}


async def witnessing(sender: Sender, ledger: SqliteLedger, write: Write) -> None:
    """Hand checkpoints to the witnesses, every minute; that one refuses is an entry, once."""
    while True:
        with suppress(GuardrailError):
            await aside(lambda: send(sender, ledger, write))
        await asyncio.sleep(_EVERY_SECONDS)


def send(sender: Sender, ledger: SqliteLedger, write: Write) -> None:
    """Ask every witness once. Raise LedgerUnavailableError."""
    for refusal in sender.send(ledger):
        write(EntryKind.FAILURE, {"where": "witness", "cause": str(refusal)})
