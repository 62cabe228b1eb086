"""A witness cosigns one history of a ledger, and no other; what it answered it remembers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
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


def other(number: int, size: int = 9) -> list[bytes]:
    """Give one more history."""
    return [leaf_hash(bytes([99, number])) for _ in range(size)]


def states(notes: Iterable[str]) -> list[tuple[int, bytes]]:
    """Give sizes and roots."""
    read = [Note.read(one).checkpoint() for one in notes]
    return [(one.size, one.root) for one in read]


def root(leaves: list[bytes], size: int) -> bytes:
    """Give the root over so many."""
    return root_of(size, subtree_of(leaves))


def test_two_states_of_one_size_are_kept_as_proof(keeper: Keeper) -> None:
    """The ledger's own key signed both: nobody can say that it was not so. Their number is bounded."""
    keeper.add(submission(ONE, 0, 9), NOW)
    keeper.add(submission(OTHER, 9, 9), NOW)
    assert states(keeper.refused()) == [(9, root(OTHER, 9)), (9, root(ONE, 9))]
    for number in range(60):
        keeper.add(submission(other(number), 9, 9), NOW)
    kept = keeper.refused()
    assert 20 < len(kept) <= 40
    assert {(9, root(OTHER, 9)), (9, root(ONE, 9))} <= set(states(kept))
    assert all(Note.read(one).signed_by(KEYS) for one in kept)


def test_a_longer_state_whose_own_proof_shows_another_beginning_is_proof(keeper: Keeper) -> None:
    """The proof leads to the tree that the ledger signed, and from another one than it signed before."""
    keeper.add(submission(ONE, 0, 9), NOW)
    assert keeper.add(submission(OTHER, 9, 12), NOW).status == 422
    for number in range(60):  # these prove nothing, whoever hands them in
        keeper.add(submission(other(number, 13), 9, 13, proof=False), NOW)
    assert states(keeper.refused())[:2] == [(9, root(ONE, 9)), (12, root(OTHER, 12))]


def test_whoever_hands_in_true_states_with_wrong_proofs_crowds_nothing_out(keeper: Keeper) -> None:
    """A lawyer's copy of the states is enough for that. Once a state is shown to follow it is none of them."""
    keeper.add(submission(ONE, 0, 4), NOW)
    for size in range(5, 20):
        assert keeper.add(submission(ONE, 4, size, proof=False), NOW).status == 422
    assert len(keeper.refused()) == 15
    keeper.add(submission(OTHER, 4, 20, proof=False), NOW)
    keeper.add(submission(OTHER, 4, 19, proof=False), NOW)  # of one size with a true one: the first that proves
    assert states(keeper.refused())[:2] == [(19, root(ONE, 19)), (19, root(OTHER, 19))]
    for size in (7, 12):
        assert keeper.add(submission(ONE, {7: 4, 12: 7}[size], size), NOW).status == 200
    assert not {7, 12} & {size for size, _ in states(keeper.refused())}


def test_of_what_proves_nothing_the_first_and_the_newest_stay(keeper: Keeper) -> None:
    """Neither whoever comes first nor whoever comes last has all places; the same again takes none."""
    keeper.add(submission(ONE, 0, 4), NOW)
    for number in range(40):
        for _ in range(2):
            keeper.add(submission(other(number, 5 + number), 4, 5 + number, proof=False), NOW)
    assert [size for size, _ in states(keeper.refused())] == [*range(5, 15), *range(35, 45)]


def test_lines_that_nobody_vouches_for_are_not_kept(keeper: Keeper) -> None:
    """Whoever adds some to a note makes no other state of it."""
    first = submission(ONE, 0, 9)
    stranger = Signer("stranger", b"x" * 32).line(Note.read(Submission.read(first).note).text)
    assert keeper.add(first + stranger.encode(), NOW).status == 200
    assert keeper.latest() == [Submission.read(first).note]
    for body in (submission(ONE, 9, 12, proof=False), submission(ONE, 9, 12, proof=False) + stranger.encode()):
        keeper.add(body, NOW)
    assert len(keeper.refused()) == 1


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
