"""What the facts of one imported list are, sealed beside its index, and what another list changes by references.

Of a row only a keyed hash is kept. The file is enciphered (AES-256-GCM) and filled up to powers of two, so that
neither its bytes nor its length tell how many clients there are, or which references they have.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guardrail.roster.tokens import SALT_BYTES, derive

_MAGIC = b"GRFACTS1"
_NONCE = 12
_SMALLEST = 12  # as a power of two
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """An import: when, from which columns, how many clients and rows left out, and a keyed hash of each row.

    `index` is the hash of the header of the index that belongs to it, in hex; so is every digest.
    """

    at: datetime
    preset: str
    revision: str
    clients: int
    rejected: int
    index: str
    digests: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<Facts of {self.clients} clients, revision {self.revision[:12]}>"


@dataclass(frozen=True, slots=True)
class Changes:
    """The references that one list has and another has not, and those whose row is another; each in order."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]
    before: int

    @property
    def lost_percent(self) -> float:
        """Give how many in a hundred of the clients of before are gone."""
        return _PERCENT * len(self.gone) / self.before if self.before else 0.0


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """Say what changes from one list's digests to another's."""
    return Changes(
        new=tuple(ref for ref in after if ref not in before),
        gone=tuple(ref for ref in before if ref not in after),
        changed=tuple(ref for ref in after if ref in before and before[ref] != after[ref]),
        before=len(before),
    )


def seal_facts(facts: Facts, key: bytes, number: int) -> bytes:
    """Give the bytes of the facts of the version with this number."""
    whole = {
        "at": facts.at.isoformat(),
        "preset": facts.preset,
        "revision": facts.revision,
        "clients": facts.clients,
        "rejected": facts.rejected,
        "index": facts.index,
        "digests": dict(facts.digests),
    }
    plain = json.dumps(whole, separators=(",", ":")).encode()
    plain = plain.ljust(1 << max(_SMALLEST, (len(plain) - 1).bit_length()))
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE)
    return _MAGIC + salt + nonce + _cipher(key, salt).encrypt(nonce, plain, _bound_to(number))


def open_facts(data: bytes, key: bytes, number: int) -> Facts:
    """Open what `seal_facts` gave; raise ValueError where it was changed, or made with another key or number."""
    head = len(_MAGIC)
    salt, nonce = data[head : head + SALT_BYTES], data[head + SALT_BYTES : head + SALT_BYTES + _NONCE]
    if not data.startswith(_MAGIC) or len(nonce) < _NONCE:
        raise ValueError("these are no facts of an import")
    try:
        plain = _cipher(key, salt).decrypt(nonce, data[head + SALT_BYTES + _NONCE :], _bound_to(number))
    except InvalidTag:
        raise ValueError("the facts of an import are damaged, or were made with another key") from None
    whole = json.loads(plain)
    return Facts(**{**whole, "at": datetime.fromisoformat(whole["at"])})


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(derive(key, salt, b"facts"))


def _bound_to(number: int) -> bytes:
    return _MAGIC + str(number).encode()
