"""Client lists that a clinic's programs, and their accidents, hand to `guardrail roster import`.

Every outcome is a sentence that says what happened, where, and what to do, and none quotes a cell.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrail.roster import intake
from tests.cli.conftest import Run

OWN = "client_ref,given_name,family_name\n"
ROW = "C-1,Zorvella,Quibbersnatch\n"
NAMES = ("zorvella", "quibbersnatch", "ottoline")

TAKEN: dict[str, tuple[str | bytes, str]] = {
    "semicolons": ((OWN + ROW).replace(",", ";"), "1 clients (own, utf-8)"),
    "what Excel says first": ("sep=;\n" + (OWN + ROW).replace(",", ";"), "1 clients (own, utf-8)"),
    "tabs": ((OWN + ROW).replace(",", "\t"), "1 clients (own, utf-8)"),
    "old Mac's lines": ((OWN + ROW).replace("\n", "\r"), "1 clients (own, utf-8)"),
    "two marks": ("\ufeff\ufeff" + OWN + ROW, "new: 1 (C-1)"),
    "a mark between joined files": (OWN + "\ufeff" + ROW, "new: 1 (C-1)"),
    "UTF-16": ((OWN + ROW).encode("utf-16"), "1 clients (own, utf-16)"),
    "Windows-1252": ((OWN + "C-1,Hélène,Lefèvre\nC-2,Noël,L’Écuyer\n").encode("cp1252"), "2 clients (own, cp1252)"),
    "a name of 500 letters": (f"{OWN}C-1,{'z' * 500},Quibbersnatch\n", "1 clients (own, utf-8)"),
    "a number kept as text": (OWN + '="007",Zorvella,Quibbersnatch\n', "new: 1 (007)"),
}

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "nothing": (b"", "the client list is empty; give a CSV file"),
    "a mark": (b"\xef\xbb\xbf", "the client list is empty; give a CSV file"),
    "a header": (OWN, "the client list has no client; a roster without clients guards nobody"),
    "no header": (
        ROW + "C-2,Ottoline,Quibbersnatch\n",
        ":1: the first line names the columns of no known program; say",
    ),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff", "an Excel workbook or another packed file, and no CSV"),
    "UTF-16 without its mark": ((OWN + ROW).encode("utf-16-le"), "NUL characters; save it as `CSV UTF-8`, or say"),
    "NULs": (OWN + "C-1,Zor\0vella,Quibbersnatch\n", ":2: the client list contains NUL characters; save it"),
    "two encodings": (
        (OWN + "C-1,Zoë,Quibbersnatch\n").encode() + "C-2,Zorvella,Côté\n".encode("cp1252"),
        ":3: this line is not in UTF-8, and others are: lists of two encodings were joined; save it",
    ),
    "a Mac's": ((OWN + "C-1,Hélène,Lefèvre\n").encode("mac_roman"), "say `--encoding mac_roman`"),
    "read wrongly before": (OWN + "C-1,HÃ©lÃ¨ne,Quibbersnatch\n", ":2: `given_name` has a character that no name has"),
    "letters lost before": (OWN + "C-1,Zorv?lla,Quibbersnatch\n", ":2: `given_name` has a question mark in the place"),
    "an open quote": (OWN + 'C-1,"Zorvella,Quibbersnatch\nC-2,Ottoline,Quibbersnatch\n', ":2: a quote is opened here"),
    "a column of nobody": (
        "client_ref,given_name,Ottoline\nC-1,Zorvella,x\n",
        ":1: column 3 has an unknown name; take it out",
    ),
    "a line without end": (f"{OWN}C-1,{'Zorvella ' * 20_000},Q\n", ":2: a cell is far too long: a quote may be open"),
    "a name of two lines": (OWN + 'C-1,"Zorvella\nOttoline",Q\n', ":2: `given_name` has a line break; enter it again"),
    "a formula": (OWN + "C-1,=Zorvella(),Quibbersnatch\n", ":2: `given_name` is a spreadsheet formula or its error"),
    "a rounded number": (OWN + "1.23E+15,Zorvella,Quibbersnatch\n", ":2: `client_ref` is a number that a spreadsheet"),
    "rounded numbers": (OWN + "1558354464010660000,Zorvella,Q\n", "all long numbers of clients end in zeros"),
    "a date": (OWN + "12-Mar,Zorvella,Quibbersnatch\n", ":2: `client_ref` is a date that a spreadsheet has made"),
    "one number twice": (OWN + ROW + "c–1,Ottoline,Q\n", ":3: this client_ref stands in more than one row; see line 2"),
    "a telling number": (OWN + "zorvella-1,Zorvella,Q\n", ":2: `client_ref` contains a part of the name; references"),
    "a couple": (OWN + "C-1,Zorvella & Ottoline,Quibbersnatch\n", ":2: the name is that of two people; give each"),
    "a cell too many": (OWN + "C-1,Zorvella,Quibbersnatch,Ottoline\n", ":2: the row has 4 cells, the header 3; put"),
    "no number": (
        "Client,Client Status,Primary Clinician\nZorvella Quibbersnatch,Active,Ottoline\n",
        ":1: the first line names the columns of no known program; say whose it is with --from",
    ),
}


def write(folder: Path, data: str | bytes) -> Path:
    """Write a client list."""
    file = folder / "clients.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


@pytest.mark.parametrize("what", TAKEN)
def test_a_list_is_taken_in(in_process: Run, tmp_path: Path, what: str) -> None:
    """As the program wrote it."""
    data, says = TAKEN[what]
    done = in_process("roster", "import", write(tmp_path, data))
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


@pytest.mark.parametrize("what", REFUSED)
def test_a_list_is_refused_in_a_line(in_process: Run, tmp_path: Path, what: str) -> None:
    """Nothing is taken in, and nobody is named."""
    data, says = REFUSED[what]
    done = in_process("roster", "import", write(tmp_path, data))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not [name for name in NAMES if name in done.stderr.lower()]
    assert not list((tmp_path / ".guardrail").glob("roster/*"))


@pytest.mark.parametrize("said", ["klingon", "undefined", "unicode_escape", "idna", "a\0b"])
def test_an_encoding_of_no_text_is_none(in_process: Run, tmp_path: Path, said: str) -> None:
    """Python knows more encodings than people write lists in."""
    refused = in_process("roster", "import", write(tmp_path, OWN + ROW), "--encoding", said)
    assert refused.returncode == 2
    assert "there is no such encoding of text" in refused.stderr


def test_references_are_made_where_that_is_said(in_process: Run, tmp_path: Path) -> None:
    """For an export without numbers; the same ones from the next list."""
    header = "Client,Client Status,Primary Clinician,Email\n"
    row = "Zorvella Quibbersnatch,Active,Ottoline,zq@clinic.example\n"
    by = ("--from", "simplepractice")
    refused = in_process("roster", "import", write(tmp_path, header + row), *by)
    assert "--make-refs" in refused.stderr
    [ref] = json.loads(in_process("roster", "import", tmp_path / "clients.csv", *by, "--make-refs", "--json").stdout)[
        "new"
    ]
    later = write(tmp_path, header + "Ottoline Roe,Active,,or@clinic.example\n" + row.replace("Active", "Archived"))
    again = json.loads(in_process("roster", "import", later, *by, "--make-refs", "--json").stdout)
    assert (again["gone"], again["changed"], len(again["new"])) == ([], [ref], 1)
    assert json.loads(in_process("match", text="zorvella quibbersnatch").stdout)["client_ref"] == ref


def test_what_nobody_expects_names_nobody(in_process: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours in the middle of a row is one line, without what the exception says."""

    def fail(_file: Path, _line: int, cells: dict[str, str]) -> None:
        raise UnicodeEncodeError("ascii", cells["given_name"], 0, 1, cells["family_name"])

    monkeypatch.setattr(intake, "read_person", fail)
    done = in_process("roster", "import", write(tmp_path, OWN + ROW))
    assert done.returncode == 2
    assert "guardrail failed here: UnicodeEncodeError at roster/intake.py" in done.stderr
    assert not [name for name in NAMES if name in done.stderr.lower()]
