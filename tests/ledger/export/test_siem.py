"""Sending to a SIEM: a real TLS server that reads by RFC 5425, that dies, that comes back, that is somebody else."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from guardrail.errors import LedgerError, LedgerUnavailableError
from guardrail.ledger.export.siem import STATE_FILE, Forwarder, Siem
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry, EntryKind, StoredEntry
from tests.ledger.export.receiver import HOST, Server
from tests.ledger.export.scene import Scene


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Give the clinic's CA."""
    return trustme.CA()


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Callable[..., Server]]:
    """Give a way to start servers; all are gone afterwards."""
    running: list[Server] = []

    def start(dies: int | None = None) -> Server:
        running.append(Server(authority, dies))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """Give the file that IT hands to guardrail."""
    file = tmp_path / "siem-ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


def write(desk: Scene, count: int) -> None:
    """Append so many entries."""
    desk.ledger.append(*(Entry(EntryKind.NOTED, desk.clock.now(), "front-desk", "dr-wren") for _ in range(count)))


def to(server: Server, desk: Scene, ca_file: Path | None, tmp_path: Path) -> Forwarder:
    """Give a forwarder to a server."""
    siem = Siem.read(f"{HOST}:{server.port}", ca_file)
    return Forwarder(siem, desk.ledger.reader, desk.ledger.origin, tmp_path)


def test_all_entries_come_once_and_in_order(
    desk: Scene, serve: Callable[..., Server], ca_file: Path, tmp_path: Path
) -> None:
    """More than one batch, then what is new; a restart goes on where the last one ended."""
    server = serve()
    write(desk, 300)
    forwarder = to(server, desk, ca_file, tmp_path)
    assert forwarder.turn()
    assert not forwarder.turn()
    write(desk, 2)
    assert not to(server, desk, ca_file, tmp_path).turn()
    assert not to(server, desk, ca_file, tmp_path).turn()
    assert server.indexes == list(range(302))
    assert (tmp_path / STATE_FILE).stat().st_mode & 0o777 == 0o600


def test_entries_go_under_the_clinics_own_number(
    desk: Scene, serve: Callable[..., Server], ca_file: Path, tmp_path: Path
) -> None:
    """The one of the settings."""
    server = serve()
    write(desk, 1)
    siem = Siem.read(f"{HOST}:{server.port}", ca_file, 55555)
    Forwarder(siem, desk.ledger.reader, desk.ledger.origin, tmp_path).turn()
    [one] = server.received
    assert b" [guardrail@55555 index=" in one


def test_after_an_outage_it_goes_on_from_the_last_that_was_taken(
    desk: Scene, serve: Callable[..., Server], ca_file: Path, tmp_path: Path
) -> None:
    """A server that is not there, and one that dies in the middle, leave nothing out; what came twice says so."""
    gone, dying, good = serve(), serve(dies=400), serve()
    gone.close()
    write(desk, 5)
    for server in (gone, dying):
        with pytest.raises((ConnectionError, ssl.SSLError)):
            to(server, desk, ca_file, tmp_path).turn()
        assert to(server, desk, ca_file, tmp_path).next_index() == 0
    to(good, desk, ca_file, tmp_path).turn()
    assert good.indexes == list(range(5))


def test_nothing_goes_to_somebody_else(desk: Scene, serve: Callable[..., Server], tmp_path: Path) -> None:
    """A certificate of another authority ends it before a byte is sent."""
    server, other = serve(), tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    write(desk, 1)
    with pytest.raises(ssl.SSLCertVerificationError):
        to(server, desk, other, tmp_path).turn()
    assert server.received == []


@pytest.mark.parametrize(
    "state", ["", "[]", "{", '{"origin": "another", "next": 7}', '{"origin": "guardrail/front-desk", "next": "7"}']
)
def test_a_damaged_state_begins_anew(
    desk: Scene, serve: Callable[..., Server], ca_file: Path, tmp_path: Path, state: str
) -> None:
    """Sent twice is better than not at all."""
    (tmp_path / STATE_FILE).write_text(state)
    write(desk, 2)
    server = serve()
    to(server, desk, ca_file, tmp_path).turn()
    assert server.indexes == [0, 1]
    assert json.loads((tmp_path / STATE_FILE).read_text()) == {"origin": desk.ledger.origin, "next": 2}


@pytest.mark.parametrize(
    "address", ["siem.example", ":6514", "siem.example:", "siem.example:syslog", "siem:0", "siem:65536", "a..b:1"]
)
def test_an_address_that_is_none(address: str) -> None:
    """The setting is named."""
    with pytest.raises(LedgerError, match="change `syslog`"):
        Siem.read(address, None)


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    """The setting is named."""
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(LedgerError, match="change `syslog_ca`"):
        Siem.read("siem.example:6514", tmp_path / "ca.pem")


def test_the_thread_sends_by_itself_and_tells_of_an_outage_once(
    desk: Scene, serve: Callable[..., Server], ca_file: Path, tmp_path: Path
) -> None:
    """It begins with a server that is gone; the entry about that is told; stopping waits for nobody."""
    gone = serve()
    gone.close()
    told: list[str] = []
    heard = threading.Event()

    def tell(problem: str) -> None:
        told.append(problem)
        heard.set()
        raise LedgerUnavailableError("the ledger takes no entry now: the test says so")

    write(desk, 1)
    siem = Siem.read(f"{HOST}:{gone.port}", ca_file)
    forwarder = Forwarder(siem, LedgerReader(desk.ledger.path), desk.ledger.origin, tmp_path, tell)
    forwarder.start()
    assert heard.wait(20)
    forwarder.stop()
    assert told == ["unreachable"]
    assert forwarder.problem == "unreachable"


@pytest.mark.parametrize("telling", [None, ZeroDivisionError], ids=["told", "not-even-told"])
def test_an_error_of_ours_does_not_end_the_thread_in_silence(  # noqa: PLR0917 - fixtures
    desk: Scene,
    serve: Callable[..., Server],
    ca_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    telling: type[Exception] | None,
) -> None:
    """It is told of by its type, and sending goes on: also where the telling fails as well."""
    told: list[str] = []
    again = threading.Event()
    monkeypatch.setattr("guardrail.ledger.export.siem._TURN_SECONDS", 0.01)

    def tell(problem: str) -> None:
        told.append(problem)
        if telling is not None:
            raise telling

    class Broken(LedgerReader):
        tries = 0

        def read(self, start: int = 0) -> Iterator[StoredEntry]:
            self.tries += 1
            if self.tries > 1:
                again.set()
            raise ZeroDivisionError("about margit")

    to = Siem.read(f"{HOST}:{serve().port}", ca_file)
    forwarder = Forwarder(to, Broken(desk.ledger.path), desk.ledger.origin, tmp_path, tell)
    forwarder.start()
    assert again.wait(20)
    forwarder.stop()
    assert told == ["failed:ZeroDivisionError"]
