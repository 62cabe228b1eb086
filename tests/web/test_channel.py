"""The channel: who may frame it, and what its stream tells."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from guardrail.model.action import ActionKind
from guardrail.model.hold import Hold
from guardrail.model.people import Clinician
from tests.web.conftest import Site

FACEBOOK = "https://www.facebook.com"


def _follow(site: Site, clinician: Clinician | None = None) -> Hold:
    return site.hold(
        ActionKind.FOLLOW,
        "facebook",
        f"{FACEBOOK}/api/graphql",
        page=False,
        headers=((b"Origin", FACEBOOK.encode()),),
        clinician=clinician,
    )


@contextmanager
def _stream(site: Site, host: str) -> Iterator[http.client.HTTPResponse]:
    """Listen as the hidden frame does; the stream has begun when this is entered."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", f"/events?host={host}", headers=site.proxy_headers)
    answer = connection.getresponse()
    try:
        assert answer.readline().startswith(b": guardrail")
        yield answer
    finally:
        answer.close()
        connection.close()


def _told(answer: http.client.HTTPResponse) -> dict[str, object]:
    """Give the next event's data."""
    while line := answer.readline():
        if line.startswith(b"data:"):
            data = json.loads(line.removeprefix(b"data:"))
            assert isinstance(data, dict)
            return data
    raise AssertionError("the stream ended")


def test_tells_when_a_hold_opens_and_when_it_is_over(site: Site) -> None:
    """A hold on the page's host is told as it opens and when it was answered, by its id alone."""
    site.know()
    with _stream(site, "www.facebook.com") as answer:
        hold = _follow(site)
        assert _told(answer) == {"hold": hold.id, "open": True}
        site.run(site.desk.back_out(hold.id, site.clinician))
        assert _told(answer) == {"hold": hold.id, "open": False}


def test_tells_each_clinician_and_page_their_own(site: Site) -> None:
    """Holds of other clinicians and of other pages are not told."""
    site.know()
    with _stream(site, "www.facebook.com") as answer:
        _follow(site, Clinician("bea", "os-user"))
        site.hold(ActionKind.FOLLOW, "x", "https://x.com/i/api/follow", page=False)
        site.hold()
        mine = _follow(site)
        assert _told(answer)["hold"] == mine.id


def test_a_channel_that_opens_late_hears_of_what_just_happened(site: Site) -> None:
    """A request that was held while the page was still loading is told all the same."""
    site.know()
    hold = _follow(site)
    with _stream(site, "www.facebook.com") as answer:
        assert _told(answer)["hold"] == hold.id


def test_the_server_stops_while_streams_are_open(site: Site) -> None:
    """Open streams end when the app is told to close, so that the server can stop."""
    with _stream(site, "www.facebook.com") as answer:
        site.stop()
        answer.read()


@pytest.mark.parametrize("origin", [FACEBOOK, "https://localhost:8443"])
def test_may_be_framed_by_its_page_alone(site: Site, origin: str) -> None:
    """The hidden frame may stand in the page that it was asked for, and talks to our own origin alone."""
    reply = site.get(f"/channel?origin={origin}")
    assert reply.status == 200
    policy = reply.headers["content-security-policy"]
    assert f"frame-ancestors {origin};" in policy
    assert "connect-src 'self';" in policy
    assert f'data-origin="{origin}"' in reply.text


def test_no_unwatched_page_hears_what_is_held(site: Site) -> None:
    """Any page of the web could otherwise frame the channel, and learn from its own requests who is a client."""
    assert site.get("/channel?origin=https://evil.example").status == 403
    assert site.get("/events?host=evil.example").status == 403


@pytest.mark.parametrize(
    "query",
    ["", "?origin=", "?origin=http://x.com", "?origin=https://x.com/", "?origin=https://x.com%20*", "?origin=*"],
)
def test_takes_exact_origins_only(site: Site, query: str) -> None:
    """Anything but an exact https origin is refused."""
    assert site.get(f"/channel{query}").status == 400


def test_stream_is_for_our_own_frame(site: Site) -> None:
    """Another site's script gets no stream, and a stream is about one host."""
    assert site.get("/events?host=x.com", sec_fetch_site="cross-site").status == 403
    assert site.get("/events").status == 400
