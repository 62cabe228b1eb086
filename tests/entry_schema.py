"""Holds an entry to the published schema: whatever a test has written goes through here."""

from __future__ import annotations

import json
from functools import cache

from jsonschema import Draft202012Validator

from guardrail.ledger.canonical import record, to_bytes
from guardrail.ledger.kinds import entry_schema
from guardrail.model.entry import Entry


class _Closed:
    """Stands where a seal stands: what it closes is nobody's."""

    def close(self, sealed: object, clinician: str | None = None) -> bytes:
        return b"closed"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(entry_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def problems(entry: Entry) -> list[str]:
    """Say where an entry, as it is written, is not as docs/entry.schema.json has it."""
    return _problems(record(entry, _Closed()).body)


def stored_problems(entry: Entry) -> list[str]:
    """Say the same of an entry that was read back: what was typed is closed already."""
    return _problems(to_bytes(entry))


def _problems(body: bytes) -> list[str]:
    document = json.loads(body)
    return [f"{document['kind']}: {error.json_path}: {error.message}" for error in _validator().iter_errors(document)]
