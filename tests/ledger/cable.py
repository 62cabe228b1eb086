"""A network between a workstation and its database that a test can cut, at a chosen moment of the talk too."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum
from pathlib import Path

from sqlalchemy import make_url


class Cut(Enum):
    """Where the cable is cut, once: in the middle of what is asked, or before the answer comes back."""

    ASKING = "asking"
    ANSWERING = "answering"


class Cable:
    """Listens on a loopback port and carries every byte to and from a server's Unix socket."""

    def __init__(self, server: Path) -> None:
        """Take the server's socket; a thread carries for each connection."""
        self._server = server
        self._plan: tuple[Cut, bytes] | None = None
        self._open: list[socket.socket] = []
        self._broken = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, url: str) -> str:
        """Give a database's address by way of this cable."""
        made = make_url(url).set(host="127.0.0.1", port=self.port, query={})
        return made.render_as_string(hide_password=False)

    def cut(self) -> None:
        """Cut it now: all connections end, and new ones end at once."""
        self._broken = True
        for end in self._open:
            _end(end)
        self._open.clear()

    def cut_at(self, moment: Cut, mark: bytes) -> None:
        """Cut every connection, once, in the middle of the next bytes that hold the mark, or before their answer."""
        self._plan = (moment, mark)

    def mend(self) -> None:
        """Let new connections through again."""
        self._broken = False

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._broken:
                _end(near)
                continue
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self._server))
            except OSError:
                _end(near)
                _end(far)
                continue
            self._open += [near, far]
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        back = threading.Thread(target=_pour, args=(far, near), daemon=True)
        back.start()
        with suppress(OSError):
            while data := near.recv(1 << 20):
                if self._plan is None or self._plan[1] not in data:
                    far.sendall(data)
                    continue
                moment, self._plan = self._plan[0], None
                near.shutdown(socket.SHUT_RDWR)  # from here on nothing goes back
                half = data if moment is Cut.ANSWERING else data[: len(data) // 2]
                far.sendall(half)
                break
            with suppress(OSError):
                far.shutdown(socket.SHUT_WR)
        back.join()
        _end(near)
        _end(far)


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 20):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
