"""Run the real command line as a person does: in its own process, or in this one, since every start takes a second."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from guardrail.cli import main
from guardrail.ledger.keys import ledger_keys
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry
from guardrail.settings import LEDGER_FILE
from tests.ledger.export.scene import Scene

ROOT = Path(__file__).parent.parent.parent

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def guardrail(tmp_path: Path) -> Run:
    """Give a function that runs `guardrail` with these arguments in an empty folder."""

    def run(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [sys.executable, "-m", "guardrail", *map(str, arguments)]
        return subprocess.run(
            command, input=text, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60
        )

    return run


@pytest.fixture
def in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs `guardrail` with these arguments in an empty folder, in this process."""

    def run(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["guardrail", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a data folder in whose ledger one whole episode stands (`id-0001`), and one that was left (`id-0007`)."""
    data = tmp_path / "data"
    keys = ledger_keys(data, "file")
    with closing(SqliteLedger(data / LEDGER_FILE, keys.seal, keys.signer)) as ledger:
        desk = Scene(ledger)
        asyncio.run(desk.whole())
        asyncio.run(desk.back())
    return data


def entries(folder: Path) -> list[Entry]:
    """Give what stands on the ledger now."""
    with closing(LedgerReader(folder / LEDGER_FILE)) as ledger:
        return [one.entry for one in ledger.read()]


@pytest.fixture
def rules() -> Path:
    """Give the clinic's policy as it ships."""
    return ROOT / "rules.yaml"


@pytest.fixture
def sample() -> Path:
    """Give the sample roster as it ships."""
    return ROOT / "guardrail" / "roster" / "sample.csv"


@pytest.fixture
def cases() -> Path:
    """Give the golden corpus of request shapes."""
    return ROOT / "tests" / "cases"
