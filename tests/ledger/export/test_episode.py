"""A hold and all that came of it, out of a ledger with others beside it."""

from __future__ import annotations

import pytest
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.export.episode import chosen, episodes
from guardrail.model.entry import EntryKind
from tests.ledger.export.scene import DISCUSSED, STORIES, Scene


async def told_twice(desk: Scene) -> list[str]:
    """Play every story, one after the other."""
    return [await story(desk) for story in STORIES.values()]


async def test_every_entry_belongs_to_one_episode(desk: Scene) -> None:
    """All stories on one ledger come apart again; the notice belongs to none."""
    holds = await told_twice(desk)
    found = episodes(desk.ledger.read())
    assert [one.hold for one in found] == list(dict.fromkeys(holds))  # the unanswered one is then left
    indexes = sorted(one.stored.index for episode in found for one in episode.told)
    assert indexes == list(range(1, sum(1 for _ in desk.ledger.read())))
    for episode in found:
        alone = chosen(desk.ledger.read(), episode.hold)
        assert [one.index for one in alone] == [one.stored.index for one in episode.told]


async def test_whole(desk: Scene) -> None:
    """Grants with their uses and ends, duties with what was written, each where it belongs."""
    episode = desk.episode(await desk.whole())
    assert episode.ending is not None
    assert episode.ending.entry.kind is EntryKind.JUSTIFIED
    assert [(len(leave.uses), leave.over is not None) for leave in episode.leaves] == [(2, True), (2, True)]
    assert [duty.kind for duty in episode.duties] == ["write_outcome", "discuss", "discuss"]
    done = [duty.done for duty in episode.duties]
    assert [one.typed for one in done if one][1:] == [{"text": DISCUSSED}] * 2
    assert episode.clients == ("C-1001", "C-2002")
    assert not episode.unfinished


async def test_of_one_client(desk: Scene) -> None:
    """All episodes that concern a client are chosen, the second of several too; others are not."""
    await told_twice(desk)
    both = list(chosen(desk.ledger.read(), client="C-2002"))
    assert {one.entry.hold for one in both} - {None} == {"id-0001"}
    assert all(
        "C-2002" in one.entry.clients or one.entry.hold == "id-0001" or one.entry.grant is not None for one in both
    )
    assert list(chosen(desk.ledger.read(), client="C-9")) == []


@pytest.mark.parametrize("client", ["C-1001", "C-2002"])
async def test_for_one_file(desk: Scene, client: str) -> None:
    """Nothing that is about the other client alone is in it; what was done about the search as a whole is."""
    episode = desk.episode(await desk.whole()).for_file_of(client)
    assert episode.clients == (client,)
    assert [leave.issued.entry.client_ref for leave in episode.leaves] == [client]
    assert [duty.created.entry.client_ref for duty in episode.duties if duty.kind == "discuss"] == [client]
    assert episode.leaves[0].over is not None
    assert episode.ending is not None


async def test_not_for_the_file_of_somebody_else(desk: Scene) -> None:
    """It has to concern the client."""
    with pytest.raises(LedgerError, match="does not concern that client"):
        desk.episode(await desk.whole()).for_file_of("C-9")


async def test_a_key_that_does_not_fit_leaves_it_closed(desk: Scene) -> None:
    """A supervisor's key opens the entries of some clinicians alone: the rest is told as closed."""
    episode = desk.episode(await desk.whole(), (x25519.Identity.generate(),))
    assert episode.opening.typed is None
    assert not episode.opening.destroyed
