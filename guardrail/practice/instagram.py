"""The practice Instagram: REST beside GraphQL, single-page navigation, follow requests known by number only."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Button, Field, Link, Look, Page, Site, fragment
from guardrail.practice.people import ASKING, CLINIC, PEOPLE, Person, find, search

type Json = dict[str, Any]

CLINIC_ID = "58099887766"
CLINIC_NAME = "quietharbour"

LOOK = Look(
    name="Instagram",
    colour="plum",
    policy=(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'unsafe-inline' https:; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'"
    ),
    search="/explore/search/keyword/",
    parameter="q",
    script="instagram.js",
    trains=(
        "Search for a person, and see the suggestions while you type.",
        "Open a profile or a story. The owner of a story is told who looked.",
        "Follow somebody, or approve a follow request that the site knows by number only.",
        "Like, comment, write a message.",
        "Look at who follows the clinic's account.",
    ),
)


def _user(person: Person) -> Json:
    return {
        "pk": person.instagram_id,
        "pk_id": person.instagram_id,
        "id": person.instagram_id,
        "username": person.instagram,
        "full_name": person.name,
        "is_private": False,
        "is_verified": False,
    }


def _people(people: tuple[Person, ...]) -> tuple[Link, ...]:
    return tuple(Link(person.name, f"/{person.instagram}/", route=True) for person in people)


def _home() -> list[Block]:
    return [
        Block("Suggested for you", links=_people(PEOPLE)),
        Block("Stories", links=tuple(Link(f"{p.name}'s story", f"/stories/{p.instagram}/{p.post}/") for p in ASKING)),
        Block("Follow requests", fill="pending"),
        Block(
            f"{CLINIC} (your clinic)", buttons=(Button("Followers", "followers", {"id": CLINIC_ID}),), fill="followers"
        ),
    ]


def _profile(person: Person) -> list[Block]:
    who = {"id": person.instagram_id, "post": person.post}
    return [
        Block(
            person.name,
            person.about,
            links=(Link("Story", f"/stories/{person.instagram}/{person.post}/"), Link("Home", "/", route=True)),
            buttons=(Button("Follow", "follow", who),),
            fields=(Field("Message", "message", "Send", who),),
        ),
        Block(
            "Latest post",
            "A cup of tea by the window.",
            buttons=(Button("Like", "react", who), Button("See who liked it", "likers", who)),
            fields=(Field("Comment", "comment", "Post comment", who),),
        ),
    ]


def _view(path: str, text: str) -> tuple[str, list[Block], Person | None]:
    parts = path.strip("/").split("/")
    if parts[0] == "explore":
        return "Search results", [Block(f"Accounts for “{text}”", links=_people(search(text)))], None
    if parts[0] == "stories" and len(parts) > 1 and (person := find("instagram", parts[1])):
        return f"{person.name}'s story", [Block("Story", "A short film of a garden gate.")], person
    if person := find("instagram", parts[0]):
        return person.name, _profile(person), person
    return "Home", _home(), None


async def _document(request: Request) -> Response:
    text = request.query_params.get("q", "")
    title, blocks, _ = _view(request.url.path, text)
    return Page(LOOK, title, blocks, query=text).answer(request)


async def _route(request: Request) -> Response:
    form = parse_qs((await request.body()).decode())
    address = urlsplit(form.get("route_url", ["/"])[0])
    title, blocks, person = _view(address.path, parse_qs(address.query).get("q", [""])[0])
    props = {"id": person.instagram_id, "username": person.instagram} if person else {}
    result = {"exports": {"rootView": {"props": props}}, "practice": {"title": title, "html": fragment(LOOK, blocks)}}
    return PlainTextResponse("for (;;);" + json.dumps({"payload": {"error": False, "result": result}}))


async def _topsearch(request: Request) -> Response:
    found = search(request.query_params.get("query", ""))
    users = [{"position": place, "user": _user(person)} for place, person in enumerate(found)]
    return JSONResponse({"users": users, "places": [], "hashtags": [], "has_more": False, "status": "ok"})


async def _info(request: Request) -> Response:
    person = find("instagram", request.query_params.get("username", ""))
    if person is None:
        return JSONResponse({"status": "fail"}, status_code=404)
    return JSONResponse({"data": {"user": {**_user(person), "biography": person.about}}, "status": "ok"})


async def _graphql(request: Request) -> Response:
    form = parse_qs((await request.body()).decode())
    variables = json.loads(form.get("variables", ["{}"])[0])
    person = find("instagram", str(variables.get("id", "")))
    user = {**_user(person), "biography": person.about} if person else None
    return JSONResponse({"data": {"user": user}, "extensions": {"is_final": True}, "status": "ok"})


async def _list(_request: Request) -> Response:
    users = [_user(person) for person in ASKING]
    return JSONResponse({"users": users, "big_list": False, "next_max_id": None, "has_more": False, "status": "ok"})


async def _taken(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


SITE = Site(
    LOOK,
    frozenset({"www.instagram.com"}),
    (
        Route("/api/v1/web/search/topsearch/", _topsearch),
        Route("/api/v1/users/web_profile_info/", _info),
        Route("/api/v1/friendships/pending/", _list),
        Route("/api/v1/friendships/{id}/followers/", _list),
        Route("/api/v1/media/{id}/likers/", _list),
        Route("/graphql/query", _graphql, methods=["POST"]),
        Route("/ajax/route-definition/", _route, methods=["POST"]),
        Route("/api/{rest:path}", _taken, methods=["POST"]),
        Route("/{path:path}", _document),
    ),
)
