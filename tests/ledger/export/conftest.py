"""A workstation for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.export.scene import Scene, scene


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Scene]:
    """Give a workstation with an empty ledger."""
    made = scene(tmp_path)
    yield made
    made.ledger.close()
