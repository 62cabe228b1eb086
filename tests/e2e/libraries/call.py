"""One call of a client library, as the tables write it, and what the library is given to reach the world by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.upstream import Answer

CLIENT = "C-1001"
ROSTER = """\
client_ref,given_name,family_name,handles,status
C-1001,Margit,Ollander,x:margit_o; instagram:margit.ollander; reddit:margit_o; bluesky:margit.bsky.social; \
mastodon:margit_o@mastodon.social; https://www.linkedin.com/in/margit-ollander-0a1b2c,current
"""
"""The one client whom the libraries may not reach; Jorunn Halvorsdal is nobody's client."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a library gets out: the proxy with its log-in, the CA to trust, a folder for what it keeps."""

    proxy: str
    ca: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Call:
    """A call, and what must become of it.

    `held` is the action that the ledger must name, `silenced` says that an empty answer is given without a word, and
    without either the call passes and gives `gives`. `told` is what the library makes of a refusal: an exception's
    kind, or what it returns. `at` is a part of the address (or body) that the call is known by at its site. `first`
    is what a person would have read before: answers that teach who is behind a number.
    """

    id: str
    do: Callable[[Any], object]
    at: str
    held: str | None = None
    silenced: bool = False
    told: object = None
    gives: object = None
    client: str | None = CLIENT
    first: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """A client library: its name, how its users make a client (and close it), what its sites answer, the calls."""

    name: str
    make: Callable[[Way], Any]
    answers: tuple[Answer, ...]
    calls: tuple[Call, ...]
    close: Callable[[Any], object] = lambda _client: None
