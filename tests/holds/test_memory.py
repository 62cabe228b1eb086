"""What is kept of stopped requests is bounded, and one page's request never takes over another's hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrail.errors import HoldError
from guardrail.holds.desk import Desk
from guardrail.holds.memory import size_of
from guardrail.model.entry import EntryKind
from guardrail.model.hold import HoldState
from guardrail.model.http import HttpRequest

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic

ROOM = 64 << 10


def narrowed(clinic: Clinic) -> Clinic:
    """Put a new desk into the clinic that keeps at most 64 KiB."""
    acknowledged = clinic.desk._state.acknowledged
    parts = (clinic.ledger, clinic.clock, clinic.ids, "front-desk", b"k" * 32, lambda: clinic.policy)
    clinic.desk = Desk(*parts, hold_bytes=ROOM)
    clinic.desk._state.acknowledged = acknowledged
    return clinic


@pytest.fixture
def narrow(clinic: Clinic) -> Clinic:
    """Give a clinic whose desk keeps at most 64 KiB."""
    return narrowed(clinic)


def sent_from(request: HttpRequest, name: bytes, page: bytes) -> HttpRequest:
    """Give the request as the page at this address sends it."""
    headers = tuple(header for header in request.headers if header[0] != b"Origin")
    return replace(request, headers=(*headers, (name, page)))


def kept(clinic: Clinic) -> int:
    """Say how many bytes of requests the desk keeps."""
    return sum(size_of(held.hold.request) for held in clinic.desk._memory) + clinic.desk._resumptions.size


@pytest.mark.parametrize("surface", ["page", "overlay"])
@pytest.mark.parametrize("name", [b"Origin", b"Referer"])
async def test_a_request_from_another_page_is_another_hold(clinic: Clinic, name: bytes, surface: str) -> None:
    """The overlay of one site's page is not moved into another's by the same call from there."""
    request = clinic.page() if surface == "page" else clinic.fetch()
    here, there = (sent_from(request, name, page) for page in (b"https://www.facebook.com/a", b"https://evil.example/"))
    first = await clinic.open(request=here)
    second = await clinic.open(request=there)
    assert first.id != second.id
    assert (await clinic.open(request=here)).id == first.id
    assert (await clinic.desk.hold(first.id, clinic.wren)).request == replace(here, body=first.request.body)


async def test_two_tabs_at_two_addresses_do_not_answer_each_others(clinic: Clinic) -> None:
    """Each goes on to where it was stopped."""
    one, other = clinic.page(query="q=margit&tab=1"), clinic.page(query="q=margit&tab=2")
    first, second = await clinic.open(request=one), await clinic.open(request=other)
    assert first.id != second.id
    assert (await clinic.desk.justify(first.id, clinic.wren, clinic.answers())).request.url == one.url
    assert clinic.desk.awaits(other) is None


async def test_the_oldest_holds_make_room_on_record(narrow: Clinic) -> None:
    """What would be too much abandons what has waited longest; nothing resumes without its body."""
    holds = []
    for at in range(4):
        narrow.clock.advance(seconds=1)
        page = narrow.page(query=f"q={at}", method="POST", body=b"x" * (ROOM // 3))
        holds.append(await narrow.open(narrow.action(query=str(at)), request=page))
    gone = narrow.of(EntryKind.ABANDONED)
    assert [(entry.hold, entry.details["cause"]) for entry in gone] == [(hold.id, "memory") for hold in holds[:2]]
    with pytest.raises(HoldError, match="not known here"):
        await narrow.desk.justify(holds[0].id, narrow.wren, narrow.answers())
    await narrow.desk.justify(holds[3].id, narrow.wren, narrow.answers())
    assert narrow.desk.resumed(replace(holds[3].request, method="GET", body=b""), narrow.wren) == holds[3].request


async def test_what_is_too_large_by_itself_is_refused_on_record_and_nothing_else_goes(narrow: Clinic) -> None:
    """A hold that could not be resumed whole is not opened."""
    first = await narrow.open()
    with pytest.raises(HoldError) as refused:
        await narrow.open(narrow.action(query="b"), request=narrow.page(method="POST", body=b"x" * ROOM))
    assert refused.value.reason == "full"
    assert narrow.of(EntryKind.REFUSED)[-1].details["reason"] == "full"
    assert (await narrow.desk.hold(first.id, narrow.wren)).state is HoldState.OPEN


async def test_what_waits_to_be_resumed_is_never_let_go_for_room(narrow: Clinic) -> None:
    """Its answer has been given: a POST that came back as a mere GET would do something else."""
    large = narrow.page(method="POST", body=b"x" * (ROOM * 2 // 3))
    hold = await narrow.open(request=large)
    await narrow.desk.justify(hold.id, narrow.wren, narrow.answers())
    other = replace(large, query="q=b")
    with pytest.raises(HoldError):
        await narrow.open(narrow.action(query="b"), request=other)
    assert narrow.desk.resumed(narrow.page(), narrow.wren) == large
    assert (await narrow.open(narrow.action(query="b"), request=other)).request == other


async def test_where_the_ledger_takes_nothing_nobody_makes_room(narrow: Clinic) -> None:
    """No hold ends without its entry."""
    first = await narrow.open(request=narrow.page(method="POST", body=b"x" * (ROOM // 2)))
    narrow.ledger.broken = True
    with pytest.raises(Exception, match="takes no entry"):
        await narrow.open(narrow.action(query="b"), request=narrow.page(method="POST", body=b"y" * (ROOM // 2)))
    narrow.ledger.broken = False
    assert (await narrow.desk.hold(first.id, narrow.wren)).state is HoldState.OPEN


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(["open", "again", "answer", "leave"]), st.integers(0, ROOM))))
async def test_whatever_happens_no_more_is_kept_than_the_bound(clinic: Clinic, steps: list[tuple[str, int]]) -> None:
    """Opened, tried again with a larger body, answered, left: in all at most the room there is."""
    narrow = narrowed(clinic)
    holds: list[str] = []
    for at, (step, size) in enumerate(steps):
        subject = at if step == "open" else 0
        try:
            if step in {"open", "again"}:
                page = narrow.page(query=f"q={subject}", method="POST", body=b"x" * size)
                holds.append((await narrow.open(narrow.action(query=str(subject)), request=page)).id)
            elif holds and step == "answer":
                await narrow.desk.justify(holds[-1], narrow.wren, replace(narrow.answers(), next_meeting=None))
            elif holds:
                await narrow.desk.back_out(holds[-1], narrow.wren)
        except HoldError:
            pass
        assert kept(narrow) <= ROOM
