"""HTTP to somebody who is not trusted: a connection that ends when its time is over, and goes nowhere else.

A timeout of the standard library is one of each read: who sends a byte now and then could be listened to for days.
"""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import override


def opener_of(upstream: str | None, upstream_ca: Path | None) -> urllib.request.OpenerDirector:
    """Give what opens addresses, through the clinic's own proxy where there is one; `timeout` is for the whole."""
    through = {} if upstream is None else {"http": upstream, "https": upstream}
    context = ssl.create_default_context(cafile=upstream_ca)
    return urllib.request.build_opener(urllib.request.ProxyHandler(through), _Http(), _Https(context), _Stay())


class _Connection(HTTPConnection):
    @override
    def connect(self) -> None:
        super().connect()
        # Another handle of the same connection: it ends it also while TLS is being agreed on.
        end = threading.Timer(self.timeout or 0, _cut, [self.sock.dup()])
        end.daemon = True
        end.start()


class _TlsConnection(HTTPSConnection, _Connection):
    pass


class _Http(urllib.request.HTTPHandler):
    @override
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._tls = context

    @override
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_TlsConnection, req, context=self._tls)


class _Stay(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object) -> None:
        """Follow nobody to another address: the answer counts as the error that it then is."""


def _cut(connection: socket.socket) -> None:
    with connection, suppress(OSError):  # it has ended by itself, as it should
        connection.shutdown(socket.SHUT_RDWR)
