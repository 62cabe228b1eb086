"""What a client gets in place of the site's answer; a page is never answered to a script, nor JSON to a person."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import assert_never
from urllib.parse import urlsplit

from mitmproxy import http

from guardrail.gate import Answered, HoldOverlay, HoldPage, Refused, Silence, Speculative
from guardrail.model.http import HttpRequest
from guardrail.proxy.csp import ORIGIN

type Headers = dict[str, str]
type Problem = dict[str, str | int]
type Watches = Callable[[str], bool]

_PROBLEMS = f"{ORIGIN}/problems"
_WORDS = {
    "en": ("Not sent", "Nothing was sent to the site.", "Incident"),
    "fr": ("Non envoyé", "Rien n’a été envoyé au site.", "Incident"),
}
# No script and nothing from elsewhere: this page must stand when all else fails.
_PAGE = """\
<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1.1em/1.5 system-ui,sans-serif;max-width:36em;margin:3em auto;padding:0 1em;
color-scheme:light dark}}</style><main><h1>{title}</h1><p>{nothing}</p><p>{reason}</p>
<p>{word}: <code>{incident}</code></p></main></html>
"""


def respond(answer: Answered, request: HttpRequest, watches: Watches) -> http.Response:
    """Give the response for what the gate answered to `request`.

    Only pages of hosts that `watches` knows may read it: any other page of the web could otherwise ask for
    one name after the other, and learn from our answers who is a client.
    """
    cors = _cors(request, watches)
    match answer:
        case HoldPage(hold):
            status = 302 if request.method in ("GET", "HEAD") else 303
            return _make(status, b"", {"location": f"{ORIGIN}/hold/{hold.id}"})
        case HoldOverlay(hold):
            return _problem(
                403,
                {
                    "type": f"{_PROBLEMS}/held",
                    "title": "Held by the clinic's policy",
                    "status": 403,
                    "detail": "The clinic's social-media policy stands against this. Nothing was sent to the site.",
                    "hold": hold.id,
                },
                cors,
            )
        case Silence(content_type, body):
            return _make(200, body, {"content-type": content_type, **cors})
        case Speculative():
            return _make(503, b"", cors)
        case Refused(incident, reason):
            return refuse(request, incident, reason, cors=cors)
        case _:
            assert_never(answer)


def to_https(path: str) -> http.Response:
    """Send a plain-http visit to our own pages on to https."""
    return _make(308, b"", {"location": f"{ORIGIN}{path}"})


def refuse(
    request: HttpRequest | None, incident: str, reason: str, status: int = 503, *, cors: Headers | None = None
) -> http.Response:
    """Say that nothing was sent, with the incident's id: a plain page to a person, a problem to a script."""
    if request is not None and request.is_navigation:
        language = "fr" if (request.header("accept-language") or "").lower().startswith("fr") else "en"
        title, nothing, word = _WORDS[language]
        page = _PAGE.format(
            language=language,
            title=title,
            nothing=nothing,
            word=word,
            reason=html.escape(reason),
            incident=html.escape(incident),
        )
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
        return _make(
            status, page.encode(), {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
        )
    problem: Problem = {
        "type": f"{_PROBLEMS}/refused",
        "title": "Not sent",
        "status": status,
        "detail": reason,
        "incident": incident,
    }
    return _problem(status, problem, cors or {})


def _problem(status: int, problem: Problem, cors: Headers) -> http.Response:
    """Make an RFC 9457 answer; with `cors`, the scripts of the page that asked may read it from another origin."""
    return _make(status, json.dumps(problem).encode(), {"content-type": "application/problem+json", **cors})


def _cors(request: HttpRequest, watches: Watches) -> Headers:
    """Let the scripts of a watched site's page read our answer, so that it is no mere network error to them."""
    origin = request.header("origin")
    if origin is None or not watches(_host_of(origin)):
        return {}
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "cross-origin-resource-policy": "cross-origin",
        "vary": "Origin",
    }


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _make(status: int, body: bytes, headers: Headers) -> http.Response:
    common = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    return http.Response.make(status, body, {**common, **headers})
