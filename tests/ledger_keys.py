"""A ledger's keys for tests: one that signs, the same in every process, and a supervisor's."""

from __future__ import annotations

from pathlib import Path

from pyrage import x25519

from guardrail.ledger.note import Signer
from guardrail.ledger.seal import Seal
from guardrail.ledger.store import SqliteLedger

SIGNER = Signer("guardrail/front-desk", b"s" * 32)
KEYS = (SIGNER.verifier,)
SUPERVISOR = x25519.Identity.generate()
SEAL = Seal([str(SUPERVISOR.to_public())])


def opened(path: Path) -> SqliteLedger:
    """Open a ledger with these keys."""
    return SqliteLedger(path, SEAL, SIGNER)
