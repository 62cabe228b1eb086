"""An entry as bytes, and back: RFC 8785 canonical JSON with a schema version.

The same entry always gives the same bytes, so a hash over them can be checked by anybody, in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import rfc8785

from guardrail.errors import LedgerError
from guardrail.model.entry import Entry, EntryKind, Json

SCHEMA = 1

_FACTS = ("workstation", "clinician", "site", "action", "rule", "policy_revision", "client_ref", "hold", "grant")


def as_json(entry: Entry) -> dict[str, Json]:
    """Give the entry as plain JSON: `schema`, `kind`, `at` (UTC, microseconds, `Z`), then its facts and details."""
    if entry.at.tzinfo is None:
        raise LedgerError("an entry's time must say its zone")
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    facts: dict[str, Json] = {name: getattr(entry, name) for name in _FACTS}
    return {"schema": SCHEMA, "kind": entry.kind.value, "at": at, **facts, "details": dict(entry.details)}


def to_bytes(entry: Entry) -> bytes:
    """Give the entry's RFC 8785 bytes. Raise LedgerError where its details are no JSON (its text is not quoted)."""
    document = as_json(entry)
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeError):
        pass
    try:  # what was typed may hold half a surrogate pair (a site's own JSON can): it must not stop the record
        return rfc8785.dumps(_whole(document))
    except (rfc8785.CanonicalizationError, UnicodeError, TypeError, ValueError):
        raise LedgerError(f"the details of an entry `{entry.kind.value}` are not plain JSON") from None


def from_bytes(body: bytes) -> Entry:
    """Give the entry that these bytes are. Raise LedgerError where they are none that this version knows."""
    try:
        document: dict[str, Any] = orjson.loads(body)
        if document["schema"] != SCHEMA:
            raise LedgerError(f"the entry has schema {document['schema']}; this version reads {SCHEMA}")
        facts = {name: document[name] for name in _FACTS}
        at = datetime.fromisoformat(document["at"])
        return Entry(EntryKind(document["kind"]), at, details=document["details"], **facts)
    except (KeyError, TypeError, ValueError):
        raise LedgerError("the entry cannot be read: its bytes are not an entry of this schema") from None


def _whole(value: Json | Mapping[str, Json]) -> Any:
    """Replace halves of surrogate pairs by U+FFFD, in keys too; join pairs that are whole."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value
