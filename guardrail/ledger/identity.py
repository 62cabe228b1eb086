"""A reader's secret key: made, kept in a file that a passphrase closes, and read again.

The files are those of age itself: lines of `AGE-SECRET-KEY-…`, or the same in an age file that a passphrase opens
(scrypt, age-encryption.org/v1), so that `age -d -i FILE` reads them too.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyrage
from mnemonic import Mnemonic
from pyrage import passphrase as scrypt
from pyrage import x25519

from guardrail.durable import make_file
from guardrail.errors import LedgerError

SECRET_PREFIX = "AGE-SECRET-KEY-"  # noqa: S105 - how such a key begins, not one
_CLOSED = ("-----BEGIN AGE ENCRYPTED FILE-----", "age-encryption.org/v1")
_WORDS = 8
"""Words of a passphrase that is made here: 11 bits each (BIP 39's list of 2,048), and scrypt in front of them."""
_LEAST = 12
"""Letters of a passphrase that somebody types."""

type Asks = Callable[[], str]


def made_passphrase() -> str:
    """Give a passphrase of eight words, 88 bits."""
    words = Mnemonic("english").wordlist
    return "-".join(secrets.choice(words) for _ in range(_WORDS))


def check_passphrase(text: str) -> str:
    """Give it back where it is long enough. Raise LedgerError."""
    if len(text) < _LEAST:
        raise LedgerError(f"a passphrase has {_LEAST} letters at least: type a longer one, or none to have one made")
    return text


def make_identity(file: Path, passphrase: str | None) -> str:
    """Make a pair of keys; keep the secret in a new file, closed by the passphrase; give the public key.

    Raise LedgerError where the file is there already, or cannot be written.
    """
    identity = x25519.Identity.generate()
    write_identity(file, str(identity), passphrase)
    return str(identity.to_public())


def write_identity(file: Path, secret: str, passphrase: str | None) -> None:
    """Keep a secret key in a new file of mode 0600. Raise LedgerError; a file that is there stays."""
    if file.exists():  # asked before scrypt has taken its second, and again when the file is made
        raise _taken(file)
    if not file.parent.is_dir():
        raise LedgerError(f"cannot write {file}: there is no folder {file.parent}")
    public = x25519.Identity.from_str(secret).to_public()
    plain = f"# created: {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n# public key: {public}\n{secret}\n".encode()
    content = plain if passphrase is None else scrypt.encrypt(plain, passphrase, armored=True)
    try:
        made = make_file(file, content)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}") from None
    if not made:
        raise _taken(file)


def read_identities(file: Path, ask: Asks | None = None) -> tuple[x25519.Identity, ...]:
    """Read the secret keys of a file; `ask` gives the passphrase where one closes it.

    Raise LedgerError where there is none, or the passphrase is not the right one; no key is quoted.
    """
    nothing = f"{file} holds no secret key that can be read: it must begin with {SECRET_PREFIX}"
    try:
        content = file.read_bytes()
        if content.startswith(tuple(start.encode() for start in _CLOSED)):
            content = _opened(file, content, ask)
        lines = [line.partition("#")[0].strip() for line in content.decode().splitlines()]
        found = tuple(x25519.Identity.from_str(line) for line in lines if line)
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise LedgerError(nothing) from None
    if not found:
        raise LedgerError(nothing)
    return found


def secret_of(file: Path, ask: Asks | None = None) -> str:
    """Give the one secret key of a file, in words. Raise LedgerError where it holds several."""
    found = read_identities(file, ask)
    if len(found) != 1:
        raise LedgerError(f"{file} holds {len(found)} secret keys: name a file with one")
    return str(found[0])


def public_of(secret: str) -> str:
    """Give the public half of a secret key."""
    return str(x25519.Identity.from_str(secret).to_public())


def take_away(source: Path, target: Path, passphrase: str) -> None:
    """Move a secret key into a new file that a passphrase closes; the source goes only once that one opens.

    Raise LedgerError where anything stands against it; the source is there then. What a disk keeps of a file that
    was removed is the disk's own affair: a copy of the whole disk made before may still hold it.
    """
    if target.resolve().parent == source.resolve().parent:
        raise LedgerError(f"{target} is in the same folder: name a place that is off this computer")
    secret = secret_of(source)
    write_identity(target, secret, passphrase)
    if secret_of(target, lambda: passphrase) != secret:
        raise LedgerError(f"{target} does not hold what was written to it: {source} is left as it is")
    try:
        with source.open("r+b") as old:
            old.write(bytes(source.stat().st_size))
            old.flush()
            os.fsync(old.fileno())
        source.unlink()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise LedgerError(f"{target} is good, but {source} cannot be removed: {reason}: remove it yourself") from None


def _taken(file: Path) -> LedgerError:
    return LedgerError(f"{file} is there already: name a new file")


def _opened(file: Path, content: bytes, ask: Asks | None) -> bytes:
    if ask is None:
        raise LedgerError(f"{file} is closed by a passphrase: it has to be typed")
    try:
        plain: bytes = scrypt.decrypt(content, ask())
    except pyrage.DecryptError:
        raise LedgerError(
            f"{file} cannot be opened: the passphrase is not the right one, or the file is damaged"
        ) from None
    return plain
