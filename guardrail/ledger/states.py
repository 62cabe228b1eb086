"""The signed states of a ledger, compared with its tree as it grows: its own, and those that others remember."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from guardrail.errors import LedgerError
from guardrail.ledger.database import CHECKPOINTS, COSIGNATURES, HEAD, stream
from guardrail.ledger.merkle import Growth
from guardrail.ledger.note import Note, Verifier
from guardrail.ledger.pulse import COSIGNED
from guardrail.ledger.report import FaultError, Finding
from guardrail.model.entry import Entry, EntryKind


class States:
    """The ledger's own: the checkpoints that stay, what witnesses said of them, and the head."""

    def __init__(self, connection: Connection, verifiers: Sequence[Verifier], witnesses: Sequence[Verifier]) -> None:
        """Take the transaction in which all is read, and the keys of who signs, oldest first, and who cosigns."""
        self._connection = connection
        # One key signs at a time: today's key must not vouch for what was signed before it, nor yesterday's after.
        self._verifier, *self._later = verifiers
        self._announced: Verifier | None = None
        self.known = list(verifiers)
        """The keys that were handed in, and those that the ledger took into use."""
        self._witnesses = witnesses
        self._checkpoints = stream(connection, CHECKPOINTS)
        self._cosignatures = stream(connection, COSIGNATURES)
        self._next = next(self._checkpoints, None)
        self._said = next(self._cosignatures, None)
        self.sure = 0
        """Up to here a signed state has confirmed the tree."""
        self.cosigned: dict[str, tuple[int, datetime]] = {}
        """What each witness cosigned last: how many entries, and when."""
        self._named: dict[str, int] = {}

    def see(self, index: int, entry: Entry) -> None:
        """Take the next entry: it may hand over to another signing key. Raise FaultError where it may not."""
        told = entry.details
        if entry.kind is EntryKind.KEY_ROTATED:
            if told.get("old") != str(self._verifier):
                raise FaultError(index, f"entry {index} ends a signing key that was not in force")
            try:
                self._announced = Verifier.read(str(told.get("new")))
            except LedgerError:
                raise FaultError(index, f"entry {index} announces a signing key that is none") from None
        elif entry.kind is EntryKind.KEY_IN_USE:
            if self._announced is None or told.get("key") != str(self._announced):
                raise FaultError(index, f"entry {index} takes up a signing key that no entry before it announced")
            self._verifier, self._announced = self._announced, None
            self._later = [one for one in self._later if one != self._verifier]
            self.known.append(self._verifier)

    def removed(self, index: int, entry: Entry) -> Iterator[Finding]:
        """Give the cosignatures that this entry says were there, and that are not: good ones `confirm` has judged."""
        told: Any = entry.details.get(COSIGNED, ())
        try:
            named = [(str(one["witness"]), int(one["size"])) for one in told]
        except (KeyError, TypeError, ValueError):
            yield Finding(index, f"entry {index} does not say which cosignatures there were")
            return
        for witness, size in named:
            if self._named.get(witness) != size and not (0 < size <= index and self._has(witness, size)):
                here = f"the cosignature of `{witness}` at {size} entries is missing"
                yield Finding(size - 1, f"{here}: entry {index} says that it was there: it was removed")
            self._named[witness] = size

    def _has(self, witness: str, size: int) -> bool:
        if witness in self.cosigned and self.cosigned[witness][0] == size:  # mostly it is the one that was judged last
            return True
        wanted = select(COSIGNATURES.c.size).where(COSIGNATURES.c.size == size, COSIGNATURES.c.witness == witness)
        return self._connection.execute(wanted).first() is not None

    def is_due(self, size: int) -> bool:
        """Whether a checkpoint stands at this size. Raise FaultError at one out of order."""
        if self._next is None or self._next.size > size:
            return False
        if self._next.size < size:
            raise FaultError(self.sure, f"a checkpoint at {self._next.size} entries cannot be: it was changed")
        return True

    def confirm(self, growth: Growth) -> list[Finding]:
        """Compare the checkpoint that is due; give what is wrong with its cosignatures. Raise FaultError."""
        state, self._next = self._next, next(self._checkpoints, None)
        note = self._confirm(state, growth, "checkpoint")
        found: list[Finding] = []
        while self._said is not None and _at(self._said) <= growth.size:
            said, self._said = self._said, next(self._cosignatures, None)
            reason = self._judge(said, note, growth.size)
            if reason is not None:
                found.append(Finding(growth.size - 1, reason))
        return found

    def finish(self, growth: Growth) -> list[Finding]:
        """Compare the head, at the end of the entries; give cosignatures of nothing. Raise FaultError."""
        size = growth.size
        if self._next is not None:
            counts = f"a checkpoint counts {self._next.size} entries, there are {size}"
            raise FaultError(size, f"{counts}: entries were dropped")
        heads = self._connection.execute(select(HEAD)).all()
        if len(heads) != 1 or heads[0].id != 1:
            raise FaultError(size, "the head is missing or not alone: entries may have been dropped at the end")
        if heads[0].size != size:
            least = min(size, max(_count(heads[0].size), 0))
            counts = f"the head counts {heads[0].size} entries, there are {size}"
            raise FaultError(least, f"{counts}: entries were dropped or added")
        self._confirm(heads[0], growth, "head")
        found: list[Finding] = []
        if self._later:
            reason = "a verifier key was handed in that the ledger never took into use: entries were dropped"
            found.append(Finding(size, f"{reason}, or it is another ledger's"))
        if self._said is not None:
            reason = f"a cosignature belongs to no checkpoint: the one at {self._said.size} entries"
            found.append(Finding(None, reason))
        return found

    def _confirm(self, state: Any, growth: Growth, what: str) -> Note:
        here = f"the {what} at {state.size} entries"
        try:
            note = Note.read(state.note)
            checkpoint = note.checkpoint()
        except (LedgerError, AttributeError, TypeError):
            raise FaultError(self.sure, f"{here} cannot be read: it was changed") from None
        if not note.signed_by([self._verifier]):
            raise FaultError(self.sure, f"{here} bears no good signature of a known key")
        if checkpoint.origin != self._verifier.name:
            raise FaultError(self.sure, f"{here} is one of another ledger")
        if not checkpoint.size == state.size == growth.size:
            raise FaultError(self.sure, f"{here} speaks of {checkpoint.size}")
        if checkpoint.root != growth.root():
            raise FaultError(self.sure, f"{here} signs another tree: an entry from {self.sure} on was changed")
        self.sure = checkpoint.size
        return note

    def _judge(self, said: Any, note: Note, size: int) -> str | None:
        if said.size != size:
            return f"a cosignature belongs to no checkpoint: the one at {said.size} entries"
        here = f"the cosignature of `{said.witness}` at {size} entries"
        if said.witness not in {one.name for one in self._witnesses}:
            return f"{here} cannot be checked: its key is not known: name the witness's verifier key"
        try:
            times = Note.read(f"{note.text}\n{said.line}").signed_by(self._witnesses)
        except (LedgerError, TypeError):
            times = {}
        if said.witness not in times:
            return f"{here} is not good: it was changed"
        self.cosigned[said.witness] = size, datetime.fromtimestamp(times[said.witness], UTC)
        return None


class Remembered:
    """States that others keep, as notes: each that the ledger's key signed must be a beginning of this tree."""

    def __init__(self, notes: Iterable[str], origin: str) -> None:
        """Take the notes, and which ledger this is; those of others are left aside. Raise LedgerError at no note."""
        self.compared = 0
        self._sure = 0
        self._notes: dict[int, list[Note]] = {}
        read = [Note.read(text) for text in notes]
        ours = [note for note in read if note.checkpoint().origin == origin]
        for note in ours:
            self._notes.setdefault(note.checkpoint().size, []).append(note)
        self._are_others = bool(read) and not ours

    def begin(self) -> Iterator[Finding]:
        """Give what is wrong before any entry is looked at."""
        if self._are_others:
            yield Finding(None, "no checkpoint that was handed in is about this ledger")

    def is_due(self, size: int) -> bool:
        """Whether somebody remembers the state at this size."""
        return size in self._notes

    def compare(self, growth: Growth, known: Sequence[Verifier]) -> Iterator[Finding]:
        """Compare what is remembered of the tree as it now stands; `known` are the keys that signed so far."""
        notes, signed = self._take(growth.size, known)
        yield from _unsigned(growth.size, len(notes) - len(signed))
        roots = {note.checkpoint().root for note in signed}
        if roots == {growth.root()}:
            self._sure = growth.size
        elif roots:
            here = f"others remember another ledger of {growth.size} entries"
            changed = f"an entry from {self._sure} on was changed, and all after it signed anew"
            yield Finding(self._sure, f"{here}: {changed}")

    def finish(self, size: int, known: Sequence[Verifier]) -> Iterator[Finding]:
        """Give what is remembered beyond the end, and so was there once."""
        most = 0
        for beyond in sorted(self._notes):
            notes, signed = self._take(beyond, known)
            yield from _unsigned(beyond, len(notes) - len(signed))
            most = beyond if signed else most
        if most:
            reason = f"others remember {most} entries, there are {size}: the ledger was set back to an earlier state"
            yield Finding(size, reason)

    def _take(self, size: int, known: Sequence[Verifier]) -> tuple[list[Note], list[Note]]:
        """Take what is remembered at this size: all, and those that the ledger's key signed."""
        notes = self._notes.pop(size, [])
        signed = [note for note in notes if note.signed_by(known)]
        self.compared += len(signed)
        return notes, signed


def _unsigned(size: int, count: int) -> Iterator[Finding]:
    if count:
        reason = f"a checkpoint that was handed in, at {size} entries, bears no good signature of the ledger's key"
        yield Finding(None, reason)


def _at(said: Any) -> int:
    return _count(said.size)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
