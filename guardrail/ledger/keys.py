"""A workstation's keys for its ledger: one that signs, and the public ones of those who may read what was typed.

The signing key is secret, and stays on the workstation. Of those who may read, the workstation knows public keys
alone: `recipients.txt` of the data folder (see `recipients`). Where there is none yet, a pair is made, and its secret
half stands in `supervisor.key` until somebody takes it to the supervisor and off this computer.

The signing key may be rotated: `ledger.vkey` holds the verifier keys of all that signed, oldest first, each with
the time from which it did. Its last line says which key signs now.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from guardrail.durable import make_file
from guardrail.errors import LedgerError
from guardrail.keystore import Keep, read_or_create_key
from guardrail.ledger import recipients
from guardrail.ledger.identity import read_identities
from guardrail.ledger.note import Signer, Verifier
from guardrail.ledger.recipients import Recipient
from guardrail.ledger.seal import Seal

SIGNING_KEY = "ledger-signing"
RECIPIENTS_FILE = "recipients.txt"
SUPERVISOR_FILE = "supervisor.key"
VERIFIER_FILE = "ledger.vkey"
NEXT_VERIFIER_FILE = "ledger.vkey.next"
"""Is there while the signing key is being rotated."""
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class LedgerKeys:
    """What a writer of a ledger needs."""

    seal: Seal
    signer: Signer


def ledger_keys(data_dir: Path, keep: Keep = "auto") -> LedgerKeys:
    """Give the keys of a data folder; what is not there yet is made. Raise KeyStoreError or LedgerError."""
    if (data_dir / NEXT_VERIFIER_FILE).exists():
        raise LedgerError("a rotation of the signing key broke off: run `guardrail keys rotate-signing` again")
    signer = signing_key(data_dir, keep)
    _make_recipient(data_dir)
    return LedgerKeys(Seal(read_recipients(data_dir)), signer)


def signing_key(data_dir: Path, keep: Keep = "auto") -> Signer:
    """Give the key that signs now, under the ledger's name; the first is made. Raise KeyStoreError or LedgerError."""
    file = data_dir / VERIFIER_FILE
    if file.exists():
        known = read_verifiers(file)
        seed = read_or_create_key(data_dir, signing_name(len(known)), keep)
        signer = Signer(known[-1].name, seed)
        if signer.verifier != known[-1]:
            raise LedgerError(
                f"the signing key is not the one of which {file} speaks: bring it back from a copy, "
                "or move the ledger and that file away to begin a new ledger"
            )
        return signer
    if any(data_dir.glob(f"{SIGNING_KEY}-*.*")):
        raise LedgerError(f"{file} is gone, and the signing key was rotated: bring the file back from a copy")
    seed = read_or_create_key(data_dir, SIGNING_KEY, keep)
    # The name stands in every checkpoint: it says which ledger, and nothing about the clinic.
    name = hashlib.sha256(b"guardrail ledger\n" + seed).hexdigest()[:_NAME_DIGITS]
    signer = Signer(f"guardrail/{name}", seed)
    _write_once(file, f"{signer.verifier}\n", 0o644)
    return signer


def signing_name(number: int) -> str:
    """Give the name under which the key store keeps the signing key with this number, from 1 on."""
    return SIGNING_KEY if number == 1 else f"{SIGNING_KEY}-{number}"


def read_verifiers(file: Path) -> tuple[Verifier, ...]:
    """Read verifier keys, oldest first: one a line, words after `#`.

    Raise LedgerError where the file is not there, holds none, or a key is damaged.
    """
    try:
        lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        lines = []
    if not any(lines):
        raise LedgerError(f"there is no verifier key at {file}: name the file that was kept of it")
    return tuple(Verifier.read(line) for line in lines if line)


def read_recipients(data_dir: Path) -> tuple[Recipient, ...]:
    """Give those who may read. Raise LedgerError where none are named, or a line is wrong."""
    return recipients.read_recipients(data_dir / RECIPIENTS_FILE)


def _make_recipient(data_dir: Path) -> None:
    """Make a first pair of keys where nobody is named yet."""
    file, secret_file = data_dir / RECIPIENTS_FILE, data_dir / SUPERVISOR_FILE
    if file.exists():
        return
    # The secret first: a public key whose secret was lost would close what nobody could ever open.
    _write_once(secret_file, f"{x25519.Identity.generate()}\n", 0o600)
    public = read_identities(secret_file)[0].to_public()
    _write_once(file, f"{Recipient(str(public), words=f'the key in {SUPERVISOR_FILE}')}\n", 0o644)


def _write_once(file: Path, text: str, mode: int) -> None:
    try:
        if not file.exists():
            make_file(file, text.encode(), mode)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}") from None
