"""`guardrail ledger` and `guardrail witness`, as a supervisor and an association run them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guardrail.ledger.note import Note, Verifier
from guardrail.ledger.proofs import read_kept, witnessed
from guardrail.ledger.store import SqliteLedger
from guardrail.settings import LEDGER_FILE
from guardrail.witness.sender import Sender, Witness
from tests.cli.conftest import Run
from tests.ledger.golden import make

PATIENCE_SECONDS = 30


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a data folder with the golden ledger and the keys that belong to it."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(make.FOLDER / "good.sqlite3", folder / LEDGER_FILE)
    shutil.copy(make.FOLDER / "ledger.vkey", folder / "ledger.vkey")
    shutil.copy(make.FOLDER / "witness.vkey", folder / "witnesses.vkey")
    return folder


def test_verify_says_what_is_wrong_and_from_where_on(guardrail: Run, data: Path) -> None:
    """In words and as JSON; exit 1 where anything is."""
    good = guardrail("ledger", "verify", "--data-dir", data, "--witnessed", make.FOLDER / "witnessed.txt")
    assert good.returncode == 0
    assert "the ledger is whole: 20 entries" in good.stdout
    assert "compared with 3 checkpoints that others kept" in good.stdout
    shutil.copy(make.FOLDER / "set-back.sqlite3", data / LEDGER_FILE)
    assert guardrail("ledger", "verify", "--data-dir", data).returncode == 0
    back = guardrail("ledger", "verify", "--data-dir", data, "--witnessed", make.FOLDER / "witnessed.txt")
    assert back.returncode == 1
    assert "NOT whole (first bad entry 11): others remember 15 entries, there are 11" in back.stdout
    shutil.copy(make.FOLDER / "removed-checkpoint.sqlite3", data / LEDGER_FILE)
    found = json.loads(guardrail("ledger", "verify", "--data-dir", data, "--json").stdout)
    assert (found["good"], found["first_bad"]) == (False, 7)
    assert found["findings"] == [{"first_bad": 7, "reason": found["reason"]}]
    (data / "witnesses.vkey").unlink()
    unknown = guardrail("ledger", "verify", "--data-dir", data)
    assert "cannot be checked: its key is not known" in unknown.stdout


def test_an_entry_is_proved_and_checkpoints_are_kept(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """What one gives away for later."""
    proof = guardrail("ledger", "prove", "4", "--data-dir", data)
    assert proof.stdout.startswith("c2sp.org/tlog-proof@v1\nindex 4\n")
    assert guardrail("ledger", "prove", "20", "--data-dir", data).returncode == 2
    kept = tmp_path / "kept.txt"
    kept.write_text(guardrail("ledger", "checkpoints", "--data-dir", data).stdout)
    assert len(read_kept([kept])) == 10
    assert guardrail("ledger", "verify", "--data-dir", data, "--witnessed", kept).returncode == 0


def test_a_bundle_is_one_file(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """With the entries that concern somebody; what was typed is never in it."""
    answer = guardrail("ledger", "export", "--format", "bundle", "--data-dir", data, "--to", "b.html", "--hold", "h1")
    assert (answer.returncode, answer.stdout) == (0, "")
    text = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert "justified" in text
    assert "roster_loaded" not in text
    refused = guardrail("ledger", "export", "--format", "bundle", "--data-dir", data, "--identity", "key")
    assert refused.returncode == 2
    assert "never holds what was typed" in refused.stderr


def test_a_witness_serves_until_stopped(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """It names its address and its key; what it remembers can be read afterwards, and the check takes it."""
    command = [sys.executable, "-m", "guardrail", "witness", "--listen", "127.0.0.1:0"]
    (tmp_path / "ledgers.txt").write_text((data / "ledger.vkey").read_text())
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(3)]
        witness = Witness(lines[1][-1], Verifier.read(lines[2][2]))
        ledger = SqliteLedger(data / LEDGER_FILE, make.Closed(), make.SIGNER, make.EVERY)
        try:
            Sender([witness]).send(ledger)
            done = witnessed(ledger.reader, witness.key)
        finally:
            ledger.close()
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
    assert done is not None
    assert done.size == 20
    shown = guardrail("witness", "--show").stdout
    assert Note.read(shown).checkpoint().size == 20
    assert guardrail("witness", "--refused").stdout == ""
    assert (tmp_path / ".witness" / "witness.vkey").read_text() == f"{witness.key}\n"


def test_a_witness_needs_to_know_whom(guardrail: Run) -> None:
    """One line."""
    answer = guardrail("witness")
    assert answer.returncode == 2
    assert "write a verifier key of each ledger into it" in answer.stderr


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--certificate", "no.pem"), "https needs both"),
        (("--certificate", "a", "--certificate-key", "b"), "cannot use a"),
    ],
    ids=["one alone", "no files"],
)
def test_a_witness_without_a_good_certificate_says_so(
    guardrail: Run, data: Path, given: tuple[str, ...], words: str
) -> None:
    """Before it listens, in one line."""
    done = guardrail(
        "witness", "--logs", data / "ledger.vkey", "--data-dir", data / "w", "--listen", "127.0.0.1:0", *given
    )
    assert (done.returncode, done.stderr.count("\n"), words in done.stderr) == (2, 1, True), done.stderr
