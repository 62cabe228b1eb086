"""PUBLISH packets in frames of MQTT over WebSocket."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.recognise.extract.mqtt import publishes

PAYLOAD = {"payload": '{"tasks":[{"label":"46"}]}', "type": 3}


def packet(topic: str, payload: bytes, *, quality: int = 0, kind: int = 3) -> bytes:
    """Make one packet."""
    name = topic.encode()
    rest = len(name).to_bytes(2, "big") + name + (b"\x00\x07" if quality else b"") + payload
    size, length = len(rest), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | 0x80 if size else low])
        if not size:
            return bytes([kind << 4 | quality << 1]) + length + rest


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        (packet("/ls_req", orjson.dumps(PAYLOAD)), [("/ls_req", PAYLOAD)]),
        (packet("/ls_req", orjson.dumps(PAYLOAD), quality=1), [("/ls_req", PAYLOAD)]),
        (packet("/send", zlib.compress(orjson.dumps(PAYLOAD))), [("/send", PAYLOAD)]),
        (packet("/a", b"1") + packet("/b", b"plain words" * 40), [("/a", 1), ("/b", "plain words" * 40)]),
        (packet("/a", b"{}", kind=8) + b"\xc0\x00" + packet("/b", b"{}"), [("/b", {})]),
        (packet("/a", b"\x78 no zlib"), [("/a", "\x78 no zlib")]),
        (packet("/a", b"{}")[:-1], []),
        (b"\x30\xff\xff\xff\xff\x01", []),
        (b"\x30\x02\x00\x09", []),
        (b"", []),
    ],
)
def test_every_whole_packet_is_read(frame: bytes, seen: list[tuple[str, Any]]) -> None:
    """Plain or in zlib's format, several in a frame, with a number or without; no other kind, nothing cut off."""
    assert [(one["topic"], one["payload"]) for one in publishes(frame)] == seen


@given(st.binary(max_size=300))
def test_no_bytes_raise(frame: bytes) -> None:
    """Whatever stands in a frame, the answer is a list."""
    assert isinstance(publishes(b"\x30" + frame), list)
