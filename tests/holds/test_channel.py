"""The overlay is told by guardrail, on the pages that the hold concerns and on no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, cast

import pytest

from guardrail.holds.channel import page_host
from guardrail.model.action import ActionKind
from guardrail.model.hold import Hold, HoldState
from guardrail.model.http import HttpRequest

if TYPE_CHECKING:
    from tests.holds.conftest import Clinic


def watch(clinic: Clinic, host: str = "www.facebook.com") -> AsyncGenerator[Hold]:
    """Listen as a page of `host`."""
    return cast("AsyncGenerator[Hold]", clinic.desk.watch(clinic.wren, host))


async def listening(clinic: Clinic, host: str = "www.facebook.com") -> tuple[AsyncGenerator[Hold], asyncio.Task[Hold]]:
    """Listen, and wait until the channel stands."""
    news = watch(clinic, host)
    first = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0)
    return news, first


async def test_a_page_is_told_of_its_hold_and_of_its_end(clinic: Clinic) -> None:
    """As it opens, and again when it is over."""
    news, first = await listening(clinic)
    hold = await clinic.open(clinic.action(ActionKind.FOLLOW, "facebook"), request=clinic.fetch())
    assert (await first).id == hold.id
    await clinic.desk.back_out(hold.id, clinic.wren)
    assert (await anext(news)).state is HoldState.BACKED_OUT
    await news.aclose()


async def test_the_end_by_time_is_told_too(clinic: Clinic) -> None:
    """An overlay that nobody answers comes down."""
    news, first = await listening(clinic)
    await clinic.open(request=clinic.fetch())
    await first
    clinic.clock.advance(minutes=30)
    await clinic.desk.sweep()
    assert (await anext(news)).state is HoldState.ABANDONED
    await news.aclose()


@pytest.mark.parametrize(("seconds", "told"), [(0, True), (3, True), (4, False)])
async def test_a_channel_that_opens_late_is_told_what_it_just_missed(
    clinic: Clinic, seconds: int, *, told: bool
) -> None:
    """A page may fire its first call before its channel stands."""
    await clinic.open(request=clinic.fetch())
    clinic.clock.advance(seconds=seconds)
    news, first = await listening(clinic)
    assert first.done() is told
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await news.aclose()


async def test_an_action_that_is_tried_again_rises_again(clinic: Clinic) -> None:
    """The page was reloaded: the hold is the old one, the overlay must come up anew."""
    hold = await clinic.open(request=clinic.fetch())
    clinic.clock.advance(minutes=5)
    news, first = await listening(clinic)
    await clinic.open(request=clinic.fetch())
    assert (await first).id == hold.id
    await news.aclose()


@pytest.mark.parametrize(
    ("origin", "host", "page", "told"),
    [
        ("https://www.facebook.com", "www.facebook.com", "www.facebook.com", True),
        ("https://www.facebook.com", "graph.instagram.com", "www.facebook.com", True),
        ("https://www.facebook.com", "graph.instagram.com", "www.instagram.com", False),
        ("https://x.com", "api.x.com", "x.com", True),
        ("https://x.com", "api.x.com", "www.facebook.com", False),
        (None, "api.x.com", "x.com", True),
        (None, "www.google.co.uk", "www.bing.co.uk", False),
        (None, "localhost", "localhost", True),
        (None, "localhost", "otherhost", False),
        ("null", "api.x.com", "x.com", True),
    ],
)
async def test_a_hold_rises_where_its_request_came_from(
    clinic: Clinic, origin: str | None, host: str, page: str, *, told: bool
) -> None:
    """The page that sent it, also from a worker and to another host; without a word of it, the site's own pages."""
    await clinic.open(request=clinic.fetch(origin, host))
    news, first = await listening(clinic, page)
    assert first.done() is told
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await news.aclose()


async def test_page_holds_and_holds_of_others_are_not_told(clinic: Clinic) -> None:
    """A navigation has its own page; another clinician's screen shows nothing of mine."""
    await clinic.open(request=clinic.page())
    await clinic.open(request=clinic.fetch(), clinician=clinic.hale)
    news, first = await listening(clinic)
    assert not first.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await news.aclose()


async def test_a_page_that_goes_away_leaves_nothing_behind(clinic: Clinic) -> None:
    """Cancellation is how a closed tab looks from here."""
    _, first = await listening(clinic)
    assert len(clinic.desk._channel) == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert len(clinic.desk._channel) == 0


async def test_a_page_that_does_not_listen_loses_its_oldest_news_only(clinic: Clinic) -> None:
    """Queues are bounded; the latest is what counts."""
    news, first = await listening(clinic)
    holds = [await clinic.open(clinic.action(query=str(at)), request=clinic.fetch()) for at in range(40)]
    told = [(await first).id] + [(await anext(news)).id for _ in range(32)]
    assert told[0] == holds[0].id
    assert told[-1] == holds[-1].id
    await news.aclose()


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        (((b"Origin", b"https://X.com:8443"),), "x.com"),
        (((b"Referer", b"https://www.linkedin.com/in/somebody"),), "www.linkedin.com"),
        (((b"Origin", b"null"), (b"Referer", b"https://x.com/a")), "x.com"),
        (((b"Origin", b"https://[broken"), (b"Referer", b"https://x.com/a")), "x.com"),
        (((b"Origin", b"https://[broken"),), None),
        ((), None),
    ],
)
def test_the_page_is_read_from_origin_or_referer(headers: tuple[tuple[bytes, bytes], ...], host: str | None) -> None:
    """No bytes in them make it raise."""
    assert page_host(HttpRequest("GET", "https", "api.x.com", 443, "/", "", headers)) == host
