"""`guardrail keys` and `guardrail ledger reseal`, as a supervisor and IT run them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.cli.run import tell
from guardrail.ledger.identity import make_identity
from guardrail.ledger.keys import RECIPIENTS_FILE, SUPERVISOR_FILE, VERIFIER_FILE, ledger_keys, read_recipients
from guardrail.ledger.recovery import groups
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.proxy.launch import Facts
from guardrail.settings import LEDGER_FILE
from tests.cli.conftest import Run

SETTINGS = "key_store: file\nworkstation: front-desk\n"


@pytest.fixture
def guardrail(in_process: Run) -> Run:
    """Run the command line in this process: starting Python anew for each step would take most of the time."""
    return in_process


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a data folder as its first start leaves it, with one entry in which something was typed."""
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    keys = ledger_keys(folder, "file")
    with closing(SqliteLedger(folder / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        details: dict[str, Json] = {"sealed": {"query": "margit ollander"}}
        ledger.append(Entry(EntryKind.NOTED, now, "front-desk", "dr-wren", details=details))
    return folder


@pytest.fixture
def sel(tmp_path: Path) -> tuple[Path, str]:
    """Make Dr Sel's pair of keys, open for short: the file and the public key."""
    file = tmp_path / "sel.key"
    return file, make_identity(file, None)


def test_a_new_supervisor_reads_and_the_old_one_no_more(
    guardrail: Run, data: Path, tmp_path: Path, sel: tuple[Path, str]
) -> None:
    """A key is rotated and the texts are sealed anew; the export opens with the new key alone."""
    [first] = read_recipients(data)
    file, public = sel
    done = guardrail("keys", "replace", first.key, public, "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert "stay closed to the old key until" in done.stderr
    old = data / SUPERVISOR_FILE
    told = ("--settings", tmp_path / "settings.yaml", "--data-dir", data)
    done = guardrail("ledger", "reseal", "--identity", old, *told)
    assert done.stdout == "1 texts are sealed anew; 0 are not for this key and stay as they are\n", done.stderr
    done = guardrail("ledger", "export", "--data-dir", data, "--identity", file)
    assert json.loads(done.stdout.splitlines()[0])["details"]["sealed"] == {"query": "margit ollander"}
    assert guardrail("ledger", "export", "--data-dir", data, "--identity", old).returncode == 2
    assert guardrail("ledger", "verify", "--data-dir", data).returncode == 0


def test_who_may_read_is_added_listed_and_removed(guardrail: Run, data: Path, sel: tuple[Path, str]) -> None:
    """With role and clinicians; the last one who opens everything cannot be removed."""
    [first] = read_recipients(data)
    _, public = sel
    bound = ("--role", "supervisor", "--clinicians", "dr-wren,dr-hale", "--name", "Dr Sel")
    assert guardrail("keys", "add", public, "--data-dir", data, *bound).returncode == 0
    line = f"{public} role=supervisor clinicians=dr-wren,dr-hale # Dr Sel"
    assert line in (data / RECIPIENTS_FILE).read_text().splitlines()
    rows = [json.loads(one) for one in guardrail("keys", "list", "--data-dir", data, "--json").stdout.splitlines()]
    assert [(row.get("key"), row.get("in_use")) for row in rows] == [(first.key, None), (public, None), (None, True)]
    listed = guardrail("keys", "list", "--data-dir", data).stdout
    assert "dr-hale" in listed
    assert {first.key, public} <= set(listed.split())  # whole, also where the window is narrow: they are copied
    last = guardrail("keys", "remove", first.key, "--data-dir", data)
    assert (last.returncode, "without `clinicians=`" in last.stderr) == (2, True)
    assert guardrail("keys", "remove", public, "--data-dir", data).returncode == 0
    assert read_recipients(data) == (first,)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("add", "age1nonsense"), "must begin with `age1`", id="no-key"),
        pytest.param(("add", "{first}"), "may read already", id="there"),
        pytest.param(("add", "{sel}", "--role", "boss"), "role `boss` is not known", id="role"),
        pytest.param(("remove", "{sel}"), "may not read here", id="not-there"),
        pytest.param(("replace", "{first}", "{first}"), "may read already", id="by-itself"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    guardrail: Run, data: Path, sel: tuple[Path, str], arguments: tuple[str, ...], words: str
) -> None:
    """One line says why."""
    before = (data / RECIPIENTS_FILE).read_text()
    known = {"first": read_recipients(data)[0].key, "sel": sel[1]}
    done = guardrail("keys", *(one.format(**known) for one in arguments), "--data-dir", data)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert done.stderr.count("\n") == 1
    assert (data / RECIPIENTS_FILE).read_text() == before


def test_a_key_goes_over_paper(guardrail: Run, tmp_path: Path, sel: tuple[Path, str]) -> None:
    """Its sheet is written once, for its owner alone; what is typed from it makes the same key."""
    file, public = sel
    assert guardrail("keys", "recovery", file, "--to", "sheet.pdf").returncode == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "sheet.pdf").stat().st_mode & 0o777 == 0o600
    again = guardrail("keys", "recovery", file, "--to", "sheet.pdf")
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    shown = guardrail("keys", "show", file, "--secret").stdout.strip()
    restored = guardrail("keys", "restore", "again.key", text=" ".join(groups(shown)))
    assert restored.stdout.strip() == public, restored.stderr


def test_the_secret_of_the_first_start_is_taken_away(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """Closed by a passphrase that is made and shown once, on stderr; it opens the ledger, and nothing is left here."""
    (tmp_path / "stick").mkdir()
    done = guardrail("keys", "take-away", "stick/sel.key", "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert not (data / SUPERVISOR_FILE).exists()
    [passphrase] = re.findall(r"^  (\S+)$", done.stderr, re.MULTILINE)
    opened = guardrail("ledger", "export", "--data-dir", data, "--identity", "stick/sel.key", text=f"{passphrase}\n")
    assert "margit ollander" in opened.stdout, opened.stderr
    again = guardrail("keys", "take-away", "stick/two.key", "--data-dir", data)
    assert (again.returncode, "was taken away" in again.stderr) == (2, True)


def test_a_pair_is_made_and_its_secret_is_not_printed(guardrail: Run, tmp_path: Path) -> None:
    """The public key on stdout, to be handed on; the secret only where it is asked for."""
    (tmp_path / "words").write_text("correct horse battery\n")
    made = guardrail("keys", "make", "sel.key", "--passphrase-file", "words")
    public = made.stdout.strip()
    assert public.startswith("age1"), made.stderr
    assert "SECRET" not in made.stdout + made.stderr
    shown = guardrail("keys", "show", "sel.key", "--passphrase-file", "words")
    assert shown.stdout.strip() == public
    (tmp_path / "words").write_text("short\n")
    short = guardrail("keys", "make", "two.key", "--passphrase-file", "words")
    assert (short.returncode, "12 letters" in short.stderr) == (2, True)


def test_the_signing_key_is_rotated(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """The ledger is whole before and after, and says so."""
    done = guardrail("keys", "rotate-signing", "--settings", tmp_path / "settings.yaml", "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in (data / VERIFIER_FILE).read_text()
    assert guardrail("ledger", "verify", "--data-dir", data).returncode == 0


def test_readers_can_be_named_before_the_first_start(guardrail: Run, tmp_path: Path, sel: tuple[Path, str]) -> None:
    """Then no secret is ever made at the workstation."""
    folder = tmp_path / "new" / "data"
    assert guardrail("keys", "add", sel[1], "--data-dir", folder).returncode == 0
    ledger_keys(folder, "file")
    assert not (folder / SUPERVISOR_FILE).exists()


@pytest.mark.parametrize("practice", [False, True])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_start_tells_of_a_key_that_should_not_be_here(
    data: Path, capsys: pytest.CaptureFixture[str], *, practice: bool, as_json: bool
) -> None:
    """One line on stderr, beside whatever is printed, until it was taken away; not while one practises."""
    facts = Facts("http://127.0.0.1:1", "http://127.0.0.1:2/proxy.pac", "http://127.0.0.1:2", data, data, practice)
    tell(facts, as_json=as_json)
    told = capsys.readouterr().err
    assert (told.count("\n"), "keys take-away" in told) == ((0, False) if practice else (1, True))
    (data / SUPERVISOR_FILE).unlink()
    tell(facts, as_json=as_json)
    assert capsys.readouterr().err == ""


def test_a_house_that_does_not_use_them_loads_neither_paper_nor_codes() -> None:
    """A PDF's library takes a while: only the sheet pays for it."""
    code = "import sys, guardrail.cli.keys, guardrail.wiring; sys.exit(bool({'typst', 'segno'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
