"""A workstation's keys for its ledger: one that signs, and the public ones of those who may read what was typed.

The signing key is secret, and stays on the workstation. Of those who may read, the workstation knows public keys
alone: `recipients.txt` of the data folder, one `age1…` a line, words after `#`. Where there is none yet, a pair is
made, and its secret half stands in `supervisor.key` until somebody takes it to the supervisor and off this computer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.keystore import Keep, make_file, read_or_create_key
from guardrail.ledger.note import Signer, Verifier
from guardrail.ledger.seal import Seal, read_identities

SIGNING_KEY = "ledger-signing"
RECIPIENTS_FILE = "recipients.txt"
SUPERVISOR_FILE = "supervisor.key"
VERIFIER_FILE = "ledger.vkey"
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """What a writer of a ledger needs."""

    seal: Seal
    signer: Signer


def ledger_keys(data_dir: Path, keep: Keep = "auto") -> LedgerKeys:
    """Give the keys of a data folder; what is not there yet is made. Raise KeyStoreError or LedgerError."""
    seed = read_or_create_key(data_dir, SIGNING_KEY, keep)
    # The name stands in every checkpoint: it says which ledger, and nothing about the clinic.
    name = hashlib.sha256(b"guardrail ledger\n" + seed).hexdigest()[:_NAME_DIGITS]
    signer = Signer(f"guardrail/{name}", seed)
    _write_once(data_dir / VERIFIER_FILE, f"{signer.verifier}\n", 0o644)
    _make_recipient(data_dir)
    return LedgerKeys(Seal(read_recipients(data_dir)), signer)


def read_verifiers(file: Path) -> tuple[Verifier, ...]:
    """Read verifier keys, one a line. Raise LedgerError where the file is not there or a key is damaged."""
    try:
        lines = file.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"there is no verifier key at {file}: name the file that was kept of it") from None
    return tuple(Verifier.read(line) for line in lines)


def read_recipients(data_dir: Path) -> tuple[str, ...]:
    """Give the public keys of those who may read. Raise LedgerError where none are named."""
    file = data_dir / RECIPIENTS_FILE
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"cannot read {file}: it says who may read what was typed: run `guardrail init`") from None
    return tuple(key for key in (line.partition("#")[0].strip() for line in lines) if key)


def _make_recipient(data_dir: Path) -> None:
    """Make a first pair of keys where nobody is named yet."""
    file, secret_file = data_dir / RECIPIENTS_FILE, data_dir / SUPERVISOR_FILE
    if file.exists():
        return
    # The secret first: a public key whose secret was lost would close what nobody could ever open.
    _write_once(secret_file, f"{x25519.Identity.generate()}\n", 0o600)
    public = read_identities(secret_file)[0].to_public()
    _write_once(file, f"{public} # the key in {SUPERVISOR_FILE}\n", 0o644)


def _write_once(file: Path, text: str, mode: int) -> None:
    try:
        if not file.exists():
            make_file(file, text.encode(), mode)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}") from None
