"""The hash chain: each entry's hash is over the previous hash and the entry's own bytes.

GENESIS stands before the first entry: SHA-256 of the text `guardrail ledger 1`, so that a ledger of
another kind or version cannot be taken for a beginning of this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

GENESIS = hashlib.sha256(b"guardrail ledger 1").digest()


def link(previous: bytes, body: bytes) -> bytes:
    """Give the hash (32 bytes) of the entry with these canonical bytes after `previous` (32 bytes)."""
    return hashlib.sha256(previous + body).digest()


def chain(previous: bytes, bodies: Iterable[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give `(previous, body, hash)` for each of the bodies in order, each linked to the one before."""
    for body in bodies:
        own = link(previous, body)
        yield previous, body, own
        previous = own
