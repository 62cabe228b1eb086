"""`guardrail roster forget`, and what a house says whose client list is gone without it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from guardrail.roster.known import Came, note
from tests.cli.conftest import Run


@pytest.fixture
def guardrail(in_process: Run, tmp_path: Path) -> Run:
    """Give the command line in a folder where a list of one was taken in."""
    file = tmp_path / "clients.csv"
    file.write_text("client_ref,given_name,family_name\nC-1,Ada,Quill\n", encoding="utf-8")
    assert in_process("roster", "import", file).returncode == 0
    return in_process


def test_a_list_that_is_gone_is_missed_by_every_command(guardrail: Run, tmp_path: Path) -> None:
    """One line that says what to do; leave to have none ends it, and so does a new list, where loss is accepted."""
    shutil.rmtree(tmp_path / ".guardrail" / "roster")
    for command in (("roster", "status"), ("match",)):
        refused = guardrail(*command, text="ada quill")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "the imported client list is gone; bring the folder back" in refused.stderr
    assert "the imported client list is gone" in guardrail("doctor").stdout
    refused = guardrail("roster", "import", "clients.csv")
    assert "nobody can say who is missing" in refused.stderr
    assert guardrail("roster", "import", "clients.csv", "--accept-loss").returncode == 0
    assert "client list 1 of" in guardrail("roster", "status").stdout


def test_a_clinic_may_want_no_list(guardrail: Run, tmp_path: Path) -> None:
    """Only where that is said twice; then nothing of it is left, and nobody is known."""
    refused = guardrail("roster", "forget")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "add --yes" in refused.stderr
    assert json.loads(guardrail("match", text="ada quill").stdout)["client_ref"] == "C-1"
    done = guardrail("roster", "forget", "--yes")
    assert done.stdout.startswith("1 client lists removed: from its next start on")
    assert list((tmp_path / ".guardrail" / "roster").iterdir()) == []
    assert "no client list was taken in here" in guardrail("roster", "status").stdout
    assert "no client is known by name" in guardrail("doctor").stdout
    assert guardrail("roster", "forget", "--yes").returncode == 0


def test_the_doctor_says_what_a_start_would(in_process: Run, tmp_path: Path) -> None:
    """A CSV was in force, and no setting names it any more: guardrail does not start, and that is no good finding."""
    note(tmp_path / ".guardrail", Came.FILE)
    findings = map(json.loads, in_process("doctor", "--json").stdout.splitlines())
    [roster] = [one for one in findings if one["check"] == "roster"]
    assert not roster["good"]
    assert "no file and no import gives one now" in roster["says"]
