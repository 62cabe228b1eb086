"""The practice Google: search with suggestions and a prefetch, and the owner's reply form of a business profile."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Field, Link, Look, Page, Site
from guardrail.practice.people import CLINIC, MARGIT, Person, search

BUSINESS = "16000000000000000001"
REVIEW = "ChdDSUhNMG9nS0VJQ0FnSUNwcmFjdGljZQRAB"
_REPLY = f"/local/business/{BUSINESS}/customers/reviews/reply"

LOOK = Look(
    name="Google",
    colour="moss",
    policy=(
        "script-src 'nonce-{nonce}' 'strict-dynamic' 'report-sample' 'unsafe-inline' https: http:; "
        "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    ),
    search="/search",
    parameter="q",
    script="google.js",
    trains=(
        "Search for a client by name, and for anything else.",
        "See what happens to the suggestions when you begin to type a client's name.",
        "Point at the Search button: the site asks for the results before you press it.",
        "Open the reply form for a review of the clinic.",
    ),
)


def results(people: tuple[Person, ...], text: str) -> list[Block]:
    """Show what a search engine finds: the people's profiles on the other practice sites, or an ordinary page."""
    blocks = [
        Block(
            person.name,
            person.about,
            links=(
                Link(f"{person.name} on Facebook", f"https://www.facebook.com/{person.facebook}"),
                Link(f"{person.name} on LinkedIn", f"https://www.linkedin.com/in/{person.linkedin}/"),
            ),
        )
        for person in people
    ]
    return blocks or [Block("An ordinary page", f"Something about {text}.")]


async def _home(request: Request) -> Response:
    blocks = [
        Block("Try it", links=(Link("An ordinary search", "/search?q=sertraline+half+life"),)),
        Block(f"{CLINIC} (your business)", links=(Link("Reviews", f"/local/business/{BUSINESS}/customers/reviews"),)),
    ]
    return Page(LOOK, "Search", blocks).answer(request)


async def _search(request: Request) -> Response:
    text = request.query_params.get("q", "")
    if not text:
        return RedirectResponse("/")
    return Page(LOOK, f"Results for {text}", results(search(text), text), query=text, flushed=True).answer(request)


async def _complete(request: Request) -> Response:
    text = request.query_params.get("q", "")
    names = [person.name.lower() for person in search(text)] or [f"{text} near me"]
    if request.query_params.get("client") == "gws-wiz":
        rows = [[name, 0, [512]] for name in names]
        return PlainTextResponse(")]}'\n" + json.dumps([rows, {"q": "practice"}]), media_type="application/json")
    return JSONResponse([text, names, [], [], {"google:suggesttype": ["QUERY"] * len(names)}])


async def _reviews(request: Request) -> Response:
    reply = f"{_REPLY}?knm=0&ih=lu&origin=https%3A%2F%2Fwww.google.com&hl=en&reviewId={REVIEW}"
    block = Block("“Kind and calm.”", f"Five stars, by {MARGIT.given} O.", links=(Link("Reply", reply),))
    return Page(LOOK, "Reviews of your clinic", [block]).answer(request)


async def _reply(request: Request) -> Response:
    who = {"review": REVIEW}
    block = Block("Your reply", "Everybody can read it.", fields=(Field("Reply", "answer_review", "Publish", who),))
    return Page(LOOK, "Reply to a review", [block]).answer(request)


async def _taken(_request: Request) -> Response:
    return PlainTextResponse(")]}'\n\n[]", media_type="application/json")


SITE = Site(
    LOOK,
    frozenset({"www.google.com", "www.google.ca"}),
    (
        Route("/search", _search),
        Route("/complete/search", _complete),
        Route(f"/local/business/{BUSINESS}/customers/reviews", _reviews),
        Route(_REPLY, _reply),
        Route("/local/business/_/GeoMerchantFrontendEmbeddedUi/data/batchexecute", _taken, methods=["POST"]),
        Route("/{path:path}", _home),
    ),
)
SUGGEST_SITE = Site(LOOK, frozenset({"suggestqueries.google.com"}), (Route("/complete/search", _complete),))
