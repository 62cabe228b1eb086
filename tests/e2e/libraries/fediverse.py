"""Mastodon.py: the API of a Mastodon server, with a person's own token."""

from __future__ import annotations

from typing import Any

from mastodon import Mastodon
from mastodon.errors import MastodonAPIError

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer

HOST = "mastodon.social"


def _account(number: str, name: str) -> dict[str, str]:
    return {"id": number, "username": name, "acct": name, "display_name": name, "url": f"https://{HOST}/@{name}"}


def _status(number: str, account: dict[str, str]) -> dict[str, object]:
    return {
        "id": number,
        "uri": f"https://{HOST}/x",
        "content": "<p>Rye</p>",
        "account": account,
        "visibility": "public",
    }


MARGIT, JORUNN, OWN = _account("777", "margit_o"), _account("888", "jorunn_h"), _account("145", "wren")
HOME = [_status("9001", MARGIT), _status("9002", JORUNN)]
FOUND = {"accounts": [JORUNN], "statuses": [], "hashtags": []}
RELATION = {"id": "888", "following": True}


def _make(_way: Way) -> Mastodon:
    return Mastodon(access_token="token", api_base_url=f"https://{HOST}", version_check_mode="none")


def _read_home(mastodon: Mastodon) -> Any:
    return [status.id for status in mastodon.timeline_home()]


ANSWERS = (
    Answer("GET", HOST, "/api/v1/accounts/verify_credentials", OWN),
    Answer("GET", HOST, "/api/v1/accounts/lookup", JORUNN),
    Answer("GET", HOST, "/api/v1/accounts/search", [JORUNN]),
    Answer("GET", HOST, "/api/v1/accounts/888", JORUNN),
    Answer("GET", HOST, "/api/v1/timelines/home", HOME),
    Answer("GET", HOST, "/api/v1/notifications", []),
    Answer("GET", HOST, "/api/v1/follow_requests", [MARGIT]),
    Answer("GET", HOST, "/api/v1/preferences", {"reading:expand:media": "default"}),
    Answer("GET", HOST, "/api/v2/search", FOUND),
    Answer("GET", HOST, "/api/v?/instance/", {"version": "4.4.0", "domain": HOST, "api_versions": {"mastodon": 6}}),
    Answer("POST", HOST, "/api/v1/statuses", _status("9009", OWN)),
    Answer("POST", HOST, "/api/v1/statuses/*", HOME[1]),
    Answer("POST", HOST, "/api/v1/accounts/*", RELATION),
    Answer("POST", HOST, "/api/v1/follow_requests/*", RELATION),
)

NO = MastodonAPIError
CALLS = (
    Call("own account", lambda x: x.me().acct, "verify_credentials", gives="wren"),
    Call("own timeline", lambda x: len(_read_home(x)), "timelines/home", gives=2),
    Call("notifications", lambda x: x.notifications(), "notifications", gives=[]),
    Call("requests received", lambda x: len(x.follow_requests()), "follow_requests", gives=1),
    Call("settings", lambda x: x.preferences()["reading:expand:media"], "preferences", gives="default"),
    Call("a topic", lambda x: len(x.search_v2("rye").accounts), "q=rye", gives=1),
    Call("somebody else", lambda x: len(x.search_v2("Jorunn Halvorsdal").accounts), "Jorunn", gives=1),
    Call("another's profile", lambda x: x.account_lookup("jorunn_h").acct, "jorunn_h", gives="jorunn_h"),
    Call("another's profile by id", lambda x: x.account("888").acct, "accounts/888", gives="jorunn_h"),
    Call("follow another", lambda x: x.account_follow("888").following, "888/follow", gives=True, first=_read_home),
    Call("like another's post", lambda x: x.status_favourite("9002").id, "9002", gives="9002", first=_read_home),
    Call("a post", lambda x: x.toot("hello").id, "status=hello", gives="9009"),
    Call("bookmark", lambda x: x.status_bookmark("9001").id, "9001/bookmark", gives="9002", first=_read_home),
    Call("unfollow", lambda x: x.account_unfollow("777").following, "777/unfollow", gives=True, first=_read_home),
    Call("mute", lambda x: x.account_mute("777").following, "777/mute", gives=True, first=_read_home),
    Call("decline", lambda x: x.follow_request_reject("777").following, "777/reject", gives=True, first=_read_home),
    Call("search", lambda x: x.search_v2("Margit Ollander"), "Margit", "search", told=NO),
    Call("search by handle", lambda x: x.search_v2("@margit_o@mastodon.social"), "margit_o", "search", told=NO),
    Call("profile", lambda x: x.account_lookup("margit_o"), "margit_o", "view_profile", told=NO),
    Call("profile by id", lambda x: x.account("777"), "777", "view_profile", told=NO, first=_read_home),
    Call("posts", lambda x: x.account_statuses("777"), "777", "view_profile", told=NO, first=_read_home),
    Call("whom they follow", lambda x: x.account_following("777"), "777", "view_profile", told=NO, first=_read_home),
    Call("who follows them", lambda x: x.account_followers("777"), "777", "view_followers", told=NO, first=_read_home),
    Call("follow", lambda x: x.account_follow("777"), "777", "follow", told=NO, first=_read_home),
    Call("accept", lambda x: x.follow_request_authorize("777"), "777", "connect_accept", told=NO, first=_read_home),
    Call("like", lambda x: x.status_favourite("9001"), "9001", "react", told=NO, first=_read_home),
    Call("boost", lambda x: x.status_reblog("9001"), "9001", "react", told=NO, first=_read_home),
    Call("reply", lambda x: x.status_post("yum", in_reply_to_id="9001"), "9001", "comment", told=NO, first=_read_home),
    Call("message", lambda x: x.status_post("@margit_o hi", visibility="direct"), "margit_o", "message", told=NO),
    Call("completion", lambda x: x.account_search("Margit Ollander"), "Margit", silenced=True, gives=[]),
)

LIBRARY = Library("Mastodon.py", _make, ANSWERS, CALLS)
