"""The app behind https://guardrail.internal: every route in one table, every failure a calm page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib.resources import files
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from guardrail.errors import LedgerUnavailableError
from guardrail.holds.desk import Desk
from guardrail.policy.terms import Policy
from guardrail.settings import Settings
from guardrail.web.channel import Channel
from guardrail.web.interstitial import Interstitial
from guardrail.web.own_page import OwnPage
from guardrail.web.reception import Reception, RefusedFormError, logged_incident
from guardrail.web.render import Pages
from guardrail.web.security import LOOPBACK_HOSTS, METRICS_PATH, Gatekeeper, Tokens, plain_headers
from guardrail.web.texts import N_

_ASSET_TYPES: Final = {
    "guardrail.css": "text/css",
    "page.js": "text/javascript",
    "channel.js": "text/javascript",
    "overlay.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
# What the `type` of an RFC 9457 answer leads to; proxy/answers.py gives these addresses.
_PROBLEMS: Final = {
    "held": (
        N_("Held by the clinic’s policy"),
        N_("The clinic’s policy asks first, so this was not sent to the site. guardrail shows its question."),
    ),
    "refused": (
        N_("Not sent, to be safe"),
        N_("guardrail could not check this against the clinic’s policy, so it was not sent to the site."),
    ),
}
_PAC_TYPE: Final = "application/x-ns-proxy-autoconfig"
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_CA_TYPE: Final = "application/x-x509-ca-cert"


def build(  # noqa: PLR0913, PLR0917 - the composition root hands in each part
    desk: Desk,
    policy: Callable[[], Policy],
    settings: Settings,
    secret: str,
    pac: Callable[[], str],
    ca_pem: bytes,
    watches: Callable[[str], bool] = lambda _host: False,
    metrics: Callable[[], bytes] | None = None,
) -> Starlette:
    """Build the app. `secret` is the run's own; `watches` says of a host whether going back to it is safe.

    `metrics` gives the counts for Prometheus, in its text format; None where nobody asked for them.
    `app.state.close()` ends the event streams; call it before the server stops.
    """
    reception = Reception(desk, policy, settings, Pages(), Tokens(secret.encode()), watches)
    interstitial, own, channel = Interstitial(reception), OwnPage(reception), Channel(reception)
    assets = {name: files("guardrail.web").joinpath("static", name).read_bytes() for name in _ASSET_TYPES}

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in assets:
            raise HTTPException(404)
        return _plain(assets[name], _ASSET_TYPES[name])

    async def problem(request: Request) -> Response:
        title_and_words = _PROBLEMS.get(request.path_params["kind"])
        if title_and_words is None:
            raise HTTPException(404)
        return reception.calm(request, 200, *title_and_words)

    async def proxy_pac(_request: Request) -> Response:
        return _plain(pac().encode(), _PAC_TYPE)

    async def certificate(_request: Request) -> Response:
        return _plain(ca_pem, _CA_TYPE)

    async def counts(request: Request) -> Response:
        # Only to programs of this computer that ask for it by its own name: no page can read it by DNS rebinding.
        if metrics is None or request.headers.get("host", "").rpartition(":")[0] not in LOOPBACK_HOSTS:
            raise HTTPException(404)
        return _plain(await run_in_threadpool(metrics), _METRICS_TYPE)

    async def wrong(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return reception.calm(
            request,
            status,
            N_("This page does not exist") if status == 404 else N_("This cannot be done here"),  # noqa: PLR2004 - HTTP's own
            N_("Nothing was sent. Go back to the site and start again."),
        )

    app = Starlette(
        routes=[
            Route("/", own.show),
            Route("/notice", own.acknowledge, methods=["POST"]),
            Route("/grants/{id}/revoke", own.revoke, methods=["POST"]),
            Route("/duties/{id}/complete", own.complete, methods=["POST"]),
            Route("/hold/{id}", interstitial.show),
            Route("/hold/{id}/done", interstitial.done),
            Route("/hold/{id}/{step}", interstitial.show, methods=["GET"]),
            Route("/hold/{id}/{step}", interstitial.step, methods=["POST"]),
            Route("/overlay/{id}", interstitial.show),
            Route("/overlay/{id}/{step}", interstitial.show, methods=["GET"]),
            Route("/overlay/{id}/{step}", interstitial.step, methods=["POST"]),
            Route("/channel", channel.frame),
            Route("/events", channel.events),
            Route("/assets/{name}", asset),
            Route("/problems/{kind}", problem),
            Route("/proxy.pac", proxy_pac),
            Route("/ca.pem", certificate),
            Route(METRICS_PATH, counts),
        ],
        middleware=[Middleware(Gatekeeper, secret=secret), Middleware(Boundary, reception=reception)],
        exception_handlers={
            RefusedFormError: reception.refuse,
            LedgerUnavailableError: reception.unavailable,
            HTTPException: wrong,
        },
    )
    app.state.close = channel.close
    return app


class Boundary:
    """Turn any failure of ours into a page with an incident's id; no traceback leaves, for it may quote a name."""

    def __init__(self, app: ASGIApp, reception: Reception) -> None:
        """Take the app to guard, and what pages are made with."""
        self._app = app
        self._reception = reception

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; after a failure answer 500, if nothing has been answered yet."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, it ends here
            incident = logged_incident(error)
            if scope["type"] != "http" or begun:
                return
            with suppress(LedgerUnavailableError):
                await self._reception.desk.failed(incident, "web")
            await self._reception.failed(Request(scope, receive), incident)(scope, receive, send)


def _plain(body: bytes, kind: str) -> Response:
    return Response(body, media_type=kind, headers=dict(plain_headers()))
