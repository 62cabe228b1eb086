"""`guardrail ledger export` and `report`, as somebody at the clinic runs them; each opening is on the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader

from guardrail.ledger.keys import SUPERVISOR_FILE, VERIFIER_FILE, read_verifiers
from guardrail.ledger.verify import verify
from guardrail.model.entry import EntryKind
from guardrail.settings import LEDGER_FILE
from tests.cli.conftest import entries
from tests.ledger.export.scene import TYPED

BACK = "id-0007"
"""The hold that was left."""

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.fixture
def guardrail(in_process: Run) -> Run:
    """Give the command line, in this process: these commands start no other."""
    return in_process


def _said(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("format_", ["jsonl", "csv", "fhir"])
def test_an_episode_in_every_format(guardrail: Run, folder: Path, tmp_path: Path, format_: str) -> None:
    """With the key what was typed is there, in a file for its owner alone; without it, nowhere."""
    key, file = folder / SUPERVISOR_FILE, tmp_path / "out"
    call = ("ledger", "export", "--data-dir", folder, "--format", format_, "--hold", "id-0001")
    opened = guardrail(*call, "--identity", key, "--to", file)
    assert (opened.returncode, opened.stdout) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text(encoding="utf-8")
    assert not [typed for typed in TYPED if typed not in text]
    closed = guardrail(*call)
    assert not [typed for typed in TYPED if typed in closed.stdout]
    if format_ == "fhir":
        assert Bundle.model_validate_json(closed.stdout).type == "collection"
    if format_ == "jsonl":
        rows: list[Any] = [json.loads(line) for line in text.splitlines()]
        assert {row["hold"] for row in rows if row["kind"] != "duty_done"} - {None} == {"id-0001"}
        assert [row["kind"] for row in rows][-4:] == ["duty_done", "duty_done", "duty_done", "exported"]


def test_an_episode_as_a_bundle(guardrail: Run, folder: Path) -> None:
    """The page that checks itself shows that episode alone, and nothing that was typed."""
    done = guardrail("ledger", "export", "--data-dir", folder, "--format", "bundle", "--hold", "id-0001")
    assert done.returncode == 0
    assert "<html" in done.stdout
    assert "justified" in done.stdout
    assert "backed_out" not in done.stdout.partition("<script")[0]
    assert not [typed for typed in TYPED if typed in done.stdout]


def test_the_report(guardrail: Run, folder: Path, tmp_path: Path, rules: Path) -> None:
    """The same episode as a PDF that says its language and title, in both languages."""
    for language, title, speech in (
        ("en", "Record of one episode", "en-CA"),
        ("fr", "Compte rendu d’un épisode", "fr-CA"),
    ):
        file = tmp_path / f"{language}.pdf"
        call = ("ledger", "report", "--data-dir", folder, "--hold", "id-0001", "--client", "C-1001", "--to", file)
        done = guardrail(*call, "--language", language, "--rules", rules, "--identity", folder / SUPERVISOR_FILE)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert file.stat().st_mode & 0o777 == 0o600
        pdf = PdfReader(file)
        assert pdf.metadata is not None
        assert (pdf.metadata.title or "").startswith(title)
        root: Any = pdf.trailer["/Root"]
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (speech, True)
        text = _said(" ".join(page.extract_text() for page in pdf.pages))
        assert "Told her in session what I looked at" in text
        assert "C-2002" not in text
        again = guardrail(*call)
        assert (again.returncode, again.stderr) == (2, f"guardrail: {file} is there already: name a new file\n")


def test_who_opens_what_was_typed_is_on_the_ledger(guardrail: Run, folder: Path, tmp_path: Path) -> None:
    """Each export with a key is an entry, which stands before anything is opened; the ledger verifies."""
    before = len(entries(folder))
    key = folder / SUPERVISOR_FILE
    assert guardrail("ledger", "export", "--data-dir", folder).returncode == 0
    assert len(entries(folder)) == before
    guardrail("ledger", "export", "--data-dir", folder, "--identity", key, "--client", "C-1001", "--format", "csv")
    guardrail("ledger", "report", "--data-dir", folder, "--identity", key, "--hold", BACK, "--to", tmp_path / "a")
    first, second = entries(folder)[before:]
    assert (first.kind, first.client_ref, first.details["format"], first.details["from"]) == (
        EntryKind.EXPORTED, "C-1001", "csv", 0,
    )  # fmt: skip
    assert (second.hold, second.details["format"]) == (BACK, "pdf")
    assert first.details["by"]
    assert verify(folder / LEDGER_FILE, read_verifiers(folder / VERIFIER_FILE)).good


@pytest.mark.parametrize("which", ["--client=Margit Ollander", "--hold=Margit Ollander"])
@pytest.mark.parametrize("beside", ["--from=0", f"--hold={BACK}"])
def test_a_name_that_was_typed_for_a_reference_stays_off_the_ledger(
    guardrail: Run, folder: Path, tmp_path: Path, which: str, beside: str
) -> None:
    """What the ledger does not know is refused before it is written there for good, and not quoted."""
    before, file = len(entries(folder)), tmp_path / "out"
    call = ("ledger", "export", "--data-dir", folder, "--identity", folder / SUPERVISOR_FILE, "--to", file)
    refused = guardrail(*call, beside, which)
    assert refused.returncode == 2
    assert "give the id, or the clinic's own reference" in refused.stderr
    assert "Ollander" not in refused.stderr
    assert len(entries(folder)) == before
    assert not file.exists()


def test_what_cannot_be_recorded_is_not_opened(guardrail: Run, folder: Path, tmp_path: Path) -> None:
    """A copy of the ledger elsewhere lacks the key that signs: that has to be said, and leaves no file."""
    key, file = folder / SUPERVISOR_FILE, tmp_path / "out"
    for signing in folder.glob("ledger-signing*"):
        signing.unlink()
    call = ("ledger", "export", "--data-dir", folder, "--identity", key, "--to", file)
    refused = guardrail(*call)
    assert refused.returncode == 2
    assert "this export cannot be recorded" in refused.stderr
    assert not file.exists()
    assert guardrail(*call, "--copy").returncode == 0
    assert "margit ollander" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--hold", "id-9"), "the ledger has no such hold"),
        (("--hold", "id-0001"), "this episode concerns several clients: say for whose file it is, with --client REF"),
        (("--hold", "id-0001", "--client", "C-9"), "this episode does not concern that client"),
    ],
)
def test_what_is_no_report(guardrail: Run, folder: Path, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """One line says why, and no file is left."""
    done = guardrail("ledger", "report", "--data-dir", folder, *arguments, "--to", tmp_path / "a.pdf")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "a.pdf").exists()
