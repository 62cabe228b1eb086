"""`guardrail roster`, as a clinic's administrator types it; in this process, since every start takes a second."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

OWN = "client_ref,given_name,family_name\n"
JANE = "Patient Number,First Name,Last Name,Active/Inactive,Medical Alerts\n12,Ada,Quill,Active,x\n"


@pytest.fixture
def guardrail(in_process: Run) -> Run:
    """Run commands in this process."""
    return in_process


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """Give a list of four."""
    file = tmp_path / "clients.csv"
    rows = "".join(f"C-{at},{name},Quill\n" for at, name in enumerate(("Ada", "Bea", "Cleo", "Dora"), start=1))
    file.write_text(OWN + rows, encoding="utf-8")
    return file


def test_an_imported_list_needs_its_file_no_more(guardrail: Run, clients: Path) -> None:
    """Import, delete the file, match; status and history say what is in force, rollback goes back."""
    done = guardrail("roster", "import", clients)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == [
        "client list 1 is in force: 4 clients (own, utf-8)",
        "  new: 4 (C-1, C-2, C-3, C-4)",
    ]
    clients.write_text(OWN + "C-1,Ada,Quill\n", encoding="utf-8")
    refused = guardrail("roster", "import", clients)
    assert refused.returncode == 2
    assert "3 of 4 clients are missing" in refused.stderr
    taken = guardrail("roster", "import", clients, "--accept-loss", "--json")
    assert json.loads(taken.stdout)["gone"] == ["C-2", "C-3", "C-4"]
    clients.unlink()
    text = "who is dora quill\nparking\n"
    assert [json.loads(line)["client_ref"] for line in guardrail("match", text=text).stdout.splitlines()] == [
        None,
        None,
    ]
    assert "client list 1 is in force: 4 clients" in guardrail("roster", "rollback").stdout
    assert [json.loads(line)["client_ref"] for line in guardrail("match", text=text).stdout.splitlines()] == [
        "C-4",
        None,
    ]
    by_file = guardrail("match", "--roster", ".guardrail/roster/1.idx", text=text)
    assert json.loads(by_file.stdout.splitlines()[0])["client_ref"] == "C-4"
    assert "client list 1 of" in guardrail("roster", "status").stdout
    listed = [json.loads(line) for line in guardrail("roster", "history", "--json").stdout.splitlines()]
    assert [(one["version"], one["clients"], one["in_force"]) for one in listed] == [(2, 1, False), (1, 4, True)]


def test_an_export_is_known_by_its_header_or_by_name(guardrail: Run, tmp_path: Path) -> None:
    """The header tells; where it does not, `--from` or `--column` do."""
    file = tmp_path / "export.csv"
    file.write_text(JANE, encoding="utf-8")
    assert json.loads(guardrail("roster", "import", file, "--json").stdout)["preset"] == "jane"
    file.write_text(JANE.replace("Patient Number", "File No"), encoding="utf-8")
    refused = guardrail("roster", "import", file)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--from" in refused.stderr
    named = guardrail("roster", "import", file, "--from", "jane", "--column", "client_ref=File No", "--without", "typo")
    assert named.returncode == 0, named.stderr
    assert json.loads(guardrail("match", text="ada quill").stdout)["client_ref"] == "12"
    assert json.loads(guardrail("match", text="ada quilll").stdout)["client_ref"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "none.csv"), "cannot read the client list: no such file"),
        (("import", "none.csv", "--from", "epic"), "no known program"),
        (("import", "none.csv", "--column", "client_ref"), "OURS=THEIRS"),
        (("import", "none.csv", "--column", "ref=x"), "no column of this name"),
        (("import", "none.csv", "--without", "spelling"), "no variant kind"),
        (("rollback",), "no earlier client list"),
        (("rollback", "7"), "no client list 7"),
    ],
)
def test_what_cannot_be_done_is_one_line(guardrail: Run, arguments: tuple[str, ...], says: str) -> None:
    """Exit code 2, and what to do."""
    done = guardrail("roster", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_list_is_refused_everywhere_and_mended(guardrail: Run, clients: Path, tmp_path: Path) -> None:
    """`status` and `doctor` say so, `match` does not pretend, `history` still lists, `rollback` mends."""
    guardrail("roster", "import", clients)
    guardrail("roster", "import", clients)
    index = tmp_path / ".guardrail" / "roster" / "2.idx"
    data = bytearray(index.read_bytes())
    data[-1] ^= 1
    index.write_bytes(data)
    for command in (("roster", "status"), ("match",)):
        refused = guardrail(*command, text="dora quill")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "the index is damaged" in refused.stderr
    assert "the index is damaged" in guardrail("doctor").stdout
    assert "in force" in guardrail("roster", "history").stdout
    assert guardrail("roster", "rollback").returncode == 0
    assert json.loads(guardrail("match", text="dora quill").stdout)["client_ref"] == "C-4"


def test_a_client_with_our_own_name_is_counted(guardrail: Run, clients: Path, tmp_path: Path) -> None:
    """By count alone: such a client is not found by the name, and somebody must know."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("own_names: [Ada Quill, Wren Hale]\n", encoding="utf-8")
    done = guardrail("roster", "import", clients, "--settings", settings)
    assert "1 of your `own_names` also means a client" in done.stderr
    assert "Ada" not in done.stderr
