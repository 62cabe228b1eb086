"""atproto: Bluesky's API over httpx, logged in with a person's own account."""

from __future__ import annotations

from typing import Any

from atproto import Client, models
from atproto.exceptions import AtProtocolError

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer

HOST = "bsky.social"
XRPC = "/xrpc"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
# An unsigned token that is good until 2100: the library reads when it ends.
TOKEN = "eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoiY29tLmF0cHJvdG8uYWNjZXNzIn0.c2ln"
MARGIT, JORUNN, OWN = "did:plc:margit777", "did:plc:jorunn888", "did:plc:wren145"
POST = "app.bsky.feed.post"


def _profile(did: str, handle: str) -> dict[str, str]:
    return {"did": did, "handle": handle, "displayName": handle.partition(".")[0]}


def _post(did: str, handle: str) -> dict[str, object]:
    record = {"$type": POST, "text": "Rye", "createdAt": "2026-11-02T09:00:00Z"}
    uri = f"at://{did}/{POST}/3k"
    return {
        "post": {
            "uri": uri,
            "cid": CID,
            "author": _profile(did, handle),
            "record": record,
            "indexedAt": "2026-11-02T09:00:00Z",
        }
    }


TIMELINE = {"feed": [_post(MARGIT, "margit.bsky.social"), _post(JORUNN, "jorunn.bsky.social")]}
JORUNNS = _profile(JORUNN, "jorunn.bsky.social")
SESSION = {"accessJwt": TOKEN, "refreshJwt": TOKEN, "handle": "wren.bsky.social", "did": OWN}
WRITTEN = {"uri": f"at://{OWN}/{POST}/3z", "cid": CID}


def _make(_way: Way) -> Client:
    client = Client()
    client.login("wren.bsky.social", "sesame")
    return client


def _read_timeline(client: Client) -> Any:
    return len(client.get_timeline().feed)


def _uri(did: str) -> str:
    return f"at://{did}/{POST}/3k"


def _reply(client: Client, did: str) -> Any:
    post = models.ComAtprotoRepoStrongRef.Main(cid=CID, uri=_uri(did))
    return client.send_post("yum", reply_to=models.AppBskyFeedPost.ReplyRef(parent=post, root=post)).cid


def _conversation(client: Client, did: str) -> Any:
    members = models.ChatBskyConvoGetConvoForMembers.Params(members=[did])
    chat = client.with_bsky_chat_proxy()
    try:
        return chat.chat.bsky.convo.get_convo_for_members(members).convo.id
    finally:
        chat.request.close()


CONVERSATION = {"id": "3convo", "rev": "1", "members": [], "muted": False, "unreadCount": 0}
ANSWERS = (
    Answer("POST", HOST, f"{XRPC}/com.atproto.server.createSession", SESSION),
    Answer("GET", HOST, f"{XRPC}/app.bsky.actor.getProfile", JORUNNS),
    Answer("GET", HOST, f"{XRPC}/app.bsky.actor.getProfiles", {"profiles": [JORUNNS]}),
    Answer("GET", HOST, f"{XRPC}/app.bsky.feed.getTimeline", TIMELINE),
    Answer("GET", HOST, f"{XRPC}/app.bsky.feed.searchPosts", {"posts": []}),
    Answer("GET", HOST, f"{XRPC}/app.bsky.actor.searchActors", {"actors": [JORUNNS]}),
    Answer("GET", HOST, f"{XRPC}/app.bsky.notification.listNotifications", {"notifications": []}),
    Answer("GET", HOST, f"{XRPC}/chat.bsky.convo.getConvoForMembers", {"convo": CONVERSATION}),
    Answer("POST", HOST, f"{XRPC}/com.atproto.repo.createRecord", WRITTEN),
    Answer("POST", HOST, f"{XRPC}/com.atproto.repo.deleteRecord", {}),
)

NO = AtProtocolError
SEEN = _read_timeline
CALLS = (
    Call("log-in and own timeline", _read_timeline, "getTimeline", gives=2),
    Call(
        "notifications",
        lambda x: x.app.bsky.notification.list_notifications().notifications,
        "listNotifications",
        gives=[],
    ),
    Call("a topic", lambda x: x.app.bsky.feed.search_posts({"q": "rye"}).posts, "q=rye", gives=[]),
    Call(
        "somebody else",
        lambda x: len(x.app.bsky.actor.search_actors({"q": "Jorunn Halvorsdal"}).actors),
        "Jorunn",
        gives=1,
    ),
    Call("another's profile", lambda x: x.get_profile("jorunn.bsky.social").did, "actor=jorunn", gives=JORUNN),
    Call("follow another", lambda x: x.follow(JORUNN).cid, JORUNN, gives=CID),
    Call("like another's post", lambda x: x.like(_uri(JORUNN), CID).cid, JORUNN, gives=CID),
    Call("answer another", lambda x: _reply(x, JORUNN), JORUNN, gives=CID),
    Call("a post", lambda x: x.send_post("hello").cid, "hello", gives=CID),
    Call("unfollow", lambda x: x.unfollow(f"at://{OWN}/app.bsky.graph.follow/3z"), "deleteRecord", gives=True),
    Call("search", lambda x: x.app.bsky.actor.search_actors({"q": "Margit Ollander"}), "Margit", "search", told=NO),
    Call("search posts", lambda x: x.app.bsky.feed.search_posts({"q": "Margit Ollander"}), "Margit", "search", told=NO),
    Call("profile", lambda x: x.get_profile("margit.bsky.social"), "actor=margit", "view_profile", told=NO),
    Call("profile by id", lambda x: x.get_profile(MARGIT), MARGIT, "view_profile", told=NO, first=SEEN),
    Call(
        "profiles",
        lambda x: x.get_profiles(["jorunn.bsky.social", "margit.bsky.social"]),
        "actors=margit",
        "view_profile",
        told=NO,
    ),
    Call("posts", lambda x: x.get_author_feed("margit.bsky.social"), "actor=margit", "view_profile", told=NO),
    Call("whom they follow", lambda x: x.get_follows(MARGIT), MARGIT, "view_profile", told=NO, first=SEEN),
    Call("who follows them", lambda x: x.get_followers(MARGIT), MARGIT, "view_followers", told=NO, first=SEEN),
    Call("follow", lambda x: x.follow(MARGIT), MARGIT, "follow", told=NO, first=SEEN),
    Call("like", lambda x: x.like(_uri(MARGIT), CID), MARGIT, "react", told=NO, first=SEEN),
    Call("repost", lambda x: x.repost(_uri(MARGIT), CID), MARGIT, "react", told=NO, first=SEEN),
    Call("reply", lambda x: _reply(x, MARGIT), MARGIT, "comment", told=NO, first=SEEN),
    Call("message", lambda x: _conversation(x, MARGIT), MARGIT, "message", told=NO, first=SEEN),
)

LIBRARY = Library("atproto", _make, ANSWERS, CALLS, close=lambda client: client.request.close())
