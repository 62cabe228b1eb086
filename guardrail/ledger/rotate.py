"""A new signing key in the place of the old one: the old one signs an entry that names the new one, and is destroyed.

Each step may be the last before the power fails. `ledger.vkey.next` says that a rotation is under way; until it is
carried through nothing else signs, and a second call goes on where the first ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from guardrail.durable import make_file, replace_file
from guardrail.errors import LedgerError
from guardrail.keystore import Keep, forget_key, read_or_create_key
from guardrail.ledger.keys import (
    NEXT_VERIFIER_FILE,
    VERIFIER_FILE,
    read_recipients,
    read_verifiers,
    signing_key,
    signing_name,
)
from guardrail.ledger.note import Signer, Verifier
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.seal import Seal
from guardrail.ledger.store import SqliteLedger
from guardrail.model.entry import Entry, EntryKind, Json


def rotate_signing_key(data_dir: Path, ledger_file: Path, workstation: str, keep: Keep = "auto") -> Verifier:
    """Rotate the signing key of a data folder and give the new verifier key. Raise KeyStoreError or LedgerError.

    A house that runs meanwhile signs with the old key until the new one is in use, and then asks to be restarted.
    """
    file, following = data_dir / VERIFIER_FILE, data_dir / NEXT_VERIFIER_FILE
    if not ledger_file.is_file():
        raise LedgerError(f"there is no ledger at {ledger_file}: check --data-dir, or start guardrail once")
    try:
        if not _is_carried_through(file, following):
            old = signing_key(data_dir, keep)
            name = signing_name(len(read_verifiers(file)) + 1)
            new = Signer(old.verifier.name, read_or_create_key(data_dir, name, keep))
            line = f"{new.verifier} # from {_now():%Y-%m-%dT%H:%M:%SZ}\n"
            make_file(following, (file.read_text(encoding="utf-8") + line).encode(), 0o644)
            told = _told(ledger_file)
            handed: dict[str, Json] = {"old": str(old.verifier), "new": str(new.verifier)}
            if (EntryKind.KEY_ROTATED, handed) not in told:
                _write(data_dir, ledger_file, old, Entry(EntryKind.KEY_ROTATED, _now(), workstation, details=handed))
            taken: dict[str, Json] = {"key": str(new.verifier)}
            if (EntryKind.KEY_IN_USE, taken) not in told:
                in_use = Entry(EntryKind.KEY_IN_USE, _now(), workstation, details=taken)
                _write(data_dir, ledger_file, new, in_use, old.verifier)
            replace_file(file, following.read_bytes(), mode=0o644)
        known = read_verifiers(file)
        forget_key(data_dir, signing_name(len(known) - 1))
        following.unlink()
    except OSError as error:
        raise LedgerError(f"cannot write {following}: {(error.strerror or 'unknown reason').lower()}") from None
    return known[-1]


def _is_carried_through(file: Path, following: Path) -> bool:
    """Whether an earlier call has only the old key left to destroy."""
    return following.exists() and read_verifiers(following) == read_verifiers(file)


def _told(ledger_file: Path) -> list[tuple[EntryKind, Mapping[str, Json]]]:
    """Give what the ledger tells of keys, as calls before this one may have written it."""
    with closing(LedgerReader(ledger_file)) as reader:
        kinds = (EntryKind.KEY_ROTATED, EntryKind.KEY_IN_USE)
        return [(one.entry.kind, one.entry.details) for one in reader.read() if one.entry.kind in kinds]


def _write(data_dir: Path, ledger_file: Path, signer: Signer, entry: Entry, follows: Verifier | None = None) -> None:
    with closing(SqliteLedger(ledger_file, Seal(read_recipients(data_dir)), signer, follows=follows)) as ledger:
        ledger.append(entry)


def _now() -> datetime:
    return datetime.now(UTC)
