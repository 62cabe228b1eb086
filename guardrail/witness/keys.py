"""A witness's key, which cosigns: made at the first start; its public half is for the settings of those witnessed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from guardrail.durable import make_file
from guardrail.errors import LedgerError
from guardrail.keystore import read_or_create_key
from guardrail.ledger.note import Algorithm, Signer

WITNESS_KEY = "witness-signing"
WITNESS_FILE = "witness.vkey"
_NAME_DIGITS = 16


def witness_key(folder: Path) -> Signer:
    """Give the key of a witness's folder; it is made where there is none. Raise KeyStoreError or LedgerError."""
    seed = read_or_create_key(folder, WITNESS_KEY)
    name = hashlib.sha256(b"guardrail witness\n" + seed).hexdigest()[:_NAME_DIGITS]
    signer = Signer(f"guardrail-witness/{name}", seed, Algorithm.COSIGNATURE)
    file = folder / WITNESS_FILE
    try:
        if not file.exists():
            make_file(file, f"{signer.verifier}\n".encode(), 0o644)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}") from None
    return signer
