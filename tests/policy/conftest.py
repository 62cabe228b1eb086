"""The clinic's own policy, a small one to break, and the ways to ask them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardrail.model.people import Clinician
from guardrail.policy.load import load_policy
from guardrail.policy.terms import Policy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLINICIAN = Clinician("imogen", "test")

type Edit = Callable[..., Path]


@pytest.fixture(scope="session")
def rules_file() -> Path:
    """Give the rules.yaml that the project ships."""
    return Path(__file__).parents[2] / "rules.yaml"


@pytest.fixture(scope="session")
def policy(rules_file: Path) -> Policy:
    """Give the policy that the project ships."""
    return load_policy(rules_file)


@pytest.fixture(scope="session")
def small_text() -> str:
    """Give the text of a small good policy."""
    return (Path(__file__).parent / "small.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def small() -> Policy:
    """Give the small policy."""
    return load_policy(Path(__file__).parent / "small.yaml")


@pytest.fixture
def edit(tmp_path: Path, small_text: str) -> Edit:
    """Give a way to write the small policy with places changed: pairs of old and new text."""

    def write(*changes: tuple[str, str]) -> Path:
        text = small_text
        for old, new in changes:
            assert old in text, f"the small policy has no {old!r}"
            text = text.replace(old, new, 1)
        file = tmp_path / "rules.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def clinician() -> Clinician:
    """Give who acts."""
    return CLINICIAN


@pytest.fixture
def now() -> datetime:
    """Give the time of the tests."""
    return NOW
