"""What has actually reached the practice sites, so that a test (or a trainer) can see what was stopped."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from itertools import count
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 2000
"""How many requests are remembered; the oldest go first."""

OWN = "/practice/"
"""Below this path stand the practice sites' own pages, which no real site has."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached a practice site; `body` is decoded, form-decoded, and cut at 4,000 characters."""

    number: int
    method: str
    host: str
    path: str
    query: str
    body: str
    operation: str | None
    mode: str | None
    destination: str | None


class Received:
    """The requests that arrived, in memory only, newest last; ASGI middleware around the sites."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app
        self._numbers = count(1)
        self._arrivals: deque[Arrival] = deque(maxlen=KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the request, and hand it on with its body unread."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["received"] = self
        request = Request(scope, receive)
        if request.url.path.startswith(OWN):
            await self._app(scope, receive, send)
            return
        body = await request.body()
        self._arrivals.append(self._arrival(request, body))
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)

    def since(self, number: int) -> tuple[Arrival, ...]:
        """Give what arrived after arrival `number`."""
        return tuple(arrival for arrival in self._arrivals if arrival.number > number)

    def _arrival(self, request: Request, body: bytes) -> Arrival:
        headers = request.headers
        return Arrival(
            number=next(self._numbers),
            method=request.method,
            host=headers.get("host", "").partition(":")[0],
            path=request.url.path,
            query=unquote_plus(request.url.query),
            body=unquote_plus(body.decode("utf-8", "replace"))[:4000],
            operation=headers.get("x-fb-friendly-name"),
            mode=headers.get("sec-fetch-mode"),
            destination=headers.get("sec-fetch-dest"),
        )


async def show(request: Request) -> Response:
    """`GET /practice/received?since=<number>`: what arrived, as JSON, oldest first."""
    received: Received = request.state.received
    since = request.query_params.get("since", "0")
    arrivals = received.since(int(since) if since.isdecimal() else 0)
    return JSONResponse([asdict(arrival) for arrival in arrivals], headers={"cache-control": "no-store"})
