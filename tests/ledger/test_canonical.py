"""The same entry always gives the same bytes, and the bytes give the entry back."""

from __future__ import annotations

import json
import string
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import from_bytes, to_bytes
from guardrail.model.entry import Entry, EntryKind

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry

AT = datetime(2026, 3, 2, 9, 0, 0, 12, tzinfo=UTC)
TEXT = st.text(max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(EntryKind),
    at=st.datetimes(timezones=st.just(UTC)),
    workstation=TEXT,
    clinician=st.none() | TEXT,
    client_ref=st.none() | TEXT,
    hold=st.none() | st.text(string.ascii_letters, max_size=8),
    details=st.dictionaries(TEXT, JSON, max_size=4),
)


@given(entry=ENTRIES)
def test_bytes_give_the_entry_back(entry: Entry) -> None:
    """Whatever stands in it, in every script."""
    body = to_bytes(entry)
    assert from_bytes(body) == entry
    assert to_bytes(from_bytes(body)) == body


def test_the_bytes_are_rfc_8785_and_name_their_schema() -> None:
    """Sorted keys, no white space, UTF-8, time in UTC with microseconds: as any other program would write them."""
    details: Any = {"b": [1, True, None], "a": "é\u2028"}
    entry = Entry(EntryKind.NOTED, AT, "desk", details=details)
    assert to_bytes(entry).decode() == (
        '{"action":null,"at":"2026-03-02T09:00:00.000012Z","client_ref":null,"clinician":null,'
        '"details":{"a":"é\u2028","b":[1,true,null]},"grant":null,"hold":null,"kind":"noted",'
        '"policy_revision":null,"rule":null,"schema":2,"site":null,"workstation":"desk"}'
    )


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    """Time is written in UTC."""
    there = AT.astimezone(timezone(timedelta(hours=-8)))
    assert to_bytes(Entry(EntryKind.NOTED, there, "desk")) == to_bytes(Entry(EntryKind.NOTED, AT, "desk"))


def test_half_a_surrogate_pair_does_not_stop_the_record() -> None:
    """A site's own JSON can hold one; what cannot be written as UTF-8 becomes U+FFFD, whole pairs are joined."""
    details: Any = {"sealed": {"query": "a\ud800b \ud83d\ude00", "k\udc00": ["\ud800"]}}
    read = from_bytes(to_bytes(Entry(EntryKind.NOTED, AT, "desk", details=details)))
    assert read.details == {"sealed": {"query": "a\ufffdb \U0001f600", "k\ufffd": ["\ufffd"]}}


@pytest.mark.parametrize(
    "value", [float("nan"), 2**60, object(), b"bytes", {1: 2}, AT], ids=lambda value: type(value).__name__
)
def test_what_is_no_json_is_refused_and_not_quoted(entry: MakeEntry, value: object) -> None:
    """The error says which kind of entry, never what stood in it."""
    with pytest.raises(LedgerError, match="the details of an entry `noted` are not plain JSON") as refused:
        to_bytes(entry(details={"margit": value}))
    assert "margit" not in str(refused.value)


def test_a_time_without_a_zone_is_refused(entry: MakeEntry) -> None:
    """Nobody could say later when it was."""
    with pytest.raises(LedgerError, match="zone"):
        to_bytes(entry(at=datetime(2026, 3, 2)))  # noqa: DTZ001 - the fault itself


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": 3}, "the entry has schema 3; this version reads 2"),
        ({"kind": "gossip"}, "cannot be read"),
        ({"at": "yesterday"}, "cannot be read"),
        ({"at": None}, "cannot be read"),
        ({"at": "2026-03-02T09:00:00.000000"}, "cannot be read"),
        ({"at": "9999-12-31T23:59:59.000000-10:00"}, "cannot be read"),
        ({"workstation": None}, "cannot be read"),
        ({"workstation": {}}, "cannot be read"),
        ({"rule": 7}, "cannot be read"),
        ({"details": [1]}, "cannot be read"),
        ({"details": None}, "cannot be read"),
    ],
)
def test_an_entry_of_another_schema_is_not_guessed_at(entry: MakeEntry, change: dict[str, object], reason: str) -> None:
    """A later version's entry is named as such; a fact of another type is no fact."""
    document = {**json.loads(to_bytes(entry())), **change}
    with pytest.raises(LedgerError, match=reason):
        from_bytes(json.dumps(document).encode())


@given(body=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_another_error(body: bytes) -> None:
    """Garbage is a LedgerError."""
    with pytest.raises(LedgerError):
        from_bytes(body)
