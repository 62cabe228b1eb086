"""An entry as a syslog message (RFC 5424), for a SIEM: codes as structured data, and nothing of what was typed.

Whom it is about is left out too: the clinic's own number of a client is health information where others keep the log.
The entry's index and hash lead back to the ledger, where those who may can read on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC

from guardrail.model.entry import EntryKind, Json, StoredEntry

EXAMPLE_NUMBER = 32473
"""The private enterprise number for examples (RFC 5612), where a clinic has none of its own; we have none either."""

_AUDIT = 13 * 8  # facility `log audit`
_ERROR, _WARNING, _NOTICE, _INFORMATIONAL = 3, 4, 5, 6
_SEVERITIES: Mapping[EntryKind, int] = {
    EntryKind.FAILURE: _ERROR,
    EntryKind.REFUSED: _WARNING,
    EntryKind.POLICY_REFUSED: _WARNING,
    EntryKind.DUTY_OVERDUE: _WARNING,
    EntryKind.STORE_LOST: _WARNING,
    EntryKind.JUSTIFIED: _NOTICE,
    EntryKind.ATTESTED: _NOTICE,
    EntryKind.CONSENT_USED: _NOTICE,
    EntryKind.EXPORTED: _NOTICE,
    EntryKind.VIEWED: _NOTICE,
    EntryKind.REVIEWED: _NOTICE,
    EntryKind.KEY_ROTATED: _NOTICE,
    EntryKind.READERS_CHANGED: _NOTICE,
    EntryKind.SETTINGS_CHANGED: _NOTICE,
    EntryKind.RESEALED: _NOTICE,
    EntryKind.DESTROYED: _NOTICE,
    EntryKind.LEGAL_HOLD: _NOTICE,
    EntryKind.EXCEPTION_SET: _NOTICE,
    EntryKind.EXCEPTION_REMOVED: _NOTICE,
}
_FACTS = ("workstation", "clinician", "site", "action", "rule", "policy_revision", "hold", "grant")
_DETAILS = (
    "verdict", "mode", "surface", "account", "reason", "cause", "where", "incident", "duty_kind", "form", "fast",
    "format", "by", "problems", "practice", "failed_rules", "heartbeat_seconds", "jump_seconds", "refused_seconds",
)  # fmt: skip
# A detail goes out only where it is a code: a sentence could hold a name, whatever its key says.
_CODE = re.compile(r"[A-Za-z0-9_.:@/+-]{1,64}")
_NOT_IN_A_HEADER = re.compile(r"[^\x21-\x7e]")
_TO_ESCAPE = re.compile(r'(["\\\]])')
_MOST = {"hostname": 255, "msgid": 32}


def message(stored: StoredEntry, enterprise: int = EXAMPLE_NUMBER) -> bytes:
    """Give the message of an entry, its data named after a private enterprise number (RFC 5424, 7.2.2)."""
    entry = stored.entry
    priority = _AUDIT + _SEVERITIES.get(entry.kind, _INFORMATIONAL)
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    host = _NOT_IN_A_HEADER.sub("_", entry.workstation)[: _MOST["hostname"]] or "-"
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in _parameters(stored))
    words = " ".join(one for one in (entry.kind.value, entry.action, entry.site) if one)
    header = f"<{priority}>1 {at} {host} guardrail - {entry.kind.value[: _MOST['msgid']]}"
    # Where a text is not ASCII its message must begin with a byte-order mark; what we say is.
    return f"{header} [guardrail@{enterprise}{data}] {words}".encode()


def framed(one: bytes) -> bytes:
    """Give a message as it goes over TLS, after its length (RFC 5425, 4.3)."""
    return b"%d %s" % (len(one), one)


def _parameters(stored: StoredEntry) -> Iterator[tuple[str, str]]:
    entry = stored.entry
    yield "index", str(stored.index)
    yield "leaf", stored.leaf
    for name in _FACTS:
        value = getattr(entry, name)
        if value is not None:
            yield name, value
    yield "about_client", "no" if entry.client_ref is None else "yes"
    for name in _DETAILS:
        code = _code(entry.details.get(name))
        if code is not None:
            yield name, code


def _code(value: Json) -> str | None:
    if isinstance(value, bool | int):
        return str(value).lower()
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def _escaped(value: str) -> str:
    return _TO_ESCAPE.sub(r"\\\1", value)
