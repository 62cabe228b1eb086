"""linkedin-api: the site's own Voyager API, logged in with a name and a password."""

from __future__ import annotations

from functools import partial
from typing import Any

from linkedin_api import Linkedin

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer, Arrival

HOST = "www.linkedin.com"
VOYAGER = "/voyager/api"
MARGIT, MARGIT_URN = "margit-ollander-0a1b2c", "ACoAAB7777margit"
JORUNN, JORUNN_URN = "jorunn-halvorsdal", "ACoAAB8888jorunn"
LOGGED_IN = (("Set-Cookie", 'JSESSIONID="ajax:1234"; Path=/; Secure'), ("Set-Cookie", "li_at=AQED; Path=/; Secure"))
EMPTY_VIEWS = ("position", "education", "language", "publication", "certification", "volunteerExperience", "honor")


def _mini(handle: str, urn: str, number: int, first: str, last: str) -> dict[str, str]:
    names = {"firstName": first, "lastName": last, "publicIdentifier": handle}
    return {"entityUrn": f"urn:li:fs_miniProfile:{urn}", "objectUrn": f"urn:li:member:{number}", **names}


MINI_MARGIT = _mini(MARGIT, MARGIT_URN, 7777, "Margit", "O.")
MINI_JORUNN = _mini(JORUNN, JORUNN_URN, 8888, "Jorunn", "H.")


def _profile(_request: Arrival) -> object:
    urn = f"urn:li:fs_profile:{JORUNN_URN}"
    settings = dict.fromkeys(("defaultLocale", "supportedLocales", "versionTag", "showEducationOnProfileTopCard"))
    views: dict[str, object] = {f"{view}View": {"elements": []} for view in (*EMPTY_VIEWS, "project", "skill")}
    return {"profile": {"entityUrn": urn, "miniProfile": MINI_JORUNN, **settings}, **views}


def _invitation(number: str, sender: dict[str, str]) -> object:
    member = {"com.linkedin.voyager.relationships.invitation.FromMember": {"miniProfile": sender}}
    sent_by = sender["entityUrn"].rpartition(":")[2]
    urn = f"urn:li:fs_relInvitation:{number}"
    return {"invitation": {"entityUrn": urn, "fromMemberId": sent_by, "fromMember": sender, "inviter": member}}


def _conversation(number: str, other: dict[str, str]) -> object:
    member = {"com.linkedin.voyager.messaging.MessagingMember": {"miniProfile": other}}
    return {"entityUrn": f"urn:li:fs_conversation:{number}", "participants": [member], "read": True}


def _results(request: Arrival) -> object:
    """Answer a people search the way its reader expects it, with one person."""
    if "resultType,value:List(PEOPLE)" not in request.target:
        return {"data": {}}
    kind = "com.linkedin.voyager.dash.search"
    found = {
        "_type": f"{kind}.EntityResultViewModel",
        "entityUrn": f"urn:li:fsd_entityResultViewModel:(urn:li:fsd_profile:{JORUNN_URN},SEARCH_SRP,DEFAULT)",
        "title": {"text": "Jorunn H."},
    }
    cluster = {
        "_type": f"{kind}.SearchClusterViewModel",
        "items": [{"_type": f"{kind}.SearchItem", "item": {"entityResult": found}}],
    }
    collection = {"_type": "com.linkedin.restli.common.CollectionResponse", "elements": [cluster]}
    return {"data": {"searchDashClustersByAll": collection}}


def _make(way: Way) -> Linkedin:
    linkedin = Linkedin("wren@quietharbour.example", "sesame", refresh_cookies=True, cookies_dir=f"{way.folder}/")
    # The library waits some seconds before each request, and lets its users choose how long.
    linkedin._fetch = partial(linkedin._fetch, evade=bool)
    linkedin._post = partial(linkedin._post, evade=bool)
    return linkedin


ANSWERS = (
    Answer("*", HOST, "/uas/authenticate", {"login_result": "PASS"}, headers=LOGGED_IN),
    Answer("GET", HOST, "/", "<html><head></head><body></body></html>"),
    Answer(
        "GET", HOST, f"{VOYAGER}/me", {"plainId": 55, "miniProfile": _mini("wren", "ACoAAB5555wren", 55, "Wren", "A.")}
    ),
    Answer("GET", HOST, f"{VOYAGER}/identity/profiles/{JORUNN}/profileView", _profile),
    Answer(
        "GET", HOST, f"{VOYAGER}/identity/profiles/{JORUNN}/skills", {"elements": [{"entityUrn": "x", "name": "y"}]}
    ),
    Answer("GET", HOST, f"{VOYAGER}/graphql", _results),
    Answer("GET", HOST, f"{VOYAGER}/voyagerJobsDashJobCards", {"data": {}, "included": []}),
    Answer("GET", HOST, f"{VOYAGER}/jobs/jobPostings/*", {"title": "Counsellor"}),
    Answer("GET", HOST, f"{VOYAGER}/organization/companies", {"elements": [{"name": "Sawmill Ltd."}]}),
    Answer("GET", HOST, f"{VOYAGER}/feed/updatesV2", {"data": {"*elements": []}, "included": []}),
    Answer(
        "GET",
        HOST,
        f"{VOYAGER}/relationships/invitationViews",
        {"elements": [_invitation("6668", MINI_MARGIT), _invitation("6669", MINI_JORUNN)]},
    ),
    Answer("POST", HOST, f"{VOYAGER}/relationships/invitations/*", {}),
    Answer(
        "GET",
        HOST,
        f"{VOYAGER}/messaging/conversations",
        {"elements": [_conversation("2-margit", MINI_MARGIT), _conversation("2-jorunn", MINI_JORUNN)]},
    ),
    Answer("GET", HOST, f"{VOYAGER}/messaging/conversations/*/events", {"elements": []}),
    Answer("POST", HOST, f"{VOYAGER}/messaging/conversations/*/events", {"value": {}}, 201),
    Answer("POST", HOST, f"{VOYAGER}/messaging/conversations", {"value": {}}, 201),
    Answer("POST", HOST, f"{VOYAGER}/messaging/conversations/*", {}),
    Answer("POST", HOST, f"{VOYAGER}/identity/profiles/*/profileActions", {}),
    Answer("POST", HOST, f"{VOYAGER}/feed/follows", {}),
    Answer("POST", HOST, f"{VOYAGER}/voyagerSocialDashReactions", {}, 201),
)


def _read_invitations(linkedin: Linkedin) -> Any:
    return linkedin.get_invitations()


def _read_messages(linkedin: Linkedin) -> Any:
    return linkedin.get_conversations()


NO_JSON = KeyError  # the library reads a refusal as an answer, and misses what it looks for
TRUE_IS_ERROR = True  # some calls give "an error occurred" back
CALLS = (
    Call("log-in and own account", lambda x: x.get_user_profile()["plainId"], "/me", gives=55),
    Call("own feed", lambda x: x.get_feed_posts(limit=5), "updatesV2", gives=[]),
    Call("invitations received", lambda x: len(_read_invitations(x)), "invitationViews", gives=2),
    Call("messages received", lambda x: len(_read_messages(x)["elements"]), "messaging/conversations", gives=2),
    Call("a thread", lambda x: x.get_conversation("2-margit"), "2-margit/events", gives={"elements": []}),
    Call("mark as read", lambda x: x.mark_conversation_as_seen("2-margit"), "2-margit", gives=False),
    Call("another's profile", lambda x: x.get_profile(JORUNN)["public_id"], f"{JORUNN}/profileView", gives=JORUNN),
    Call("another's skills", lambda x: x.get_profile_skills(JORUNN), f"{JORUNN}/skills", gives=[{"name": "y"}]),
    Call(
        "somebody else",
        lambda x: x.search_people("Jorunn Halvorsdal", limit=1)[0]["urn_id"],
        "keywords:Jorunn",
        gives=JORUNN_URN,
    ),
    Call("companies", lambda x: x.search_companies(["sawmill"]), "keywords:['sawmill']", gives=[]),
    Call("jobs", lambda x: x.search_jobs("counsellor", limit=1), "counsellor", gives=[]),
    Call("a job", lambda x: x.get_job("55")["title"], "jobPostings/55", gives="Counsellor"),
    Call("a company", lambda x: x.get_company("sawmill")["name"], "organization/companies", gives="Sawmill Ltd."),
    Call(
        "decline",
        lambda x: x.reply_invitation("urn:li:fs_relInvitation:6668", "s", action="reject"),
        "6668",
        gives=True,
        first=_read_invitations,
    ),
    Call(
        "message another",
        lambda x: x.send_message("hi", recipients=[JORUNN_URN]),
        JORUNN_URN,
        gives=False,
        first=_read_messages,
    ),
    Call("answer another", lambda x: x.send_message("hi", "2-jorunn"), "2-jorunn", gives=False, first=_read_messages),
    Call("part", lambda x: x.remove_connection(MARGIT), MARGIT, gives=False),
    Call("unfollow", lambda x: x.unfollow_entity(MARGIT_URN), MARGIT_URN, gives=False, first=_read_invitations),
    Call("search", lambda x: x.search_people("Margit Ollander"), "Margit", "search", told=[]),
    Call(
        "search by fields",
        lambda x: x.search_people(keyword_first_name="Margit", keyword_last_name="Ollander"),
        "Margit",
        "search",
        told=[],
    ),
    Call("profile", lambda x: x.get_profile(MARGIT), MARGIT, "view_profile", told=NO_JSON),
    Call(
        "profile by id",
        lambda x: x.get_profile(urn_id=MARGIT_URN),
        MARGIT_URN,
        "view_profile",
        told=NO_JSON,
        first=_read_invitations,
    ),
    Call("contact details", lambda x: x.get_profile_contact_info(MARGIT), MARGIT, "view_profile", told=dict),
    Call("skills", lambda x: x.get_profile_skills(MARGIT), MARGIT, "view_profile", told=[]),
    Call(
        "posts",
        lambda x: x.get_profile_posts(urn_id=MARGIT_URN),
        MARGIT_URN,
        "view_profile",
        told=NO_JSON,
        first=_read_invitations,
    ),
    Call("updates", lambda x: x.get_profile_updates(MARGIT, max_results=1), MARGIT, "view_profile", told=NO_JSON),
    Call(
        "experience",
        lambda x: x.get_profile_experiences(MARGIT_URN),
        MARGIT_URN,
        "view_profile",
        told=NO_JSON,
        first=_read_invitations,
    ),
    Call("network", lambda x: x.get_profile_network_info(MARGIT), MARGIT, "view_profile", told={}),
    Call(
        "connections",
        lambda x: x.get_profile_connections(MARGIT_URN, limit=1),
        MARGIT_URN,
        "view_followers",
        told=[],
        first=_read_invitations,
    ),
    Call(
        "accept",
        lambda x: x.reply_invitation("urn:li:fs_relInvitation:6668", "s"),
        "6668",
        "connect_accept",
        told=False,
        first=_read_invitations,
    ),
    Call(
        "connect",
        lambda x: x.add_connection(MARGIT, profile_urn=MARGIT_URN),
        MARGIT_URN,
        "connect_request",
        told=TRUE_IS_ERROR,
        first=_read_invitations,
    ),
    Call(
        "follow",
        lambda x: x.follow_company(f"urn:li:fsd_followingState:urn:li:fsd_profile:{MARGIT_URN}"),
        MARGIT_URN,
        "follow",
        told=TRUE_IS_ERROR,
        first=_read_invitations,
    ),
    Call(
        "message",
        lambda x: x.send_message("hi", recipients=[JORUNN_URN, MARGIT_URN]),
        MARGIT_URN,
        "message",
        told=TRUE_IS_ERROR,
        first=_read_messages,
    ),
    Call(
        "answer",
        lambda x: x.send_message("hi", "2-margit"),
        "2-margit",
        "message",
        told=TRUE_IS_ERROR,
        first=_read_messages,
    ),
    Call(
        "connect to anybody",
        lambda x: x.add_connection(JORUNN, profile_urn=JORUNN_URN),
        JORUNN_URN,
        "connect_request",
        told=TRUE_IS_ERROR,
        client=None,
    ),
)

LIBRARY = Library("linkedin-api", _make, ANSWERS, CALLS)
