"""Google's batchexecute: `f.req=[[["RPCID","[…json…]",null,"generic"],…]]`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardrail.recognise.extract.jsontext import parse_text


def calls(text: str) -> list[Any]:
    """Give the parsed arguments of every call in an `f.req` text, without the RPC ids (which rotate)."""
    envelope = parse_text(text)
    batch = envelope[0] if isinstance(envelope, list) and envelope else None
    if not isinstance(batch, list):
        return []
    out = []
    for call in batch:
        match call:
            case [str(), str(arguments), *_]:
                out.append(parse_text(arguments))
    return out


def answered(document: Any) -> Iterator[Any]:
    """Give what the calls of a batch were answered with, out of one document of the answer.

    Each is JSON in the third place of a row that begins with `wrb.fr`.
    """
    for row in document if isinstance(document, list) else ():
        match row:
            case ["wrb.fr", _, str(text), *_]:
                value = parse_text(text, most=None)
                if value is not None:
                    yield value
