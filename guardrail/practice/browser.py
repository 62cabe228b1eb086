"""A throw-away Chromium or Chrome that trusts guardrail's CA and uses its PAC file, and forgets all when it ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from guardrail.errors import GuardrailError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""What Chromium and Chrome are called on a PATH, in the order in which they are looked for."""

PLACES = (
    "/usr/bin/chromium",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files\Chromium\Application\chrome.exe",
)
"""Where they usually stand when the PATH does not know them."""

FORGETTER = "forget the browser's profile"
"""The name of the thread that removes the folder when the browser has ended."""

_NICKNAME = "guardrail"
_PATIENCE_SECONDS = 5
_OPENING_SECONDS = 2.0  # without a screen Chromium ends within a quarter of one


class BrowserError(GuardrailError):
    """No browser can be opened: what is missing, and what to install."""


def find_browser() -> Path | None:
    """Find Chromium or Chrome: by the PATH first, then in the usual places; None where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return next((Path(place) for place in PLACES if Path(place).is_file()), None)


def prepare_home(ca_pem: Path) -> Path:
    """Make a throw-away home folder whose NSS database trusts `ca_pem`, and give its path.

    Chromium on Linux reads `~/.pki/nssdb` (Chromium docs, linux/cert_management.md). Raise BrowserError
    where `certutil` is missing or refuses the certificate.
    """
    certutil = shutil.which("certutil")
    if certutil is None:
        raise BrowserError("certutil is missing, so that no browser can be told to trust the CA; install libnss3-tools")
    if not ca_pem.is_file():
        raise BrowserError(f"there is no CA at {ca_pem}; start guardrail once, it makes one")
    home = Path(tempfile.mkdtemp(prefix="guardrail-browser-"))
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    new = [certutil, "-d", f"sql:{database}", "-N", "--empty-password"]
    add = [certutil, "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", _NICKNAME, "-i", str(ca_pem)]
    for command in (new, add):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found above, no shell
        if done.returncode:
            shutil.rmtree(home, ignore_errors=True)
            raise BrowserError(f"certutil refused {ca_pem}: {done.stderr.strip().splitlines()[-1]}")
    return home


def environment(home: Path) -> dict[str, str]:
    """Give the environment of a browser that must look for its certificates in `home` and nowhere else."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


@dataclass(frozen=True, slots=True)
class Road:
    """How the browser reaches the sites: by the address of a PAC file, or through one proxy for everything."""

    pac_url: str | None = None
    proxy: str | None = None

    def flags(self) -> list[str]:
        """Give the browser's flags for it."""
        named = {"--proxy-pac-url": self.pac_url, "--proxy-server": self.proxy}
        return [f"{flag}={value}" for flag, value in named.items() if value is not None]


def arguments(home: Path, road: Road, urls: Sequence[str] = ()) -> list[str]:
    """Give the command line: guardrail's road, no QUIC, nothing that calls home, certificates checked as ever."""
    flags = [
        f"--user-data-dir={home / 'profile'}",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--password-store=basic",
        *road.flags(),
    ]
    if _is_root():
        flags.append("--no-sandbox")  # Chromium refuses to run as root with its sandbox
    return [*flags, *urls]


def open_browser(
    ca_pem: Path, road: Road, urls: Sequence[str] = (), *, browser: Path | None = None
) -> subprocess.Popen[bytes]:
    """Open a browser at `urls` and give its process; its folder is removed as soon as it ends.

    Raise BrowserError where there is no browser or no certutil, or nobody gives the PAC file: without it a browser
    goes its own way, to the real sites.
    """
    program = browser or find_browser()
    if program is None:
        raise BrowserError("no Chromium or Chrome was found; install one (on Debian and Ubuntu: apt install chromium)")
    if road.pac_url is not None:
        _ask_for(road.pac_url)
    home = prepare_home(ca_pem)
    try:
        process = _start([str(program), *arguments(home, road, urls)], environment(home))
    except OSError as error:
        shutil.rmtree(home, ignore_errors=True)
        raise BrowserError(f"{program} does not start: {error.strerror}") from None
    threading.Thread(target=_forget, args=(process, home), name=FORGETTER).start()
    return process


def wait_for(
    process: subprocess.Popen[bytes], opened: Callable[[], None], *, opening_seconds: float = _OPENING_SECONDS
) -> None:
    """Wait until the browser is closed; call `opened` once it has stayed open for a moment.

    Raise BrowserError where it ends with an error. Why is not quoted: a browser's complaints name addresses.
    """
    try:
        code = process.wait(opening_seconds)
    except subprocess.TimeoutExpired:
        opened()
        code = process.wait()
    if code:
        raise BrowserError(f"the browser ended with an error (exit code {code}): {_mend()}")


def _mend() -> str:
    if sys.platform == "linux" and not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        return "it has no screen here (DISPLAY is not set): open it where you see windows"
    return "open it by hand to see why"


def _ask_for(pac_url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever the environment names as a proxy
    try:
        with opener.open(pac_url, timeout=_PATIENCE_SECONDS):
            pass
    except (OSError, ValueError, HTTPException):
        hint = "start it first (`guardrail run` or `guardrail practice`), or name its --pages-port"
        raise BrowserError(f"no running guardrail gives the PAC file {pac_url}: {hint}") from None


def _start(command: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=dict(variables), stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - no shell


def _forget(process: subprocess.Popen[bytes], home: Path) -> None:
    process.wait()
    shutil.rmtree(home, ignore_errors=True)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
