"""Signed heads of a tree: the C2SP formats signed-note, tlog-checkpoint and tlog-cosignature.

A checkpoint says of which tree (`origin`), how many leaves, which root; a note is such a text with the
signatures below it. Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature.
"""

from __future__ import annotations

import base64
import hashlib
import re
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from guardrail.errors import LedgerError

SEED_BYTES = 32
_NAME = re.compile(r"[^\s+]{1,200}")
_LINE = re.compile(r"— (\S+) (\S+)")
_NOTES = re.compile(r"\n*(?:(?!— )[^\n]+\n)+\n(?:— [^\n]+\n)+")
_ID_BYTES = 4
_TIME_BYTES = 8
_LAST_SECOND = 253_402_300_799  # of the year 9999: what is later is no time that anybody could read
_MOST_LEAVES = 1 << 63
_MOST_LINES = 100


class Algorithm(IntEnum):
    """How a key signs; the numbers are C2SP's."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a tree: `root` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Give the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key by which notes are checked: `name`, algorithm and 32 bytes."""

    name: str
    algorithm: Algorithm
    key: bytes
    id: bytes = field(init=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.key) != SEED_BYTES:
            raise LedgerError("a verifier needs a name without spaces or `+`, and a key of 32 bytes")
        made = hashlib.sha256(f"{self.name}\n".encode() + bytes([self.algorithm]) + self.key).digest()
        object.__setattr__(self, "id", made[:_ID_BYTES])

    def __str__(self) -> str:
        """Give the key in C2SP's form, `name+id+key`, to be handed on."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.algorithm]) + self.key).decode()}"

    @classmethod
    def read(cls, text: str) -> Verifier:
        """Read a key in C2SP's form. Raise LedgerError where it is none, or was damaged."""
        try:
            name, key_id, key = text.strip().split("+", 2)
            raw = base64.b64decode(key, validate=True)
            made = cls(name, Algorithm(raw[0]), raw[1:])
        except (ValueError, IndexError, NotBase64):
            raise LedgerError("this is no verifier key: it must read `name+id+key`") from None
        if made.id.hex() != key_id:
            raise LedgerError(f"the verifier key of `{name}` was damaged: its id does not fit it: copy it again")
        return made

    def check(self, text: str, signature: bytes) -> int | None:
        """Check a signature over a note's text: give the time at which it says it was made (0: says none), or None."""
        at, signed = 0, text.encode()
        if self.algorithm is Algorithm.COSIGNATURE:
            at, signature = int.from_bytes(signature[:_TIME_BYTES]), signature[_TIME_BYTES:]
            if at > _LAST_SECOND:
                return None
            signed = _cosigned(text, at)
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, signed)
        except (InvalidSignature, ValueError):
            return None
        return at


class Signer:
    """A private key that signs notes under a name; it is never printed."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, seed: bytes, algorithm: Algorithm = Algorithm.ED25519) -> None:
        """Take the key's name and its 32 secret bytes. Raise LedgerError where either is none."""
        if len(seed) != SEED_BYTES:
            raise LedgerError(f"a signing key must be {SEED_BYTES} bytes long")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, algorithm, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<Signer {self.verifier.name}>"

    def line(self, text: str, at: int = 0) -> str:
        """Give the signature line for a note's text; a cosignature says `at`, seconds since 1970."""
        if self.verifier.algorithm is Algorithm.COSIGNATURE:
            made = at.to_bytes(_TIME_BYTES) + self._private.sign(_cosigned(text, at))
        else:
            made = self._private.sign(text.encode())
        return f"— {self.verifier.name} {base64.b64encode(self.verifier.id + made).decode()}\n"

    def sign(self, checkpoint: Checkpoint) -> str:
        """Give the checkpoint as a note with this one signature."""
        text = checkpoint.text()
        return f"{text}\n{self.line(text)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note, taken apart: its text, and its signatures as (name, key id, bytes)."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def read(cls, note: str) -> Note:
        """Take a note apart. Raise LedgerError where it is none."""
        text, gap, below = note.rpartition("\n\n")
        lines = below.split("\n")
        if not gap or lines[-1] != "" or not 1 < len(lines) <= _MOST_LINES:
            raise LedgerError("this is no signed note: it needs a text, an empty line, and signatures")
        return cls(text + "\n", tuple(_signature(line) for line in lines[:-1]))

    def checkpoint(self) -> Checkpoint:
        """Give the checkpoint that the note's text is. Raise LedgerError where it is none."""
        origin, size, root, *_rest = *self.text.split("\n"), "", ""
        try:
            made = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        except (ValueError, NotBase64):
            raise LedgerError("this note is no checkpoint") from None
        if not origin or str(made.size) != size or not 0 <= made.size < _MOST_LEAVES or len(made.root) != SEED_BYTES:
            raise LedgerError("this note is no checkpoint")
        return made

    def vouched(self, verifiers: Sequence[Verifier]) -> str:
        """Give the note with the good signatures of these keys alone: anybody may have put other lines below it."""
        keys = {(one.name, one.id): one for one in verifiers}
        lines = dict.fromkeys(
            f"— {name} {base64.b64encode(key_id + signature).decode()}\n"
            for name, key_id, signature in self.signatures
            if (name, key_id) in keys and keys[name, key_id].check(self.text, signature) is not None
        )
        return f"{self.text}\n{''.join(lines)}"

    def signed_by(self, verifiers: Iterable[Verifier]) -> dict[str, int]:
        """Say whose signature is on it and good: name to time (0 where the kind of signature says none)."""
        found: dict[str, int] = {}
        for verifier in verifiers:
            for name, key_id, signature in self.signatures:
                if (name, key_id) == (verifier.name, verifier.id):
                    at = verifier.check(self.text, signature)
                    if at is not None:
                        found[name] = at
        return found


def split_notes(text: str) -> list[str]:
    """Give the notes that stand one after the other in a text. Raise LedgerError where something else does."""
    found = _NOTES.findall(text)
    if not found or "".join(found) != text:
        raise LedgerError("there are no signed notes: each needs a text, an empty line, and signatures")
    return [one.lstrip("\n") for one in found]


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _LINE.fullmatch(line)
    try:
        raw = base64.b64decode(match[2], validate=True) if match else b""
    except (ValueError, NotBase64):
        raw = b""
    # Base64 of one spelling alone: bits that are left over at its end would let a changed line pass.
    if match is None or len(raw) <= _ID_BYTES or base64.b64encode(raw).decode() != match[2]:
        raise LedgerError("a signature line of the note cannot be read")
    return match[1], raw[:_ID_BYTES], raw[_ID_BYTES:]
