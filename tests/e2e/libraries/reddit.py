"""praw: Reddit's OAuth API, as a script of a person's own account (wren)."""

from __future__ import annotations

from typing import Any

from praw import Reddit
from prawcore.exceptions import Forbidden

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer

HOST = "oauth.reddit.com"
TOKEN = {"access_token": "token", "expires_in": 3600, "scope": "*", "token_type": "bearer"}


def _thing(kind: str, number: str, author: str, author_number: str) -> dict[str, object]:
    text = {"title": "Rye", "body": "Bread", "subreddit": "baking", "permalink": f"/r/baking/comments/{number}/rye/"}
    by = {"author": author, "author_fullname": f"t2_{author_number}"}
    return {"kind": kind, "data": {"id": number, "name": f"{kind}_{number}", **by, **text}}


def _listing(*things: object) -> dict[str, object]:
    return {"kind": "Listing", "data": {"children": list(things), "after": None, "before": None}}


FRONT = _listing(_thing("t3", "p777", "margit_o", "777"), _thing("t3", "p888", "jorunn_h", "888"))


def _make(_way: Way) -> Reddit:
    return Reddit(
        client_id="script",
        client_secret="secret",
        username="wren",
        password="sesame",
        user_agent="practice",
        check_for_updates="false",
    )


def _read_front(reddit: Reddit) -> Any:
    return [post.id for post in reddit.front.hot(limit=2)]


ANSWERS = (
    Answer("POST", "www.reddit.com", "/api/v1/access_token", TOKEN),
    Answer("GET", HOST, "/api/v1/me", {"name": "wren", "id": "145"}),
    Answer("GET", HOST, "/hot", FRONT),
    Answer("GET", HOST, "/message/inbox/", _listing()),
    Answer("GET", HOST, "/r/all/search/", FRONT),
    Answer("GET", HOST, "/user/jorunn_h/about/", {"kind": "t2", "data": {"name": "jorunn_h", "link_karma": 5}}),
    Answer("PUT", HOST, "/api/v1/me/friends/*", {"name": "jorunn_h"}),
    *(Answer("*", HOST, path, {"json": {"errors": [], "data": {"things": []}}}) for path in ("/api/*", "/api/v1/*")),
)

NO = Forbidden
CALLS = (
    Call("log-in and own account", lambda x: x.user.me().name, "/api/v1/me", gives="wren"),
    Call("own front page", _read_front, "/hot", gives=["p777", "p888"]),
    Call("messages received", lambda x: list(x.inbox.all(limit=2)), "/message/inbox", gives=[]),
    Call("a topic", lambda x: len(list(x.subreddit("all").search("rye", limit=2))), "q=rye", gives=2),
    Call(
        "somebody else", lambda x: len(list(x.subreddit("all").search("Jorunn Halvorsdal", limit=2))), "Jorunn", gives=2
    ),
    Call("another's profile", lambda x: x.redditor("jorunn_h").link_karma, "jorunn_h/about", gives=5),
    Call("befriend another", lambda x: x.redditor("jorunn_h").friend(), "friends/jorunn_h"),
    Call("message another", lambda x: x.redditor("jorunn_h").message(subject="rye", message="hi"), "to=jorunn_h"),
    Call("vote for another's post", lambda x: x.submission("p888").upvote(), "t3_p888", first=_read_front),
    Call("save", lambda x: x.submission("p777").save(), "api/save", first=_read_front),
    Call("block", lambda x: x.redditor("margit_o").block(), "margit_o"),
    Call("unfriend", lambda x: x.redditor("margit_o").unfriend(), "margit_o"),
    Call("join", lambda x: x.subreddit("baking").subscribe(), "sr_name=baking"),
    Call("search", lambda x: list(x.subreddit("all").search("Margit Ollander", limit=2)), "Margit", "search", told=NO),
    Call("search people", lambda x: list(x.redditors.search("margit_o", limit=2)), "margit_o", "search", told=NO),
    Call("profile", lambda x: x.redditor("margit_o").link_karma, "margit_o", "view_profile", told=NO),
    Call("posts", lambda x: list(x.redditor("margit_o").submissions.new(limit=2)), "margit_o", "view_profile", told=NO),
    Call("befriend", lambda x: x.redditor("Margit_O").friend(), "Margit_O", "follow", told=NO),
    Call(
        "message", lambda x: x.redditor("margit_o").message(subject="rye", message="hi"), "margit_o", "message", told=NO
    ),
    Call("vote", lambda x: x.submission("p777").upvote(), "t3_p777", "react", told=NO, first=_read_front),
    Call("reply", lambda x: x.submission("p777").reply("hi"), "t3_p777", "comment", told=NO, first=_read_front),
)

LIBRARY = Library("praw", _make, ANSWERS, CALLS)
