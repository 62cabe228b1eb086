"""What a house tells programs of others about its ledger, where a setting asks for it: a SIEM, and Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from guardrail.ledger.export.siem import Forwarder, Siem
from guardrail.ledger.note import Note
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.spool import Spool
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import EntryKind, Json
from guardrail.settings import Settings
from guardrail.tending import Tending

if TYPE_CHECKING:
    from guardrail.ledger.export.metrics import Metrics


def forwarder_of(
    settings: Settings, ledger: SqliteLedger, write: Callable[[EntryKind, dict[str, Json]], None]
) -> Forwarder | None:
    """Give what sends entries to a SIEM; `write` takes the entry that tells of an outage. Raise LedgerError."""
    if settings.syslog is None:
        return None

    def tell(problem: str) -> None:
        write(EntryKind.FAILURE, {"where": "syslog", "cause": problem})

    siem = Siem.read(settings.syslog, settings.syslog_ca, settings.syslog_enterprise_number)
    return Forwarder(siem, LedgerReader(ledger.path), ledger.origin, settings.data_dir, tell)


def metrics_of(
    settings: Settings,
    ledger: SqliteLedger,
    spool: Spool | None,
    forwarder: Forwarder | None,
    tending: Tending | None = None,
) -> Metrics | None:
    """Give the counts, with what is yet to be sent to the database and to the SIEM, and the house's own tasks."""
    if not settings.metrics:
        return None
    from guardrail.ledger.export.metrics import Metrics  # noqa: PLC0415 - a house that shows none need not load them

    backlogs: dict[str, Callable[[], int]] = {}
    if spool is not None:
        backlogs["database"] = lambda: spool.delivery().behind
    if forwarder is not None:
        backlogs["siem"] = lambda: Note.read(ledger.reader.head()).checkpoint().size - forwarder.next_index()

    def away() -> dict[str, float]:
        return {} if tending is None else {name: tending.away(name) for name in tending.names()}

    return Metrics(ledger.reader, backlogs, away)
