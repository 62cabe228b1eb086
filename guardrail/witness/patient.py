"""HTTP to somebody who is not trusted: a connection that ends when its time is over, and goes nowhere else.

A timeout of the standard library is one of each read: who sends a byte now and then could be listened to for days.
"""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, override

type _Watch = Callable[[socket.socket, float], None]


class Opener:
    """Opens addresses, through the clinic's own proxy where there is one; all that is open can be ended at once."""

    def __init__(self, upstream: str | None, upstream_ca: Path | None) -> None:
        """Take the proxy, and the CA by which it and others are known."""
        through = {} if upstream is None else {"http": upstream, "https": upstream}
        handlers = (_Http(self._watch), _Https(ssl.create_default_context(cafile=upstream_ca), self._watch), _Stay())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler(through), *handlers)
        self._open: set[socket.socket] = set()
        self._turn = threading.Lock()
        self._is_over = False

    def open(self, request: urllib.request.Request, seconds: float) -> Any:
        """Give the answer; after so many seconds the connection is ended, whatever it is doing."""
        return self._opener.open(request, timeout=seconds)

    def end(self) -> None:
        """End all connections, and each that is opened later."""
        with self._turn:
            self._is_over = True
            there = list(self._open)
        for one in there:
            self._cut(one)

    def _watch(self, connection: socket.socket, seconds: float) -> None:
        # Another handle of the same connection: it ends it also while a proxy or TLS is being agreed on.
        handle = connection.dup()
        with self._turn:
            self._open.add(handle)
            is_over = self._is_over
        timer = threading.Timer(0 if is_over else seconds, self._cut, [handle])
        timer.daemon = True
        timer.start()

    def _cut(self, handle: socket.socket) -> None:
        with self._turn:
            self._open.discard(handle)
        with handle, suppress(OSError):  # it has ended by itself, as it should
            handle.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, watch: _Watch, **named: Any) -> None:
        super().__init__(*args, **named)
        self._watch = watch
        # Before the proxy is asked to go on to the witness: it too may take as long as it likes.
        self._create_connection = self._connected

    def _connected(self, address: tuple[str, int], seconds: float | None = None, *rest: Any) -> socket.socket:
        made = socket.create_connection(address, seconds, *rest)
        self._watch(made, seconds or 0)
        return made


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Http(urllib.request.HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    @override
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_Connection, watch=self._watch), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext, watch: _Watch) -> None:
        super().__init__()
        self._tls = context
        self._watch = watch

    @override
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(partial(_TlsConnection, watch=self._watch), req, context=self._tls)


class _Stay(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object) -> None:
        """Follow nobody to another address: the answer counts as the error that it then is."""
