"""All practice sites as one application, chosen by the Host header."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from guardrail.practice import engines, facebook, google, instagram, linkedin, reviews, x
from guardrail.practice.page import open_gate
from guardrail.practice.received import Received, show

SITES = (
    facebook.SITE,
    facebook.MOBILE_SITE,
    instagram.SITE,
    linkedin.SITE,
    x.SITE,
    google.SITE,
    google.SUGGEST_SITE,
    engines.BING,
    engines.STARTPAGE,
    reviews.YELP,
    reviews.TRUSTPILOT,
    reviews.TRUSTPILOT_API,
)
"""Every practice site."""

HOSTS: frozenset[str] = frozenset().union(*(site.hosts for site in SITES))
"""The hosts for which the practice sites answer; any other gets 421."""

_OWN: tuple[BaseRoute, ...] = (
    Mount("/practice/assets", StaticFiles(directory=Path(__file__).parent / "assets")),
    Route("/practice/received", show),
    Route("/practice/open", open_gate, methods=["POST"]),
)


async def _misdirected(scope: Scope, receive: Receive, send: Send) -> None:
    """Say 421 to a request that is for none of our hosts (RFC 9110, 15.5.20)."""
    await PlainTextResponse("This is not a practice site.\n", status_code=421)(scope, receive, send)


def build() -> Starlette:
    """Build the application; each has its own memory of what it received."""
    hosts = [Host(host, Router([*_OWN, *site.routes])) for site in SITES for host in sorted(site.hosts)]
    return Starlette(routes=[*hosts, Mount("/", _misdirected)], middleware=[Middleware(Received)])
