"""What a house does although nothing happens: its heart beats on the ledger, and its checkpoints go to witnesses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from guardrail.errors import GuardrailError
from guardrail.ledger.pulse import TURN_SECONDS, Pulse
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import EntryKind, Json
from guardrail.model.ports import Clock
from guardrail.witness.sender import Sender

type Write = Callable[[EntryKind, dict[str, Json]], None]

_EVERY_SECONDS = 60.0


async def beat(pulse: Pulse, clock: Clock, write: Write) -> None:
    """Write a heartbeat whenever one is due. One that the ledger does not take now is due at the next turn."""
    while True:
        await asyncio.sleep(TURN_SECONDS)
        if pulse.turn(clock.now()):
            try:
                await asyncio.to_thread(write, EntryKind.HEARTBEAT, pulse.details())
            except GuardrailError:
                pulse.refused()
            else:
                pulse.written()


def last_beat(pulse: Pulse, clock: Clock) -> dict[str, Json]:
    """Give what the last entry says of the clock since the last heartbeat."""
    pulse.turn(clock.now())
    return pulse.details()


async def witnessing(sender: Sender, ledger: SqliteLedger, write: Write) -> None:
    """Hand checkpoints to the witnesses, every minute; that one refuses is an entry, once."""
    while True:
        with suppress(GuardrailError):
            await asyncio.to_thread(send, sender, ledger, write)
        await asyncio.sleep(_EVERY_SECONDS)


def send(sender: Sender, ledger: SqliteLedger, write: Write) -> None:
    """Ask every witness once. Raise LedgerUnavailableError."""
    for refusal in sender.send(ledger):
        write(EntryKind.FAILURE, {"where": "witness", "cause": str(refusal)})
