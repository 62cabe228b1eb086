"""All episodes one by one, as they come apart when all are told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrail.ledger.export.episode import episodes
from guardrail.ledger.export.gather import each_episode
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry, EntryKind, StoredEntry
from tests.ledger.export.scene import STORIES, Scene
from tests.ledger_keys import SUPERVISOR, opened

AT = datetime(2026, 3, 2, tzinfo=UTC)
ENTRIES = st.lists(
    st.builds(
        Entry,
        kind=st.sampled_from([EntryKind.HOLD_OPENED, EntryKind.GRANT_ISSUED, EntryKind.DUTY_DONE, EntryKind.VIEWED]),
        at=st.just(AT),
        workstation=st.just("w"),
        hold=st.sampled_from([None, "h1", "h2", "h3"]),
        grant=st.sampled_from([None, "g1", "g2", "h1"]),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(ENTRIES)
def test_it_tells_what_telling_all_at_once_tells(entries: Sequence[Entry]) -> None:
    """Whatever order ids come in, also the same for a hold and a grant."""
    with TemporaryDirectory() as folder, closing(opened(Path(folder) / "ledger.sqlite3")) as ledger:
        ledger.append(*entries)
        found = tuple(each_episode(ledger.reader, ledger.read()))
        assert found == episodes(ledger.read())


async def test_of_every_story(desk: Scene) -> None:
    """With a key what was typed is open."""
    for story in STORIES.values():
        await story(desk)
    found = tuple(each_episode(desk.ledger.reader, desk.ledger.read(), [SUPERVISOR]))
    assert found == episodes(desk.ledger.read(), [SUPERVISOR])
    assert found[0].opening.typed == {"query": "margit ollander"}


async def test_no_more_than_one_is_held(desk: Scene) -> None:
    """The entries are walked once before the first; then each is read when it is asked for."""
    for story in STORIES.values():
        await story(desk)
    asked: list[int] = []

    class Told(LedgerReader):
        def at(self, indexes: Iterable[int]) -> Iterator[StoredEntry]:
            for stored in super().at(indexes):
                asked.append(stored.index)
                yield stored

    with closing(Told(desk.ledger.path)) as reader:
        told = each_episode(reader, reader.read())
        first = next(told)
        assert asked == [one.stored.index for one in first.told]
        next(told)
        assert len(asked) < sum(1 for _ in reader.read()) - 1
        told.close()


def test_what_is_not_there_is_left_out(desk: Scene) -> None:
    """Asked for by index, in the order that was asked for, more than one piece of them."""
    desk.ledger.append(*(Entry(EntryKind.NOTED, AT, "w", hold=f"h{number}") for number in range(1200)))
    asked = [1199, 5, 7000, *range(600), -1]
    assert [one.index for one in desk.ledger.reader.at(asked)] == [1199, 5, *range(600)]
    assert list(desk.ledger.reader.at([])) == []
