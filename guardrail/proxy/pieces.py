"""Answers that are too long to be kept: they teach piece by piece, aside, while they stream by."""

from __future__ import annotations

import asyncio

import structlog
from mitmproxy import http

from guardrail.gate import Gate
from guardrail.model.http import HttpRequest, HttpResponse

log = structlog.get_logger("guardrail.proxy")

_MOST_WAITING = 8


class Pieces:
    """Takes the pieces of one answer. What comes faster than it is read is left: nothing piles up."""

    def __init__(self, gate: Gate, request: HttpRequest, response: http.Response) -> None:
        """`response` gives the pieces their headers."""
        self._gate = gate
        self._request = request
        self._response = response
        self._reading: set[asyncio.Task[None]] = set()

    def __call__(self, piece: bytes) -> None:
        """Take a piece, its coding undone."""
        if len(self._reading) < _MOST_WAITING:
            task = asyncio.get_running_loop().create_task(self._read(piece))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, piece: bytes) -> None:
        answer = HttpResponse(self._response.status_code, self._response.headers.fields, piece)
        try:
            await self._gate.learn_aside(self._request, answer, piece=True)
        except Exception as error:  # noqa: BLE001 - the answer is on its way; what is not learned is not known
            log.error("not learned from a piece", error=type(error).__name__)  # noqa: TRY400 - it may hold names
