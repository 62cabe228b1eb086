"""One workstation's parts, and their life: what it writes when it begins, what goes on in it, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from guardrail import heart
from guardrail.canary import Canary
from guardrail.changes import Changes
from guardrail.door import Door
from guardrail.errors import GuardrailError
from guardrail.holds.desk import Desk
from guardrail.ledger.export.siem import Forwarder
from guardrail.ledger.pulse import CHECKPOINT, HEARTBEAT, Pulse
from guardrail.ledger.spool import Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.proxy.serve import LoopbackServer
from guardrail.proxy.trip import Address, Road
from guardrail.reload import Live, watch
from guardrail.settings import Settings
from guardrail.tenancy import Tenancy
from guardrail.tending import Tending, aside
from guardrail.witness.sender import Sender

_SWEEP_SECONDS = 5.0
_STALE_SECONDS = 900.0
_LAST_WORD_SECONDS = 2.0  # a witness that does not answer keeps no computer from shutting down


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Give the time now, in UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Ids out of the system's randomness."""

    def new(self) -> str:
        """Give 128 random bits in 22 characters."""
        return secrets.token_urlsafe(16)


@dataclass(slots=True)
class House:
    """All parts of one workstation, built and not yet running."""

    settings: Settings
    live: Live
    ledger: SqliteLedger
    desk: Desk
    road: Road
    pages: LoopbackServer
    practice: LoopbackServer | None
    ca_folder: Path
    proxy: Address
    canary: Canary
    clock: SystemClock
    pulse: Pulse
    sender: Sender | None
    spool: Spool | None
    forwarder: Forwarder | None
    door: Door
    tending: Tending
    tenancy: Tenancy

    def begin(self, changes: Changes) -> None:
        """Write the first entries: what is promised, what is in force, and what has changed. Raise LedgerError."""
        settings = self.settings
        self.write(
            EntryKind.STARTED,
            {
                "practice": settings.practice,
                HEARTBEAT: settings.heartbeat_minutes * 60,
                CHECKPOINT: settings.checkpoint_every,
                **heart.first_beat(self.ledger.reader, settings.workstation, self.clock.now()),
                **self._cosigned(),
            },
        )
        self.write(EntryKind.POLICY_LOADED, {})
        self.live.begin(self.write)
        for kind, told in changes.entries():
            self.write(kind, told)
        changes.keep()

    def open(self) -> tuple[asyncio.Task[None], ...]:
        """Serve the pages and keep time, in the running event loop; give the tasks that do the latter."""
        if self.spool is not None:
            self.spool.start()
        if self.forwarder is not None:
            self.forwarder.start()
        self.pages.start()
        if self.practice is not None:
            self.practice.start()
        # What was built stays for good: the collector need not walk over it again and again.
        gc.collect()
        gc.freeze()
        self._tend()
        return self.tending.start()

    async def close(self, tasks: tuple[asyncio.Task[None], ...]) -> None:
        """End everything, in the other order; what a supervisor may miss in the ledger is when it ended."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with AsyncExitStack() as rest:  # whatever fails, all the rest is ended too
            rest.callback(self.tenancy.close)
            rest.callback(self.ledger.close)
            if self.spool is not None:
                rest.push_async_callback(asyncio.to_thread, self.spool.close)
            if self.sender is not None:
                rest.push_async_callback(asyncio.to_thread, self.sender.end)
            rest.push_async_callback(self._say_last)
            rest.push_async_callback(asyncio.to_thread, self.door.close)
            if self.practice is not None:
                rest.push_async_callback(self.practice.stop)
            rest.push_async_callback(self.pages.stop)
            if self.forwarder is not None:
                rest.callback(self.forwarder.stop)

    async def _say_last(self) -> None:
        """Write that it ends, and let the witnesses know; one that does not answer holds nobody up."""
        with suppress(GuardrailError):
            await asyncio.to_thread(self._write_last)
            if self.sender is not None:
                await self._hand_over(self.sender)

    async def _hand_over(self, sender: Sender) -> None:
        """Hand the last checkpoint to the witnesses, by a sender that waits for nothing which the other began."""
        await asyncio.to_thread(sender.end)
        last, seconds = sender.anew(), _LAST_WORD_SECONDS * len(self.settings.witnesses)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(aside(lambda: last.send(self.ledger, _LAST_WORD_SECONDS)), seconds)
        finally:
            await asyncio.to_thread(last.end)

    def _write_last(self) -> None:
        told = {**heart.last_beat(self.pulse, self.clock), **self._cosigned()}
        _write(self.ledger.append, self.settings, self.live, EntryKind.STOPPED, told)

    def _cosigned(self) -> dict[str, Json]:
        return heart.cosigned(self.sender, self.ledger)

    def write(self, kind: EntryKind, details: dict[str, Json]) -> None:
        """Write an entry about the house itself. Raise LedgerUnavailableError."""
        _write(self.door.tell, self.settings, self.live, kind, details)

    def _tend(self) -> None:
        """Name the tasks that go on while it stands. Without a heart, or with an old policy, it goes on for a while."""
        add, beat_seconds = self.tending.add, self.settings.heartbeat_minutes * 60
        add(heart.SWEEP, lambda: _sweep(self.desk))
        add(heart.RELOAD, lambda: watch(self.live, self.write), _STALE_SECONDS)
        add(heart.CANARY, self.canary.watch)
        add(heart.HEART, lambda: heart.beat(self.pulse, self.clock, self.write, self._cosigned), beat_seconds)
        if (sender := self.sender) is not None:
            add(heart.WITNESSING, lambda: heart.witnessing(sender, self.ledger, self.write))


def _write(
    append: Callable[[Entry], int], settings: Settings, live: Live, kind: EntryKind, details: dict[str, Json]
) -> None:
    now, revision = datetime.now(UTC), live.policy().revision
    append(Entry(kind, now, settings.workstation, policy_revision=revision, details=details))


async def _sweep(desk: Desk) -> None:
    """Let what is over be over. A ledger that takes no entry now will take it at a later turn."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        with suppress(GuardrailError):
            await desk.sweep()
