"""Chats that cannot be read: by default they pass, and one rule in the policy asks whenever such a chat is opened."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.model.action import Action, ActionKind, Confidence, Subject
from guardrail.model.decision import Verdict
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.policy.evaluate import evaluate
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy
from guardrail.recognise import SiteIndex

RULES = Path(__file__).parents[2] / "rules.yaml"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
UPGRADE = ((b"upgrade", b"websocket"), (b"connection", b"Upgrade"))
CHATS = (
    ("web-chat-e2ee.facebook.com", "/ws/chat", "messenger"),
    ("web-chat-e2ee.instagram.com", "/ws/chat", "instagram"),
    ("chat-ws.x.com", "/ws", "x"),
)


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Give the repository's policy with the marks before its rule for encrypted chats taken out."""
    text = RULES.read_text(encoding="utf-8")
    start = text.index("  # - id: encrypted-chats")
    end = text.index("\n\n", start)
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    rule = re.sub(r"^  # ", "  ", text[start:end], flags=re.MULTILINE)
    file.write_text(text[:start] + rule + text[end:], encoding="utf-8")
    return load_policy(file)


@pytest.mark.parametrize(("host", "path", "site"), CHATS)
def test_opening_an_encrypted_chat_is_a_message_to_nobody_known(
    host: str, path: str, site: str, index: SiteIndex, switched_on: Policy
) -> None:
    """Of low confidence; allowed as the policy comes, asked about where the clinic switches its rule on."""
    opened = index.recognise(HttpRequest("GET", "https", host, 443, path, "cid=x", UPGRADE))
    assert isinstance(opened, Action)
    assert (opened.kind, opened.site, opened.confidence) == (ActionKind.MESSAGE, site, Confidence.LOW)
    assert opened.subject == Subject()
    clinician = Clinician("dr-wren", "os-user")
    assert evaluate(load_policy(RULES), opened, (), clinician, NOON).verdict is Verdict.ALLOW
    decision = evaluate(switched_on, opened, (), clinician, NOON)
    assert (decision.verdict, decision.rule and decision.rule.id) == (Verdict.WARN, "encrypted-chats")


@pytest.mark.parametrize(("host", "path", "site"), CHATS)
def test_an_encrypted_frame_is_nothing(host: str, path: str, site: str, index: SiteIndex) -> None:
    """It names nobody, and a frame that comes every second must not be a message."""
    assert index.watches(host), site
    assert index.recognise(HttpRequest("GET", "https", host, 443, path, "", UPGRADE, b"ED\x00\x01\xff\xfe")) is None
