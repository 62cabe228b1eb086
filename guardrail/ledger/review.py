"""What a supervisor finds of an episode, as an entry: the verdict in the clear, the note closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from guardrail.errors import LedgerError
from guardrail.ledger.canonical import SEALED
from guardrail.ledger.export.episode import Episode
from guardrail.ledger.kinds import Judgement
from guardrail.model.entry import Entry, EntryKind, Json


@dataclass(frozen=True, slots=True)
class Review:
    """Who found what, with what was written about it, if anything."""

    by: str
    judgement: Judgement
    note: str = ""

    def entry(self, episode: Episode, workstation: str, at: datetime) -> Entry:
        """Give the entry; it names whose episode it is, so that the note is closed to the readers of that clinician.

        Raise LedgerError where nobody has answered the hold yet.
        """
        if episode.ending is None:
            raise LedgerError("nobody has answered this hold yet: there is nothing to judge")
        opened = episode.opening.entry
        details: dict[str, Json] = {
            "by": self.by, "verdict": self.judgement.value, "index": episode.ending.stored.index
        }  # fmt: skip
        if self.note:
            details[SEALED] = {"note": self.note}
        if "also" in opened.details:  # a legal hold of any of them keeps the note too
            details["also"] = opened.details["also"]
        return replace(opened, kind=EntryKind.REVIEWED, at=at, workstation=workstation, grant=None, details=details)
