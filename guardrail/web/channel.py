"""How a page learns that something in it was held: a hidden frame of ours that listens to events.

The site's own requests may come from a worker that no script in the page sees; so guardrail tells, the
page does not guess. The frame speaks to its parent with the exact origin, and may be framed by it alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import orjson
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from guardrail.model.hold import Hold, HoldState
from guardrail.web.reception import Reception
from guardrail.web.security import host_of, plain_headers, web_origin

HEARTBEAT = 15
"""Seconds between comments on an idle stream, so that a dead connection is noticed on both ends."""


class Channel:
    """`/channel` and the stream that it listens to. `close()` ends all streams, so that a server can stop."""

    def __init__(self, reception: Reception) -> None:
        """Take the shared parts."""
        self._at = reception
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End every stream that is open; new ones end at once."""
        self._closing.set()

    async def frame(self, request: Request) -> Response:
        """GET `/channel?origin=https://…`: the hidden frame of a page of that origin."""
        origin = web_origin(request.query_params.get("origin"))
        if origin is None or origin != request.query_params["origin"]:
            raise HTTPException(400)
        host = host_of(origin)
        if not self._at.watches(host):
            raise HTTPException(403)
        return self._at.pages.answer(
            "channel.html",
            self._at.language(request),
            {"origin": origin, "host": host},
            ancestors=origin,
            connects=True,
        )

    async def events(self, request: Request) -> Response:
        """GET `/events?host=…`: the clinician's holds on pages of that host, as they open and when they are over."""
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise HTTPException(403)
        host = request.query_params.get("host", "").lower()
        if not host:
            raise HTTPException(400)
        if not self._at.watches(host):
            raise HTTPException(403)
        holds = self._at.desk.watch(self._at.clinician(request), host)
        return EventSourceResponse(self._told(holds), ping=HEARTBEAT, headers=dict(plain_headers()))

    async def _told(self, holds: AsyncIterator[Hold]) -> AsyncIterator[ServerSentEvent]:
        closing = asyncio.ensure_future(self._closing.wait())
        following = asyncio.ensure_future(anext(holds, None))
        try:
            yield ServerSentEvent(retry=1000, comment="guardrail")
            while not self._closing.is_set():
                await asyncio.wait((closing, following), return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    return
                hold = following.result()
                if hold is None:
                    return
                told = {"hold": hold.id, "open": hold.state is HoldState.OPEN}
                yield ServerSentEvent(orjson.dumps(told).decode(), event="hold")
                following = asyncio.ensure_future(anext(holds, None))
        finally:
            for task in (closing, following):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            close = getattr(holds, "aclose", None)
            if close is not None:
                await close()
