"""The practice Bing and Startpage: a search by GET with suggestions as HTML, and one by POST without any script."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from guardrail.practice.google import results
from guardrail.practice.page import Block, Look, Page, Site
from guardrail.practice.people import search

_BING = Look(
    name="Bing",
    colour="teal",
    policy="script-src 'self' 'nonce-{nonce}'; frame-src 'none'; object-src 'none'; base-uri 'self'",
    search="/search",
    parameter="q",
    script="bing.js",
    trains=("Search for a client by name, and see the suggestions while you type.",),
)
_STARTPAGE = Look(
    name="Startpage",
    colour="rust",
    policy="default-src 'self'; script-src 'self'; frame-src 'none'; object-src 'none'; form-action 'self' https:",
    search="/sp/search",
    parameter="query",
    method="post",
    trains=(
        "Search for a client by name. The words do not stand in the address here, but in the form that is sent;",
        "after a justification the same form is sent again, with its words.",
    ),
)


async def _welcome(request: Request) -> Response:
    look = _STARTPAGE if request.url.hostname == "www.startpage.com" else _BING
    return Page(look, "Search", [Block("Welcome", "Search for somebody, or for something else.")]).answer(request)


async def _bing(request: Request) -> Response:
    text = request.query_params.get("q", "")
    return Page(_BING, f"Results for {text}", results(search(text), text), query=text).answer(request)


async def _bing_suggest(request: Request) -> Response:
    found = search(request.query_params.get("qry", ""))
    return HTMLResponse("<ul>" + "".join(f'<li query="{person.name.lower()}"></li>' for person in found) + "</ul>")


async def _startpage(request: Request) -> Response:
    form = parse_qs((await request.body()).decode())
    text = form.get("query", [""])[0]
    return Page(_STARTPAGE, f"Results for {text}", results(search(text), text), query=text).answer(request)


async def _startpage_suggest(request: Request) -> Response:
    text = request.query_params.get("q", "")
    return JSONResponse([text, [person.name.lower() for person in search(text)]])


BING = Site(
    _BING,
    frozenset({"www.bing.com"}),
    (Route("/search", _bing), Route("/AS/Suggestions", _bing_suggest), Route("/{path:path}", _welcome)),
)
STARTPAGE = Site(
    _STARTPAGE,
    frozenset({"www.startpage.com"}),
    (
        Route("/sp/search", _startpage, methods=["POST"]),
        Route("/suggestions", _startpage_suggest),
        Route("/{path:path}", _welcome),
    ),
)
