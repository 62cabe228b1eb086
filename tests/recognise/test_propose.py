"""Drafts of site files from recordings."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from guardrail.model.action import Action
from guardrail.model.http import HttpRequest, RawHeaders
from guardrail.recognise import load_sites
from guardrail.recognise.propose import propose

JSON = ((b"content-type", b"application/json"),)
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


def request(method: str, path: str, query: str = "", body: bytes = b"", headers: RawHeaders = ()) -> HttpRequest:
    """Make a request to the new site."""
    return HttpRequest(method, "https", "www.newsite.example.com", 443, path, query, headers, body)


SEARCH = request("GET", "/people/search", "q=Marta+Quill&page=2&sid=SECRET")
FRIEND = request("POST", "/users/marta.quill/friend", body=b"user_id=4711&csrf=SECRET", headers=FORM)
INVITE = request(
    "POST",
    "/api/graphql",
    body=orjson.dumps(
        {"operationName": "InviteUser", "variables": {"input": {"inviteeId": "815", "note": "Hello Marta"}}}
    ),
    headers=JSON,
)
FOLLOW = request("POST", "/web/friendships/4711/follow")
NOTHING = [request("GET", "/people/search"), request("POST", "/metrics", body=b"a=1"), request("GET", "/app.js")]


@pytest.mark.parametrize(
    ("seen", "kind", "part"),
    [
        (SEARCH, "search", ("query", "Marta Quill")),
        (FRIEND, "connect_request", ("id", "4711")),
        (INVITE, "connect_request", ("id", "815")),
        (FOLLOW, "follow", ("id", "4711")),
    ],
)
def test_a_draft_recognises_what_it_was_made_from(
    tmp_path: Path, seen: HttpRequest, kind: str, part: tuple[str, str]
) -> None:
    """It loads, with its examples, and sees the recorded request again."""
    file = tmp_path / "newsite.yaml"
    file.write_text(propose("newsite", [*NOTHING, seen]).text, encoding="utf-8")
    found = load_sites((file,), ours=None).recognise(seen)
    assert isinstance(found, Action)
    assert (found.kind, found.confidence) == (kind, "low")
    assert getattr(found.subject, part[0]) == part[1]


def test_a_draft_keeps_no_recorded_value() -> None:
    """Names, numbers, tokens and notes of the recording stand nowhere in it."""
    text = propose("newsite", [SEARCH, FRIEND, INVITE, FOLLOW]).text
    for value in ("Marta", "marta", "Quill", "4711", "815", "SECRET", "Hello"):
        assert value not in text


@pytest.mark.parametrize("requests", [[], NOTHING, [HttpRequest("GET", "https", "localhost", 80, "/", "")]])
def test_a_recording_of_nothing_is_refused(requests: list[HttpRequest]) -> None:
    """There must be something that looks like a search or an action."""
    with pytest.raises(ValueError, match=r"holds no request|looks like"):
        propose("newsite", requests)
