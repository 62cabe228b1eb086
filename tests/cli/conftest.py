"""Run the real command line in its own process, as a person does."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

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
