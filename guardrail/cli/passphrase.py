"""Passphrases, typed: never echoed, never an argument (the system shows those to everybody)."""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path

from guardrail.cli.terminal import err
from guardrail.errors import LedgerError
from guardrail.ledger.identity import check_passphrase, made_passphrase


def ask_passphrase(file: Path | None = None) -> str:
    """Give the passphrase of a key: from a file, from the terminal, or one line of stdin where that is none."""
    if file is not None:
        return _first_line(file)
    if sys.stdin.isatty():
        return getpass("passphrase of the key: ")
    return sys.stdin.readline().rstrip("\r\n")


def new_passphrase(file: Path | None = None) -> str:
    """Give the passphrase for a new key; where none is typed, make one and show it once."""
    if file is not None:
        return check_passphrase(_first_line(file))
    typed = ""
    if sys.stdin.isatty():
        typed = getpass("new passphrase (empty: one is made for you): ")
        if typed and getpass("once more: ") != typed:
            raise LedgerError("the two passphrases differ: try again")
    if typed:
        return check_passphrase(typed)
    made = made_passphrase()
    err.print("the passphrase, shown this once: write it down, and keep it apart from the key")
    err.print(f"  {made}", style="bold")
    return made


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise LedgerError(f"cannot read the passphrase from {file}: name a file whose first line it is") from None
