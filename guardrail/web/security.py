"""Who may speak to the pages: the proxy's secret, same-site forms, signed tokens, and the headers of every answer.

All of it is pure but `Gatekeeper`, the outermost ring of the app. Facts about headers: W3C CSP level 3,
W3C Fetch Metadata, Fetch standard ("append a request `Origin` header": `null` under `no-referrer`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from guardrail.model.http import HttpRequest
from guardrail.model.people import Clinician

ORIGIN = "https://guardrail.internal"
SECRET_HEADER = "x-guardrail-secret"  # noqa: S105 - the name of a header, not a secret
CLINICIAN_HEADER = "x-guardrail-clinician"
HOW_HEADER = "x-guardrail-how"
METRICS_PATH = "/metrics"
LOOPBACK_PATHS = frozenset({"/proxy.pac", "/ca.pem", METRICS_PATH})
"""What a browser, `init`, `doctor` and a collector of metrics fetch without the proxy."""
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""How a program of this computer calls it; a page of the internet that resolves to loopback calls it otherwise."""

_USUAL_PORT = 443


class Gatekeeper:
    """Refuse what did not come through the proxy: whoever does not know the run's secret, or names no clinician."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        """Take the app to guard and the secret that the proxy adds to each request."""
        self._app = app
        self._secret = secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 403 without saying which part was wrong."""
        if scope["type"] == "lifespan" or self._lets_in(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            answer = PlainTextResponse(
                "guardrail: this page is reached through the proxy only\n", 403, headers=dict(plain_headers())
            )
            await answer(scope, receive, send)

    def _lets_in(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        if scope["method"] in ("GET", "HEAD") and scope["path"] in LOOPBACK_PATHS:
            return True
        headers = Headers(scope=scope)
        shown = headers.get(SECRET_HEADER, "").encode("latin-1", "replace")
        return hmac.compare_digest(shown, self._secret) and bool(headers.get(CLINICIAN_HEADER))


def clinician_of(headers: Headers) -> Clinician:
    """Give who acts, as the proxy says; the form never asks."""
    return Clinician(id=headers[CLINICIAN_HEADER], how=headers.get(HOW_HEADER, "unknown"))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Form tokens: an HMAC over the clinician and the one thing that the form is about."""

    key: bytes

    def token(self, clinician: Clinician, about: str) -> str:
        """Give the token (hex) of a form about `about`: a hold's id, a grant's id, a duty's id or `notice`."""
        message = f"guardrail form\0{clinician.id}\0{about}".encode()
        return hmac.new(self.key, message, sha256).hexdigest()

    def accepts(self, shown: str, clinician: Clinician, about: str) -> bool:
        """Say in constant time whether `shown` is that form's token."""
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self.token(clinician, about).encode())


def from_our_own_page(headers: Mapping[str, str]) -> bool:
    """Say whether a POST was sent by a page of ours.

    Fetch metadata decides where the browser sends it, since our `no-referrer` makes `Origin` `null`
    even for our own forms; a browser without it must show our exact origin.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin" and origin in (None, "null", ORIGIN)
    return origin == ORIGIN


def web_origin(address: str | None) -> str | None:
    """Give `https://host` or `https://host:port` of an https address; None for anything else."""
    try:
        parts = urlsplit(address or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not host or parts.username is not None:
        return None
    if not all(letter.isascii() and (letter.isalnum() or letter in "-.") for letter in host):
        return None
    return f"https://{host}" + ("" if port in (None, _USUAL_PORT) else f":{port}")


def page_origin(request: HttpRequest) -> str:
    """Give the origin of the page that sent a held request: what it says of itself, else the request's own host."""
    said = web_origin(request.header("origin")) or web_origin(request.header("referer"))
    own = web_origin(f"https://{request.host}:{request.port if request.scheme == 'https' else _USUAL_PORT}/")
    return said or own or "'none'"


def host_of(origin: str) -> str:
    """Give the host of an origin that `web_origin` gave."""
    return origin.removeprefix("https://").partition(":")[0]


def see_other(place: str) -> Response:
    """Answer 303 to exactly this address: what was stopped is resumed only where not one byte of it changes."""
    exact = place.isascii() and place.isprintable() and " " not in place
    location = place if exact else quote(place, safe="%/:=&?~#+!$,;'@()*[]")
    return Response(status_code=303, headers={**dict(plain_headers()), "Location": location})


def plain_headers() -> Iterable[tuple[str, str]]:
    """Give what every answer carries: not kept, not sniffed, no referrer, usable in a page under COEP."""
    yield "Cache-Control", "no-store"
    yield "X-Content-Type-Options", "nosniff"
    yield "Referrer-Policy", "no-referrer"
    yield "Cross-Origin-Resource-Policy", "cross-origin"


def page_headers(nonce: str, ancestors: str | None, *, connects: bool = False, leaves: bool = False) -> dict[str, str]:
    """Give the headers of a page: nothing but our own style sheet and scripts that carry `nonce`.

    `ancestors` is the one origin that may frame it; `connects` lets it listen to our own events. `leaves`
    is for a page whose form is answered by going on to a site: Chromium 156 applies `form-action` to every
    redirect that follows, wherever the site then sends its visitors.
    """
    directives = (
        "default-src 'none'",
        "style-src 'self'",
        f"script-src 'nonce-{nonce}'",
        "img-src 'self'",
        *(("connect-src 'self'",) if connects else ()),
        "form-action 'self' https: http:" if leaves else "form-action 'self'",
        "base-uri 'none'",
        f"frame-ancestors {ancestors or "'none'"}",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    headers = dict(plain_headers())
    headers["Content-Security-Policy"] = "; ".join(directives)
    headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if ancestors is None:
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
    return headers
