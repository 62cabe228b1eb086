"""The clients, found by keyed tokens: fold, names, spellings -> build -> index -> scan, verdict, matcher."""

from guardrail.roster.build import Making, build_index, write_index
from guardrail.roster.kinds import Kind, Variants
from guardrail.roster.lines import explain_line, match_line
from guardrail.roster.load import empty_roster, load_roster, read_clients
from guardrail.roster.matcher import Roster
from guardrail.roster.nickname import read_nicknames

__all__ = [
    "Kind",
    "Making",
    "Roster",
    "Variants",
    "build_index",
    "empty_roster",
    "explain_line",
    "load_roster",
    "match_line",
    "read_clients",
    "read_nicknames",
    "write_index",
]
