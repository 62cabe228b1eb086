"""One line of text against the roster, as the command `guardrail match` prints it."""

from __future__ import annotations

from typing import TypedDict

from guardrail.model.people import ClientMatch
from guardrail.roster.matcher import Roster


class MatchedLine(TypedDict):
    """A text, the best client's reference and how it was found; both None where nobody matches."""

    text: str
    client_ref: str | None
    how: str | None


class ExplainedLine(MatchedLine):
    """Also how sure the match is (None where nobody matches), what the text changed, and who else may be meant."""

    strength: str | None
    kinds: list[str]
    others: list[str]


def match_line(roster: Roster, line: str) -> MatchedLine:
    """Match one line (its line end is left out). Total."""
    text, matches = _matched(roster, line)
    return _first(text, matches)


def explain_line(roster: Roster, line: str) -> ExplainedLine:
    """Match one line and say why; the other clients' references stand best first. Total."""
    text, matches = _matched(roster, line)
    best = matches[0] if matches else None
    return {
        **_first(text, matches),
        "strength": best.strength.name.lower() if best else None,
        "kinds": list(best.kinds) if best else [],
        "others": [match.client_ref for match in matches[1:]],
    }


def _matched(roster: Roster, line: str) -> tuple[str, tuple[ClientMatch, ...]]:
    text = line.rstrip("\r\n")
    return text, roster.match_text(text)


def _first(text: str, matches: tuple[ClientMatch, ...]) -> MatchedLine:
    best = matches[0] if matches else None
    return {"text": text, "client_ref": best.client_ref if best else None, "how": best.how if best else None}
