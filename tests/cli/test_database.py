"""`guardrail ledger database`, `retain` and `hold`, and a whole workstation that sends to a database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from guardrail.settings import LEDGER_FILE
from tests.cli.conftest import ROOT, Run
from tests.ledger_keys import SIGNER
from tests.postgres import Server

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def clinic() -> Iterator[Server]:
    """Give a server with an empty database `clinic`."""
    made = Server()
    made.start()
    made.create("clinic")
    yield made
    made.close()


def worked(folder: Path, rules: Path, url: str) -> Path:
    """Run a workstation until it is up, end it well, and give its data folder."""
    (folder / "settings.yaml").write_text("pages_port: 0\nlisten_port: 0\nclinician_id: dr-wren\nkey_store: file\n")
    command = [sys.executable, "-m", "guardrail", "run", "--rules", str(rules), "--data-dir", "data"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GUARDRAIL_LEDGER": url}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--settings", "settings.yaml"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    until = time.monotonic() + PATIENCE_SECONDS
    while "proxy" not in (folder / "log").read_text():
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0, (folder / "log").read_text()
    return folder / "data"


def test_a_clinic_from_the_empty_database_to_the_check(
    guardrail: Run, clinic: Server, rules: Path, tmp_path: Path
) -> None:
    """Prepare, work, list, check, and what doctor says; a ledger that is missing is a failure."""
    address = ("--ledger", clinic.url("clinic"))
    done = guardrail("ledger", "database", "prepare", *address, "--months", "1")
    assert done.returncode == 0, done.stderr
    assert "make each workstation a log-in" in done.stdout
    made = guardrail("ledger", "database", "workstation", "desk1", *address)
    [setting] = made.stdout.split()
    assert setting.startswith("postgresql+psycopg://desk1:"), made.stderr
    data = worked(tmp_path, rules, setting)
    [tree] = map(json.loads, guardrail("ledger", "database", "trees", *address, "--json").stdout.splitlines())
    assert tree["writer"] == "desk1"
    assert "desk1" in guardrail("ledger", "database", "trees", *address).stdout
    assert tree["key"] == (data / "ledger.vkey").read_text().split()[0]
    kept = tmp_path / "kept.txt"
    kept.write_text((data / "ledger.vkey").read_text())
    own = json.loads(guardrail("ledger", "verify", "--data-dir", data, "--json").stdout)
    good = guardrail("ledger", "database", "verify", *address, "--key", kept, "--json")
    assert (good.returncode, json.loads(good.stdout)["entries"]) == (0, own["entries"])
    (tmp_path / "settings.yaml").write_text(f"ledger: {clinic.url('clinic')}\n")
    doctor = guardrail("doctor", "--settings", "settings.yaml", "--data-dir", data, "--rules", rules, "--json")
    [says] = [one for one in map(json.loads, doctor.stdout.splitlines()) if one["check"] == "ledger's database"]
    assert says["good"]
    assert "has every entry" in says["says"]
    swept = guardrail("ledger", "database", "sweep", *address, "--key", kept, "--rewrite")
    assert "0 closed texts removed" in swept.stdout
    kept.write_text(f"{SIGNER.verifier}\n")
    bad = guardrail("ledger", "database", "verify", *address, "--key", kept)
    assert bad.returncode == 1
    assert "no key of it was kept" in bad.stdout.replace("\n", " ")
    assert "the database has no such ledger" in bad.stdout.replace("\n", " ")
    with psycopg.connect(clinic.conninfo("clinic")) as owner:
        owner.execute("INSERT INTO guardrail.changes VALUES (1, 7, 0, NULL), (1, 8, 0, NULL)")
    left = guardrail("ledger", "database", "sweep", *address, "--key", kept)
    assert left.returncode == 1
    assert "2 changes that no entry bears out" in left.stdout.replace("\n", " ")
    other = guardrail("ledger", "database", "workstation", "desk2", *address, "--of", "guardrail/none")
    assert other.returncode != 0
    assert "has no ledger guardrail/none" in other.stderr.replace("\n", " ")


def test_a_database_that_is_away_is_one_line(guardrail: Run, tmp_path: Path) -> None:
    """Without a password, a traceback or a name."""
    done = guardrail("ledger", "database", "trees", "--ledger", f"postgresql+psycopg://a:secret@/b?host={tmp_path}")
    assert done.returncode != 0
    assert "cannot be reached: check the network" in done.stderr.replace("\n", " ")
    assert "secret" not in done.stderr + done.stdout


def test_what_is_held_is_said_and_nothing_young_is_destroyed(guardrail: Run, tmp_path: Path) -> None:
    """A dry run is the default."""
    (tmp_path / "settings.yaml").write_text("key_store: file\n")
    common = ("--settings", "settings.yaml", "--data-dir", "data")
    assert "start guardrail once" in guardrail("ledger", "retain", *common).stderr
    assert guardrail("init", "--data-dir", "data").returncode == 0
    (tmp_path / "data" / LEDGER_FILE).touch()
    assert "nothing is held" in guardrail("ledger", "hold", *common).stdout
    assert "needs a reason" in guardrail("ledger", "hold", "C-1", *common).stderr
    assert "held: C-1" in guardrail("ledger", "hold", "C-1", "--reason", "a court file", *common).stdout
    (tmp_path / "list.csv").write_text("client_ref,given_name,family_name\nC-1,Margit,Ollander\n", encoding="utf-8")
    assert guardrail("roster", "import", "list.csv", *common).returncode == 0
    named = guardrail("ledger", "hold", "Margit Ollander", "--reason", "a court file", *common)
    assert (named.returncode, "say the client's reference" in named.stderr) == (2, True)
    assert "held: C-1\n" in guardrail("ledger", "hold", *common).stdout
    assert "0 would be destroyed" in guardrail("ledger", "retain", *common).stdout
    applied = json.loads(guardrail("ledger", "retain", "--apply", "--json", *common).stdout)
    assert applied == {"due": 0, "held": 0, "destroyed": 0, "rules": {}}
    assert "nothing is held" in guardrail("ledger", "hold", "C-1", "--lift", "--reason", "over", *common).stdout
