"""An entry as bytes, and back: RFC 8785 canonical JSON with a schema version.

The same entry always gives the same bytes, so a hash over them can be checked by anybody, in any language.
What was typed is not in them: under `sealed` they hold the SHA-256 of its closed form, the payload, which can
be destroyed without a trace left of it but its hash, and the tree still stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
import rfc8785

from guardrail.errors import LedgerError
from guardrail.model.entry import Entry, EntryKind, Json

SCHEMA = 2
SEALED = "sealed"
"""Under this name stands what was typed."""

_PLAIN = (
    orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)  # fmt: skip

FACTS = ("workstation", "clinician", "site", "action", "rule", "policy_revision", "client_ref", "hold", "grant")
"""The facts of an entry, each a text or null."""


class Closes(Protocol):
    """Closes what was typed to those who may read it."""

    def close(self, sealed: Mapping[str, Json], clinician: str | None = None) -> bytes:
        """Give the closed bytes of a JSON object; those open it who may read entries of this clinician."""
        ...


@dataclass(frozen=True, slots=True)
class Swap:
    """A closed text in the place of another: `new` None destroys; `old`, where given, must be the one that is there."""

    new: bytes | None
    old: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it is kept: the bytes that the tree holds, and the closed text that they commit to, if any."""

    body: bytes
    payload: bytes | None
    kind: EntryKind
    swaps: Mapping[int, Swap] = field(default_factory=dict)
    """What is put in the place of earlier entries' closed texts together with this entry, by their index."""


def record(entry: Entry, seal: Closes) -> Record:
    """Close what was typed, and give the entry's bytes. Raise LedgerError where its details are no JSON."""
    typed = entry.details.get(SEALED)
    if not isinstance(typed, Mapping):
        if typed is not None:
            raise LedgerError(f"what is sealed in an entry `{entry.kind.value}` must be an object")
        return Record(to_bytes(entry), None, entry.kind)
    details = {name: value for name, value in entry.details.items() if name != SEALED}
    payload = None
    if typed:
        payload = seal.close(typed, entry.clinician)
        details[SEALED] = commitment(payload)
    return Record(to_bytes(replace(entry, details=details)), payload, entry.kind)


def commitment(payload: bytes) -> dict[str, Json]:
    """Give what an entry says about its payload."""
    return {"sha256": hashlib.sha256(payload).hexdigest()}


def as_json(entry: Entry) -> dict[str, Json]:
    """Give the entry as plain JSON: `schema`, `kind`, `at` (UTC, microseconds, `Z`), then its facts and details."""
    if entry.at.tzinfo is None:
        raise LedgerError("an entry's time must say its zone")
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    facts: dict[str, Json] = {name: getattr(entry, name) for name in FACTS}
    return {"schema": SCHEMA, "kind": entry.kind.value, "at": at, **facts, "details": dict(entry.details)}


def to_bytes(entry: Entry) -> bytes:
    """Give the entry's RFC 8785 bytes. Raise LedgerError where its details are no JSON (its text is not quoted)."""
    document = as_json(entry)
    try:
        # Where all is ASCII and nothing a float, sorting by bytes is what RFC 8785 asks for, in a fiftieth of the time.
        quick = orjson.dumps(document, option=_PLAIN)
        if quick.isascii() and not _has_float(entry.details):
            return quick
    except TypeError:
        pass
    try:
        return rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeError):
        pass
    try:  # a name that a site gives may hold half a surrogate pair: it must not stop the record
        return rfc8785.dumps(_whole(document))
    except (rfc8785.CanonicalizationError, UnicodeError, TypeError, ValueError):
        raise LedgerError(f"the details of an entry `{entry.kind.value}` are not plain JSON") from None


def from_bytes(body: bytes) -> Entry:
    """Give the entry that these bytes are. Raise LedgerError where they are none that this version knows."""
    try:
        document: dict[str, Any] = orjson.loads(body)
        if document["schema"] != SCHEMA:
            raise LedgerError(f"the entry has schema {document['schema']}; this version reads {SCHEMA}")
        facts, details = {name: document[name] for name in FACTS}, document["details"]
        at = datetime.fromisoformat(document["at"])
        kind = EntryKind(document["kind"])
    except (KeyError, TypeError, ValueError):
        raise LedgerError("the entry cannot be read: its bytes are not an entry of this schema") from None
    texts = all(isinstance(value, str) for value in facts.values() if value is not None)
    if not texts or facts["workstation"] is None or not isinstance(details, dict) or at.tzinfo is not UTC:
        raise LedgerError("the entry cannot be read: a fact of it is not of its type")
    return Entry(kind, at, details=details, **facts)


def _has_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_float, value.values()))
    return any(map(_has_float, value)) if isinstance(value, list) else isinstance(value, float)


def _whole(value: Json | Mapping[str, Json]) -> Any:
    """Replace halves of surrogate pairs by U+FFFD, in keys too; join pairs that are whole."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value
