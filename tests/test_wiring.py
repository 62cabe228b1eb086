"""The house as IT and a clinic run it: real programs, real files, real ports."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from mitmproxy import exceptions, options

from guardrail import wiring
from guardrail.errors import CertificateError, GuardrailError
from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import Entry, EntryKind
from guardrail.proxy import authority, launch
from guardrail.proxy.serve import PortError, listen
from guardrail.settings import CA_FOLDER, LEDGER_FILE, Settings
from tests.proxy.rig import NAVIGATION, Answer, curl

ROOT = Path(__file__).parents[1]
MITMDUMP = Path(sys.executable).with_name("mitmdump")
CLIENT = "https://www.google.com/search?q=Margit+Ollander"
PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Leave structlog as it was: a house sets it up for its process."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """Make a folder with a policy, a roster and a settings file on free ports, and its own copy of the addon file."""
    shutil.copy(ROOT / "rules.yaml", tmp_path / "rules.yaml")
    shutil.copy(ROOT / "guardrail" / "roster" / "sample.csv", tmp_path / "roster.csv")
    shutil.copy(ROOT / "addons" / "guardrail_addon.py", tmp_path / "guardrail_addon.py")
    (tmp_path / "settings.yaml").write_text("pages_port: 0\nlisten_port: 0\nclinician_id: dr-wren\npractice: true\n")
    return tmp_path


@dataclass
class Program:
    """A running mitmdump or guardrail."""

    process: subprocess.Popen[str]
    data: Path
    port: int
    log: Path

    def curl(self, url: str, *arguments: str) -> Answer:
        """Ask through the proxy."""
        ca = authority.certificate_file(self.data / CA_FOLDER)
        return curl(url, "-x", f"http://127.0.0.1:{self.port}", "--cacert", str(ca), *arguments)

    def entries(self) -> list[Entry]:
        """Read the ledger."""
        if not (self.data / LEDGER_FILE).exists():
            return []
        ledger = LedgerReader(self.data / LEDGER_FILE)
        try:
            return [stored.entry for stored in ledger.read()]
        finally:
            ledger.close()

    def kinds(self) -> list[EntryKind]:
        """Give what kinds of entries the ledger has, in order."""
        return [entry.kind for entry in self.entries()]


def eventually(holds: Callable[[], bool], why: Callable[[], str]) -> None:
    """Wait until something outside of this process is so; the patience only bounds a failing test."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, why()
        time.sleep(0.05)


def free_port() -> int:
    """Give a port that nothing listens on."""
    with contextlib.closing(listen("127.0.0.1", 0, "a test")) as taken:
        port: int = taken.getsockname()[1]
    return port


@contextlib.contextmanager
def program(folder: Path, port: int, *command: str) -> Iterator[Program]:
    """Run a program until the test is over; SIGTERM must end it well."""
    log = folder / "log"
    with log.open("w") as stream:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=stream, stderr=stream, text=True, cwd=folder, env=environment)
    try:
        yield Program(process, folder / "data", port, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def dump(folder: Path, port: int, *extra: str) -> contextlib.AbstractContextManager[Program]:
    """Run mitmdump with the addon file of `folder`."""
    named = {"rules": "rules.yaml", "roster": "roster.csv", "data": "data", "settings": "settings.yaml"}
    sets = [part for name, file in named.items() for part in ("--set", f"guardrail_{name}={folder / file}")]
    command = (str(MITMDUMP), "-s", str(folder / "guardrail_addon.py"), *sets, "-p", str(port))
    return program(folder, port, *command, "--listen-host", "127.0.0.1", *extra)


def listens(running: Program) -> bool:
    """Whether the proxy is up and its house built."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", running.port), timeout=1):
        return EntryKind.ROSTER_LOADED in running.kinds() if (running.data / LEDGER_FILE).exists() else False
    return False


def held(running: Program) -> bool:
    """Whether a search for a client is stopped."""
    answer = running.curl(CLIENT, *(part for header in NAVIGATION for part in ("-H", header)))
    return answer.status == 302 and answer.headers["location"].startswith("https://guardrail.internal/hold/")


def test_inside_a_mitmdump_that_it_runs(clinic: Path) -> None:
    """The same parts as `guardrail run`: holds, pages, the PAC file; and a broken save lets nothing through."""
    with dump(clinic, free_port()) as running:
        eventually(lambda: listens(running), running.log.read_text)
        assert held(running)
        assert running.curl("https://guardrail.internal/").status == 200
        assert running.curl("https://www.google.com/search?q=weather").status == 200  # a practice site's answer
        addon = clinic / "guardrail_addon.py"
        addon.write_text("this is no Python")
        os.utime(addon, (time.time() + 5, time.time() + 5))
        eventually(lambda: "SyntaxError" in running.log.read_text(), running.log.read_text)
        assert held(running)
        addon.unlink()
        eventually(lambda: "Removing script" in running.log.read_text() or held(running), running.log.read_text)
        assert held(running)
    assert running.process.returncode == 0
    kinds = running.kinds()
    assert kinds[:3] == [EntryKind.STARTED, EntryKind.POLICY_LOADED, EntryKind.ROSTER_LOADED]
    assert kinds[-1] is EntryKind.STOPPED
    assert "Ollander" not in running.log.read_text()


def test_what_cannot_be_built_does_not_start(clinic: Path) -> None:
    """One line that says what is wrong, no traceback, and an exit code."""
    (clinic / "rules.yaml").write_text("rules: [")
    with dump(clinic, free_port()) as running:
        assert running.process.wait(PATIENCE_SECONDS) == 1
    log = running.log.read_text()
    assert "rules.yaml:" in log
    assert "Traceback" not in log


def test_options_that_the_road_cannot_bear_are_refused(clinic: Path) -> None:
    """At start, by name and with the reason."""
    with dump(clinic, free_port(), "--set", "stream_large_bodies=1m") as running:
        assert running.process.wait(PATIENCE_SECONDS) == 1
    assert "guardrail refuses the option `stream_large_bodies`" in running.log.read_text()


def test_such_options_are_refused_later_too() -> None:
    """An option is taken back that an addon's `configure` refuses."""
    opts = options.Options()
    launch.refuse_forbidden(opts)
    opts.add_option("stream_large_bodies", str, "1m", "")
    with pytest.raises(exceptions.OptionsError, match="stream_large_bodies"):
        launch.refuse_forbidden(opts)


GUARDRAIL = """
import json, sys
from pathlib import Path
from guardrail import wiring
from guardrail.settings import read_settings
settings = read_settings(Path("settings.yaml"), json.loads(sys.argv[1]))
wiring.run(settings, lambda facts: print(json.dumps([facts.proxy, facts.pac_url, str(facts.ca_file)]), flush=True))
"""


def guardrail(folder: Path, port: int, **settings: object) -> contextlib.AbstractContextManager[Program]:
    """Run guardrail as `guardrail run` does."""
    files = {"rules": "rules.yaml", "roster": "roster.csv", "data_dir": "data", "listen_port": port}
    return program(folder, port, sys.executable, "-c", GUARDRAIL, json.dumps(files | settings))


def test_a_changed_policy_is_loaded_whole_or_not_at_all(clinic: Path) -> None:
    """A broken save keeps the old policy and is on the ledger; a good one is in force; neither needs a restart."""
    rules = clinic / "rules.yaml"
    good = rules.read_text()
    with guardrail(clinic, free_port()) as running:
        eventually(lambda: listens(running), running.log.read_text)
        first = running.entries()[1].policy_revision
        rules.write_text("rules: [")
        eventually(lambda: EntryKind.POLICY_REFUSED in running.kinds(), running.log.read_text)
        assert held(running)
        assert "policy refused" in running.log.read_text()
        rules.write_text(good + "\n# a clinic's own remark\n")
        eventually(lambda: running.kinds().count(EntryKind.POLICY_LOADED) == 2, running.log.read_text)
        loaded = [one for one in running.entries() if one.kind is EntryKind.POLICY_LOADED]
        assert [one.policy_revision is not None for one in loaded] == [True, True]
        assert first == loaded[0].policy_revision
        (clinic / "roster.csv").write_text("client_ref,family_name\nC-1,\n")
        eventually(lambda: EntryKind.FAILURE in running.kinds(), running.log.read_text)
        assert held(running)
    assert running.process.returncode == 0


def test_a_port_that_is_taken_is_one_line(clinic: Path) -> None:
    """The proxy's and the pages' port alike; nothing is left open and no ledger entry claims a start."""
    with contextlib.closing(listen("127.0.0.1", 0, "a test")) as taken:
        port = taken.getsockname()[1]
        for settings in ({"listen_port": port}, {"pages_port": port}):
            with pytest.raises(PortError, match="another program uses it") as caught:
                wiring.run(settings_of(clinic, **settings), lambda _facts: None)
            assert "\n" not in str(caught.value)


def test_a_site_that_the_authority_does_not_cover(clinic: Path) -> None:
    """A clinic's new site file needs a new authority; the error names the domain and the command."""
    settings = settings_of(clinic)
    authority.ensure(settings.data_dir / CA_FOLDER, ["google.com"])
    with pytest.raises(CertificateError, match=r"does not cover .* `guardrail init --renew-ca`"):
        wiring.build(settings)


async def test_a_house_that_cannot_be_built_leaves_nothing_open(clinic: Path) -> None:
    """The second attempt, with the cause gone, succeeds on the same ports and files."""
    port = free_port()
    (clinic / "data").mkdir()
    (clinic / "data" / LEDGER_FILE).mkdir()
    with pytest.raises(GuardrailError):
        wiring.build(settings_of(clinic, pages_port=port))
    (clinic / "data" / LEDGER_FILE).rmdir()
    house = wiring.build(settings_of(clinic, pages_port=port))
    assert house.pages.address[1] == port
    with pytest.raises(GuardrailError, match=r"another guardrail runs on .*: end that one, or set another"):
        wiring.build(settings_of(clinic))
    await house.close(())


def settings_of(folder: Path, **changes: object) -> Settings:
    """Give the settings of a house in this process."""
    return Settings.model_validate(
        {
            "rules": folder / "rules.yaml",
            "roster": folder / "roster.csv",
            "data_dir": folder / "data",
            "pages_port": 0,
            "listen_port": 0,
            "practice": True,
            **changes,
        }
    )
