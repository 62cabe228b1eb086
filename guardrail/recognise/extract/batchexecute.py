"""Google's batchexecute: `f.req=[[["RPCID","[…json…]",null,"generic"],…]]`."""

from __future__ import annotations

from typing import Any

from guardrail.recognise.extract.jsontext import parse_text


def calls(text: str) -> list[tuple[str, Any]]:
    """Give the RPC id and the parsed arguments of every call in an `f.req` text."""
    envelope = parse_text(text)
    batch = envelope[0] if isinstance(envelope, list) and envelope else None
    if not isinstance(batch, list):
        return []
    out = []
    for call in batch:
        match call:
            case [str(name), str(arguments), *_]:
                out.append((name, parse_text(arguments)))
    return out


def arguments_of(text: str) -> list[Any]:
    """Give the parsed arguments of every call, without their ids (which rotate)."""
    return [arguments for _, arguments in calls(text)]
