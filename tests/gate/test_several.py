"""Several people in one request: leave is needed for every client among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.gate import HoldOverlay, HoldPage, Pass, Silence
from guardrail.model.action import Action, ActionKind, Subject
from guardrail.model.http import HttpResponse
from guardrail.recognise import Unread
from guardrail.roster import load_roster
from tests.gate.scene import FOLLOW, PROFILE, ROSTER, SEARCH, WREN, House, call, page


@pytest.mark.parametrize("leave", ["margit+ollander", "tobin+ashgrove"])
async def test_leave_for_one_client_does_not_open_a_search_for_two(house: House, leave: str) -> None:
    """Whichever of the two names stands first; the answer to the search for both is leave for both."""
    await house.justify(page("/search", f"q={leave}"))
    both = ("tobin+ashgrove+and+margit+ollander", "margit+ollander+tobin+ashgrove")
    for names in both:
        met = await house.gate.check(page("/search", f"q={names}"), WREN)
        assert isinstance(met, HoldPage)
        assert {client.client_ref for client in met.hold.decision.clients} == {"C-1", "C-2"}
    await house.justify(page("/search", f"q={both[0]}"))
    for names in (*both, "margit+ollander", "tobin+ashgrove"):
        assert isinstance(await house.gate.check(page("/search", f"q={names}"), WREN), Pass)


async def test_suggestions_that_mean_another_client_too_stay_silent(house: House) -> None:
    """Leave to look for one is not leave to send the other's name, letter by letter."""
    await house.justify(SEARCH)
    assert isinstance(await house.gate.check(page("/complete/search", "q=margit+ollander"), WREN), Pass)
    met = await house.gate.check(page("/complete/search", "q=margit+ollander+tobin+ashgrove"), WREN)
    assert isinstance(met, Silence)


async def test_leave_for_one_of_two_namesakes_is_asked_for_both(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words mean either; one answer is about both, and both stand on record."""
    file = tmp_path / "namesakes.csv"
    file.write_text(ROSTER + "C-3,Margit,Ollander,facebook:99,current\n", encoding="utf-8")
    namesakes = load_roster(file, b"k" * 32)
    monkeypatch.setattr(house.gate, "_roster", lambda: namesakes)
    await house.justify(PROFILE)
    met = await house.gate.check(SEARCH, WREN)
    assert isinstance(met, HoldPage)
    assert {client.client_ref for client in met.hold.decision.clients} == {"C-1", "C-3"}
    await house.justify(SEARCH)
    assert isinstance(await house.gate.check(SEARCH, WREN), Pass)


@pytest.mark.parametrize("at", [0, 1, 40, 63, 64, 500])
async def test_a_client_anywhere_among_the_subjects_is_seen(house: House, at: int) -> None:
    """A follow of many at once is held for the one, and beyond what is looked at, as what cannot be read."""
    people = [Subject(id=str(number)) for number in range(1000, 1000 + at)] + [Subject(id="77")]
    many = Action(ActionKind.FOLLOW, "facebook", "follow", people[0], others=tuple(people[1:]))
    met = await house.gate.decide(FOLLOW, many, WREN)
    assert isinstance(met, HoldOverlay)
    assert [client.client_ref for client in met.hold.decision.clients] == (["C-1"] if at < 64 else [])
    assert met.hold.action.subject.id == ("77" if at < 64 else None)


async def test_what_a_batch_does_besides_is_judged_too(house: House) -> None:
    """A harmless action leads, and a client among what goes along with it is held under that action's own kind."""
    along = Action(ActionKind.VIEW_PROFILE, "facebook", "profile", Subject(handle="margit.ollander"))
    batch = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="1"), along=(along,))
    met = await house.gate.decide(FOLLOW, batch, WREN)
    assert isinstance(met, HoldOverlay)
    assert met.hold.action.kind is ActionKind.VIEW_PROFILE
    assert [client.client_ref for client in met.hold.decision.clients] == ["C-1"]


async def test_what_could_be_read_of_a_request_is_judged_beside_what_could_not(house: House) -> None:
    """A name in the address is not left to the failure modes because the body is broken."""
    seen = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="77"))
    unread = Unread("facebook", ("profile",), (ActionKind.VIEW_PROFILE,), (seen,))
    met = await house.gate.decide(FOLLOW, unread, WREN)
    assert isinstance(met, HoldOverlay)
    assert "C-1" in {client.client_ref for client in met.hold.decision.clients}
    assert met.hold.action.request is not None


async def test_strangers_among_the_subjects_need_no_leave(house: House) -> None:
    """Several people nobody knows pass as one does."""
    several = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="1"), others=(Subject(id="2"),))
    assert isinstance(await house.gate.decide(FOLLOW, several, WREN), Pass)


async def test_leave_to_follow_one_is_not_leave_to_follow_two(house: House) -> None:
    """And the numbers of both are resolved: a page that was seen says whose they are."""
    seen = HttpResponse(200, ((b"content-type", b"application/json"),), b'{"uid": "4711", "label": "Tobin Ashgrove"}')
    house.gate.learn(call("/profile", b""), seen)
    await house.justify(FOLLOW)
    two = Action(ActionKind.FOLLOW, "facebook", "follow", Subject(id="77"), others=(Subject(id="4711"),))
    met = await house.gate.decide(FOLLOW, two, WREN)
    assert isinstance(met, HoldOverlay)
    assert [client.client_ref for client in met.hold.decision.also] == ["C-2"]
    assert isinstance(await house.gate.check(FOLLOW, WREN), Pass)
