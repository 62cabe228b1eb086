"""Nothing comes after a house's last entry, and nothing passes while it may not go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from guardrail.door import Door
from guardrail.errors import LedgerUnavailableError
from guardrail.model.entry import Entry, EntryKind, StoredEntry

ENTRY = Entry(EntryKind.NOTED, datetime(2026, 3, 2, tzinfo=UTC), "front-desk")


class Slow:
    """Stands in for a disk that takes its time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.entries: list[Entry] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def append(self, *entries: Entry) -> int:
        """Take entries, once it may."""
        self.begun.set()
        assert self.go_on.wait(30)
        self.entries += entries
        return len(self.entries) - 1

    def read(self, start: int = 0) -> Iterator[StoredEntry]:
        """Give what is there."""
        return (StoredEntry(at, entry, "", None) for at, entry in enumerate(self.entries[start:], start))


def test_what_is_on_its_way_is_waited_for_and_nothing_comes_after() -> None:
    """A house's last entry is its last."""
    ledger = Slow()
    door = Door(ledger, lambda: None)
    late = threading.Thread(target=door.append, args=(ENTRY,))
    late.start()
    assert ledger.begun.wait(30)
    there: list[int] = []

    def close() -> None:
        door.close()
        there.append(len(ledger.entries))

    closing = threading.Thread(target=close)
    closing.start()
    ledger.go_on.set()
    for thread in (late, closing):
        thread.join(30)
        assert not thread.is_alive()
    assert there == [1]
    for append in (door.append, door.tell):
        with pytest.raises(LedgerUnavailableError, match="guardrail is ending"):
            append(ENTRY)
    assert [stored.index for stored in door.read()] == [0]


def test_the_road_is_closed_where_the_house_may_not_go_on() -> None:
    """What the house says of itself still goes through, or nobody could read why."""

    def no() -> None:
        raise LedgerUnavailableError("the ledger takes no entry now: its heart has stopped")

    ledger = Slow()
    ledger.go_on.set()
    door = Door(ledger, no)
    with pytest.raises(LedgerUnavailableError, match="its heart has stopped"):
        door.append(ENTRY)
    assert door.tell(ENTRY) == 0
