"""MQTT over WebSocket, as Facebook's and Instagram's chats speak it: the PUBLISH packets of one frame.

Source: MQTT 3.1.1, sections 2.2 (fixed header) and 3.3 (PUBLISH). Payloads there are JSON, plain or in zlib's format.
"""

from __future__ import annotations

import zlib
from typing import Any

from guardrail.recognise.extract.jsontext import parse_text
from guardrail.recognise.extract.varint import read_varint

_PUBLISH = 3
_MAX_PACKETS = 100
_MAX_PAYLOAD = 1_000_000
_LENGTH_BYTES = 4
_ZLIB = 0x78


def publishes(frame: bytes) -> list[dict[str, Any]]:
    """Give `topic` and `payload` (parsed JSON, else text) of each PUBLISH that stands whole in a frame."""
    out = []
    at = 0
    for _ in range(_MAX_PACKETS):
        if at >= len(frame):
            break
        first = frame[at]
        size, start = read_varint(frame, at + 1, _LENGTH_BYTES)
        if size is None or start + size > len(frame):
            break
        at = start + size
        if first >> 4 == _PUBLISH:
            published = _publish(first, frame[start:at])
            if published is not None:
                out.append(published)
    return out


def _publish(first: int, packet: bytes) -> dict[str, Any] | None:
    topic_end = 2 + int.from_bytes(packet[:2], "big")
    has_id = first & 0b110  # a packet of quality 1 or 2 carries a number
    payload_at = topic_end + (2 if has_id else 0)
    if payload_at > len(packet):
        return None
    text = _inflated(packet[payload_at:]).decode("utf-8", "replace")
    value = parse_text(text)
    return {"topic": packet[2:topic_end].decode("utf-8", "replace"), "payload": text if value is None else value}


def _inflated(payload: bytes) -> bytes:
    if payload[:1] != bytes((_ZLIB,)):
        return payload
    try:
        return zlib.decompressobj().decompress(payload, _MAX_PAYLOAD)
    except zlib.error:
        return payload
