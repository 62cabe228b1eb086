"""The manual of site files names all that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrail.recognise.schema import known_keys
from guardrail.recognise.steps import SOURCES, STEPS
from guardrail.recognise.template import TYPES

MANUAL = (Path(__file__).parents[2] / "docs" / "recognition.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*SOURCES, *STEPS, *TYPES])
def test_every_source_step_and_type_is_described(name: str) -> None:
    """Each stands as code in the manual."""
    assert f"`{name}`" in MANUAL or f"`{name} " in MANUAL


@pytest.mark.parametrize("key", known_keys())
def test_every_key_is_described(key: str) -> None:
    """Each key of the format stands in an example or in the text."""
    assert f"{key}:" in MANUAL or f"`{key}`" in MANUAL
