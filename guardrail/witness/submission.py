"""What a ledger hands to a witness: C2SP's tlog-witness, the body of `add-checkpoint` (c2sp.org/tlog-witness)."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from dataclasses import dataclass

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import HASH_BYTES

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MOST_BYTES = 64 * 1024
_MOST_HASHES = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint (a note), and the proof that the tree of `old` leaves is its beginning."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        """Give the body of the request."""
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @classmethod
    def read(cls, body: bytes) -> Submission:
        """Read a body. Raise LedgerError where it is none."""
        try:
            above, gap, note = body.decode().partition("\n\n")
            first, *hashes = above.split("\n")
            proof = tuple(base64.b64decode(one, validate=True) for one in hashes)
        except (UnicodeDecodeError, ValueError, NotBase64):
            raise LedgerError("this is no submission of a checkpoint") from None
        old = _OLD.fullmatch(first)
        if not old or not gap or len(proof) > _MOST_HASHES or any(len(one) != HASH_BYTES for one in proof):
            raise LedgerError("this is no submission of a checkpoint")
        return cls(int(old[1]), proof, note)
