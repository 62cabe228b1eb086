"""Frames of Meta's device gateway (`gateway.facebook.com/ws/…`): the data that one WebSocket message carries.

A message is a row of frames. One that carries data is a byte of its kind (13, or 17 with one byte more in the head),
stream and length (two and three bytes, little-endian), a number to confirm (two bytes, in the length), and JSON.
Source: public clients of Messenger and Instagram that speak to this gateway, and one published session (2026).
"""

from __future__ import annotations

from typing import Any

from guardrail.recognise.extract.jsontext import parse_text

_DATA = {13: 8, 17: 9}  # kind -> bytes of the head
_LENGTHS = (12, 15, *_DATA)  # kinds that say how long they are
_FIXED = {2: 1, 4: 1, 9: 1, 10: 1, 14: 3}  # kinds of one length
_HEAD = 6
_MAX_FRAMES = 100


def carried(message: bytes) -> list[dict[str, Any]]:
    """Give `topic` (empty: there is none) and `payload` (parsed JSON, else text) of each frame that carries data."""
    out = []
    at = 0
    for _ in range(_MAX_FRAMES):
        if at >= len(message):
            break
        kind = message[at]
        if kind in _FIXED:
            at += _FIXED[kind]
            continue
        start, end = at + _DATA.get(kind, _HEAD), at + _HEAD + int.from_bytes(message[at + 3 : at + _HEAD], "little")
        if kind not in _LENGTHS or not start <= end <= len(message):
            break
        if kind in _DATA:
            text = message[start:end].decode("utf-8", "replace")
            value = parse_text(text)
            out.append({"topic": "", "payload": text if value is None else value})
        at = end
    return out
