"""What is handed to a witness reads back as it was, and nothing else is one."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import EMPTY_ROOT
from guardrail.ledger.note import Checkpoint
from guardrail.witness.submission import Submission
from tests.ledger_keys import SIGNER

NOTE = SIGNER.sign(Checkpoint("guardrail/front-desk", 9, EMPTY_ROOT))
HASH = base64.b64encode(bytes(32)).decode()

hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


@given(old=st.integers(0, 10**18), proof=hashes)
def test_it_reads_back(old: int, proof: tuple[bytes, ...]) -> None:
    """The old size, the proof and the note."""
    sent = Submission(old, proof, NOTE)
    assert Submission.read(sent.text().encode()) == sent


def test_it_is_written_as_the_protocol_says() -> None:
    """c2sp.org/tlog-witness gives the lines."""
    assert Submission(7, (bytes(32),), NOTE).text() == f"old 7\n{HASH}\n\n{NOTE}"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"old 7\n", b"old 07\n\nx", b"old -1\n\nx", b"old\n\nx", b"new 7\n\nx", b"old 7\nx\n\nx",
        b"old 7\n\xff\n\nx",
        f"old 7\n{HASH[:-8]}\n\n{NOTE}".encode(), ("old 7\n" + f"{HASH}\n" * 64 + f"\n{NOTE}").encode(),
    ],
    ids=range(10),
)  # fmt: skip
def test_anything_else_is_none(body: bytes) -> None:
    """Too many hashes, too short ones, other words."""
    with pytest.raises(LedgerError, match="no submission"):
        Submission.read(body)


@given(st.binary(max_size=400))
def test_garbage_is_read_or_refused(body: bytes) -> None:
    """Never another error."""
    try:
        Submission.read(body)
    except LedgerError:
        return
