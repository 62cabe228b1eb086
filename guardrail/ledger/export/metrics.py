"""Counts for Prometheus, out of the ledger itself, with no name and no id of anybody in them.

What is counted is what stands on the ledger, so that a restart loses nothing; a scrape takes up what came since the
last. Every label is a code of a closed list, or bounded.
"""

from __future__ import annotations

import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from guardrail.errors import GuardrailError
from guardrail.ledger.export.episode import CANCELLED, PROCEEDED
from guardrail.ledger.note import Note
from guardrail.model.entry import Entry, EntryKind, StoredEntry
from guardrail.model.ports import Ledger

OTHER = "other"

_MOST_LABELS = 200
_MOST_ENTRIES = 20_000
_PROMPTS = (1, 2, 3, 5, 8, 13, 21, 34)
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Readable(Protocol):
    """A ledger, read: its entries from an index on, and its signed head."""

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give the entries from index `start`, in order."""
        ...

    def head(self) -> str:
        """Give the signed state, as a C2SP note."""
        ...


class Bounded:
    """Lets so many different values of a label through; whatever comes after that is `other`."""

    def __init__(self, most: int = _MOST_LABELS) -> None:
        """Begin with none."""
        self._known: set[str] = set()
        self._most = most

    def __call__(self, value: str | None) -> str:
        """Give the label's value."""
        if value is None:
            return OTHER
        if value not in self._known and len(self._known) >= self._most:
            return OTHER
        self._known.add(value)
        return value


class Timed:
    """A ledger whose appends are timed."""

    def __init__(self, ledger: Ledger, seconds: Callable[[float], None]) -> None:
        """Take the ledger, and who is told how long each append took."""
        self._ledger = ledger
        self._seconds = seconds

    def append(self, *entries: Entry) -> int:
        """Append; an append that failed took its time too."""
        begun = time.perf_counter()
        try:
            return self._ledger.append(*entries)
        finally:
            self._seconds(time.perf_counter() - begun)

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Read on."""
        return self._ledger.read(start)


class Metrics:
    """All counts of one workstation; may be asked from any thread."""

    def __init__(
        self,
        ledger: Readable,
        backlogs: Mapping[str, Callable[[], int]] | None = None,
        away: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        """Take the ledger, and what is yet to be sent: a count for each place that entries go to.

        `away` gives the house's own tasks, each with for how many seconds it has been failing.
        """
        self._ledger = ledger
        self._tasks_away = away
        self._backlogs = dict(backlogs or {})
        self._next = 0
        self._day: date | None = None
        self._prompts: Tally[str] = Tally()
        self._sites, self._actions, self._rules = Bounded(), Bounded(), Bounded()
        self._turn = threading.Lock()
        self._registry = registry = CollectorRegistry()
        self._entries = Counter("guardrail_entries", "Entries by kind.", ["kind"], registry=registry)
        self._holds = Counter(
            "guardrail_holds", "Holds that are over.", ["action", "site", "outcome"], registry=registry
        )
        self._per_day = Histogram(
            "guardrail_prompts_per_clinician_day",
            "Holds opened to a clinician on a day that is over; days without one do not count.",
            buckets=_PROMPTS,
            registry=registry,
        )
        self._false_alarms = Counter(
            "guardrail_false_alarms", "Answers `not my client`, by the rule that asked.", ["rule"], registry=registry
        )
        self._size = Gauge("guardrail_ledger_entries", "Entries in the ledger's signed head.", registry=registry)
        self._counted = Gauge("guardrail_ledger_counted", "Entries that these counts cover.", registry=registry)
        self._loaded = Gauge(
            "guardrail_loaded_timestamp_seconds", "When what is in force was loaded.", ["what"], registry=registry
        )
        self._backlog = Gauge("guardrail_backlog_entries", "Entries yet to be sent.", ["to"], registry=registry)
        self._away = Gauge(
            "guardrail_task_failing_seconds", "For how long a task of the house fails; 0: it is well.", ["task"],
            registry=registry,
        )  # fmt: skip
        self._append = Histogram(
            "guardrail_append_seconds", "How long an append took.", buckets=_SECONDS, registry=registry
        )

    def timed(self, ledger: Ledger) -> Timed:
        """Give the same ledger, whose appends are timed from now on."""
        return Timed(ledger, self._append.observe)

    def text(self) -> bytes:
        """Give all counts in Prometheus's text format; those that cannot be read now stay as they were."""
        with self._turn:
            with suppress(GuardrailError):
                for stored in islice(self._ledger.read(self._next), _MOST_ENTRIES):
                    self._count(stored.entry)
                    self._next = stored.index + 1
                self._size.set(Note.read(self._ledger.head()).checkpoint().size)
            self._counted.set(self._next)
            for place, behind in self._backlogs.items():
                with suppress(GuardrailError):
                    self._backlog.labels(place).set(behind())
            for task, seconds in self._tasks_away().items():
                self._away.labels(task).set(seconds)
            return generate_latest(self._registry)

    def _count(self, entry: Entry) -> None:
        kind = entry.kind
        self._entries.labels(kind.value).inc()
        if kind in PROCEEDED or kind in CANCELLED:
            self._holds.labels(self._actions(entry.action), self._sites(entry.site), kind.value).inc()
        if kind is EntryKind.HOLD_OPENED:
            self._prompted(entry)
        elif kind is EntryKind.ATTESTED:
            self._false_alarms.labels(self._rules(entry.rule)).inc()
        elif kind is EntryKind.POLICY_LOADED:
            self._loaded.labels("policy").set(entry.at.timestamp())
        elif kind is EntryKind.ROSTER_LOADED:
            self._loaded.labels("roster").set(entry.at.timestamp())

    def _prompted(self, entry: Entry) -> None:
        """Count a prompt to a clinician; with the first of another day, the day before is over."""
        day = entry.at.astimezone().date()
        if day != self._day:
            for prompts in self._prompts.values():
                self._per_day.observe(prompts)
            self._prompts.clear()
            self._day = day
        self._prompts[entry.clinician or ""] += 1
