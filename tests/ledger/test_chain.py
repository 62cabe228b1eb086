"""Each hash stands on the one before, down to a documented beginning."""

from __future__ import annotations

import hashlib

from guardrail.ledger.chain import GENESIS, chain, link


def test_the_chain_can_be_made_by_anybody() -> None:
    """Known answers, by hashlib alone."""
    assert hashlib.sha256(b"guardrail ledger 1").digest() == GENESIS
    first = hashlib.sha256(GENESIS + b"a").digest()
    second = hashlib.sha256(first + b"b").digest()
    assert link(GENESIS, b"a") == first
    assert list(chain(GENESIS, [b"a", b"b"])) == [(GENESIS, b"a", first), (first, b"b", second)]
    assert list(chain(first, [])) == []
