"""The stand-in for everything beyond the clinic: a proxy like the clinic's own, with all sites behind it.

It takes CONNECT, speaks TLS for whichever host was asked for (by a certificate of an authority of its own, which
guardrail is told to trust), answers from a table, and remembers every request that reached it.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote_plus

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import DNSName
from mitmproxy.certs import CertStore

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that got as far as a site."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        """Give address and body as one decoded text, to look for a name in."""
        return unquote_plus(unquote_plus(f"{self.method} {self.host}{self.target} {self.body.decode('latin-1')}"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site answers where method, host and path fit; `*` in any of them stands for anything.

    `body` may be a function of the request, for what an answer must repeat of it; JSON values are written as JSON.
    """

    method: str
    host: str
    path: str
    body: Any
    status: int = HTTPStatus.OK
    headers: Sequence[tuple[str, str]] = ()

    def fits(self, request: Arrival) -> bool:
        """Tell whether this is the answer to `request`."""
        path = request.target.partition("?")[0]
        places = ((self.method, request.method), (self.host, request.host), (self.path, path))
        return all(fnmatchcase(text, glob) for glob, text in places)


@dataclass
class Upstream:
    """A running stand-in; a context manager."""

    folder: Path
    answers: Sequence[Answer]
    arrivals: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the authority, and take a free port."""
        self._certificates = CertStore.from_store(self.folder, "upstream", 2048)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it listens, as `http://host:port`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def ca(self) -> Path:
        """The authority that its certificates are signed by."""
        return self.folder / "upstream-ca-cert.pem"

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def context(self, host: str) -> ssl.SSLContext:
        """Give what speaks TLS as `host`."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._context(host)
            return self._contexts[host]

    def answer(self, request: Arrival) -> Answer:
        """Remember a request, and find its answer."""
        with self._lock:
            self.arrivals.append(request)
        return next((one for one in self.answers if one.fits(request)), _NOTHING)

    def _context(self, host: str) -> ssl.SSLContext:
        entry = self._certificates.get_cert(host, [DNSName(host)])
        file = self.folder / f"{host}.pem"
        key = entry.privatekey.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        file.write_bytes(entry.cert.to_pem() + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


_NOTHING = Answer("*", "*", "*", {"error": "nothing stands in for this"}, HTTPStatus.NOT_FOUND)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that was left: a library may close one whenever it likes."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, upstream: Upstream, *arguments: Any) -> None:
        """Serve one connection: a CONNECT first, then requests inside of TLS."""
        self._upstream = upstream
        self._host = ""
        super().__init__(*arguments)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Give what does a method, as the server asks for it: `do_CONNECT`, `do_GET` and so on."""
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._open if name == "do_CONNECT" else self._answer

    def _open(self) -> None:
        """Open the tunnel, and go on inside of it as the site itself."""
        self._host = self.path.rpartition(":")[0]
        self.send_response_only(HTTPStatus.OK)
        self.end_headers()
        self.wfile.flush()
        plain: socket.socket = self.connection
        self.request = self._upstream.context(self._host).wrap_socket(plain, server_side=True)
        self.setup()
        self.close_connection = False

    def _answer(self) -> None:
        """Answer as the site."""
        request = Arrival(self.command, self._host, self.path, dict(self.headers.items()), self._body())
        answer = self._upstream.answer(request)
        said = answer.body(request) if callable(answer.body) else answer.body
        content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", HTML if isinstance(said, str) else JSON)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def finish(self) -> None:
        """Close the TLS layer too."""
        super().finish()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parameter's inherited name
        """Say nothing."""
