"""What the tests of recognition share: all sites, the golden corpus, and short ways to write a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from guardrail.recognise import SiteIndex, load_sites

CASES = Path(__file__).parent.parent / "cases"
EXAMPLE = Path(__file__).with_name("example.yaml")
"""A small site that uses most of what a site file can say."""


@pytest.fixture(scope="session")
def index() -> SiteIndex:
    """Give the index of all our site files."""
    return load_sites()


@pytest.fixture(scope="session")
def example() -> SiteIndex:
    """Give the index of the small site alone."""
    return load_sites([EXAMPLE], ours=None)


@pytest.fixture(scope="session")
def cases() -> list[dict[str, Any]]:
    """Give the golden corpus."""
    return [
        orjson.loads(line)
        for file in sorted(CASES.glob("*.jsonl"))
        for line in file.read_bytes().splitlines()
        if line.strip()
    ]
