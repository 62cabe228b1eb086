"""Rosters of invented people, built as the product builds them: from a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from guardrail.roster import Roster, load_roster
from tests.roster.scene import KEY, SAMPLE, MakeRoster


@pytest.fixture
def key() -> bytes:
    """Give a key for tokens."""
    return KEY


@pytest.fixture(scope="session")
def sample_file() -> Path:
    """Give the sample roster that guardrail ships."""
    return SAMPLE


@pytest.fixture(scope="session")
def sample() -> Roster:
    """Give the shipped sample roster, loaded."""
    return load_roster(SAMPLE, KEY)


@pytest.fixture
def make_roster(tmp_path: Path) -> MakeRoster:
    """Give a function from rows (dicts by column; client_ref is given where absent) to a roster."""

    def make(*rows: dict[str, str]) -> Roster:
        columns = ["client_ref", *sorted({column for row in rows for column in row} - {"client_ref"})]
        file = tmp_path / "made.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            for at, row in enumerate(rows, start=1):
                writer.writerow({"client_ref": f"R{at}"} | row)
        return load_roster(file, KEY)

    return make
