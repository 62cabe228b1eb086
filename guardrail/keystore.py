"""Secret keys of 32 bytes: in the operating system's key store, or in files that only their owner can read.

The system's store (Keychain, Credential Locker, Secret Service) is asked through `keyring`. Servers often have
none: there a file of mode 0600 in the data folder holds the key. Where a key was once kept, it is looked for
ever after: a key that cannot be had is never replaced by a new one, which would open nothing.
"""

from __future__ import annotations

import os
import secrets
import stat
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from guardrail.durable import make_file
from guardrail.errors import KeyStoreError, Problem

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEY_BYTES = 32
SERVICE = "guardrail"
"""Under this name the system's store lists our keys."""

type Keep = Literal["auto", "system", "file"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ACCOUNT_BYTES = 200
_RESTORE = "bring it back from a copy, or remove it to have a new one made"


def read_or_create_key(folder: Path, name: str, keep: Keep = "auto") -> bytes:
    """Give the key `name` of a data folder; the first call makes the folder (mode 0700) and the key.

    A new key goes where `keep` says; `auto` takes the system's store where there is one. Raise KeyStoreError
    where the key cannot be read or made, was damaged, or stands in a file that others can read (not asked on
    Windows, whose file modes do not say it).
    """
    file, pointer = folder / f"{name}.key", folder / f"{name}.system"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(folder, f"cannot make this folder: {error.strerror}", "name one that you may write to") from None
    try:
        if not os.path.lexists(file) and not os.path.lexists(pointer):
            store = None if keep == "file" else system_store()
            if store is None and keep == "system":
                raise _refused(pointer, "this computer offers no key store", "set `key_store: file`")
            if store is None:
                make_file(file, secrets.token_bytes(KEY_BYTES))
            else:
                _create_in(store, pointer, name)
        return _read(file) if os.path.lexists(file) else _read_from(system_store(), pointer)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise _refused(file, f"cannot read or make the key: {reason}", "check who may read and write there") from None


def read_key(folder: Path, name: str) -> bytes | None:
    """Give the key `name` of a data folder, None where there is none; makes nothing. Raise as `read_or_create_key`."""
    file, pointer = folder / f"{name}.key", folder / f"{name}.system"
    try:
        if os.path.lexists(file):
            return _read(file)
        return _read_from(system_store(), pointer) if os.path.lexists(pointer) else None
    except OSError as error:
        raise _refused(file, f"cannot read the key: {error.strerror or 'unknown reason'}") from None


def forget_key(folder: Path, name: str) -> None:
    """Destroy the key `name` of a data folder; one that is not there is no error. Raise KeyStoreError or OSError."""
    from keyring.errors import KeyringError  # noqa: PLC0415 - slow to import, rarely needed

    file, pointer = folder / f"{name}.key", folder / f"{name}.system"
    if os.path.lexists(pointer):
        account = _contents(pointer, _ACCOUNT_BYTES).decode("ascii", "replace")
        store = system_store()
        try:
            if store is not None and store.get_password(SERVICE, account) is not None:
                store.delete_password(SERVICE, account)
        except KeyringError:
            hint = "unlock it, and try again"
            raise _refused(pointer, "the key store of this computer does not let go of a key", hint) from None
        pointer.unlink()
    file.unlink(missing_ok=True)


def system_store() -> KeyringBackend | None:
    """Give the operating system's key store; None where it has none that could be asked."""
    # Only where a key is to be made or lives there: looking for the system's store takes a while.
    import keyring  # noqa: PLC0415 - slow to import, rarely needed
    from keyring.backends import fail, null  # noqa: PLC0415 - slow to import, rarely needed

    store = keyring.get_keyring()
    return None if isinstance(store, fail.Keyring | null.Keyring) else store


def _create_in(store: KeyringBackend, pointer: Path, name: str) -> None:
    from keyring.errors import KeyringError  # noqa: PLC0415 - slow to import, rarely needed

    account = f"{name} {secrets.token_hex(8)}"  # a folder may be moved or copied: its path would be no name
    try:
        store.set_password(SERVICE, account, b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        if not make_file(pointer, account.encode()):
            store.delete_password(SERVICE, account)
    except KeyringError:
        hint = "unlock it, or set `key_store: file`"
        raise _refused(pointer, "the key store of this computer takes no key", hint) from None


def _read_from(store: KeyringBackend | None, pointer: Path) -> bytes:
    from keyring.errors import KeyringError  # noqa: PLC0415 - slow to import, rarely needed

    account = _contents(pointer, _ACCOUNT_BYTES).decode("ascii", "replace")
    try:
        kept = store.get_password(SERVICE, account) if store is not None else None
    except KeyringError:
        kept = None
    if kept is None:
        hint = "unlock it, or restore its entry from a copy"
        raise _refused(pointer, "the key store of this computer does not give the key that was kept in it", hint)
    try:
        key = b64decode(kept, validate=True)
    except (ValueError, NotBase64):
        key = b""
    return _whole(pointer, key)


def _read(file: Path) -> bytes:
    return _whole(file, _contents(file, KEY_BYTES + 1))


def _contents(file: Path, most: int) -> bytes:
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as opened:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise _refused(file, "the key is not a plain file")
        if os.name == "posix" and facts.st_mode & _OTHERS:
            mode = stat.S_IMODE(facts.st_mode)
            raise _refused(file, f"others can read the key (mode {mode:04o})", f"run: chmod 600 {file}")
        return opened.read(most)


def _whole(place: Path, key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise _refused(place, f"the key is damaged: it must be {KEY_BYTES} bytes long", _RESTORE)
    return key


def _refused(file: Path, what: str, hint: str | None = None) -> KeyStoreError:
    return KeyStoreError((Problem(file, None, None, what, hint),))
