"""The people: clinicians who act, clients whom the policy protects, and their populations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Population(StrEnum):
    """What a subject is to the clinic; rules are written for populations."""

    CURRENT = "current_client"
    FORMER = "former_client"
    PROSPECTIVE = "prospective_client"
    CLOSE = "close_to_client"
    PROFESSIONAL = "health_professional"
    UNKNOWN = "unknown"


class Account(StrEnum):
    """As whom the clinician acts on a site."""

    PROFESSIONAL = "professional"
    PRIVATE = "private"
    CLINIC_PAGE = "clinic_page"


class Strength(IntEnum):
    """How sure a match is; higher is surer. `PREFIX` is a name's beginning, as when typing."""

    PREFIX = 1
    WEAK = 2
    VARIANT = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class Clinician:
    """Who acts: the clinic's id for the person, and how it was learned (proxy-auth, os-user, address)."""

    id: str
    how: str


@dataclass(frozen=True, slots=True)
class ClientMatch:
    """A person of the roster whom a subject means.

    `client_ref` is the clinic's own number, `initials` at most three letters for the page;
    never the name. `how` says which key fired: `id`, `handle`, `email`, `phone`, `name`, `prefix`;
    `kinds` what the text changed in the name (`order`, `nickname`, `typo` …), empty where nothing.
    """

    client_ref: str
    initials: str
    population: Population
    how: str
    strength: Strength = Strength.EXACT
    kinds: tuple[str, ...] = ()
