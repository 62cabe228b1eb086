"""The practice review sites: Yelp, where one reads, and Trustpilot, whose business app calls other hosts (CORS)."""

from __future__ import annotations

import json

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Button, Field, Link, Look, Page, Site
from guardrail.practice.people import CLINIC, MARGIT, find, search

_APP = "https://businessapp.b2b.trustpilot.com"
_UNIT = "46d600000000000000000001"
_YELP = Look(
    name="Yelp",
    colour="rust",
    policy=(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'; frame-src 'self' https://*.yelp.com; object-src 'none'"
    ),
    search="/search",
    parameter="find_desc",
    script="yelp.js",
    home="/biz/quiet-harbour-psychotherapy",
    trains=(
        "Read what people say about the clinic: that is allowed.",
        "Open the page of the person who wrote a review: that is looking somebody up.",
        "Search, and see the suggestions while you type.",
    ),
)
_TRUSTPILOT = Look(
    name="Trustpilot Business",
    colour="moss",
    policy=(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'; object-src 'none'; "
        "connect-src 'self' https://api.trustpilot.com https://invitations-api.trustpilot.com"
    ),
    search="/reviews",
    parameter="q",
    script="trustpilot.js",
    home="/reviews",
    trains=(
        "Answer a review: even a thank-you tells everybody that its writer is a client.",
        "Ask a client for a review by mail.",
    ),
)


async def _business(request: Request) -> Response:
    guest = MARGIT
    review = Block(
        "“Kind and calm.”",
        f"Five stars, by {guest.given} {guest.family[0]}.",
        links=(Link("Who wrote this?", f"/user_details?userid={guest.yelp_id}"),),
        fill="reviews",
    )
    return Page(_YELP, CLINIC, [review]).answer(request)


async def _reviewer(request: Request) -> Response:
    person = find("yelp", request.query_params.get("userid", ""))
    name = person.name if person else "Nobody"
    return Page(_YELP, name, [Block("Reviews by this person", person.about if person else "")]).answer(request)


async def _yelp_search(request: Request) -> Response:
    text = request.query_params.get("find_desc", "")
    found = tuple(Link(person.name, f"/user_details?userid={person.yelp_id}") for person in search(text))
    return Page(_YELP, f"Results for {text}", [Block("Results", links=found)], query=text).answer(request)


async def _yelp_suggest(request: Request) -> Response:
    found = [{"title": person.name} for person in search(request.query_params.get("prefix", ""))]
    return JSONResponse({"response": [{"prefix": "", "suggestions": found}]})


async def _feed(_request: Request) -> Response:
    guest = MARGIT
    author = {"encid": guest.yelp_id, "displayName": f"{guest.given} {guest.family[0]}."}
    node = {"encid": "PracticeReview00000001", "author": author, "rating": 5, "text": {"full": "Kind and calm."}}
    return JSONResponse([{"data": {"business": {"reviewCount": 1, "reviews": {"edges": [{"node": node}]}}}}])


async def _inbox(request: Request) -> Response:
    guest = MARGIT
    who = {"name": guest.name, "mail": f"{guest.joined('.')}@mail.example", "unit": _UNIT}
    blocks = [
        Block(
            "“Kind and calm.”",
            "Five stars.",
            fields=(Field("Answer", "answer_review", "Publish", {"review": "66aa00000000000000000001"}),),
        ),
        Block("Ask for a review", buttons=(Button(f"Ask {guest.name} by mail", "solicit", who),)),
    ]
    return Page(_TRUSTPILOT, "Reviews of your clinic", blocks).answer(request)


async def _taken(request: Request) -> Response:
    json.loads(await request.body())
    return JSONResponse({})


def _api(path: str) -> Route:
    """Answer the business app's page from another host, with the preflight that it needs."""
    cors = Middleware(
        CORSMiddleware, allow_origins=[_APP], allow_methods=["POST"], allow_headers=["*"], allow_credentials=True
    )
    return Route(path, _taken, methods=["POST", "OPTIONS"], middleware=[cors])


YELP = Site(
    _YELP,
    frozenset({"www.yelp.com", "biz.yelp.com"}),
    (
        Route("/search", _yelp_search),
        Route("/search_suggest/v2/prefetch", _yelp_suggest),
        Route("/user_details", _reviewer),
        Route("/gql/batch", _feed, methods=["POST"]),
        Route("/{path:path}", _business),
    ),
)
TRUSTPILOT = Site(_TRUSTPILOT, frozenset({"businessapp.b2b.trustpilot.com"}), (Route("/{path:path}", _inbox),))
TRUSTPILOT_API = Site(
    _TRUSTPILOT,
    frozenset({"api.trustpilot.com", "invitations-api.trustpilot.com"}),
    (_api("/v1/private/reviews/{review}/reply"), _api("/v1/private/business-units/{unit}/email-invitations")),
)
