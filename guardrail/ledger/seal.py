"""What was typed, closed to those who may read it: age (age-encryption.org/v1), X25519 recipients.

The workstation holds public keys alone: it can close and never open again. What is closed is padded, so
that its length does not tell how much somebody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson
import pyrage
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.model.entry import Json

_STEP = 256  # bytes to which the plain text is filled up


class Seal:
    """Closes texts to one or more recipients (`age1…`)."""

    __slots__ = ("_keys", "recipients")

    def __init__(self, recipients: Iterable[str]) -> None:
        """Take the public keys. Raise LedgerError where there is none, or one cannot be read."""
        self.recipients = tuple(dict.fromkeys(recipients))
        if not self.recipients:
            raise LedgerError("nobody could read what is sealed: name a recipient (`guardrail keys make`)")
        try:
            self._keys: Sequence[x25519.Recipient] = [x25519.Recipient.from_str(text) for text in self.recipients]
        except pyrage.RecipientError:
            raise LedgerError("a recipient's key cannot be read: it must begin with `age1`: copy it again") from None

    def close(self, sealed: Mapping[str, Json]) -> bytes:
        """Close a JSON object; gives age's binary format, different bytes at every call."""
        try:
            plain = orjson.dumps(sealed)
        except TypeError:  # half a surrogate pair: a site's own JSON can hold one
            plain = json.dumps(sealed).encode()
        closed: bytes = pyrage.encrypt(plain.ljust(-(-len(plain) // _STEP) * _STEP), self._keys)
        return closed


def read_identities(file: Path) -> tuple[x25519.Identity, ...]:
    """Read the secret keys of a file, one a line (`AGE-SECRET-KEY-…`). Raise LedgerError; no key is quoted."""
    try:
        lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
        found = tuple(x25519.Identity.from_str(line) for line in lines if line)
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        raise LedgerError(f"{file} holds no secret key that can be read: it must begin with AGE-SECRET-KEY-") from None
    return found


def open_sealed(payload: bytes, identities: Sequence[x25519.Identity]) -> dict[str, Json]:
    """Open what was sealed to one of these keys. Raise LedgerError where none fits, or the bytes are damaged."""
    try:
        found: dict[str, Json] = json.loads(pyrage.decrypt(payload, identities))
    except (pyrage.DecryptError, ValueError):
        raise LedgerError("a sealed text cannot be opened: it is sealed to another key, or damaged") from None
    return found
