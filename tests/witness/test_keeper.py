"""A witness cosigns one history of a ledger, and no other; what it answered it remembers."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import EMPTY_ROOT, Growth, consistency_proof, leaf_hash, root_of
from guardrail.ledger.note import Checkpoint, Note, Signer
from guardrail.witness.keeper import Answer, Keeper, read_logs
from guardrail.witness.submission import SIZE_TYPE, Submission
from tests.ledger_keys import KEYS, SIGNER
from tests.witness.conftest import COSIGNER, NOW

ORIGIN = SIGNER.verifier.name
ONE = [leaf_hash(bytes([number])) for number in range(20)]
OTHER = [leaf_hash(bytes([number + (number > 4)])) for number in range(20)]


def subtree_of(leaves: list[bytes]):  # type: ignore[no-untyped-def]  # noqa: ANN201 - merkle's own Subtree
    """Give what proofs ask for."""
    return lambda level, place: Growth().add(leaves[place << level : (place + 1) << level])[0].root()


def submission(
    leaves: list[bytes], old: int, size: int, *, origin: str = ORIGIN, signer: Signer = SIGNER, proof: bool = True
) -> bytes:
    """Give the body by which this history goes from one size to another."""
    root = root_of(size, subtree_of(leaves)) if size else EMPTY_ROOT
    path = tuple(consistency_proof(old, size, subtree_of(leaves))) if proof and old <= size else ()
    return Submission(old, path, signer.sign(Checkpoint(origin, size, root))).text().encode()


def test_a_ledger_that_grows_is_cosigned(keeper: Keeper) -> None:
    """From nothing, on and on, the same state again; the line is a good cosignature with the time."""
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 20)):
        answer = keeper.add(submission(ONE, old, size), NOW)
        assert answer.status == 200
        note = Submission.read(submission(ONE, old, size)).note
        signed = Note.read(note + answer.text).signed_by([COSIGNER.verifier])
        assert signed == {COSIGNER.verifier.name: int(NOW.timestamp())}
    [latest] = keeper.latest()
    assert Note.read(latest).checkpoint().size == 20


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (submission(ONE, 3, 9), Answer(409, "8\n", SIZE_TYPE)),
        (submission(ONE, 0, 9), Answer(409, "8\n", SIZE_TYPE)),
        (submission(ONE, 5, 5), Answer(409, "8\n", SIZE_TYPE)),
        (submission(OTHER, 8, 8), Answer(409, "8\n", SIZE_TYPE)),
        (submission(OTHER, 8, 12), Answer(422, "the proof does not lead from the last state to this one\n")),
        (submission(ONE, 8, 12, proof=False), Answer(422, "the proof does not lead from the last state to this one\n")),
        (submission(ONE, 9, 8), Answer(400, "the old size is larger than the new one\n")),
        (b"old 8\n\nwhatever", Answer(400, "this is no signed note: it needs a text, an empty line, and signatures\n")),
        (submission(ONE, 8, 9, origin="other"), Answer(404, "this witness does not know the ledger\n")),
        (
            submission(ONE, 8, 9, signer=Signer(ORIGIN, b"x" * 32)),
            Answer(403, "no signature on the checkpoint is good\n"),
        ),
    ],
    ids=[
        "older",
        "zero",
        "smaller",
        "fork",
        "forked growth",
        "no proof",
        "old above new",
        "no note",
        "unknown",
        "forged",
    ],
)
def test_what_is_refused(keeper: Keeper, body: bytes, answer: Answer) -> None:
    """As c2sp.org/tlog-witness says; and what is remembered stays as it was."""
    assert keeper.add(submission(ONE, 0, 8), NOW).status == 200
    before = keeper.latest()
    assert keeper.add(body, NOW) == answer
    assert keeper.latest() == before
    assert keeper.add(submission(ONE, 8, 9), NOW).status == 200


def test_a_forked_history_is_kept_as_proof(keeper: Keeper) -> None:
    """The ledger's own key signed both: nobody can say that it was not so. Their number is bounded."""
    keeper.add(submission(ONE, 0, 8), NOW)
    for size in range(8, 20):
        keeper.add(submission(OTHER, 8, size), NOW)
    for number in range(30):
        keeper.add(submission([leaf_hash(bytes([99, number])) for _ in range(8)], 8, 8), NOW)
    kept = keeper.refused()
    assert len(kept) == 20
    assert all(Note.read(one).signed_by(KEYS) for one in kept)
    assert Note.read(kept[0]).checkpoint().root == root_of(8, subtree_of(OTHER))


def test_it_remembers_after_a_restart(keeper: Keeper, memory: Path) -> None:
    """What it answered was on the disk before."""
    keeper.add(submission(ONE, 0, 8), NOW)
    again = Keeper(memory, COSIGNER, {ORIGIN: KEYS})
    assert again.add(submission(OTHER, 0, 8), NOW).status == 409
    assert again.latest() == keeper.latest()


def test_of_two_at_the_same_time_one_is_cosigned(keeper: Keeper) -> None:
    """The old size is looked at and the new one remembered in one step: no leaf is rolled back."""
    keeper.add(submission(ONE, 0, 3), NOW)
    bodies = [submission(ONE, 3, size) for size in range(4, 16)]
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda one=one: statuses.append(keeper.add(one, NOW).status)) for one in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 11


def test_what_cannot_be_remembered_is_not_cosigned(keeper: Keeper, memory: Path) -> None:
    """No answer without a memory of it."""
    connection = sqlite3.connect(memory)
    connection.execute("DROP TABLE latest")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="cannot be used"):
        keeper.add(submission(ONE, 0, 8), NOW)


def test_the_ledgers_to_witness_are_lines(tmp_path: Path) -> None:
    """The key that began the ledger, later ones beside it, words after `#`."""
    file = tmp_path / "ledgers.txt"
    later = Signer("guardrail/front-desk", b"l" * 32).verifier
    other = Signer("guardrail/other", b"o" * 32).verifier
    file.write_text(f"# the clinic\n{SIGNER.verifier} {later} # two keys\n\n{other}\n")
    assert read_logs(file) == {ORIGIN: (SIGNER.verifier, later), "guardrail/other": (other,)}
    file.write_text(f"{SIGNER.verifier}\n{later} # from then on\n")  # a copy of `ledger.vkey`, as it is
    assert read_logs(file) == {ORIGIN: (SIGNER.verifier, later)}
    file.write_text("# nobody\n")
    with pytest.raises(LedgerError, match="names no ledger"):
        read_logs(file)
    with pytest.raises(LedgerError, match="cannot read"):
        read_logs(tmp_path / "nothing")
