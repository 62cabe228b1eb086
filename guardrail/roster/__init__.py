"""The clients, found by keyed tokens: fold, names, handles -> index -> scan, matcher; load reads the CSV."""

from guardrail.roster.lines import match_line
from guardrail.roster.load import load_roster
from guardrail.roster.matcher import Roster

__all__ = ["Roster", "load_roster", "match_line"]
