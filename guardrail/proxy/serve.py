"""Our own pages and the practice sites: ASGI apps on loopback ports, in the proxy's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from guardrail.errors import GuardrailError
from guardrail.proxy.trip import Address

LOOPBACK = "127.0.0.1"
_PATIENCE_SECONDS = 2


class PortError(GuardrailError):
    """A port cannot be listened on."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the proxy, which ends us."""
        yield


class LoopbackServer:
    """One ASGI app on one loopback port. The port is taken at once; `start` serves on it."""

    def __init__(self, app: ASGIApp, port: int, *, what: str, closing: Callable[[], None] | None = None) -> None:
        """Take the port (0: any free one). `closing` ends the app's open streams. Raise PortError."""
        self._socket = listen(LOOPBACK, port, what)
        self.address: Address = self._socket.getsockname()
        self._closing = closing
        self._task: asyncio.Task[None] | None = None
        self._server = _Server(
            uvicorn.Config(
                app,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_PATIENCE_SECONDS,
            )
        )

    def start(self) -> None:
        """Serve, in the running event loop, until `stop`."""
        self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """End open streams, finish what is being answered, and give the port back."""
        if self._closing is not None:
            self._closing()
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self.release()

    def release(self) -> None:
        """Give the port back, where nothing was ever served on it."""
        self._socket.close()


def listen(host: str, port: int, what: str) -> socket.socket:
    """Take a port. Raise PortError in one line that names `what` is for and what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only where the protocol is named: 40 ms an answer otherwise.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen()
    except OSError as error:
        taken.close()
        used = error.errno == errno.EADDRINUSE
        why = "another program uses it: stop that program, or set another port" if used else str(error.strerror)
        raise PortError(f"cannot listen on {host}:{port} for {what}: {why}") from None
    return taken
