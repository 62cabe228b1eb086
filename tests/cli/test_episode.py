"""`guardrail ledger episodes`, `show` and `review`: a supervisor's ten minutes, at a ledger that a house has open."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from guardrail.cli.recorded import system_user
from guardrail.ledger.keys import SUPERVISOR_FILE, VERIFIER_FILE, ledger_keys, read_verifiers
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.seal import open_sealed, read_identities
from guardrail.ledger.store import SqliteLedger
from guardrail.ledger.verify import verify
from guardrail.model.entry import Entry, EntryKind, Json
from guardrail.settings import LEDGER_FILE
from tests.cli.conftest import entries
from tests.entry_schema import problems
from tests.ledger.export.scene import DISCUSSED, TYPED, Scene

if TYPE_CHECKING:
    from tests.cli.conftest import Run

WHOLE, BACK = "id-0001", "id-0007"
NOTE = "Called the sister myself: it was right.\nWhy was Dr Tern not asked? [bold]"


@pytest.fixture
def guardrail(in_process: Run) -> Run:
    """Give the command line, in this process: these commands start no other."""
    return in_process


def rows(guardrail: Run, folder: Path, *filters: str) -> list[Any]:
    """Give the episodes as JSON."""
    done = guardrail("ledger", "episodes", "--data-dir", folder, "--json", *filters)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(guardrail: Run, folder: Path, hold: str, verdict: str, *more: str, text: str = "") -> Any:
    """Review an episode."""
    return guardrail("ledger", "review", hold, "--verdict", verdict, "--data-dir", folder, *more, text=text)


def test_episodes_at_a_glance(guardrail: Run, folder: Path) -> None:
    """Who, where, about whom, what was answered and owed; by day, by clinician, and those that wait for a review."""
    whole, back = rows(guardrail, folder)
    assert (whole["hold"], whole["clinician"], whole["site"], whole["action"]) == (WHOLE, "dr-wren", "google", "search")
    assert (whole["clients"], whole["answer"], whole["finished"]) == (["C-1001", "C-2002"], "justified", True)
    assert (whole["duties"], whole["reviews"]) == ({"owed": 0, "late": 0, "done": 3}, [])
    assert (back["answer"], back["awaits_review"]) == ("backed_out", False)
    assert rows(guardrail, folder, "--unreviewed") == [whole]
    assert rows(guardrail, folder, "--since", "2026-03-04") == [back]
    assert rows(guardrail, folder, "--clinician", "dr-hale", "--since", "30000d") == []
    listed = guardrail("ledger", "episodes", "--data-dir", folder)
    assert {WHOLE, BACK} <= set(listed.stdout.split())
    assert listed.stderr == "episodes: 2; not reviewed yet: 1\n"


@pytest.mark.parametrize("since", ["yesteryear", "d", "-1x", "2026-13-01", "99999999999d"])
def test_what_is_no_day(guardrail: Run, folder: Path, since: str) -> None:
    """One line says how one is written."""
    done = guardrail("ledger", "episodes", "--data-dir", folder, f"--since={since}")
    assert (done.returncode, done.stderr.count("\n"), "is no day" in done.stderr) == (2, 1, True)


def test_an_episode_is_told_in_plain_words(guardrail: Run, folder: Path, rules: Path) -> None:
    """As the report tells it, in both languages; without a key what was typed stays closed, and nothing is recorded."""
    before = entries(folder)
    told = guardrail("ledger", "show", WHOLE, "--data-dir", folder, "--rules", rules)
    assert "dr-wren was about to search for someone on Google." in " ".join(told.stdout.split())
    assert "What was typed here is closed" in told.stdout
    assert not [typed for typed in TYPED if typed in told.stdout]
    assert told.stderr == f"nobody has reviewed it: guardrail ledger review {WHOLE} --verdict …\n"
    french = guardrail("ledger", "show", BACK, "--data-dir", folder, "--rules", rules, "--language", "fr")
    assert "Compte rendu d’un épisode" in french.stdout
    assert entries(folder) == before


def test_who_reads_what_was_typed_is_on_the_ledger_first(guardrail: Run, folder: Path, rules: Path) -> None:
    """While a house has the ledger open: by whom, what; where that cannot be written, nothing is opened."""
    keys = ledger_keys(folder, "file")
    call = ("ledger", "show", WHOLE, "--data-dir", folder, "--rules", rules, "--identity", folder / SUPERVISOR_FILE)
    with closing(SqliteLedger(folder / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        desk = Scene(ledger)
        told = guardrail(*call, "--client", "C-1001")
        asyncio.run(desk.back())
    said = " ".join(told.stdout.split())
    assert not [typed for typed in (*TYPED[:4], DISCUSSED) if typed not in said]
    assert "C-2002" not in said
    [viewed] = [one for one in entries(folder) if one.kind is EntryKind.VIEWED]
    assert (viewed.hold, viewed.client_ref, problems(viewed)) == (WHOLE, "C-1001", [])
    assert (viewed.details["by"], viewed.details["page"], viewed.details["opened"]) == (system_user(), "show", True)
    indexes = viewed.details["indexes"]
    assert isinstance(indexes, list)
    assert {entries(folder)[index].hold for index in indexes if isinstance(index, int)} <= {WHOLE, None}
    assert verify(folder / LEDGER_FILE, read_verifiers(folder / VERIFIER_FILE)).good
    for signing in folder.glob("ledger-signing*"):
        signing.unlink()
    refused = guardrail(*call)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "this reading cannot be recorded" in refused.stderr
    assert TYPED[0] in guardrail(*call, "--copy").stdout


def test_a_review_is_kept_and_shown_everywhere(guardrail: Run, folder: Path, rules: Path, tmp_path: Path) -> None:
    """The verdict in the clear, the note closed to who reads that clinician; report, FHIR, CSV and lines tell of it."""
    done = judge(guardrail, folder, WHOLE, "justified", "--note", text=NOTE)
    assert done.stdout == f"reviewed as justified by {system_user()}: entry {len(entries(folder)) - 1}\n"
    with closing(LedgerReader(folder / LEDGER_FILE)) as ledger:
        stored = [*ledger.read()][-1]
    entry, key = stored.entry, folder / SUPERVISOR_FILE
    assert (entry.kind, entry.hold, entry.clinician, entry.client_ref) == (
        EntryKind.REVIEWED, WHOLE, "dr-wren", "C-1001",
    )  # fmt: skip
    assert (entry.details["verdict"], entry.details["also"], problems(entry)) == ("justified", ["C-2002"], [])
    assert stored.payload is not None
    assert open_sealed(stored.payload, read_identities(key)) == {"note": NOTE}
    assert not [file for file in folder.iterdir() if b"Called the sister" in file.read_bytes()]
    [row] = [one for one in rows(guardrail, folder) if one["reviews"]]
    assert (row["awaits_review"], row["reviews"][0]["verdict"]) == (False, "justified")
    pdf = tmp_path / "report.pdf"
    call = ("--data-dir", folder, "--hold", WHOLE, "--identity", key, "--to")
    assert guardrail("ledger", "report", *call, pdf, "--client", "C-1001", "--rules", rules).returncode == 0
    said = " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())
    assert "reviewed this episode, and finds it justified." in said
    assert "Why was Dr Tern not asked? [bold]" in said
    for format_ in ("fhir", "csv", "jsonl"):
        file = tmp_path / format_
        assert guardrail("ledger", "export", *call, file, "--format", format_).returncode == 0
        assert "Called the sister myself" in file.read_text(encoding="utf-8")
    assert verify(folder / LEDGER_FILE, read_verifiers(folder / VERIFIER_FILE)).good


def test_what_a_reviewer_is_told(guardrail: Run, folder: Path) -> None:
    """That there is no such episode, that it is still open, that it goes on, that it was reviewed before: both stay."""
    keys = ledger_keys(folder, "file")
    with closing(SqliteLedger(folder / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        desk = Scene(ledger)
        desk.desk._ids.count = 100  # type: ignore[attr-defined]  # the next ids are free ones
        running, waiting = asyncio.run(desk.running()), asyncio.run(desk.unanswered())
    count = len(entries(folder))
    for hold, words in (
        ("-nobody", "the ledger has no such hold: `guardrail ledger episodes` names them"),
        (waiting, "nobody has answered this hold yet: there is nothing to judge"),
    ):
        done = judge(guardrail, folder, hold, "justified", "--note", text=NOTE)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"guardrail: {words}\n")
    assert len(entries(folder)) == count
    first = judge(guardrail, folder, running, "inconclusive")
    assert first.stderr == "this episode is not finished: 3 duties are still owed, 2 of them late\n"
    second = judge(guardrail, folder, running, "unjustified")
    assert f"it was reviewed before, by {system_user()} on " in second.stderr
    assert ": inconclusive; both stay" in second.stderr
    [row] = [one for one in rows(guardrail, folder) if one["reviews"]]
    assert [one["verdict"] for one in row["reviews"]] == ["inconclusive", "unjustified"]
    table = guardrail("ledger", "episodes", "--data-dir", folder).stdout
    assert {"inconclusive", "unjustified", "open"} <= set(table.split())


def test_a_note_is_asked_for_at_a_terminal(folder: Path) -> None:
    """Up to an empty line."""
    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "guardrail", "ledger", "review", WHOLE, "--verdict", "justified", "--note"]
    with subprocess.Popen([*call, "--data-dir", folder], stdin=theirs, stdout=subprocess.PIPE) as process:
        os.write(ours, f"{NOTE}\n\n".encode())
        assert process.wait(60) == 0
    os.close(ours)
    os.close(theirs)
    with closing(LedgerReader(folder / LEDGER_FILE)) as ledger:
        [stored] = [one for one in ledger.read() if one.entry.kind is EntryKind.REVIEWED]
    assert stored.payload is not None
    assert open_sealed(stored.payload, read_identities(folder / SUPERVISOR_FILE)) == {"note": NOTE}


def test_nobody_names_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the command is the system's word, not the environment's."""
    before = system_user()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "dr-tern")
    assert system_user() == before != "dr-tern"


def test_an_export_of_no_hold_is_no_episode(guardrail: Run, folder: Path) -> None:
    """An entry that somebody asked for it, as earlier versions left it, does not make one."""
    keys = ledger_keys(folder, "file")
    with closing(SqliteLedger(folder / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        details: dict[str, Json] = {"by": "dr-tern", "format": "jsonl", "from": 0}
        ledger.append(Entry(EntryKind.EXPORTED, datetime(2026, 3, 2, tzinfo=UTC), "w", hold="nobody", details=details))
    assert [row["hold"] for row in rows(guardrail, folder)] == [WHOLE, BACK]
    assert guardrail("ledger", "show", "nobody", "--data-dir", folder).returncode == 2


def test_what_the_roster_calls_a_client_is_no_markup(guardrail: Run, folder: Path) -> None:
    """A reference with brackets stands in the lists as it is."""
    keys = ledger_keys(folder, "file")
    with closing(SqliteLedger(folder / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        opened = next(one.entry for one in ledger.read() if one.entry.kind is EntryKind.HOLD_OPENED)
        ledger.append(
            Entry(EntryKind.HOLD_OPENED, opened.at, "w", client_ref="[/red]", hold="h", details=opened.details)
        )
    for command in ("list", "episodes"):
        done = guardrail("ledger", command, "--data-dir", folder)
        assert (done.returncode, "[/red]" in done.stdout) == (0, True), done.stderr
