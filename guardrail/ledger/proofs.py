"""What leaves a ledger to be witnessed: its lasting checkpoints, and proofs that one is the beginning of the next."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from guardrail.errors import LedgerError
from guardrail.ledger.database import CHECKPOINTS, COSIGNATURES, ENTRIES
from guardrail.ledger.merkle import consistency_proof, root_by_inclusion
from guardrail.ledger.note import Note, Verifier, split_notes
from guardrail.ledger.reader import LedgerReader
from guardrail.ledger.tree import ask

_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a witness cosigned last: how many entries, and when."""

    size: int
    at: datetime


def last_checkpoint(reader: LedgerReader) -> tuple[int, str] | None:
    """Give the newest checkpoint that stays, as (size, note); None in a ledger without one."""
    wanted = select(CHECKPOINTS.c.size, CHECKPOINTS.c.note).order_by(CHECKPOINTS.c.size.desc()).limit(1)
    with reader.moment() as connection:
        row = connection.execute(wanted).one_or_none()
    return None if row is None else (row.size, row.note)


def checkpoints(reader: LedgerReader) -> list[str]:
    """Give every lasting checkpoint as a note with its cosignatures: to be kept elsewhere, and compared later."""
    with reader.moment() as connection:
        said: dict[int, str] = {}
        for row in connection.execute(select(COSIGNATURES).order_by(COSIGNATURES.c.size, COSIGNATURES.c.witness)):
            said[row.size] = said.get(row.size, "") + row.line
        states = connection.execute(select(CHECKPOINTS).order_by(CHECKPOINTS.c.size))
        return [row.note + said.get(row.size, "") for row in states]


def witnessed(reader: LedgerReader, witness: Verifier) -> Witnessed | None:
    """Say what a witness cosigned last; None where nothing that is good. A line that is not good hides none before."""
    wanted = (
        select(CHECKPOINTS.c.size, CHECKPOINTS.c.note, COSIGNATURES.c.line)
        .join(COSIGNATURES, COSIGNATURES.c.size == CHECKPOINTS.c.size)
        .where(COSIGNATURES.c.witness == witness.name)
        .order_by(CHECKPOINTS.c.size.desc())
        .limit(_LOOKED_AT)
    )
    with reader.moment() as connection:
        rows = connection.execute(wanted).all()
    for row in rows:
        try:
            at = Note.read(row.note + row.line).signed_by([witness]).get(witness.name)
        except LedgerError:
            continue
        if at is not None:
            return Witnessed(row.size, datetime.fromtimestamp(at, UTC))
    return None


def growth_proof(reader: LedgerReader, old: int, size: int) -> list[bytes]:
    """Prove that the first `old` entries are the beginning of the first `size`. Raise LedgerError."""
    with reader.moment() as connection:
        try:
            return ask(connection, size, partial(consistency_proof, old, size))
        except ValueError as error:
            raise LedgerError(f"the ledger's growth from {old} entries cannot be proved: {error}") from None


def inclusion(reader: LedgerReader, index: int, verifiers: Sequence[Verifier]) -> str:
    """Prove that an entry is in the ledger, in C2SP's form of such a proof (c2sp.org/tlog-proof); checked before.

    Raise LedgerError where there is no such entry, or the proof does not lead to a state that one of the keys signed.
    """
    proof, note = reader.prove(index)
    with reader.moment() as connection:
        leaves = connection.execute(select(ENTRIES.c.leaf).where(ENTRIES.c.idx == index)).scalars().all()
    read = Note.read(note)
    state = read.checkpoint()
    roots = [root_by_inclusion(leaf, index, state.size, proof) for leaf in leaves]
    if roots != [state.root] or not read.signed_by(verifiers):
        raise LedgerError(f"entry {index} cannot be proved: the ledger is damaged: run `guardrail ledger verify`")
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{note}"


def read_kept(places: Iterable[Path]) -> list[str]:
    """Read checkpoints that were kept, from files of notes and folders of such files. Raise LedgerError."""
    files = [file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else [place])]
    notes: list[str] = []
    for file in files:
        try:
            notes += split_notes(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, LedgerError):
            raise LedgerError(f"{file} holds no checkpoints that can be read: name a file of signed notes") from None
    return notes
