"""Flows as the core sees them: what the site files say of a frame holds for the frames that the proxy reads."""

import gzip
import json
import zlib

import pytest
from mitmproxy.test.tutils import treq

from guardrail.model.action import Action, ActionKind
from guardrail.model.http import HttpRequest
from guardrail.proxy.convert import to_frame, to_request
from guardrail.recognise import SiteIndex, Unread

HANDSHAKE = HttpRequest(
    "GET", "https", "copilot.microsoft.com", 443, "/c/api/chat", "api-version=2", ((b"upgrade", b"websocket"),)
)


def test_a_question_in_a_websocket_frame_is_a_search(sites: SiteIndex) -> None:
    """The handshake alone is nothing; the frame with the question is what its site file says."""
    question = {"event": "send", "content": [{"type": "text", "text": "Is Margit Ollander on Facebook?"}]}
    found = sites.recognise(to_frame(HANDSHAKE, json.dumps(question).encode(), 10_000))
    assert isinstance(found, Action)
    assert (found.kind, found.subject.query) == (ActionKind.SEARCH, "Is Margit Ollander on Facebook?")
    assert sites.recognise(HANDSHAKE) is None


def test_a_frame_that_is_too_long_to_read_is_not_taken_for_nothing(sites: SiteIndex) -> None:
    """Its rules' failure modes decide."""
    assert isinstance(sites.recognise(to_frame(HANDSHAKE, b"x" * 101, 100)), Unread)


@pytest.mark.parametrize(
    ("codings", "body", "readable"),
    [
        ((b"gzip",), gzip.compress(b"q=jane", mtime=0), True),
        ((b"deflate", b"gzip"), gzip.compress(zlib.compress(b"q=jane"), mtime=0), True),
        ((b"deflate, gzip",), gzip.compress(zlib.compress(b"q=jane"), mtime=0), True),
        ((b"identity", b"gzip"), gzip.compress(b"q=jane", mtime=0), True),
        ((b"gzip", b"deflate"), gzip.compress(zlib.compress(b"q=jane"), mtime=0), False),
        ((b"identity", b"rot13"), b"q=jane", False),
    ],
)
def test_every_line_of_content_codings_is_undone(codings: tuple[bytes, ...], body: bytes, readable: bool) -> None:
    """Several header lines are one list, undone from its end; an unknown one anywhere makes the body unreadable."""
    message = treq(headers=[(b"content-encoding", coding) for coding in codings], content=None)
    message.raw_content = body
    request = to_request(message, "https", "www.google.com", 443, 1000)
    assert (request.body, request.unreadable) == ((b"q=jane", False) if readable else (b"", True))
