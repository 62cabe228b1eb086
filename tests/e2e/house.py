"""Guardrail in its own process, in practice mode, with a log-in for every clinician whom the scenes need."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from guardrail.ledger.reader import LedgerReader
from guardrail.model.entry import EntryKind, StoredEntry

ROOT = Path(__file__).parents[2]
PASSWORD = "practice"
OBSERVER = "observer"
CLINICIANS = 400
GUARDRAIL = (sys.executable, "-m", "guardrail")


@dataclass
class House:
    """A running guardrail, what it printed, and what it keeps."""

    process: subprocess.Popen[str]
    folder: Path
    facts: Mapping[str, Any]
    log_ins: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def proxy(self) -> str:
        """Where the proxy listens, as `http://host:port`."""
        address: str = self.facts["proxy"]
        return address if "://" in address else f"http://{address}"

    @property
    def ca(self) -> Path:
        """The CA's certificate."""
        return Path(self.facts["ca"])

    @property
    def data(self) -> Path:
        """The data folder."""
        return Path(self.facts["data_dir"])

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.data / "ledger.sqlite3"

    def new_clinician(self) -> str:
        """Give the log-in of somebody who has not used guardrail yet (or the one user of the whole workstation)."""
        return f"clinician-{next(self.numbers) if self.log_ins else 0}"

    def entries(self, clinician: str | None = None) -> list[StoredEntry]:
        """Read the ledger: all of it, or one clinician's part."""
        ledger = LedgerReader(self.ledger)
        try:
            return [one for one in ledger.read() if clinician in (None, one.entry.clinician)]
        finally:
            ledger.close()

    def wait_for(self, kind: EntryKind, since: int) -> None:
        """Wait until an entry of this kind stands after the first `since` ones of the ledger."""
        give_up = time.monotonic() + 20
        while kind not in {one.entry.kind for one in self.entries()[since:]}:
            assert time.monotonic() < give_up, f"{kind} did not come"
            time.sleep(0.05)

    def ask(self, clinician: str, host: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Ask through the proxy as `clinician`, without a browser; a form makes it a POST. Give status and text."""
        place = urlsplit(self.proxy)
        trust = ssl.create_default_context(cafile=str(self.ca))
        connection = http.client.HTTPSConnection(place.hostname or "", place.port, context=trust, timeout=20)
        credentials = base64.b64encode(f"{clinician}:{PASSWORD}".encode()).decode()
        connection.set_tunnel(host, 443, {"Proxy-Authorization": f"Basic {credentials}"} if self.log_ins else {})
        headers = {"Origin": f"https://{host}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            if form is None:
                connection.request("GET", path)
            else:
                connection.request("POST", path, urlencode(form), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def acknowledge(self, clinician: str) -> None:
        """Read the notice on the clinician's own page, as one does once (test_answers.py does it in the browser)."""
        _, text = self.ask(clinician, "guardrail.internal", "/")
        form = re.search(r'action="/notice".*?name="token" value="([0-9a-f]+)"', text, re.DOTALL)
        if form is not None:
            status, text = self.ask(clinician, "guardrail.internal", "/notice", {"token": form[1]})
            assert status == HTTPStatus.SEE_OTHER, text

    def arrived(self, since: int = 0) -> list[dict[str, Any]]:
        """Ask the practice sites what has reached them."""
        status, text = self.ask(OBSERVER, "www.facebook.com", f"/practice/received?since={since}")
        assert status == HTTPStatus.OK, text
        arrived: list[dict[str, Any]] = json.loads(text)
        return arrived

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of guardrail's own commands."""
        return subprocess.run(
            [*GUARDRAIL, *arguments], capture_output=True, text=True, check=False, cwd=self.folder, env=_environment()
        )

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_house(
    folder: Path, *program: str, like: House | None = None, log_ins: bool = True, roster: bool = True
) -> House:
    """Start guardrail (or `program`) on free ports, in practice mode, and wait until it says where it is.

    With `like` it has that house's certificate authority, so that the same browser trusts it. Without `log_ins` the
    clinician is the workstation's one user. Without `roster` no CSV is set: what was imported counts.
    """
    hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()  # noqa: S324 - htpasswd's quick form
    names = [OBSERVER, *(f"clinician-{number}" for number in range(1, CLINICIANS))]
    (folder / "htpasswd").write_text("".join(f"{name}:{{SHA}}{hashed}\n" for name in names))
    shutil.copy(ROOT / "rules.yaml", folder / "rules.yaml")
    shutil.copy(ROOT / "guardrail" / "roster" / "sample.csv", folder / "roster.csv")
    if like is not None:
        shutil.copytree(like.data / "ca", folder / "data" / "ca")
    settings = folder / "settings.yaml"
    settings.write_text(
        f"rules: {folder / 'rules.yaml'}\n"
        f"{f'roster: {folder / "roster.csv"}' if roster else ''}\n"
        f"data_dir: {folder / 'data'}\n"
        "listen_port: 0\n"
        "pages_port: 0\n"
        "practice: true\n"
        "workstation: e2e\n"
        f"clinician_from: {'proxy-auth' if log_ins else 'os-user'}\n"
        f"proxy_auth_file: {folder / 'htpasswd'}\n"
        "clinician_id: clinician-0\n"
        "emergency_contacts:\n"
        "  C-1001: Sister, 604-555-0177\n"
    )
    command = [*(program or (*GUARDRAIL, "practice")), "--settings", str(settings), "--json"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env=_environment()
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.stdout.close()
        process.wait(timeout=20)
        raise AssertionError(f"guardrail did not start: {(folder / 'log').read_text()}")
    return House(process, folder, json.loads(line), log_ins)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
