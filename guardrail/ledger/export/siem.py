"""Sends the ledger to a SIEM in the background: syslog over TLS (RFC 5425), in order, from where it got to.

Syslog has no receipt. But a receiver must answer the close of a TLS connection (RFC 5425, 4.4), and can do so only
once it has read all before it: so each batch has a connection of its own, and counts as sent when its close has been
answered. What an outage cuts off is sent again; the entry's index says which is the same.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from guardrail.durable import replace_file
from guardrail.errors import GuardrailError, LedgerError
from guardrail.ledger.export.syslog import EXAMPLE_NUMBER, framed, message
from guardrail.ledger.reader import LedgerReader

STATE_FILE = "syslog.sent"
"""In the data folder: from which entry on is yet to be sent."""
_BATCH = 256
_LAST_PORT = 65535
_TURN_SECONDS = 5.0
_LONGEST_SECONDS = 300.0
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Siem:
    """Where to: host, port, and the file of the CA that it is known by (None: the system's).

    `enterprise` is the private enterprise number after which the data are named.
    """

    host: str
    port: int
    ca_file: Path | None = None
    enterprise: int = EXAMPLE_NUMBER

    @classmethod
    def read(cls, address: str, ca_file: Path | None, enterprise: int = EXAMPLE_NUMBER) -> Siem:
        """Take `host:port` apart. Raise LedgerError where it is none, or the CA file holds no certificate."""
        host, _, port = address.rpartition(":")
        try:
            good = bool(host.strip("[]").encode("idna")) and 0 < int(port) <= _LAST_PORT
        except ValueError:  # of which UnicodeError is one
            good = False
        if not good:
            raise LedgerError(f"`{address}` is no host:port: change `syslog`")
        found = cls(host.strip("[]"), int(port), ca_file, enterprise)
        found.context()
        return found

    def context(self) -> ssl.SSLContext:
        """Give the rules of the connection: a certificate of that CA for that host, TLS 1.2 or newer."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError:
            raise LedgerError(f"{self.ca_file} holds no CA certificate (PEM): change `syslog_ca`") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


class Forwarder:
    """Sends what is new at every turn, from a thread of its own; nobody waits for it."""

    def __init__(
        self,
        siem: Siem,
        ledger: LedgerReader,
        origin: str,
        data_dir: Path,
        tell: Callable[[str], None] = lambda _problem: None,
    ) -> None:
        """Take a reader of its own, which is closed in the end; `tell` is called once when sending begins to fail."""
        self.problem: str | None = None
        self._siem = siem
        self._ledger = ledger
        self._origin = origin
        self._state = data_dir / STATE_FILE
        self._tell = tell
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guardrail-syslog", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """End; a batch on its way is sent again next time. Does not wait for the network."""
        self._ended.set()

    def next_index(self) -> int:
        """Give from which entry on is yet to be sent; a state of another ledger counts for nothing."""
        try:
            state = json.loads(self._state.read_bytes())
            if state["origin"] == self._origin and isinstance(state["next"], int):
                return max(0, state["next"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # sent twice is better than not at all
        return 0

    def turn(self) -> bool:
        """Send the next batch; say whether there may be more. Raise OSError or GuardrailError where that fails."""
        start = self.next_index()
        batch = list(islice(self._ledger.read(start), _BATCH))
        if batch:
            self._send(b"".join(framed(message(stored, self._siem.enterprise)) for stored in batch))
            state = {"origin": self._origin, "next": batch[-1].index + 1}
            replace_file(self._state, f"{json.dumps(state)}\n".encode())
        return len(batch) == _BATCH

    def _send(self, frames: bytes) -> None:
        host, port, context = self._siem.host, self._siem.port, self._siem.context()
        with (
            socket.create_connection((host, port), _PATIENCE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            secure.sendall(frames)
            secure.unwrap()  # returns once our close has been answered

    def _run(self) -> None:
        pause = _TURN_SECONDS
        while not self._ended.is_set():
            try:
                more = self.turn()
            except Exception as error:  # noqa: BLE001 - a thread that ends in silence would send nothing ever after
                self._failed(error)
                self._ended.wait(pause)
                pause = min(pause * 2, _LONGEST_SECONDS)
                continue
            self.problem, pause = None, _TURN_SECONDS
            if not more:
                self._ended.wait(_TURN_SECONDS)
        self._ledger.close()

    def _failed(self, error: Exception) -> None:
        first, self.problem = self.problem is None, _why(error)
        if first:
            with suppress(Exception):  # the ledger takes nothing either: it will be told with the next outage
                self._tell(self.problem)


def _why(error: Exception) -> str:
    """Give the cause as a code; what a library says may quote anything."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "not_trusted"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, GuardrailError):
        return "ledger"
    return "unreachable" if isinstance(error, OSError) else f"failed:{type(error).__name__}"
