"""Event frames of WebSockets: plain JSON, socket.io (`42["event",{…}]`), SignalR (0x1e between records)."""

from __future__ import annotations

from typing import Any

from guardrail.recognise.extract.jsontext import parse_text

_MAX_RECORDS = 1000


def events(text: str) -> list[Any]:
    """Give every JSON value that one frame carries."""
    out = []
    for record in text.split("\x1e", _MAX_RECORDS)[:_MAX_RECORDS]:
        value = parse_text(record.lstrip("0123456789") if record[:1].isdigit() else record)
        if value is not None:
            out.append(value)
    return out
