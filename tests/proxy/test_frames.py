"""What is said through a WebSocket, in the frames of real chats, through the running proxy and a real gate."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from guardrail.gate import Gate
from guardrail.holds.desk import Desk
from guardrail.ledger.store import SqliteLedger
from guardrail.model.action import Action, ActionKind
from guardrail.model.entry import Entry
from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician
from guardrail.policy.load import load_policy
from guardrail.proxy.trip import Road
from guardrail.proxy.who import Who
from guardrail.recognise import Identities, SiteIndex, Unread
from guardrail.roster import load_roster
from guardrail.settings import Settings
from tests.ledger_keys import opened
from tests.proxy.conftest import MakeRig
from tests.proxy.rig import SECRET, WATCHED, Rig
from tests.recognise.extract.test_gateway import data, opening
from tests.recognise.extract.test_mqtt import packet

ROOT = Path(__file__).parents[2]
ROSTER = """client_ref,given_name,family_name,handles,status
C-1,Margit,Ollander,facebook:100012,current
"""
SOCKET = "/ws/lightspeed?x-dgw-appid=1"
HOSTS = {
    "/ws/lightspeed": "gateway.messenger.com",
    "/chat": "edge-chat.facebook.com",
    "/ws/chat": "web-chat-e2ee.facebook.com",
    "/c/api/chat": "copilot.microsoft.com",
}


class ChatGate(Gate):
    """A whole gate that takes the one host of these tests for the chat's."""

    def watches(self, host: str) -> bool:
        """Watch the one host."""
        return host == WATCHED

    def recognise(self, request: HttpRequest) -> Action | Unread | None:
        """Recognise what would be said to the chat whose path this is."""
        return super().recognise(replace(request, host=HOSTS[request.path]))


class Parts:
    """A clock that stands still, and unguessable ids."""

    def now(self) -> datetime:
        """Give a Monday at nine."""
        return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def new(self) -> str:
        """Give 128 random bits."""
        return secrets.token_urlsafe(16)


def task(label: str, **fields: object) -> bytes:
    """Make what the chat's page publishes: JSON in JSON in JSON."""
    tasks = [{"label": label, "payload": orjson.dumps(fields).decode(), "queue_name": "12", "task_id": 1}]
    payload = orjson.dumps({"tasks": tasks, "epoch_id": 7_000_000_000_000_000_001, "version_id": "6"}).decode()
    return orjson.dumps({"app_id": "2220391788200892", "payload": payload, "request_id": 4, "type": 3})


def over_mqtt(published: bytes, topic: str = "/ls_req") -> bytes:
    """Send it as edge-chat does."""
    return packet(topic, published, quality=1)


def over_gateway(published: bytes) -> bytes:
    """Send it as the device gateway does, after the frame that opens the stream."""
    return opening(stream=125) + data(published, stream=125, number=0x8001)


def to(thread: int) -> bytes:
    """Send a text to a person or a group."""
    return task("46", thread_id=thread, otid="9", source=0, send_type=1, text="Are you well?")


@pytest.fixture
def entries(make_rig: MakeRig, tmp_path: Path, sites: SiteIndex) -> Iterator[tuple[Rig, SqliteLedger]]:
    """Run the proxy with our site files, the policy of the repository and one client."""
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    roster, policy = load_roster(tmp_path / "roster.csv", b"k" * 32), load_policy(ROOT / "rules.yaml")
    ledger, parts = opened(tmp_path / "ledger.sqlite3"), Parts()
    desk = Desk(ledger, parts, parts, "front-desk", b"k" * 32, lambda: policy)
    settings = Settings(clinician_from="os-user", clinician_id="dr-wren")
    asyncio.run(desk.acknowledge_notice(Clinician("dr-wren", "os-user")))
    gate = ChatGate(lambda: sites, lambda: roster, lambda: policy, Identities(100), desk, parts, parts)

    async def failed(_incident: str, _place: str) -> None:
        raise AssertionError

    with make_rig() as rig:
        nowhere = ("127.0.0.1", 1)
        limits = (100_000, 100_000)
        rig.addon.open(Road(gate, sites.learns_from, Who(settings), nowhere, SECRET, failed, *limits))
        yield rig, ledger
    ledger.close()


def written(ledger: SqliteLedger) -> list[Entry]:
    """Give the entries after that of the notice."""
    return [stored.entry for stored in ledger.read()][1:]


@pytest.mark.parametrize("send", [over_mqtt, over_gateway])
def test_a_message_to_a_client_does_not_go_out(
    entries: tuple[Rig, SqliteLedger], send: Callable[[bytes], bytes]
) -> None:
    """The frame is dropped and a hold is open; what goes to others, or only says what was read, passes."""
    rig, ledger = entries
    stranger, reading = send(to(55)), send(task("21", thread_id=100012))
    answers = rig.talk(SOCKET, [stranger, send(to(100012)), reading], cookie="c_user=7")
    assert answers == [b"got " + stranger, b"got " + reading]
    (entry,) = written(ledger)
    assert (entry.kind, entry.site, entry.action) == ("hold_opened", "messenger", ActionKind.MESSAGE)
    assert (entry.client_ref, entry.rule) == ("C-1", "casual-contact")


def test_a_search_for_a_client_does_not_go_out(entries: tuple[Rig, SqliteLedger]) -> None:
    """Looking for people goes through the same socket."""
    rig, ledger = entries
    harmless = over_mqtt(task("30", query="pizza", supported_types=[1]))
    answers = rig.talk("/chat?sid=1", [over_mqtt(task("30", query="margit ollander")), harmless])
    assert answers == [b"got " + harmless]
    assert [(entry.action, entry.client_ref) for entry in written(ledger)] == [("search", "C-1")]


def test_an_assistant_is_not_asked_about_a_client(entries: tuple[Rig, SqliteLedger]) -> None:
    """Copilot's questions are frames of text."""
    rig, ledger = entries
    asked, other = (
        orjson.dumps({"event": "send", "conversationId": "c", "content": [{"type": "text", "text": text}]}).decode()
        for text in ("Who is Margit Ollander?", "What is a quince?")
    )
    assert rig.talk("/c/api/chat?api-version=2", [asked, other]) == ["got " + other]
    assert [(entry.site, entry.client_ref) for entry in written(ledger)] == [("copilot", "C-1")]


def test_what_cannot_be_read_passes_by_default(entries: tuple[Rig, SqliteLedger]) -> None:
    """An encrypted chat names nobody: neither the socket nor a frame of it is stopped, and nothing is written."""
    rig, ledger = entries
    frames = [b"ED\x00\x01" + bytes(range(256)), b"\x00\x01\x02" * 50]
    assert rig.talk("/ws/chat?cid=x", frames) == [b"got " + frame for frame in frames]
    assert written(ledger) == []
