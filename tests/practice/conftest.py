"""The practice sites on a loopback port, asked over real HTTP with the Host header of each site."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn

from guardrail.practice import build


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """Give the JSON in it, without the guards that sites put before it."""
        text = self.text.removeprefix("for (;;);").removeprefix(")]}'").strip()
        return json.loads(text)


class Practice:
    """Asks the practice sites."""

    def __init__(self, port: int) -> None:
        """Take the port on which they answer."""
        self.port = port

    def ask(
        self, host: str, path: str, body: str | None = None, *, method: str | None = None, **headers: str
    ) -> Answer:
        """Send one request; a body makes it a POST. Underscores in header names stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        finally:
            connection.close()

    def received(self, host: str = "www.facebook.com", since: int = 0) -> list[dict[str, Any]]:
        """Give what reached the sites."""
        arrived: list[dict[str, Any]] = self.ask(host, f"/practice/received?since={since}").json()
        return arrived


@pytest.fixture(scope="session")
def practice() -> Iterator[Practice]:
    """All practice sites, running."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build(), log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Practice(listener.getsockname()[1])
    server.should_exit = True
    thread.join()
    listener.close()
