"""The practice LinkedIn: invitations that are accepted by number only, voyager's Rest.li and JSON shapes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from guardrail.practice.page import Block, Button, Field, Link, Look, Page, Site
from guardrail.practice.people import ASKING, CLINIC, MARGIT, PEOPLE, Person, find, search

type Json = dict[str, Any]

COMPANY = "98765432"
LOOK = Look(
    name="LinkedIn",
    colour="teal",
    policy=(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; frame-src 'self' blob:; frame-ancestors 'self'; object-src 'none'"
    ),
    search="/search/results/people/",
    parameter="keywords",
    script="linkedin.js",
    trains=(
        "Search for a person, and see the suggestions while you type.",
        "Open a profile. LinkedIn tells members who looked at them.",
        "Ask somebody to connect, or accept an invitation that the site knows by number only.",
        "Follow, like, comment, write a message.",
        "Look at who follows the clinic's page, or ask for a recommendation.",
    ),
)


def _profile(person: Person, kind: str = "com.linkedin.voyager.dash.identity.profile.Profile") -> Json:
    return {
        "$type": kind,
        "entityUrn": f"urn:li:fsd_profile:{person.linkedin_id}",
        "objectUrn": f"urn:li:member:{person.linkedin_member}",
        "firstName": person.given,
        "lastName": person.family,
        "publicIdentifier": person.linkedin,
        "headline": person.about,
    }


def _mini(person: Person) -> Json:
    return {
        **_profile(person, "com.linkedin.voyager.identity.shared.MiniProfile"),
        "entityUrn": f"urn:li:fs_miniProfile:{person.linkedin_id}",
        "dashEntityUrn": f"urn:li:fsd_profile:{person.linkedin_id}",
        "occupation": person.about,
    }


def _links(people: tuple[Person, ...]) -> tuple[Link, ...]:
    return tuple(Link(person.name, f"/in/{person.linkedin}/") for person in people)


async def _home(request: Request) -> Response:
    blocks = [
        Block("People you may know", links=_links(PEOPLE)),
        Block("Your network", links=(Link("Invitations", "/mynetwork/invitation-manager/"),)),
        Block(
            f"{CLINIC} (your clinic)",
            links=(Link("Followers", f"/company/{COMPANY}/admin/analytics/followers/"),),
            buttons=(Button(f"Invite {MARGIT.name} to follow", "invite", {"id": MARGIT.linkedin_id}),),
        ),
    ]
    return Page(LOOK, "Home", blocks).answer(request)


async def _search(request: Request) -> Response:
    text = request.query_params.get("keywords", "")
    return Page(
        LOOK, "Search results", [Block(f"People called “{text}”", links=_links(search(text)))], query=text
    ).answer(request)


async def _person(request: Request) -> Response:
    person = find("linkedin", request.path_params["handle"])
    if person is None:
        return Page(LOOK, "Nobody here", [Block("Nobody in the practice world has this address.")]).answer(request)
    who = {"id": person.linkedin_id, "post": person.post}
    urn = f"urn%3Ali%3Afsd_profile%3A{person.linkedin_id}"
    ask = f"/in/{person.linkedin}/edit/forms/recommendation/request/?profileUrn={urn}"
    blocks = [
        Block(
            person.name,
            person.about,
            links=(Link("Ask for a recommendation", ask),),
            buttons=(Button("Connect", "connect", who), Button("Follow", "follow", who)),
            fields=(Field("Message", "message", "Send", who),),
            fill="profile",
            data={"handle": person.linkedin},
        ),
        Block(
            "Latest post",
            "I am glad to start in a new place.",
            buttons=(Button("Like", "react", who),),
            fields=(Field("Comment", "comment", "Post comment", who),),
        ),
    ]
    return Page(LOOK, person.name, blocks).answer(request)


async def _recommendation(request: Request) -> Response:
    return Page(LOOK, "Ask for a recommendation", [Block("Your request", "A form would stand here.")]).answer(request)


async def _invitations(request: Request) -> Response:
    return Page(LOOK, "Invitations", [Block("They wait until you answer", fill="invitations")]).answer(request)


async def _followers(request: Request) -> Response:
    return Page(LOOK, "Followers", [Block("Who follows the page", links=_links(PEOPLE))]).answer(request)


async def _views(_request: Request) -> Response:
    senders = ASKING
    included: list[Json] = []
    for person in senders:
        number = person.linkedin_invitation
        sender = f"urn:li:fs_miniProfile:{person.linkedin_id}"
        included += [
            _mini(person),
            {
                "$type": "com.linkedin.voyager.relationships.invitation.Invitation",
                "entityUrn": f"urn:li:fs_relInvitation:{number}",
                "mailboxItemId": f"urn:li:invitation:{number}",
                "sharedSecret": "practice",
                "invitationType": "RECEIVED",
                "*fromMember": sender,
                "fromMemberId": person.linkedin_id,
                "message": None,
            },
        ]
    elements = [f"urn:li:fs_relInvitationView:{person.linkedin_invitation}" for person in senders]
    return JSONResponse(
        {"data": {"*elements": elements, "paging": {"start": 0, "total": len(senders)}}, "included": included}
    )


async def _profiles(request: Request) -> Response:
    person = find("linkedin", request.query_params.get("memberIdentity", ""))
    included = [_profile(person)] if person else []
    return JSONResponse({"data": {"*elements": [one["entityUrn"] for one in included]}, "included": included})


async def _graphql(request: Request) -> Response:
    typed = re.search(r"\(query:([^,)]*)", request.url.query)
    included = [_profile(person) for person in search(unquote(typed[1]))] if typed else []
    elements = [
        {
            "suggestionType": "ENTITY_TYPEAHEAD",
            "entityLockupView": {"title": {"text": f"{one['firstName']} {one['lastName']}"}},
        }
        for one in included
    ]
    return JSONResponse(
        {"data": {"data": {"searchDashTypeaheadByGlobalTypeahead": {"elements": elements}}}, "included": included}
    )


async def _taken(_request: Request) -> Response:
    return JSONResponse({"value": {}})


SITE = Site(
    LOOK,
    frozenset({"www.linkedin.com"}),
    (
        Route("/search/results/people/", _search),
        Route("/in/{handle}/edit/forms/recommendation/request/", _recommendation),
        Route("/in/{handle}/", _person),
        Route("/in/{handle}", _person),
        Route("/mynetwork/invitation-manager/", _invitations),
        Route(f"/company/{COMPANY}/admin/analytics/followers/", _followers),
        Route("/voyager/api/relationships/invitationViews", _views),
        Route("/voyager/api/identity/dash/profiles", _profiles),
        Route("/voyager/api/graphql", _graphql, methods=["GET"]),
        Route("/voyager/api/{rest:path}", _taken, methods=["POST"]),
        Route("/{path:path}", _home),
    ),
)
