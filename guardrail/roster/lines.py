"""One line of text against the roster, as the command `guardrail match` prints it."""

from __future__ import annotations

from typing import TypedDict

from guardrail.roster.matcher import Roster


class MatchedLine(TypedDict):
    """A text, the best client's reference and how it was found; both None where nobody matches."""

    text: str
    client_ref: str | None
    how: str | None


def match_line(roster: Roster, line: str) -> MatchedLine:
    """Match one line (its line end is left out). Total."""
    text = line.rstrip("\r\n")
    matches = roster.match_text(text)
    best = matches[0] if matches else None
    return {"text": text, "client_ref": best.client_ref if best else None, "how": best.how if best else None}
