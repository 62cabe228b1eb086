"""Whose columns a client list has: our own, or those of a practice-management program's export.

Where the names of columns come from, and which of them nobody could verify, stands in docs/roster.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from guardrail.roster.row import COLUMNS

OWN = "own"
FULL_NAME = "full_name"
"""A column that a program may have in place of given and family name."""
ENDED = "ended"
"""A column in which anything at all says that the person is a client no more."""
_TARGETS = (*COLUMNS, FULL_NAME, ENDED)
_WORDS_APART = re.compile(r"[\s_*\-]+")
_CURRENT, _FORMER, _PROSPECTIVE = "current", "former", "prospective"


@dataclass(frozen=True, slots=True)
class Preset:
    """One program's columns.

    `takes` maps each of our columns to theirs, in one spelling (`header_key`), the surest first: of `client_ref`
    and `status` the first that is there counts, of all others every one. `needs` are the groups of which each
    must be met by one column for a header to be this program's. `statuses` maps their words to ours. `named` are
    our columns for which somebody said which is theirs: those must be there.
    """

    name: str
    takes: Mapping[str, tuple[str, ...]]
    needs: tuple[frozenset[str], ...] = ()
    statuses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    named: frozenset[str] = frozenset()


def _needs(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split("|")) for group in groups)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset(OWN, {column: (column.replace("_", " "),) for column in COLUMNS}, _needs("client ref")),
            Preset(
                "jane",
                {
                    "client_ref": ("patient number", "client number"),
                    "given_name": ("first name", "middle name"),
                    "family_name": ("last name",),
                    "preferred_name": ("preferred name",),
                    "emails": ("email",),
                    "phones": ("mobile phone", "home phone"),
                    "status": ("active/inactive",),
                    ENDED: ("discharged at", "deceased at"),
                },
                _needs("patient number|client number", "first name", "last name"),
                {"active": _CURRENT, "inactive": _FORMER},
            ),
            Preset(
                "cliniko",
                {
                    "client_ref": ("patient id", "id"),
                    "given_name": ("first name",),
                    "family_name": ("last name",),
                    "preferred_name": ("preferred first name",),
                    "emails": ("email",),
                    "phones": ("mobile phone", "mobile", "home phone", "phone"),
                    ENDED: ("archived at",),
                },
                _needs("patient id|id", "first name", "last name"),
            ),
            Preset(
                "simplepractice",
                {
                    "client_ref": ("client id",),
                    "given_name": ("legal first name", "first name", "middle name"),
                    "family_name": ("legal last name", "last name"),
                    "preferred_name": ("what name do they go by?", "name they go by", "preferred name"),
                    FULL_NAME: ("client", "client name"),
                    "emails": ("email", "email address"),
                    "phones": ("phone", "phone number", "mobile phone", "home phone"),
                    "status": ("client status", "status"),
                },
                _needs("client id", "legal first name|client|client name", "primary clinician|client status|status"),
                {"active": _CURRENT, "inactive": _FORMER, "archived": _FORMER}
                | dict.fromkeys(("prospective", "prospect"), _PROSPECTIVE),
            ),
            Preset(
                "owl",
                {
                    "client_ref": ("client id", "client number", "file number"),
                    "given_name": ("first name", "middle name"),
                    "family_name": ("last name",),
                    "preferred_name": ("preferred name",),
                    "emails": ("email", "email address"),
                    "phones": ("cell phone", "mobile phone", "home phone", "phone", "phone number"),
                    "status": ("client status", "status"),
                },
                _needs("client id|client number|file number", "first name", "last name", "therapist|primary therapist"),
                {"active": _CURRENT}
                | dict.fromkeys(("inactive", "discharged", "archived"), _FORMER)
                | dict.fromkeys(("prospect", "prospective", "waitlist", "wait list"), _PROSPECTIVE),
            ),
        )
    }
)


def header_key(cell: str) -> str:
    """Give a header's cell in one spelling: small letters, one space in place of `_`, `-`, `*` and the like."""
    return _WORDS_APART.sub(" ", cell.casefold()).strip()


def detect(header: Iterable[str]) -> tuple[str, ...]:
    """Name the presets that a header may be of; our own alone where it is that."""
    keys = {header_key(cell) for cell in header}
    found = tuple(name for name, preset in PRESETS.items() if all(group & keys for group in preset.needs))
    return (OWN,) if OWN in found else found


def named(columns: Mapping[str, str], base: Preset | None = None) -> Preset:
    """Give a preset of columns that somebody named: ours to theirs; raise ValueError for one that is not ours."""
    unknown = set(columns) - set(_TARGETS)
    if unknown:
        raise ValueError(f"there is no column of this name; there are {', '.join(_TARGETS)}")
    said = {ours: header_key(theirs) for ours, theirs in columns.items()}
    if len(set(said.values())) < len(said):
        raise ValueError("one column of the file is named for two of ours")
    takes = {
        ours: tuple(theirs for theirs in all_theirs if theirs not in said.values())
        for ours, all_theirs in (base.takes if base else {}).items()
    }
    takes |= {ours: (theirs,) for ours, theirs in said.items()}
    statuses = base.statuses if base else {}
    return Preset("columns", takes, statuses=statuses, named=frozenset(columns))
