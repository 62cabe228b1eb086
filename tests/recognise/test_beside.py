"""A message that carries a link to write a review asks for one, on every social site and whatever carries it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import orjson
import pytest

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.model.http import HttpRequest
from guardrail.recognise import SiteIndex
from tests.recognise.extract.test_mqtt import packet

LINKS = (
    "https://g.page/r/CAbc/review",
    "https://search.google.com/local/writereview?placeid=x",
    "https://www.yelp.ca/writeareview/biz/abc",
    "https://www.trustpilot.com/evaluate/quietharbour.example",
    "https://www.facebook.com/quietharbour/reviews",
)
FORM = b"application/x-www-form-urlencoded"


def graphql(text: str) -> HttpRequest:
    """Send a message as Facebook's pages do."""
    tasks = [{"label": "46", "payload": orjson.dumps({"thread_id": 12, "text": text}).decode()}]
    payload = orjson.dumps({"tasks": tasks}).decode()
    variables = orjson.dumps({"requestPayload": payload}).decode()
    fields = {
        "fb_api_req_friendly_name": "LSPlatformGraphQLLightspeedRequestQuery",
        "variables": variables,
        "__user": "7",
    }
    return post("www.facebook.com", "/api/graphql/", urlencode(fields).encode())


def direct(text: str) -> HttpRequest:
    """Send a message as Instagram's app does."""
    return post(
        "i.instagram.com",
        "/api/v1/direct_v2/threads/broadcast/text/",
        urlencode({"recipient_users": "[[12]]", "text": text}).encode(),
    )


def frame(text: str) -> HttpRequest:
    """Send a message through Messenger's WebSocket."""
    tasks = [{"label": "46", "payload": orjson.dumps({"thread_id": 12, "text": text}).decode()}]
    published = orjson.dumps({"payload": orjson.dumps({"tasks": tasks}).decode(), "type": 3})
    headers = ((b"upgrade", b"websocket"),)
    return HttpRequest(
        "GET", "https", "edge-chat.messenger.com", 443, "/chat", "", headers, packet("/ls_req", published, quality=1)
    )


def post(host: str, path: str, body: bytes, kind: bytes = FORM) -> HttpRequest:
    """Make a request with a body."""
    return HttpRequest("POST", "https", host, 443, path, "", ((b"content-type", kind),), body)


@pytest.mark.parametrize("send", [graphql, direct, frame])
@pytest.mark.parametrize("link", LINKS)
def test_a_review_link_in_a_message_asks_for_a_review(
    link: str, send: Callable[[str], HttpRequest], index: SiteIndex
) -> None:
    """The same people are asked; that it is a message is judged, too."""
    found = index.recognise(send(f"Thank you! {link}"))
    assert isinstance(found, Action)
    assert (found.kind, found.recogniser, found.confidence) == (
        ActionKind.REVIEW_SOLICIT,
        "review-link",
        Confidence.LOW,
    )
    assert found.subject == Subject(id="12")
    assert [(one.kind, one.subject, one.tells) for one in found.along] == [
        (ActionKind.MESSAGE, found.subject, "message_notice")
    ]


@pytest.mark.parametrize("send", [graphql, direct, frame])
def test_other_links_are_a_message_only(send: Callable[[str], HttpRequest], index: SiteIndex) -> None:
    """A page of reviews elsewhere, a map, one's own site."""
    found = index.recognise(send("See https://maps.google.com/?q=x and https://quietharbour.example/reviews"))
    assert isinstance(found, Action)
    assert (found.kind, found.along) == (ActionKind.MESSAGE, ())


def test_a_link_in_a_search_asks_nobody(index: SiteIndex) -> None:
    """Only what is sent to people counts."""
    found = index.recognise(HttpRequest("GET", "https", "www.facebook.com", 443, "/search/top/", f"q={LINKS[0]}"))
    assert isinstance(found, Action)
    assert (found.kind, found.along) == (ActionKind.SEARCH, ())
