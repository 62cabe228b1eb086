"""Numbers of as many bytes as they need are read as they were written, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.varint import read_varint


def _written(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(0x80 | value & 0x7F)
        value >>= 7
    return bytes([*out, value])


@given(value=st.integers(0, 2**70 - 1), before=st.binary(max_size=3), after=st.binary(max_size=3))
def test_what_is_written_is_read(value: int, before: bytes, after: bytes) -> None:
    """A number is found at its place, and what follows begins behind it."""
    written = _written(value)
    assert read_varint(before + written + after, len(before), 10) == (value, len(before) + len(written))


@pytest.mark.parametrize(
    ("data", "at"),
    [(b"", 0), (b"\x01", 1), (b"\x80", 0), (b"\xff\xff\xff\xff", 0), (b"\xff\xff\xff\xff\x01", 0)],
)
def test_what_does_not_end_is_none(data: bytes, at: int) -> None:
    """Cut off, or longer than it may be: no number, and nothing is read any further."""
    assert read_varint(data, at, 4) == (None, len(data))
