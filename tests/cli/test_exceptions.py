"""`guardrail roster except`: made out of what was attested often, by a person, for a time, on record."""

from __future__ import annotations

import errno
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardrail.model.action import Subject
from guardrail.model.entry import Entry, EntryKind
from guardrail.roster import exceptions
from guardrail.settings import LEDGER_FILE
from tests.cli.attesting import CLIENTS, attest, entries
from tests.cli.conftest import Run

WHY = ("--reason", "a singer of that name")
MARGIT, DORA = Subject(query="Margit Ollander"), Subject(query="dora quill")
SET, REMOVED = EntryKind.EXCEPTION_SET, EntryKind.EXCEPTION_REMOVED


@pytest.fixture
def guardrail(in_process: Run) -> Run:
    """Run commands in this process."""
    return in_process


@pytest.fixture
def data(guardrail: Run, tmp_path: Path) -> Path:
    """Give a data folder in which Margit Ollander was searched for twice, and Dora Quill once."""
    (tmp_path / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    assert guardrail("roster", "import", "clients.csv").returncode == 0
    folder = tmp_path / ".guardrail"
    attest(folder, [("dr-wren", MARGIT), ("dr-hale", MARGIT), ("dr-wren", DORA)])
    return folder


def token_of(guardrail: Run, ref: str) -> str:
    """Give the token of the words that were taken for a client."""
    lines = map(json.loads, guardrail("roster", "attested", "--at-least", "1", "--json").stdout.splitlines())
    return next(str(one["token"]) for one in lines if one["taken_for"] == [ref])


def listed(guardrail: Run) -> list[dict[str, Any]]:
    """Give the exceptions as JSON."""
    return [json.loads(line) for line in guardrail("roster", "exceptions", "--json").stdout.splitlines()]


def told(data: Path) -> list[Entry]:
    """Give what the ledger says of exceptions."""
    return [one for one in entries(data) if one.kind in {SET, REMOVED}]


def day(**ahead: int) -> str:
    """Give a day from today on."""
    return (datetime.now().astimezone().date() + timedelta(**ahead)).isoformat()


def test_an_exception_is_set_listed_and_taken_back_on_record(guardrail: Run, data: Path) -> None:
    """By a part of its token; the ledger says whose words, by whom, until when, and keeps the reason closed."""
    token = token_of(guardrail, "C-1")
    done = guardrail("roster", "except", token[:10], *WHY, "--until", day(days=30))
    assert done.returncode == 0, done.stderr
    assert f"excepted until {day(days=30)}: words taken for C-1" in done.stdout
    assert f"--remove {token[:8]}" in done.stdout
    [one] = listed(guardrail)
    known = {"token": token, "taken_for": ["C-1"], "reason": WHY[1], "applies": True, "uses": 0, "last_used": None}
    assert known.items() <= one.items()
    [entry] = told(data)
    assert (entry.kind, entry.client_ref, entry.details["words"]) == (SET, "C-1", token)
    assert (entry.details["by"], entry.details["until"]) == (one["by"], one["until"])
    assert "singer" not in str(entry.details)
    assert day(days=30) in guardrail("roster", "attested").stdout
    shown = guardrail("roster", "exceptions").stdout
    assert all(part in shown for part in (token[:8], "C-1", day(days=30), "applies"))
    assert "1 in force" in guardrail("doctor").stdout
    done = guardrail("roster", "except", "--remove", token[:8])
    assert (done.returncode, listed(guardrail)) == (0, [])
    assert [(one.kind, one.details["words"], one.client_ref) for one in told(data)][1:] == [(REMOVED, token, "C-1")]
    assert "nothing is excepted" in guardrail("roster", "exceptions").stdout
    assert token[:8] in guardrail("roster", "attested").stderr


def test_the_words_themselves_are_asked_for_and_stand_nowhere(guardrail: Run, data: Path) -> None:
    """Typed, in any case; neither the file nor the ledger has them. Left out, it ends in a year."""
    done = guardrail("roster", "except", "--text", *WHY, text=" margit   OLLANDER\n")
    assert done.returncode == 0, done.stderr
    assert [one["token"] for one in listed(guardrail)] == [token_of(guardrail, "C-1")]
    assert f"excepted until {day(days=365)}" in done.stdout
    whole = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert b"ollander" not in whole.lower()


def test_setting_it_again_replaces_it(guardrail: Run, data: Path) -> None:
    """A new end, a new reason; the ledger has both."""
    token = token_of(guardrail, "C-1")
    for days, why in ((10, "a singer"), (20, "a street")):
        assert guardrail("roster", "except", token, "--reason", why, "--until", day(days=days)).returncode == 0
    assert [one["reason"] for one in listed(guardrail)] == ["a street"]
    assert [one.kind for one in told(data)] == [SET, SET]


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (("TOKEN",), "", "an exception needs a reason"),
        (("TOKEN", "--reason", "  "), "", "an exception needs a reason"),
        (("TOKEN", "--reason", "two\nlines"), "", "one line"),
        (("TOKEN", "--reason", "x" * 201), "", "at most 200"),
        (("TOKEN", "--reason", "Margit Ollander sings"), "", "names a client"),
        (("TOKEN", *WHY, "--until", day()), "", "a day from tomorrow on"),
        (("TOKEN", *WHY, "--until", day(days=366)), "", "a year away at the most"),
        (("TOKEN", "--text", *WHY), "margit ollander", "say which words"),
        (WHY, "", "say which words"),
        (("abc", *WHY), "", "too short"),
        (("0123456789", *WHY), "", "no words with this token"),
        (("ONCE", *WHY), "", "once only"),
        (("--text", *WHY), "margit ollander photos\n", "nobody has attested"),
        (("--text", *WHY), "\n", "nobody has attested"),
        (("--text", *WHY), "dora quill\n", "once only"),
        (("--remove",), "", "--remove takes a token alone"),
        (("--remove", "TOKEN", *WHY), "", "--remove takes a token alone"),
        (("--remove", "TOKEN"), "", "no exception has this token"),
    ],
)
def test_what_cannot_be_excepted_is_one_line(
    guardrail: Run, data: Path, arguments: tuple[str, ...], typed: str, says: str
) -> None:
    """Exit code 2, what to do, and nothing set or written."""
    tokens = {"TOKEN": token_of(guardrail, "C-1"), "ONCE": token_of(guardrail, "C-2")}
    done = guardrail("roster", "except", *(tokens.get(one, one) for one in arguments), text=typed)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert (listed(guardrail), told(data)) == ([], [])


def test_what_cannot_be_recorded_is_not_set(guardrail: Run, data: Path) -> None:
    """A ledger whose key is not here takes no entry; taken back it is all the same, which is the safe side."""
    token = token_of(guardrail, "C-1")
    key = data / "ledger-signing.key"
    content = key.read_bytes()
    key.unlink()
    refused = guardrail("roster", "except", token, *WHY)
    assert (refused.returncode, listed(guardrail)) == (2, [])
    assert "cannot be recorded" in refused.stderr
    key.write_bytes(content)
    key.chmod(0o600)
    assert guardrail("roster", "except", token, *WHY).returncode == 0
    key.unlink()
    done = guardrail("roster", "except", "--remove", token)
    assert done.returncode == 2
    assert "taken back, and that could not be written" in done.stderr
    assert listed(guardrail) == []


def test_what_cannot_be_set_is_taken_back_on_the_ledger(guardrail: Run, data: Path) -> None:
    """The ledger never says for long that words pass which are held."""
    token = token_of(guardrail, "C-1")
    (data / "roster" / "exceptions").write_text("in the way")
    refused = guardrail("roster", "except", token, *WHY)
    assert refused.returncode == 2
    assert "cannot write the exception" in refused.stderr
    assert [one.kind for one in told(data)] == [SET, REMOVED]


def test_one_that_cannot_be_replaced_stays_and_the_ledger_says_so(
    guardrail: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: what was in force before is in force, until its own end."""
    token = token_of(guardrail, "C-1")
    guardrail("roster", "except", token, *WHY, "--until", day(days=30))
    [before] = listed(guardrail)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exceptions, "replace_file", full)
    assert "no space left" in guardrail("roster", "except", token, *WHY).stderr
    assert listed(guardrail) == [before]
    assert [one.kind for one in told(data)] == [SET, SET, SET]
    assert told(data)[-1].details["until"] == before["until"]


def test_a_damaged_one_is_told_and_can_be_taken_back(guardrail: Run, data: Path) -> None:
    """`exceptions` and `doctor` say so; removing it needs no look inside, and then it can be set again."""
    token = token_of(guardrail, "C-1")
    guardrail("roster", "except", token, *WHY)
    (data / "roster" / "exceptions" / f"{token}.exception").write_bytes(b"GREXCPT1" + bytes(99))
    for command in (("roster", "exceptions"), ("doctor",)):
        done = guardrail(*command)
        assert done.returncode == 1
        said = done.stdout + done.stderr
        assert "the exception is damaged, or was set with another key" in said
        assert f"guardrail roster except --remove {token[:8]}" in said
    assert guardrail("roster", "except", "--remove", token[:8]).returncode == 0
    assert [one.kind for one in told(data)] == [SET, REMOVED]
    assert guardrail("roster", "except", token, *WHY).returncode == 0


def test_a_client_who_left_the_list_ends_it(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """Then the words mean others: it rests, and is not set anew."""
    token = token_of(guardrail, "C-1")
    guardrail("roster", "except", token, *WHY)
    (tmp_path / "clients.csv").write_text(CLIENTS.replace("C-1,", "C-9,"), encoding="utf-8")
    assert guardrail("roster", "import", "clients.csv", "--accept-loss").returncode == 0
    [one] = listed(guardrail)
    assert (one["applies"], one["state"]) == (False, "rests: C-1 left the list")
    again = guardrail("roster", "except", token, *WHY)
    assert again.returncode == 2
    assert "C-1 left the client list" in again.stderr


def test_a_list_that_is_a_file_says_who_is_on_it(guardrail: Run, data: Path, tmp_path: Path) -> None:
    """Where the setting `roster` names a CSV, its references count, and its names stand in no reason."""
    token = token_of(guardrail, "C-1")
    settings = tmp_path / "settings.yaml"
    settings.write_text("roster: clients.csv\n", encoding="utf-8")
    named = guardrail("roster", "except", token, "--reason", "Dora Quill said so", "--settings", settings)
    assert "names a client" in named.stderr
    assert guardrail("roster", "except", token, *WHY, "--settings", settings).returncode == 0
    (tmp_path / "clients.csv").write_text(CLIENTS.replace("C-1,", "C-9,"), encoding="utf-8")
    assert "rests: C-1" in guardrail("roster", "exceptions", "--settings", settings).stdout
    assert [one["applies"] for one in listed(guardrail)] == [True]


def test_without_a_ledger_there_is_nothing_to_except(guardrail: Run, tmp_path: Path) -> None:
    """And the list is empty."""
    assert "there is no ledger" in guardrail("roster", "except", "0123456789", *WHY).stderr
    assert guardrail("roster", "exceptions").returncode == 0
    assert not (tmp_path / ".guardrail" / LEDGER_FILE).exists()
