"""Which live grants a clinician has, as their page lists them, and which end together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from guardrail.holds.words import is_quiet
from guardrail.model.hold import Grant


def live(grants: Mapping[str, Grant], clinician_id: str, now: datetime) -> tuple[Grant, ...]:
    """Give the grants of a clinician that are not over, oldest first."""
    if not grants:
        return ()
    return tuple(one for one in grants.values() if one.clinician_id == clinician_id and now < one.expires_at)


def to_go_on(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Give those under which something may be done; not those that only keep a question from being asked again."""
    return tuple(one for one in grants if not is_quiet(one))


def quiet(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Give those that keep a question from being asked again: of the same words the one that lasts longest."""
    longest: dict[str, Grant] = {}
    for one in grants:
        known = longest.get(one.subject_key)
        if is_quiet(one) and (known is None or known.expires_at < one.expires_at):
            longest[one.subject_key] = one
    return tuple(longest.values())


def ending(grants: Iterable[Grant], grant_id: str) -> tuple[Grant, ...]:
    """Give the grants that end where one is given back: all about the same words, or else this one; none if unknown."""
    mine = tuple(grants)
    named = next((one for one in mine if one.id == grant_id), None)
    if named is None or not is_quiet(named):
        return () if named is None else (named,)
    return tuple(one for one in mine if one.subject_key == named.subject_key)
