"""The published schema of an entry: whole, as the program has it, and true of what is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from guardrail.ledger.kinds import DETAILS, KINDS, entry_schema
from guardrail.model.entry import Entry, EntryKind, Json
from tests.entry_schema import problems
from tests.ledger.document import BEGIN, LEDGER_FILE, SCHEMA_FILE, schema_text, with_table

_RESEALED: dict[str, Json] = {"by": "dr-sel", "with": [], "to": []}
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_docs_are_what_the_program_says() -> None:
    """`python -m tests.ledger.document` renews them."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    text = LEDGER_FILE.read_text(encoding="utf-8")
    assert BEGIN in text
    assert text == with_table(text)


def test_every_kind_and_every_detail_is_told_of() -> None:
    """None is left out, and none is told of that no kind has."""
    assert set(KINDS) == set(EntryKind)
    used = {name for kind in KINDS.values() for name in (*kind.always, *kind.may)}
    assert used == set(DETAILS)
    assert all(set(kind.narrows or {}) <= {*kind.always, *kind.may} for kind in KINDS.values())


def test_the_schema_is_one() -> None:
    """Of the draft that it names."""
    Draft202012Validator.check_schema(entry_schema())
    assert json.loads(schema_text()) == entry_schema()


@pytest.mark.parametrize(
    ("kind", "details", "good"),
    [
        pytest.param(EntryKind.GRANT_USED_UP, {}, True, id="none"),
        pytest.param(EntryKind.GRANT_USED_UP, {"uses": 1}, False, id="one-too-many"),
        pytest.param(EntryKind.ABANDONED, {"cause": "time"}, True, id="a-code"),
        pytest.param(EntryKind.ABANDONED, {"cause": "boredom"}, False, id="another-code"),
        pytest.param(EntryKind.ABANDONED, {}, False, id="one-too-few"),
        pytest.param(EntryKind.ATTESTED, {"reason": "same_name", "sealed": {"note": "x"}}, True, id="sealed"),
        pytest.param(EntryKind.KEY_ROTATED, {"old": "a", "new": 1}, False, id="another-type"),
        pytest.param(EntryKind.RESEALED, _RESEALED | {"texts": [[0, "a" * 64, "b" * 64]]}, True, id="texts"),
        pytest.param(EntryKind.RESEALED, _RESEALED | {"texts": [[0, "a" * 64]]}, False, id="half-a-text"),
    ],
)
def test_it_tells_good_details_from_others(kind: EntryKind, details: dict[str, Json], *, good: bool) -> None:
    """A reader of an export can check what it was given."""
    assert (problems(Entry(kind, AT, "front-desk", details=details)) == []) is good
