"""One site for the whole session, and a proxy before it for each module or test."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from guardrail.recognise import SiteIndex, load_sites
from tests.proxy.rig import Rig, Site, in_thread, rig_of, site

PAGE = b"<!doctype html><html><head><title>a page</title></head><body>words</body></html>"
HARD = "script-src 'nonce-site' 'strict-dynamic'; frame-src 'none'; require-trusted-types-for 'script'"


class MakeRig(Protocol):
    """Starts a proxy; what it is given are mitmproxy's options or parts of the road."""

    def __call__(self, **extra: Any) -> AbstractContextManager[Rig]:
        """Start it."""
        ...


@pytest.fixture(scope="session")
def sites() -> SiteIndex:
    """Give the index of all our site files."""
    return load_sites()


def site_app(served: Site) -> Starlette:  # noqa: C901 - one small function per kind of answer
    """Every kind of answer that the hooks tell apart."""
    gates: dict[str, asyncio.Event] = {}

    async def note(request: Request) -> None:
        served.seen.append((request.method, str(request.url.path), await request.body()))

    async def page(request: Request) -> Response:
        await note(request)
        return Response(
            gzip.compress(PAGE),
            headers={
                "content-type": "text/html; charset=utf-8",
                "content-encoding": "gzip",
                "content-security-policy": HARD,
                "alt-svc": 'h3=":443"',
            },
        )

    async def flushed(request: Request) -> Response:
        await note(request)

        async def pieces() -> AsyncIterator[bytes]:
            yield PAGE[:20]
            yield PAGE[20:40]
            await gates.setdefault("flushed", asyncio.Event()).wait()
            yield PAGE[40:]

        return StreamingResponse(pieces(), media_type="text/html")

    async def go_on(_request: Request) -> Response:
        gates.setdefault("flushed", asyncio.Event()).set()
        return Response()

    async def broken(request: Request) -> Response:
        await note(request)
        return Response(b"no gzip", headers={"content-type": "text/html", "content-encoding": "gzip"})

    async def anything(request: Request) -> Response:
        await note(request)
        headers = {"alt-svc": 'h3=":443"', "x-encoding": request.headers.get("accept-encoding", "")}
        return JSONResponse({"path": request.url.path, "id": 7}, headers=headers)

    async def nothing(request: Request) -> Response:
        await note(request)
        return Response(status_code=204)

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text: str | None = message.get("text")
            content: bytes = message["bytes"] if text is None else text.encode()
            served.seen.append(("WEBSOCKET", websocket.url.path, content))
            await (websocket.send_bytes(b"got " + content) if text is None else websocket.send_text("got " + text))

    methods = ["GET", "POST", "PUT", "OPTIONS", "HEAD"]
    return Starlette(
        routes=[
            WebSocketRoute("/{path:path}", socket),
            Route("/page", page),
            Route("/flushed", flushed),
            Route("/go-on", go_on),
            Route("/broken", broken),
            Route("/nothing", nothing),
            Route("/{path:path}", anything, methods=methods),
        ]
    )


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the site."""
    with in_thread(site(tmp_path_factory.mktemp("site"), site_app)) as running:
        yield running


@pytest.fixture
def make_rig(served: Site, tmp_path: Path) -> MakeRig:
    """Start a proxy with other options than the usual."""
    served.seen.clear()
    return lambda **extra: rig_of(served, tmp_path, **extra)


@pytest.fixture(scope="module")
def shared_rig(served: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One proxy for a module's tests that leave it as it was."""
    with rig_of(served, tmp_path_factory.mktemp("rig")) as running:
        yield running


@pytest.fixture
def rig(shared_rig: Rig) -> Iterator[Rig]:
    """Give the module's proxy, with nothing seen and nothing at fault yet."""
    shared_rig.site.seen.clear()
    shared_rig.gate.__init__()  # type: ignore[misc]  # as it came
    shared_rig.incidents.clear()
    yield shared_rig
    shared_rig.gate.fault = None
