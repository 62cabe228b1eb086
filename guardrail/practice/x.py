"""The practice X: a service worker in front of everything, GraphQL over GET, follows that name a number only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Button, Field, Link, Look, Page, Site, fragment
from guardrail.practice.people import ASKING, CLINIC, PEOPLE, Person, find, search

type Json = dict[str, Any]

CLINIC_ID = "1450098877665544321"
CLINIC_NAME = "quietharbour"
_WORKER = Path(__file__).parent / "assets" / "x-service-worker.js"

LOOK = Look(
    name="X",
    colour="slate",
    policy=(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self' blob:; worker-src 'self' blob:; frame-src 'self'; "
        "object-src 'none'; base-uri 'self'"
    ),
    search="/search",
    parameter="q",
    script="x.js",
    trains=(
        "Search for a person, and see the suggestions while you type.",
        "Open a profile. This site has a service worker: every request passes through it.",
        "Follow somebody, or accept a follow request.",
        "Like, answer a post, write a message.",
        "Look at who follows the clinic's account.",
    ),
)


def _user(person: Person) -> Json:
    return {
        "__typename": "User",
        "rest_id": person.x_id,
        "core": {"name": person.name, "screen_name": person.x},
        "is_blue_verified": False,
        "profile_bio": {"description": person.about},
    }


def _listed(person: Person) -> Json:
    return {"id": int(person.x_id), "id_str": person.x_id, "name": person.name, "screen_name": person.x}


def _timeline(people: tuple[Person, ...]) -> Json:
    entries = [
        {
            "entryId": f"user-{person.x_id}",
            "content": {
                "entryType": "TimelineTimelineItem",
                "itemContent": {"itemType": "TimelineUser", "user_results": {"result": _user(person)}},
            },
        }
        for person in people
    ]
    return {"timeline": {"instructions": [{"type": "TimelineAddEntries", "entries": entries}]}}


def _links(people: tuple[Person, ...]) -> tuple[Link, ...]:
    return tuple(Link(person.name, f"/{person.x}", route=True) for person in people)


def _home() -> list[Block]:
    return [
        Block("Who to follow", links=_links(PEOPLE)),
        Block("Follow requests", fill="requests"),
        Block(
            f"{CLINIC} (your clinic)",
            links=(Link("Followers", f"/{CLINIC_NAME}/followers"),),
            buttons=(Button("Followers, in this page", "followers", {"id": CLINIC_ID}),),
            fill="followers",
        ),
    ]


def _profile(person: Person) -> list[Block]:
    who = {"id": person.x_id, "post": person.post}
    return [
        Block(
            person.name,
            person.about,
            links=(Link("Home", "/home", route=True),),
            buttons=(Button("Follow", "follow", who),),
            fields=(Field("Message", "message", "Send", who),),
        ),
        Block(
            "Latest post",
            "The lake is frozen over.",
            buttons=(Button("Like", "react", who),),
            fields=(Field("Reply", "comment", "Post reply", who),),
        ),
    ]


def _view(request: Request) -> tuple[str, list[Block]]:
    first, _, rest = request.url.path.strip("/").partition("/")
    if first == "search":
        text = request.query_params.get("q", "")
        return "Search results", [Block(f"People called “{text}”", links=_links(search(text)))]
    if first == CLINIC_NAME and rest == "followers":
        return "Followers", [Block("Who follows the account", links=_links(PEOPLE))]
    if person := find("x", first):
        return person.name, _profile(person)
    return "Home", _home()


async def _document(request: Request) -> Response:
    title, blocks = _view(request)
    return Page(LOOK, title, blocks, query=request.query_params.get("q", "")).answer(request)


async def _worker(_request: Request) -> Response:
    return Response(_WORKER.read_bytes(), media_type="text/javascript", headers={"cache-control": "no-cache"})


async def _by_name(request: Request) -> Response:
    person = find("x", str(_variables(request).get("screen_name", "")))
    if person is None:
        return JSONResponse({"data": {}})
    view = {"title": person.name, "html": fragment(LOOK, _profile(person))}
    return JSONResponse({"data": {"user": {"result": _user(person)}}, "practice": view})


async def _timelines(request: Request) -> Response:
    if request.path_params["operation"] == "SearchTimeline":
        found = search(str(_variables(request).get("rawQuery", "")))
        return JSONResponse({"data": {"search_by_raw_query": {"search_timeline": _timeline(found)}}})
    return JSONResponse({"data": {"user": {"result": {"__typename": "User", "timeline": _timeline(PEOPLE)}}}})


async def _typeahead(request: Request) -> Response:
    users = [_listed(person) for person in search(request.query_params.get("q", ""))]
    return JSONResponse({"num_results": len(users), "users": users, "topics": [], "events": [], "lists": []})


async def _incoming(_request: Request) -> Response:
    return JSONResponse({"ids": [person.x_id for person in ASKING], "next_cursor_str": "0"})


async def _lookup(request: Request) -> Response:
    found = (find("x", one) for one in request.query_params.get("user_id", "").split(","))
    return JSONResponse([_listed(person) for person in found if person is not None])


async def _taken(_request: Request) -> Response:
    return JSONResponse({"data": {}})


def _variables(request: Request) -> Json:
    variables: Json = json.loads(request.query_params.get("variables", "{}"))
    return variables


SITE = Site(
    LOOK,
    frozenset({"x.com"}),
    (
        Route("/sw.js", _worker),
        Route("/i/api/graphql/{id}/UserByScreenName", _by_name, methods=["GET"]),
        Route("/i/api/graphql/{id}/{operation}", _timelines, methods=["GET"]),
        Route("/i/api/1.1/search/typeahead.json", _typeahead),
        Route("/i/api/1.1/friendships/incoming.json", _incoming),
        Route("/i/api/1.1/users/lookup.json", _lookup),
        Route("/i/api/{rest:path}", _taken, methods=["POST"]),
        Route("/{path:path}", _document),
    ),
)
