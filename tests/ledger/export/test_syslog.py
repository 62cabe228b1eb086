"""An entry as RFC 5424 says, and nothing of a client in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.ledger.export.syslog import framed, message
from guardrail.model.entry import Entry, EntryKind, Json, StoredEntry
from tests.ledger.export.scene import CLIENT, JUDGED, NAMESAKE, STORIES, TYPED, Scene

AT = datetime(2026, 3, 2, 17, 2, tzinfo=UTC)
# RFC 5424, section 6: the ABNF as an expression.
_NAME = rb"[^\s=\]\"]{1,32}"
_VALUE = rb"(?:[^\"\\\]]|\\[\"\\\]])*"
_AT = rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z)"
_WORDS = b" ".join(rb"([\x21-\x7e]{1,%d})" % most for most in (255, 48, 128, 32))
PARAMETER = re.compile(rb" (" + _NAME + rb')="(' + _VALUE + rb')"', re.DOTALL)
HEADER = re.compile(
    rb"<(\d{1,3})>1 "
    + _AT
    + b" "
    + _WORDS
    + rb" \[("
    + _NAME
    + rb")((?: "
    + _NAME
    + rb'="'
    + _VALUE
    + rb'")*)\](?: (.*))?',
    re.DOTALL,
)


def parsed(one: bytes, name: str = "guardrail@32473") -> tuple[int, dict[str, str]]:
    """Take a message apart by the standard; give its priority and its parameters, which bear that name."""
    found = HEADER.fullmatch(one)
    assert found is not None
    assert found[7].decode() == name
    values = {name.decode(): re.sub(rb"\\(.)", rb"\1", value).decode() for name, value in PARAMETER.findall(found[8])}
    return int(found[1]), values


@pytest.mark.parametrize("story", STORIES)
async def test_every_entry_of_every_story(desk: Scene, story: str) -> None:
    """Each is a message by the standard; no client and nothing that was typed is in any."""
    await STORIES[story](desk)
    for stored in desk.ledger.read():
        one = message(stored)
        priority, values = parsed(one)
        assert priority >> 3 == 13
        assert (values["index"], values["leaf"]) == (str(stored.index), stored.leaf)
        assert not [text for text in (*TYPED, JUDGED, CLIENT.client_ref, NAMESAKE.client_ref) if text.encode() in one]


@pytest.mark.parametrize(
    ("kind", "severity"),
    [(EntryKind.FAILURE, 3), (EntryKind.REFUSED, 4), (EntryKind.JUSTIFIED, 5), (EntryKind.HEARTBEAT, 6)],
)
def test_severities(kind: EntryKind, severity: int) -> None:
    """What asks for somebody's attention says so."""
    priority, _values = parsed(message(StoredEntry(0, Entry(kind, AT, "front-desk"), "ab")))
    assert priority & 7 == severity


def test_a_detail_goes_out_only_as_a_code() -> None:
    """A sentence under a known name stays at home, and so does whatever has no known name."""
    details: dict[str, Json] = {
        "cause": "margit ollander was here",
        "reason": "unknown",
        "subject": "C-1",
        "sealed": {"query": "margit"},
    }
    _priority, values = parsed(message(StoredEntry(0, Entry(EntryKind.FAILURE, AT, "w", details=details), "ab")))
    assert set(values) == {"index", "leaf", "workstation", "about_client", "reason"}


@given(st.text(), st.text(), st.text())
def test_any_name_makes_a_good_message(workstation: str, clinician: str, site: str) -> None:
    """Quotes, brackets and backslashes are escaped, and read back as they were."""
    entry = Entry(EntryKind.NOTED, AT, workstation, clinician, site)
    _priority, values = parsed(message(StoredEntry(3, entry, "ab")))
    assert (values["workstation"], values["clinician"], values["site"]) == (workstation, clinician, site)


def test_a_frame_says_its_length_in_bytes() -> None:
    """As RFC 5425 counts."""
    assert framed("é".encode()) == b"2 \xc3\xa9"


@pytest.mark.parametrize("number", [1, 32473, 4_294_967_295])
def test_a_clinic_has_its_own_number(number: int) -> None:
    """The data are named after it, within what the standard allows."""
    one = message(StoredEntry(0, Entry(EntryKind.NOTED, AT, "front-desk"), "ab"), number)
    parsed(one, f"guardrail@{number}")
