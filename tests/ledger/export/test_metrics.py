"""The counts: read by Prometheus's own parser, right, bounded, and without anybody's name or id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from guardrail.errors import LedgerUnavailableError
from guardrail.ledger.export.metrics import Bounded, Metrics
from guardrail.model.entry import Entry, EntryKind, StoredEntry
from tests.ledger.export.scene import CLIENT, STORIES, TYPED, WREN, Scene


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Give every sample: its name, then its labels' values in the order of the labels' names."""
    text = metrics.text().decode()
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_is_counted(desk: Scene) -> None:
    """Entries by kind, holds by action, site and outcome, false alarms by rule, and the ledger's size."""
    metrics = Metrics(desk.ledger.reader)
    for story in ("whole", "back", "attested"):
        await STORIES[story](desk)
    found = read(metrics)
    assert found["guardrail_entries_total", "hold_opened"] == 3
    assert found["guardrail_holds_total", "search", "justified", "google"] == 1
    assert found["guardrail_holds_total", "search", "backed_out", "google"] == 1
    assert found["guardrail_false_alarms_total", "searching"] == 1
    size = found["guardrail_ledger_entries",]
    assert found["guardrail_ledger_counted",] == size == sum(1 for _ in desk.ledger.read())
    await desk.back()
    again = read(metrics)
    assert again["guardrail_entries_total", "hold_opened"] == 4
    assert again["guardrail_holds_total", "search", "backed_out", "google"] == 2


async def test_prompts_per_clinician_and_day_are_a_distribution(desk: Scene) -> None:
    """A day counts once it is over: two days of dr-wren, with three prompts and with one."""
    metrics = Metrics(desk.ledger.reader)
    for prompts in (3, 1, 1):
        for _ in range(prompts):
            await desk.back()
        desk.wait(days=1)
    found = read(metrics)
    assert found["guardrail_prompts_per_clinician_day_count",] == 2
    assert found["guardrail_prompts_per_clinician_day_sum",] == 4
    assert found["guardrail_prompts_per_clinician_day_bucket", "1.0"] == 1
    assert found["guardrail_prompts_per_clinician_day_bucket", "3.0"] == 2


async def test_nobody_is_in_it(desk: Scene) -> None:
    """No clinician, no client, no workstation, nothing typed, no hold."""
    metrics = Metrics(desk.ledger.reader)
    for story in STORIES.values():
        await story(desk)
    text = metrics.text().decode()
    secrets = (*TYPED, WREN.id, CLIENT.client_ref, "front-desk", "id-0001")
    assert not [one for one in secrets if one in text]


def test_labels_are_bounded() -> None:
    """However many sites there are, there are 200 series and one for all others."""
    bounded = Bounded()
    assert len({bounded(f"site-{number}") for number in range(1000)}) == 201
    assert (bounded("site-3"), bounded("site-900"), bounded(None)) == ("site-3", "other", "other")


def test_revisions_have_their_time(desk: Scene) -> None:
    """The age of what is in force is now minus this; the latest counts."""
    metrics = Metrics(desk.ledger.reader)
    first, later = desk.clock.now(), desk.clock.now() + timedelta(hours=1)
    for kind, at in (
        (EntryKind.POLICY_LOADED, first),
        (EntryKind.ROSTER_LOADED, first),
        (EntryKind.POLICY_LOADED, later),
    ):
        desk.ledger.append(Entry(kind, at, "front-desk"))
    found = read(metrics)
    assert found["guardrail_loaded_timestamp_seconds", "policy"] == later.timestamp()
    assert found["guardrail_loaded_timestamp_seconds", "roster"] == first.timestamp()


def test_backlogs_and_appends(desk: Scene) -> None:
    """What is yet to be sent, and how long appends took, also those that failed."""
    metrics = Metrics(desk.ledger.reader, {"siem": lambda: 7})
    timed = metrics.timed(desk.ledger)
    timed.append(Entry(EntryKind.STOPPED, desk.clock.now(), "front-desk"))
    with pytest.raises(LedgerUnavailableError):
        metrics.timed(Broken()).append()
    assert [one.entry.kind for one in timed.read()] == [EntryKind.STOPPED]
    found = read(metrics)
    assert found["guardrail_backlog_entries", "siem"] == 7
    assert found["guardrail_append_seconds_count",] == 2


def test_a_task_of_the_house_that_fails_is_seen(desk: Scene) -> None:
    """For how long; and that it is well again."""
    away = {"heartbeat": 0.0, "sweep": 61.5}
    metrics = Metrics(desk.ledger.reader, away=lambda: away)
    assert read(metrics)["guardrail_task_failing_seconds", "sweep"] == 61.5
    away["sweep"] = 0.0
    found = read(metrics)
    assert {found["guardrail_task_failing_seconds", name] for name in away} == {0.0}


def test_a_ledger_that_cannot_be_read_leaves_the_counts_as_they_were() -> None:
    """A scrape is answered all the same."""
    assert read(Metrics(Broken(), {"siem": Broken().append}))["guardrail_ledger_counted",] == 0


class Broken:
    """A ledger that is out of reach."""

    def append(self, *entries: Entry) -> int:
        """Take nothing."""
        raise LedgerUnavailableError("the ledger takes no entry now: the test says so")

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give nothing."""
        raise LedgerUnavailableError("the ledger cannot be read now: the test says so")

    def head(self) -> str:
        """Give nothing."""
        raise LedgerUnavailableError("the ledger cannot be read now: the test says so")
