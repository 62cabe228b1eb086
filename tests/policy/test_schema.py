"""The JSON Schema for editors says what the loader says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from guardrail.policy import schema


@pytest.fixture(scope="module")
def shipped() -> Any:
    """Give rules.schema.json as it ships."""
    file = Path(schema.__file__).with_name("rules.schema.json")
    assert file.read_text(encoding="utf-8") == schema.json_schema(), (
        "rules.schema.json is not what schema.py says; write json_schema() into it"
    )
    return json.loads(schema.json_schema())


def test_the_schema_is_a_schema(shipped: Any) -> None:
    """It follows the draft that it names."""
    Draft202012Validator.check_schema(shipped)


def test_the_schema_passes_the_shipped_policy(shipped: Any, rules_file: Path) -> None:
    """An editor shows no mistake in rules.yaml."""
    document = yaml.safe_load(rules_file.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(shipped).iter_errors(document)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("verdict: warn", "verdict: wran"), ("sites: [social]", "site: [social]"), ("minutes: 15", "minutes: 0")],
)
def test_the_schema_marks_what_the_loader_refuses(shipped: Any, small_text: str, old: str, new: str) -> None:
    """An editor marks a wrong word, an unknown key and a number out of range."""
    document = yaml.safe_load(small_text.replace(old, new, 1))
    assert list(Draft202012Validator(shipped).iter_errors(document))


def test_the_policy_names_its_schema_by_a_relative_path(rules_file: Path) -> None:
    """Editors find the schema from the first line."""
    first = rules_file.read_text(encoding="utf-8").splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert (rules_file.parent / name).is_file()
    assert not name.startswith("/")
