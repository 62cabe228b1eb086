"""What leaves a ledger: checkpoints, and proofs that anybody can check by the C2SP forms."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guardrail.errors import LedgerError
from guardrail.ledger.merkle import is_consistent, leaf_hash, root_by_inclusion
from guardrail.ledger.note import Note, Signer
from guardrail.ledger.proofs import checkpoints, growth_proof, inclusion, last_checkpoint, read_kept
from guardrail.ledger.store import SqliteLedger
from tests.ledger_keys import KEYS, SIGNER

if TYPE_CHECKING:
    from tests.ledger.conftest import MakeEntry


def test_one_entry_is_proved_without_the_others(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """c2sp.org/tlog-proof: the index, the path, the signed state."""
    ledger.append(*(entry(number) for number in range(300)))
    first, index, *rest = inclusion(ledger.reader, 7, KEYS).split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 7")
    path = [base64.b64decode(one) for one in rest[: rest.index("")]]
    note = Note.read("\n".join(rest[rest.index("") + 1 :]))
    assert note.signed_by(KEYS)
    state = note.checkpoint()
    [stored] = [one for one in ledger.read(7) if one.index == 7]
    assert root_by_inclusion(bytes.fromhex(stored.leaf), 7, state.size, path) == state.root


def test_what_does_not_stand_is_not_proved(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """No such entry, another key, a changed leaf."""
    ledger.append(*(entry(number) for number in range(9)))
    with pytest.raises(LedgerError, match="entry 9 cannot be proved"):
        inclusion(ledger.reader, 9, KEYS)
    with pytest.raises(LedgerError, match="the ledger is damaged"):
        inclusion(ledger.reader, 3, [Signer(SIGNER.verifier.name, b"x" * 32).verifier])
    with ledger._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET leaf = ? WHERE idx = 3", (leaf_hash(b""),))
    with pytest.raises(LedgerError, match="the ledger is damaged"):
        inclusion(ledger.reader, 3, KEYS)


def test_growth_between_checkpoints_is_proved(ledger: SqliteLedger, entry: MakeEntry) -> None:
    """Each lasting one is a beginning of the last."""
    assert last_checkpoint(ledger.reader) is None
    for number in range(20):
        ledger.append(*(entry(number * 31 + at) for at in range(31)))
    kept = [Note.read(one).checkpoint() for one in checkpoints(ledger.reader)]
    assert [one.size for one in kept] == list(range(64, 620, 64))
    size, note = last_checkpoint(ledger.reader) or (0, "")
    last = Note.read(note).checkpoint()
    assert (size, last.size) == (576, 576)
    for one in kept:
        path = growth_proof(ledger.reader, one.size, size)
        assert is_consistent(one.size, one.root, size, last.root, path)
    with pytest.raises(LedgerError, match="cannot be proved"):
        growth_proof(ledger.reader, size + 1, size)


def test_kept_checkpoints_are_read_from_files_and_folders(
    tmp_path: Path, ledger: SqliteLedger, entry: MakeEntry
) -> None:
    """As `guardrail ledger checkpoints` and a witness give them; anything else is refused."""
    ledger.append(*(entry(number) for number in range(200)))
    notes = checkpoints(ledger.reader)
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "a").write_text("\n".join(notes[:2]))
    (folder / "b").write_text("".join(notes[2:]))
    assert read_kept([folder]) == notes
    assert read_kept([folder / "a", folder / "b"]) == notes
    (folder / "b").write_text(notes[2] + "and more")
    for place in (folder, tmp_path / "nothing"):
        with pytest.raises(LedgerError, match="holds no checkpoints"):
            read_kept([place])
