"""What was typed, closed to those who may read it: age (age-encryption.org/v1), X25519 recipients.

The workstation holds public keys alone: it can close and never open again. What is closed is padded, so
that its length does not tell how much somebody wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import orjson
import pyrage
from pyrage import x25519

from guardrail.errors import LedgerError
from guardrail.ledger.identity import read_identities
from guardrail.ledger.recipients import Recipient, check_readers
from guardrail.model.entry import Json

__all__ = ["Seal", "open_sealed", "read_identities"]

_STEP = 256  # bytes to which the plain text is filled up


class Seal:
    """Closes texts to those who may read the entries of a clinician."""

    __slots__ = ("_keys", "recipients")

    def __init__(self, recipients: Iterable[Recipient | str]) -> None:
        """Take who may read; a key alone (`age1…`) reads everything. Raise LedgerError where that leaves a gap."""
        known = {one.key: one for one in (Recipient(one) if isinstance(one, str) else one for one in recipients)}
        self.recipients = check_readers(known.values())
        self._keys = tuple((one, x25519.Recipient.from_str(one.key)) for one in self.recipients)

    def close(self, sealed: Mapping[str, Json], clinician: str | None = None) -> bytes:
        """Close a JSON object to the readers of this clinician's entries; age's binary format, other at every call."""
        try:
            plain = orjson.dumps(sealed)
        except TypeError:  # half a surrogate pair: a site's own JSON can hold one
            plain = json.dumps(sealed).encode()
        keys: Sequence[x25519.Recipient] = [key for one, key in self._keys if one.reads(clinician)]
        closed: bytes = pyrage.encrypt(plain.ljust(-(-len(plain) // _STEP) * _STEP), keys)
        return closed


def open_sealed(payload: bytes, identities: Sequence[x25519.Identity]) -> dict[str, Json]:
    """Open what was sealed to one of these keys. Raise LedgerError where none fits, or the bytes are damaged."""
    try:
        found: dict[str, Json] = json.loads(pyrage.decrypt(payload, identities))
    except (pyrage.DecryptError, ValueError):
        raise LedgerError("a sealed text cannot be opened: it is sealed to another key, or damaged") from None
    return found
