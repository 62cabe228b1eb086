"""The one place where a failure becomes a refusal: told by its incident's id, and never by what was on the wire."""

from __future__ import annotations

import asyncio
import secrets
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from mitmproxy import http

from guardrail.model.http import HttpRequest
from guardrail.proxy import answers
from guardrail.proxy.trip import Trip, Way, trip_of

log = structlog.get_logger("guardrail.proxy")

SORRY = "guardrail could not check this, so it was not let through. Tell your IT the incident's number."

type Record = Callable[[str, str], Awaitable[None]]


class Boundary:
    """Turns exceptions into refusals. `record` writes an incident (id, place) to the ledger, if that can be done."""

    def __init__(self) -> None:
        """Start without a ledger; `record` is set once there is one."""
        self.record: Record | None = None
        self._writing: set[asyncio.Future[None]] = set()

    def refuse(self, flow: http.HTTPFlow, hook: str, error: Exception) -> None:
        """Answer a flow in place of its site, whatever `hook` it failed in; end it where an answer comes too late."""
        try:
            incident = self.report(hook, error)
            trip = trip_of(flow) or Trip(Way.WATCHED)
            flow.metadata[Trip.KEY] = trip
            trip.answered = True
            if hook == "response" and flow.response is not None and flow.response.stream:
                flow.kill()
                return
            request = trip.request or _outline(flow.request)
            flow.response = answers.refuse(request, incident, SORRY)
            trip.refusal = flow.response.raw_content or b""
            if hook == "responseheaders":
                # The site's body is still to come, and would be put under our headers.
                flow.response.stream = _Instead(trip.refusal)
        except Exception as worse:  # noqa: BLE001 - nothing may come out of here but a refusal
            flow.kill()
            log.error("killed", hook=hook, error=type(worse).__name__)  # noqa: TRY400 - a traceback may hold names

    def report(self, hook: str, error: Exception | None) -> str:
        """Log an incident and have it recorded; give its id. Kind and place of the error only, never its text."""
        incident = secrets.token_hex(6)
        place = f"{hook} {_place(error)}" if error else hook
        log.error("refused", incident=incident, place=place, error=type(error).__name__ if error else None)
        if self.record is not None:
            writing = asyncio.ensure_future(_quietly(self.record(incident, place)))
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
        return incident


class _Instead:
    """A stream callable that drops the site's body and gives ours at the end."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __call__(self, data: bytes) -> bytes:
        return b"" if data else self._body


async def _quietly(writing: Awaitable[None]) -> None:
    try:
        await writing
    except Exception as error:  # noqa: BLE001 - the refusal stands whether or not the ledger can take its entry
        log.error("incident not recorded", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold names


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def _outline(request: http.Request) -> HttpRequest:
    """Give as much of a request as it takes to know whether a person or a script will read the answer."""
    return HttpRequest(request.method, "", "", 0, "", "", request.headers.fields)
