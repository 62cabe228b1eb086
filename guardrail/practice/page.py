"""One look for all practice sites: a page is a list of blocks, said once, shown by one template."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from guardrail.practice.people import PEOPLE

_ROOM = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_ROOM / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_CLIENTS = tuple(person for person in PEOPLE if person.client_ref is not None)
_FIRST_FLUSH_END = "<!--flush-->"
_GATES: dict[str, asyncio.Event] = {}
_LONGEST_GATE = 20.0


@dataclass(frozen=True, slots=True)
class Link:
    """A link; `route` marks one that the site's script follows without loading a page."""

    label: str
    href: str
    route: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button that makes the site's script do `do` with `data`."""

    label: str
    do: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """A one-line form that makes the site's script do `do` with what was typed."""

    label: str
    do: str
    button: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """One card of a page; `fill` names what the site's script loads into it as soon as it is shown."""

    heading: str
    text: str = ""
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()
    fields: tuple[Field, ...] = ()
    fill: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """What is the same on all pages of one site.

    `policy` is the Content-Security-Policy with `{nonce}` where the page's nonce goes. `search` is the
    address of the search form, `parameter` the name of its field, `method` how it is sent.
    `script` is the site's own script in assets/; None for a site that works without.
    """

    name: str
    colour: str
    policy: str
    search: str
    parameter: str
    trains: tuple[str, ...]
    method: str = "get"
    script: str | None = None
    home: str = "/"


@dataclass(frozen=True, slots=True)
class Site:
    """A practice site: the hosts for which it answers, and its routes."""

    look: Look
    hosts: frozenset[str]
    routes: tuple[BaseRoute, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a site. `facts` is JSON for the page's own use, `flushed` sends the top of it ahead.

    With `?practice_gate=<name>` a flushed page keeps back its rest until `POST /practice/open?gate=<name>`.
    """

    look: Look
    title: str
    blocks: Sequence[Block]
    facts: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    flushed: bool = False

    def answer(self, request: Request) -> Response:
        """Give the page as the answer to `request`, under the site's policy and a new nonce."""
        nonce = secrets.token_urlsafe(16)
        text = _PAGES.get_template("page.html").render(
            page=self, look=self.look, blocks=self.blocks, clients=_CLIENTS, nonce=nonce
        )
        headers = {
            "content-security-policy": self.look.policy.format(nonce=nonce),
            "cache-control": "private, no-cache",
            "x-content-type-options": "nosniff",
        }
        if not self.flushed:
            return HTMLResponse(text, headers=headers)
        gate = request.query_params.get("practice_gate")
        return StreamingResponse(_in_flushes(text, gate), media_type="text/html", headers=headers)


def fragment(look: Look, blocks: Sequence[Block]) -> str:
    """Give just the blocks as HTML: what a single-page app puts in place of the ones before."""
    return _PAGES.get_template("blocks.html").render(look=look, blocks=blocks)


async def open_gate(request: Request) -> Response:
    """`POST /practice/open?gate=<name>`: let the rest of a flushed page go."""
    _GATES.setdefault(request.query_params.get("gate", ""), asyncio.Event()).set()
    return Response(status_code=204)


async def _in_flushes(text: str, gate: str | None) -> AsyncIterator[str]:
    first, mark, rest = text.partition(_FIRST_FLUSH_END)
    yield first + mark
    if gate is not None:
        event = _GATES.setdefault(gate, asyncio.Event())
        try:
            async with asyncio.timeout(_LONGEST_GATE):
                await event.wait()
        except TimeoutError:
            pass
        _GATES.pop(gate, None)
    half = len(rest) // 2
    yield rest[:half]
    yield rest[half:]
