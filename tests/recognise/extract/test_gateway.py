"""Data in frames of Meta's device gateway."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.gateway import carried

PAYLOAD = {"app_id": "1", "payload": '{"tasks":[{"label":"46"}]}', "type": 3}


def opening(parameters: bytes = b"{}", stream: int = 0) -> bytes:
    """Make the frame that opens a stream."""
    return b"\x0f" + stream.to_bytes(2, "little") + len(parameters).to_bytes(3, "little") + parameters


def data(payload: bytes, *, stream: int = 0, number: int = 0, extended: bool = False) -> bytes:
    """Make a frame that carries data; `extended` has one byte more in its head."""
    rest = number.to_bytes(2, "little") + (b"\x00" if extended else b"") + payload
    return bytes([17 if extended else 13]) + stream.to_bytes(2, "little") + len(rest).to_bytes(3, "little") + rest


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        (data(orjson.dumps(PAYLOAD)), [PAYLOAD]),
        (data(orjson.dumps(PAYLOAD), stream=125, number=0x8001), [PAYLOAD]),
        (data(orjson.dumps(PAYLOAD), extended=True), [PAYLOAD]),
        (opening(stream=125) + data(orjson.dumps(PAYLOAD), stream=125), [PAYLOAD]),
        (b"\x09" + data(b"1") + b"\x0e\x00\x00" + data(b"plain words" * 40), [1, "plain words" * 40]),
        (b"\x0c\x00\x00\x02\x00\x00\x01\x00" + data(b"{}"), [{}]),
        (data(b"{}")[:-1], []),
        (b"\x0d\x00\x00\x01\x00\x00\x00", []),
        (b"\xff" + data(b"{}"), []),
        (b"\x0d", []),
        (b"", []),
    ],
)
def test_every_whole_frame_of_data_is_read(message: bytes, seen: list[Any]) -> None:
    """After the frame that opens its stream or alone, several in a message; no other kind, nothing cut off."""
    assert [one["payload"] for one in carried(message)] == seen
    assert {one["topic"] for one in carried(message)} <= {""}


@given(st.binary(max_size=300))
def test_no_bytes_raise(message: bytes) -> None:
    """Whatever stands in a message, the answer is a list."""
    assert isinstance(carried(b"\x0d" + message), list)
