"""The practice Facebook: single-page navigation, a worker that sends GraphQL, flushed HTML, the hardest CSP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Button, Field, Link, Look, Page, Site, fragment
from guardrail.practice.people import ASKING, CLINIC, MARGIT, PEOPLE, Person, find, search

type Json = dict[str, Any]

PAGE_ID = "61550098765432"
PAGE = "quietharbourpsychotherapy"
REVIEW = "122133344455566677"
PAGE_POST = "122111000999888777"

LOOK = Look(
    name="Facebook",
    colour="indigo",
    policy=(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; worker-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types practice"
    ),
    search="/search/top/",
    parameter="q",
    script="facebook.js",
    trains=(
        "Search for a person, and see the suggestions while you type.",
        "Open a profile by its link (the page changes without loading) or by its address.",
        "Send a friend request (sent by a worker, out of the page's sight), or accept one.",
        "Follow, like, comment, write a message.",
        "Look at who follows or likes the clinic's page, answer a review, invite somebody to like the page.",
    ),
)
MOBILE = Look(
    name="Facebook (mobile)",
    colour="indigo",
    policy="default-src 'self'; script-src 'nonce-{nonce}'; frame-src 'self'; object-src 'none'",
    search="/search/posts",
    parameter="q",
    trains=("Search and open a profile on the mobile site, which works without any script.",),
)


def _address(person: Person) -> str:
    return f"https://www.facebook.com/{person.facebook}"


def _user(person: Person) -> Json:
    return {
        "__typename": "User",
        "id": person.facebook_id,
        "name": person.name,
        "url": _address(person),
        "profile_url": _address(person),
        "is_verified": False,
    }


def _home() -> list[Block]:
    return [
        Block("People you may know", links=tuple(Link(p.name, f"/{p.facebook}", route=True) for p in PEOPLE)),
        Block("Friend requests", "They wait until you answer.", fill="requests"),
        Block("Your clinic's page", links=(Link(CLINIC, f"/{PAGE}", route=True),)),
    ]


def _profile(person: Person) -> list[Block]:
    who = {"id": person.facebook_id, "post": person.post}
    return [
        Block(
            person.name,
            person.about,
            buttons=(
                Button("Add friend", "befriend", who),
                Button("Follow", "follow", who),
            ),
            fields=(Field("Message", "message", "Send", who),),
        ),
        Block(
            "Latest post",
            "A photo of a sunny day.",
            buttons=(Button("Like", "react", who), Button("See who liked it", "reactors", who)),
            fields=(Field("Comment", "comment", "Post comment", who),),
        ),
        Block("Back", links=(Link("Home", "/", route=True),)),
    ]


def _clinic() -> list[Block]:
    guest = MARGIT
    post = {"post": PAGE_POST}
    return [
        Block(
            CLINIC,
            "Your clinic's page.",
            links=(Link("Followers", f"/{PAGE}/followers/"), Link("Home", "/", route=True)),
        ),
        Block(
            "Latest post",
            "Our new opening hours.",
            buttons=(Button("See who liked it", "reactors", post),),
        ),
        Block(
            "Reviews",
            "“Kind and calm.” (a visitor)",
            fields=(Field("Answer the review", "answer_review", "Publish", {"review": REVIEW}),),
        ),
        Block(
            "Invite to like this page",
            buttons=(Button(f"Invite {guest.name}", "invite", {"id": guest.facebook_id}),),
        ),
    ]


def _results(text: str) -> list[Block]:
    return [
        Block(
            f"People called “{text}”",
            "" if (found := search(text)) else "Nobody in the practice world has this name.",
            links=tuple(Link(p.name, f"/{p.facebook}", route=True) for p in found),
        )
    ]


def _view(path: str, query: Mapping[str, list[str]]) -> tuple[str, list[Block], Person | None]:
    """Give title, blocks and person of an address of this site; an unknown one gives the home page."""
    first, _, rest = path.strip("/").partition("/")
    if first == "search":
        text = query.get("q", [""])[0]
        return "Search results", _results(text), None
    if first == PAGE:
        return (CLINIC, _clinic(), None) if not rest else ("Followers", _followers(), None)
    wanted = query.get("id", [""])[0] if first == "profile.php" else first
    if person := find("facebook", wanted):
        return person.name, _profile(person), person
    return "Home", _home(), None


def _followers() -> list[Block]:
    return [Block("Who follows the page", links=tuple(Link(p.name, f"/{p.facebook}", route=True) for p in PEOPLE))]


def _header(person: Person) -> Json:
    user = {**_user(person), "__isProfile": "User"}
    return {"data": {"user": {"profile_header_renderer": {"user": user}, "id": person.facebook_id}}}


async def _document(request: Request) -> Response:
    title, blocks, person = _view(request.url.path, parse_qs(request.url.query))
    facts: Json = {}
    if person is not None:
        props = {"userID": person.facebook_id, "userVanity": person.facebook, "viewerID": "0"}
        cache = ["adp_ProfileCometHeaderQueryRelayPreloader_1", {"__bbox": {"result": _header(person)}}]
        facts = {
            "require": [
                [
                    "ScheduledServerJS",
                    "handle",
                    None,
                    [{"__bbox": {"require": [["RelayPrefetchedStreamCache", "next", [], cache]]}}],
                ],
                ["CometProfileRoute", None, None, [{"props": props}]],
            ]
        }
    query = request.query_params.get("q", "")
    return Page(LOOK, title, blocks, facts=facts, query=query, flushed=True).answer(request)


async def _route(request: Request) -> Response:
    form = parse_qs((await request.body()).decode())
    address = urlsplit(form.get("route_url", ["/"])[0])
    title, blocks, person = _view(address.path, parse_qs(address.query))
    props = {"userID": person.facebook_id, "userVanity": person.facebook} if person else {}
    result = {
        "type": "route_definition",
        "exports": {"rootView": {"props": props}},
        "practice": {"title": title, "html": fragment(LOOK, blocks)},
    }
    return PlainTextResponse("for (;;);" + json.dumps({"__ar": 1, "payload": {"error": False, "result": result}}))


def _serp(variables: Json) -> Json:
    edges = [
        {"node": {"role": "ENTITY_USER"}, "rendering_strategy": {"view_model": {"profile": _user(person)}}}
        for person in search(variables["args"]["text"])
    ]
    return {"serpResponse": {"results": {"edges": edges, "page_info": {"has_next_page": False}}}}


def _suggestions(variables: Json) -> Json:
    text = " ".join(json.loads(variables["query"]["query_text"]))
    edges = [
        {
            "node": {
                "name": person.name.lower(),
                "structured_info": {
                    "direct_nav_result": {
                        "ent_id": person.facebook_id,
                        "link_url": _address(person),
                        "entity_type": "user",
                        "title": person.name,
                        "type": "ENTITY",
                    }
                },
            }
        }
        for person in search(text)
    ]
    return {"search_keywords_suggestion": {"suggestions": {"edges": edges}}}


def _requests(_variables: Json) -> Json:
    edges = [{"node": _user(person)} for person in ASKING]
    return {"viewer": {"friend_requests": {"edges": edges}}}


def _reactors(variables: Json) -> Json:
    edges = [{"node": {**_user(person), "__isActor": "User"}} for person in ASKING]
    return {
        "node": {"__typename": "Feedback", "reactors": {"count": len(edges), "edges": edges}, "id": variables["id"]}
    }


def _shown(variables: Json) -> Json:
    person = find("facebook", variables["userID"])
    data: Json = _header(person)["data"] if person else {"user": None}
    return data


ANSWERS: Mapping[str, Callable[[Json], Json]] = {
    "SearchCometResultsInitialResultsQuery": _serp,
    "CometSearchKeywordDataSourceQuery": _suggestions,
    "FriendingCometFriendRequestsRootQuery": _requests,
    "CometUFIReactionsDialogQuery": _reactors,
    "ProfileCometHeaderQuery": _shown,
}
"""What a GraphQL operation answers; one that changes something answers only that it was taken."""


async def _graphql(request: Request) -> Response:
    form = parse_qs((await request.body()).decode())
    name = form.get("fb_api_req_friendly_name", [""])[0]
    variables = json.loads(form.get("variables", ["{}"])[0])
    answer = ANSWERS.get(name)
    data = answer(variables) if answer else {"taken": name}
    # The real site labels its JSON as HTML here; recognition must not be led by that.
    return Response(json.dumps({"data": data, "extensions": {"is_final": True}}), media_type="text/html")


async def _sent(_request: Request) -> Response:
    return PlainTextResponse('for (;;);{"__ar":1,"payload":{}}')


async def _mobile(request: Request) -> Response:
    text = request.query_params.get("q", "")
    person = find("facebook", request.url.path.strip("/"))
    if person:
        return Page(MOBILE, person.name, [Block(person.name, person.about)]).answer(request)
    blocks = _results(text) if text else [Block("Welcome", "Search for somebody.")]
    return Page(MOBILE, "Search" if text else "Home", blocks, query=text).answer(request)


SITE = Site(
    LOOK,
    frozenset({"www.facebook.com"}),
    (
        Route("/api/graphql/", _graphql, methods=["POST"]),
        Route("/ajax/route-definition/", _route, methods=["POST"]),
        Route("/messaging/send/", _sent, methods=["POST"]),
        Route("/{path:path}", _document),
    ),
)
MOBILE_SITE = Site(MOBILE, frozenset({"m.facebook.com"}), (Route("/{path:path}", _mobile),))
