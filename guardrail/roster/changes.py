"""What the facts of one imported list are, sealed beside its index, and what another list changes by references.

Of a row only a keyed hash is kept. The file is enciphered (AES-256-GCM) and filled up to powers of two, so that
neither its bytes nor its length tell how many clients there are, or which references they have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from guardrail.roster.sealed import open_padded, seal_padded

_KIND = (b"GRFACTS1", b"facts")
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
    return seal_padded(plain, key, _KIND, str(number), _SMALLEST)


def open_facts(data: bytes, key: bytes, number: int) -> Facts:
    """Open what `seal_facts` gave; raise ValueError where it was changed, or made with another key or number."""
    try:
        plain = open_padded(data, key, _KIND, str(number))
    except ValueError:
        raise ValueError("these are no facts of an import") from None
    if plain is None:
        raise ValueError("the facts of an import are damaged, or were made with another key")
    whole = json.loads(plain)
    return Facts(**{**whole, "at": datetime.fromisoformat(whole["at"])})
