"""Pieces of long answers are read aside; what comes too fast, or goes wrong, harms nobody."""

from __future__ import annotations

import asyncio

from mitmproxy import http
from structlog.testing import capture_logs

from guardrail.model.http import HttpRequest, HttpResponse
from guardrail.proxy.pieces import Pieces
from tests.proxy.rig import PlainGate

ASKED = HttpRequest("GET", "https", "www.watched.test", 443, "/api", "")


class PieceGate(PlainGate):
    """Notes the pieces; the one that says `poison` fails."""

    async def learn_aside(self, request: HttpRequest, response: HttpResponse, *, piece: bool = False) -> None:
        """Note the piece."""
        assert piece
        assert request is ASKED
        if response.body == b"poison":
            raise RuntimeError("Jane Doe")
        self.learned.append(response)


async def read(gate: PieceGate, *contents: bytes) -> None:
    """Give pieces in one go, and wait until all are read."""
    pieces = Pieces(gate, ASKED, http.Response.make(200, b"", {"content-type": "application/json"}))
    for content in contents:
        pieces(content)
    while pieces._reading:
        await asyncio.gather(*pieces._reading)


def test_pieces_come_to_the_gate_with_the_answers_head() -> None:
    """Each is an answer of its own, marked as a piece."""
    gate = PieceGate()
    asyncio.run(read(gate, b"one", b"two"))
    assert [(one.status, one.header("content-type"), one.body) for one in gate.learned] == [
        (200, "application/json", b"one"),
        (200, "application/json", b"two"),
    ]


def test_what_comes_faster_than_it_is_read_is_left() -> None:
    """Nothing piles up in memory."""
    gate = PieceGate()
    asyncio.run(read(gate, *(bytes([number]) for number in range(100))))
    assert len(gate.learned) == 8


def test_a_fault_is_logged_by_its_kind_only() -> None:
    """The others are still read."""
    gate = PieceGate()
    with capture_logs() as lines:
        asyncio.run(read(gate, b"poison", b"fine"))
    assert [one.body for one in gate.learned] == [b"fine"]
    assert [line["error"] for line in lines] == ["RuntimeError"]
    assert "Jane" not in str(lines)
