"""After the answer the very request goes on: method, headers and body, once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from guardrail.model.hold import HoldState

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


async def test_a_post_search_resumes_as_that_post(clinic: Clinic) -> None:
    """The browser comes back with a GET, as after any redirect; the site gets what was stopped."""
    stopped = clinic.page(query="", method="POST", body=b"q=margit+ollander")
    hold = await clinic.open(request=stopped)
    assert clinic.desk.resumed(clinic.page(query=""), clinic.wren) is None
    over = await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    assert clinic.desk.resumed(clinic.page(query=""), clinic.wren) == stopped
    assert clinic.desk.resumed(clinic.page(query=""), clinic.wren) is None
    assert over.request.body == b""
    assert over.request.url == stopped.url


@pytest.mark.parametrize(
    ("change", "resumes"),
    [
        ("nothing", True),
        ("another address", False),
        ("another clinician", False),
        ("too late", False),
        ("just in time", True),
        ("a POST", False),
        ("a fetch", False),
        ("in a frame", False),
        ("a prefetch", False),
    ],
)
async def test_only_the_first_navigation_to_that_address_in_time_resumes(
    clinic: Clinic, change: str, *, resumes: bool
) -> None:
    """Everything else is an ordinary request."""
    hold = await clinic.open(request=clinic.page(method="POST", body=b"q=1"))
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    request = clinic.page(query="q=other" if change == "another address" else "q=margit")
    if change == "a POST":
        request = replace(request, method="POST")
    elif change == "a fetch":
        request = replace(request, headers=((b"sec-fetch-mode", b"cors"),))
    elif change == "in a frame":
        request = replace(request, headers=((b"sec-fetch-mode", b"navigate"), (b"sec-fetch-dest", b"iframe")))
    elif change == "a prefetch":
        request = replace(request, headers=(*request.headers, (b"Sec-Purpose", b"prefetch")))
    clinic.clock.advance(seconds={"too late": 120, "just in time": 119}.get(change, 1))
    clinician = clinic.hale if change == "another clinician" else clinic.wren
    assert (clinic.desk.awaits(request) is not None) is (resumes or change == "another clinician")
    assert (clinic.desk.resumed(request, clinician) is not None) is resumes


async def test_going_back_resumes_nothing_and_an_overlay_keeps_no_body(clinic: Clinic) -> None:
    """In a page the person acts again by hand: there the request is not kept."""
    hold = await clinic.open(request=clinic.page(method="POST", body=b"q=1"))
    over = await clinic.desk.back_out(hold.id, clinic.wren)
    assert (over.state, over.request.body) == (HoldState.BACKED_OUT, b"")
    assert clinic.desk.awaits(clinic.page()) is None
    overlay = await clinic.open(request=clinic.fetch())
    assert (overlay.surface, overlay.request.body) == ("overlay", b"")


async def test_a_hold_that_is_met_again_resumes_its_latest_request(clinic: Clinic) -> None:
    """The page may have put a newer token into its form."""
    await clinic.open(request=clinic.page(method="POST", body=b"token=1"))
    hold = await clinic.open(request=clinic.page(method="POST", body=b"token=2"))
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    resumed = clinic.desk.resumed(clinic.page(), clinic.wren)
    assert resumed is not None
    assert resumed.body == b"token=2"


async def test_what_nobody_came_back_for_is_let_go(clinic: Clinic) -> None:
    """The sweep leaves no request in memory."""
    hold = await clinic.open()
    await clinic.desk.justify(hold.id, clinic.wren, clinic.answers())
    clinic.clock.advance(minutes=2)
    await clinic.desk.sweep()
    assert clinic.desk._resumptions._stopped == {}
