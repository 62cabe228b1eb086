"""Flows as the core sees them: what the site files say of a frame holds for the frames that the proxy reads."""

import json

from guardrail.model.action import Action, ActionKind
from guardrail.model.http import HttpRequest
from guardrail.proxy.convert import to_frame
from guardrail.recognise import Unread
from guardrail.recognise.load import load_sites

HANDSHAKE = HttpRequest(
    "GET", "https", "copilot.microsoft.com", 443, "/c/api/chat", "api-version=2", ((b"upgrade", b"websocket"),)
)


def test_a_question_in_a_websocket_frame_is_a_search() -> None:
    """The handshake alone is nothing; the frame with the question is what its site file says."""
    sites = load_sites()
    question = {"event": "send", "content": [{"type": "text", "text": "Is Margit Ollander on Facebook?"}]}
    found = sites.recognise(to_frame(HANDSHAKE, json.dumps(question).encode(), 10_000))
    assert isinstance(found, Action)
    assert (found.kind, found.subject.query) == (ActionKind.SEARCH, "Is Margit Ollander on Facebook?")
    assert sites.recognise(HANDSHAKE) is None


def test_a_frame_that_is_too_long_to_read_is_not_taken_for_nothing() -> None:
    """Its rules' failure modes decide."""
    assert isinstance(load_sites().recognise(to_frame(HANDSHAKE, b"x" * 101, 100)), Unread)
