"""The house keeps its shape: imports run downward, the core stays pure, modules stay short."""

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
LONGEST = 400


def test_the_import_contracts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """import-linter reads the contracts in pyproject.toml; a broken one is printed by pytest."""
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize(
    "file", sorted((ROOT / "guardrail").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT))
)
def test_no_module_is_longer_than_a_reader_can_hold(file: Path) -> None:
    """Beyond 400 lines a module is two things."""
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", ["utils", "helpers", "manager", "service", "base", "common"])
def test_no_module_is_named_after_nothing(name: str) -> None:
    """A name says what a module is about."""
    assert not list((ROOT / "guardrail").rglob(f"{name}.py"))
