"""What is known of one flow between its hooks, and what the hooks need to know of the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from mitmproxy import http

from guardrail.gate import Gate
from guardrail.model.http import HttpRequest
from guardrail.proxy.authority import INTERNAL
from guardrail.proxy.homeward import AnswerReader, PageReader
from guardrail.proxy.who import Who

type Address = tuple[str, int]


class Way(Enum):
    """Where a flow goes: on its own way, under the gate's eyes, or to guardrail's own pages."""

    FREE = auto()
    WATCHED = auto()
    INTERNAL = auto()


@dataclass(slots=True)
class Trip:
    """One flow. `scheme`, `host`, `port` are what the client asked for, wherever the flow is routed.

    `request` is there from the request hook on; `answered` says that the answer is ours, not the site's,
    and `refusal` is the body of the one that the boundary gave.
    """

    way: Way
    scheme: str = ""
    host: str = ""
    port: int = 0
    request: HttpRequest | None = None
    answered: bool = False
    learns: bool = False
    reader: PageReader | AnswerReader | None = None
    refusal: bytes | None = None

    KEY: ClassVar[str] = "guardrail"


def trip_of(flow: http.HTTPFlow) -> Trip | None:
    """Give what the requestheaders hook noted of a flow."""
    trip = flow.metadata.get(Trip.KEY)
    return trip if isinstance(trip, Trip) else None


@dataclass(frozen=True, slots=True)
class Practice:
    """The practice sites: for which hosts they stand in, and where they listen."""

    hosts: frozenset[str]
    address: Address


@dataclass(frozen=True, slots=True)
class Road:
    """The parts of the house that the hooks ask.

    `learns_from` is SiteIndex's; `failed` writes an incident down (its id, the place) and may itself fail.
    """

    gate: Gate
    learns_from: Callable[[HttpRequest, str], bool]
    who: Who
    pages: Address
    secret: str
    failed: Callable[[str, str], Awaitable[None]]
    body_limit: int
    learn_limit: int
    learn_pieces: bool = True
    practice: Practice | None = None

    def watches(self, host: str) -> bool:
        """Whether traffic to `host` is decrypted."""
        return (
            host == INTERNAL or self.gate.watches(host) or (self.practice is not None and host in self.practice.hosts)
        )
