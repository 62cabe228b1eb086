"""instaloader: Instagram's web and phone APIs, with the session of a person's own account (58)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from instaloader import Instaloader, Profile, TopSearchResults
from instaloader.exceptions import ConnectionException

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer, Arrival

HOST = "www.instagram.com"
CLINIC = 58099887766
FOLLOWERS, FOLLOWING = "37479f2b8209594dde7facb0d904896a", "58712303d941c6855d4e888c5f0cd22f"
TAGGED, SIMILAR = "e31a871f7301132ceaab56507a66bbb7", "ad99dd9d3646cc3c0dda65debcd266a7"
REELS = "7845543455542541"


def _user(number: str, name: str, full: str) -> dict[str, Any]:
    picture = {"is_private": False, "profile_pic_url": "https://scontent.cdninstagram.com/p.jpg"}
    return {"pk": number, "id": number, "username": name, "full_name": full, **picture}


MARGIT = _user("777", "margit.ollander", "M. O.")
JORUNN = _user("888", "jorunn.h", "J. H.")
OWN = _user("58", "wren", "Wren")


def _media(owner: dict[str, Any], number: str, code: str) -> dict[str, Any]:
    counts = {"like_count": 3, "comment_count": 0, "has_liked": False, "taken_at": 1760000000, "media_type": 1}
    return {"pk": number, "id": f"{number}_{owner['pk']}", "code": code, "user": owner, **counts}


FEED = [_media(MARGIT, "9001", "CxMargit001"), _media(JORUNN, "9002", "CxJorunn002")]


def _page(_request: Arrival) -> str:
    data = {"data": {"xig_user_by_username": JORUNN, "__typename": "x"}}
    embedded = {"require": [["RelayPrefetchedStreamCache", "next", [], ["key", {"__bbox": {"result": data}}]]]}
    return f'<html><script type="application/json">{json.dumps(embedded)}</script></html>'


def _graphql(request: Arrival) -> object:
    user: dict[str, Any] = OWN if '"id"' not in request.text() else JORUNN
    nobody = {"count": 0, "edges": [], "page_info": {"has_next_page": False, "end_cursor": None}}
    lists = {"edge_followed_by": nobody, "edge_follow": nobody, "edge_highlight_reels": nobody}
    media = {"edge_owner_to_timeline_media": nobody}
    return {"status": "ok", "data": {"user": {**user, **lists, **media}, "reels_media": []}}


def _make(_way: Way) -> Instaloader:
    loader = Instaloader(sleep=False, quiet=True, max_connection_attempts=1)
    loader.load_session("wren", {"sessionid": "58%3Aabc", "csrftoken": "token", "ds_user_id": "58"})
    return loader


def _read_feed(loader: Instaloader) -> Any:
    return list(loader.get_feed_posts())


def _ask_hash(loader: Instaloader, query_hash: str, **variables: object) -> Any:
    return loader.context.graphql_query(query_hash, variables)


def _found(loader: Instaloader, words: str) -> Iterator[Profile]:
    return TopSearchResults(loader.context, words).get_profiles()


CSRF = (("Set-Cookie", "csrftoken=token; Path=/"),)
ANSWERS = (
    Answer("GET", HOST, "/", "<html></html>", headers=CSRF),
    Answer(
        "POST",
        HOST,
        "/api/v1/web/accounts/login/ajax/",
        {"authenticated": True, "user": True, "status": "ok", "userId": "58"},
        headers=CSRF,
    ),
    Answer("GET", HOST, "/jorunn.h/", _page),
    Answer("*", HOST, "/graphql/query", _graphql),
    Answer(
        "GET", HOST, "/api/v1/feed/timeline/", {"status": "ok", "feed_items": [{"media_or_ad": one} for one in FEED]}
    ),
    Answer("GET", HOST, "/web/search/topsearch/", {"status": "ok", "users": [{"user": MARGIT}, {"user": JORUNN}]}),
    Answer("GET", HOST, "/api/v1/media/*/likers/", {"status": "ok", "users": [JORUNN]}),
    Answer("GET", "i.instagram.com", "/api/v1/users/888/info/", {"status": "ok", "user": JORUNN}),
)

NO = ConnectionException
CALLS = (
    Call("log in", lambda x: x.login("wren", "sesame"), "login/ajax"),
    Call("own session", lambda x: x.test_login(), "d6f4427fbe92d846298cf93df0b937d3", gives="wren"),
    Call("own profile", lambda x: Profile.own_profile(x.context).username, "d6f4427fbe92", gives="wren"),
    Call(
        "own feed",
        lambda x: [post.shortcode for post in _read_feed(x)],
        "feed/timeline",
        gives=["CxMargit001", "CxJorunn002"],
    ),
    Call("a topic", lambda x: [one.userid for one in _found(x, "sourdough")], "sourdough", gives=[777, 888]),
    Call("somebody else", lambda x: len(list(_found(x, "Jorunn Halvorsdal"))), "Jorunn", gives=2),
    Call("another's profile", lambda x: Profile.from_username(x.context, "jorunn.h").userid, "/jorunn.h/", gives=888),
    Call(
        "another's details",
        lambda x: x.context.get_iphone_json("api/v1/users/888/info/", {})["user"]["username"],
        "users/888",
        gives="jorunn.h",
        first=_read_feed,
    ),
    Call("another's highlights", lambda x: list(x.get_highlights(888)), "888", gives=[], first=_read_feed),
    Call("another's stories", lambda x: list(x.get_stories([888])), "888", gives=[], first=_read_feed),
    Call("profile", lambda x: Profile.from_username(x.context, "margit.ollander"), "margit", "view_profile", told=NO),
    Call(
        "profile by id",
        lambda x: Profile(x.context, {"id": 777, "username": "m"}).biography,
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call("posts", lambda x: next(islice(_found(x, "sourdough"), 1)).get_posts(), "777", "view_profile", told=NO),
    Call(
        "details",
        lambda x: x.context.get_iphone_json("api/v1/users/777/info/", {}),
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call("highlights", lambda x: list(x.get_highlights(777)), "777", "view_profile", told=NO, first=_read_feed),
    Call("stories", lambda x: list(x.get_stories([777])), "777", "view_profile", told=NO, first=_read_feed),
    Call(
        "tagged posts",
        lambda x: _ask_hash(x, TAGGED, id=777, first=12),
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call(
        "similar accounts",
        lambda x: _ask_hash(x, SIMILAR, user_id="777", include_chaining=True),
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call(
        "reels",
        lambda x: x.context.doc_id_graphql_query(REELS, {"data": {"page_size": 12, "target_user_id": "777"}}),
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call(
        "whom they follow",
        lambda x: _ask_hash(x, FOLLOWING, id="777", first=12),
        "777",
        "view_profile",
        told=NO,
        first=_read_feed,
    ),
    Call(
        "who follows them",
        lambda x: _ask_hash(x, FOLLOWERS, id="777", first=12),
        "777",
        "view_followers",
        told=NO,
        first=_read_feed,
    ),
    Call(
        "clinic's followers",
        lambda x: _ask_hash(x, FOLLOWERS, id=str(CLINIC), first=12),
        str(CLINIC),
        "view_followers",
        told=NO,
        client=None,
    ),
    Call(
        "who likes their post", lambda x: list(_read_feed(x)[0].get_likes()), "9001/likers", "view_followers", told=NO
    ),
    Call("search", lambda x: list(_found(x, "Margit Ollander")), "Margit", silenced=True, gives=[]),
    Call("search by handle", lambda x: list(_found(x, "margit.ollander")), "margit", silenced=True, gives=[]),
)

LIBRARY = Library("instaloader", _make, ANSWERS, CALLS)
