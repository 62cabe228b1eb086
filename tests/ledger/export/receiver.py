"""A SIEM as it listens: a real TLS server that takes syslog by RFC 5425."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field

import trustme

HOST = "127.0.0.1"


@dataclass
class Server:
    """A receiver of syslog over TLS; `dies` makes it cut each connection after that many bytes, unanswered."""

    authority: trustme.CA
    dies: int | None = None
    received: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(HOST).configure_cert(self._context)
        self._came = threading.Event()
        self._listening = socket.create_server((HOST, 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _address = self._listening.accept()
            except OSError:
                return
            with plain:
                self._take(plain)

    def _take(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as secure:
                if self.dies is not None:
                    self.received += frames(secure.recv(self.dies))
                    return
                whole = b""
                while piece := secure.recv(65536):
                    whole += piece
                self.received += frames(whole)
                self._came.set()
                secure.unwrap()
        except OSError:  # the client does not trust us
            return

    def wait(self) -> None:
        """Return once a connection has come and gone whole."""
        assert self._came.wait(60)

    def close(self) -> None:
        """Go away, once."""
        if self._thread.is_alive():
            self._listening.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._listening.close()

    @property
    def indexes(self) -> list[int]:
        """Which entries came, in order."""
        return [int(found[1]) for one in self.received if (found := re.search(rb' index="(\d+)"', one))]


def frames(whole: bytes) -> list[bytes]:
    """Take octet-counted frames apart; half of one at the end is dropped."""
    found = []
    while whole:
        length, _, rest = whole.partition(b" ")
        if not length.isdigit() or len(rest) < int(length):
            break
        found.append(rest[: int(length)])
        whole = rest[int(length) :]
    return found
