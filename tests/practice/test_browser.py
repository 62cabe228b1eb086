"""The throw-away browser: found, told whom to trust, started without weakening anything, forgotten afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guardrail.practice import browser
from guardrail.practice.browser import (
    BrowserError,
    Road,
    arguments,
    environment,
    find_browser,
    open_browser,
    prepare_home,
    wait_for,
)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    """Make a certificate that a browser can be told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test CA")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1)
    )
    certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = tmp_path / "ca.pem"
    file.write_bytes(certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


def _program(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def test_the_home_trusts_the_ca_and_nothing_else(ca: Path) -> None:
    """The new home's certificate database lists the CA as trusted for web sites."""
    home = prepare_home(ca)
    try:
        listed = subprocess.run(
            ["certutil", "-L", "-d", f"sql:{home / '.pki' / 'nssdb'}"], capture_output=True, text=True, check=True
        )
        rows = [line.split() for line in listed.stdout.splitlines() if "guardrail" in line]
        assert rows == [["guardrail", "C,,"]]
    finally:
        shutil.rmtree(home)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    """What certutil does not take is refused with one line that names the file, and no folder is left."""
    bad = tmp_path / "ca.pem"
    bad.write_text("nothing")
    with pytest.raises(BrowserError, match=r"certutil refused .*ca\.pem") as raised:
        prepare_home(bad)
    assert "\n" not in str(raised.value)


def test_a_missing_ca_is_said(tmp_path: Path) -> None:
    """No CA yet: the error says how to get one."""
    with pytest.raises(BrowserError, match="start guardrail once"):
        prepare_home(tmp_path / "none.pem")


def test_a_missing_certutil_is_said(ca: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without certutil the error names the package to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserError, match="install libnss3-tools"):
        prepare_home(ca)


def test_the_path_is_looked_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chrome on the PATH is found before the usual places."""
    program = _program(tmp_path, "google-chrome", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == program


def test_no_browser_is_said(ca: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no browser is, the error says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    assert find_browser() is None
    with pytest.raises(BrowserError, match="apt install chromium"):
        open_browser(ca, Road())


@pytest.mark.parametrize(
    ("road", "wanted"),
    [
        (Road(pac_url="http://127.0.0.1:8081/proxy.pac"), "--proxy-pac-url=http://127.0.0.1:8081/proxy.pac"),
        (Road(proxy="http://127.0.0.1:8080"), "--proxy-server=http://127.0.0.1:8080"),
    ],
)
def test_the_command_line_weakens_nothing(tmp_path: Path, road: Road, wanted: str) -> None:
    """The browser goes through the proxy with QUIC off, and no flag touches certificate checks."""
    flags = arguments(tmp_path, road, urls=("https://x.com/",))
    assert wanted in flags
    assert "--disable-quic" in flags
    assert flags[-1] == "https://x.com/"
    assert not [flag for flag in flags if "certificate" in flag or "insecure" in flag or "web-security" in flag]


@pytest.mark.parametrize("root", [True, False])
def test_only_root_goes_without_a_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    """The sandbox is given up only where Chromium would not start otherwise."""
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    assert ("--no-sandbox" in arguments(tmp_path, Road())) is root


def test_the_profile_is_forgotten_when_the_browser_ends(ca: Path, tmp_path: Path) -> None:
    """The process runs with its own home, and that home is gone after it."""
    note = tmp_path / "home"
    program = _program(tmp_path, "browser", f'printf %s "$HOME" > "{note}"; read -r line < "{tmp_path / "wait"}"')
    os.mkfifo(tmp_path / "wait")
    process = open_browser(ca, Road(), browser=program)
    (tmp_path / "wait").write_text("go on\n")
    assert process.wait(timeout=20) == 0
    home = Path(note.read_text())
    assert home != Path.home()
    for thread in threading.enumerate():
        if thread.name == browser.FORGETTER:
            thread.join()
    assert not home.exists()


def test_a_browser_that_does_not_start_is_said(ca: Path, tmp_path: Path) -> None:
    """A program that cannot be run gives one line, and no folder stays behind."""
    with pytest.raises(BrowserError, match="does not start"):
        open_browser(ca, Road(), browser=tmp_path / "none")


def test_without_a_running_guardrail_no_browser_opens(ca: Path, tmp_path: Path) -> None:
    """Nobody gives the PAC file, so a browser would reach the real sites: none is started, and the line says why."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        road = Road(pac_url=f"http://127.0.0.1:{taken.getsockname()[1]}/proxy.pac")
        started = tmp_path / "started"
        with pytest.raises(BrowserError, match=r"start it first .*--pages-port"):
            open_browser(ca, road, browser=_program(tmp_path, "browser", f'touch "{started}"'))
    assert not started.exists()


def test_with_a_running_guardrail_it_opens(ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the PAC file is given the browser starts, whatever proxy the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    (tmp_path / "proxy.pac").write_text("// a PAC file")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        road = Road(pac_url=f"http://127.0.0.1:{server.server_port}/proxy.pac")
        process = open_browser(ca, road, browser=_program(tmp_path, "browser", "exit 7"))
        assert process.wait(timeout=20) == 7
        server.shutdown()


@pytest.mark.parametrize("ending", [0, 1, 133])
def test_a_browser_that_stays_open_is_said_to_be_open(ca: Path, tmp_path: Path, ending: int) -> None:
    """Once, and how it ends is said where that is an error."""
    os.mkfifo(tmp_path / "wait")
    process = open_browser(
        ca, Road(), browser=_program(tmp_path, "browser", f'read -r line < "{tmp_path / "wait"}"; exit {ending}')
    )
    said: list[str] = []

    def opened() -> None:
        said.append("open")
        (tmp_path / "wait").write_text("go on\n")

    with pytest.raises(BrowserError, match=f"exit code {ending}") if ending else nullcontext():
        wait_for(process, opened, opening_seconds=0.01)
    assert said == ["open"]


@pytest.mark.parametrize(
    ("screen", "says"), [("", "it has no screen here (DISPLAY is not set)"), (":0", "open it by hand to see why")]
)
def test_a_browser_that_ends_at_once_is_not_said_to_be_open(
    ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen: str, says: str
) -> None:
    """But that it ended, and what is missing."""
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    process = open_browser(ca, Road(), browser=_program(tmp_path, "browser", "exit 1"))
    with pytest.raises(BrowserError, match="exit code 1") as error:
        wait_for(process, lambda: pytest.fail("it never was open"), opening_seconds=20)
    assert says in str(error.value)


def test_the_environment_keeps_to_the_home(tmp_path: Path) -> None:
    """Configuration and caches stay in the throw-away home too."""
    variables = environment(tmp_path)
    assert variables["HOME"] == str(tmp_path)
    assert variables["XDG_CONFIG_HOME"].startswith(str(tmp_path))
