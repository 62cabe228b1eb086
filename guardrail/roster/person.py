"""A person of the roster on the way into an index."""

from __future__ import annotations

from dataclasses import dataclass, field

from guardrail.model.people import Population
from guardrail.roster.names import PersonNames


@dataclass(frozen=True, slots=True)
class Client:
    """All that is kept of a person as it is, and sealed: the clinic's reference, initials, the population."""

    ref: str
    initials: str
    population: Population


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the roster, read and checked; it lives only until the index is built.

    `accounts` are pairs of site (or ANY_SITE) and account; `emails` and `phones` are folded keys. No repr shows them.
    """

    client: Client
    names: PersonNames = field(repr=False)
    accounts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
