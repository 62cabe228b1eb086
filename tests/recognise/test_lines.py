"""Recorded traffic in, one output object per request."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from guardrail.recognise import SiteIndex
from guardrail.recognise.lines import UnreadableSampleError, outcome_of, read_samples

LINE: dict[str, Any] = {
    "id": "one",
    "request": {"method": "get", "url": "https://www.google.com/search?q=Jane%20Doe", "headers": {}, "body": None},
    "response": None,
}


def test_the_output_has_its_stable_keys(index: SiteIndex) -> None:
    """Absent values are None, nothing else is there."""
    (sample,) = read_samples(orjson.dumps(LINE))
    assert outcome_of(sample, index) == {
        "id": "one",
        "site": "google",
        "action": "search",
        "recogniser": "web-search",
        "query": "Jane Doe",
        "target_id": None,
        "target_handle": None,
        "target_name": None,
        "actor_id": None,
        "identities": [],
    }


@pytest.mark.parametrize(
    ("kind", "text", "body"),
    [
        ("application/json", '"é"', '"é"'.encode()),
        ("application/x-protobuf2", "\x00é", b"\x00\xe9"),
        ("application/octet-stream", "陳", "陳".encode()),
        ("", "é", "é".encode()),
    ],
)
def test_bodies_are_utf_8_or_code_points(kind: str, text: str, body: bytes) -> None:
    """Text kinds are UTF-8; binary kinds stand as latin-1 code points."""
    headers = [["Content-Type", kind]] if kind else None
    request = {"method": "POST", "url": "https://a.example:8443/x", "headers": headers, "body": text}
    (sample,) = read_samples(orjson.dumps({"request": request}))
    assert sample.request.body == body
    assert (sample.request.host, sample.request.port, sample.id) == ("a.example", 8443, None)


def har(**entry: Any) -> bytes:
    """Make a HAR file of one entry."""
    return orjson.dumps({"log": {"version": "1.2", "entries": [entry]}}, option=orjson.OPT_INDENT_2)


def test_har_files_are_read() -> None:
    """Chromium's and Firefox's shapes: name/value headers, pseudo-headers, base64 and params bodies."""
    request = {
        "method": "POST",
        "url": "https://www.startpage.com/sp/search",
        "headers": [
            {"name": ":authority", "value": "www.startpage.com"},
            {"name": "content-type", "value": "application/x-www-form-urlencoded"},
        ],
        "postData": {
            "mimeType": "application/x-www-form-urlencoded",
            "params": [{"name": "query", "value": "jane doe"}],
        },
    }
    answer = {
        "status": 200,
        "headers": [],
        "content": {"encoding": "base64", "text": base64.b64encode(b"\xff\x00").decode()},
    }
    (sample,) = read_samples(har(request=request, response=answer))
    assert sample.request.body == b"query=jane+doe"
    assert len(sample.request.headers) == 1
    assert sample.response is not None
    assert sample.response.body == b"\xff\x00"


def test_base64_bodies_and_websocket_messages_are_read() -> None:
    """Firefox's and Chromium's ways with what is no text; what a page sent through a socket is a body each."""
    binary = base64.b64encode(b"\x0a\xff").decode()
    request = {
        "method": "GET",
        "url": "wss://www.google.com/chat",
        "headers": [{"name": "Upgrade", "value": "websocket"}],
        "postData": {"mimeType": "application/octet-stream", "text": binary, "encoding": "base64"},
    }
    messages = [
        {"type": "send", "time": 1.5, "opcode": 1, "data": '{"é":1}'},
        {"type": "receive", "time": 2, "opcode": 1, "data": "x"},
        {"type": "send", "time": 3, "opcode": 2, "data": binary},
        {"type": "send", "time": 3},
        "noise",
    ]
    samples = list(read_samples(har(request=request, _id="socket", _webSocketMessages=messages)))
    assert [sample.request.body for sample in samples] == [b"\x0a\xff", '{"é":1}'.encode(), b"\x0a\xff"]
    assert {sample.id for sample in samples} == {"socket"}
    assert all(sample.request.header("upgrade") == "websocket" for sample in samples)
    assert len(list(read_samples(har(request=request, _webSocketMessages=3)))) == 1


def test_a_har_without_entries_gives_nothing() -> None:
    """An empty recording is no error."""
    assert list(read_samples(b'{"log":{}}')) == []
    assert list(read_samples(b"\n\n")) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"{", "line 1 is not JSON"),
        (b"\n[]", "line 2 is not a JSON object"),
        (b"{}", "line 1: `request` is not a JSON object"),
        (b'{"request":{"method":"GET"}}', "needs `method` and `url`"),
        (b'{"request":{"method":"GET","url":"https://[::"}}', "`url` is no address"),
        (b'{"request":{"method":"GET","url":"/","headers":3}}', "neither an object nor a list"),
        (b'{"request":{"method":"GET","url":"/","headers":[["a"]]}}', "not name and value"),
        (b'{"request":{"method":"GET","url":"/"},"response":1}', "`response` is not a JSON object"),
    ],
)
def test_a_line_that_is_none_is_named(text: bytes, what: str) -> None:
    """The message names the line and what it lacks."""
    with pytest.raises(UnreadableSampleError, match=what):
        list(read_samples(text))
