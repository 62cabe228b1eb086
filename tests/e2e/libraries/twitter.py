"""tweepy: X's API v2 and v1.1, with the keys of a person's own account (145)."""

from __future__ import annotations

from typing import Any

import tweepy

from tests.e2e.libraries.call import Call, Library, Way
from tests.e2e.upstream import Answer, Arrival

CLINIC = "1450098877665544321"
API = "api.twitter.com"
MARGIT = {"id": "777", "name": "Margit O.", "username": "margit_o"}
JORUNN = {"id": "888", "name": "Jorunn H.", "username": "jorunn_h"}
TIMELINE = {
    "data": [
        {"id": "9001", "text": "Bread day", "author_id": "777", "edit_history_tweet_ids": ["9001"]},
        {"id": "9002", "text": "Rain again", "author_id": "888", "edit_history_tweet_ids": ["9002"]},
    ],
    "includes": {"users": [MARGIT, JORUNN]},
    "meta": {"result_count": 2},
}
FOUND = {"data": [{"id": "9003", "text": "A loaf", "edit_history_tweet_ids": ["9003"]}], "meta": {"result_count": 1}}
STATUS = {"id": 9009, "id_str": "9009", "text": "hello", "user": {"id": 145, "screen_name": "wren"}}


def _make(_way: Way) -> Any:
    """Make the client for v2, with that for v1.1 beside it, as a script holds both."""
    client = tweepy.Client("bearer", "key", "secret", "145-token", "token-secret")
    client.old = tweepy.API(tweepy.OAuth1UserHandler("key", "secret", "145-token", "token-secret"))
    return client


def _read_timeline(x: tweepy.Client) -> Any:
    return x.get_home_timeline(expansions=["author_id"], user_fields=["username"])


def _who(request: Arrival) -> object:
    return {"data": JORUNN if "jorunn" in request.target or "888" in request.target else MARGIT}


ANSWERS = (
    Answer("GET", API, "/2/users/me", {"data": {"id": "145", "name": "Wren", "username": "wren"}}),
    Answer("GET", API, "/2/users/145/timelines/reverse_chronological", TIMELINE),
    Answer("GET", API, "/2/users/145/tweets", FOUND),
    Answer("GET", API, "/2/users/145/followers", {"data": [JORUNN], "meta": {}}),
    Answer("GET", API, "/2/tweets/search/recent", FOUND),
    Answer("GET", API, "/2/dm_events", {"data": [{"id": "1", "event_type": "MessageCreate"}], "meta": {}}),
    Answer("POST", API, "/2/tweets", {"data": {"id": "9009", "text": "hello"}}, 201),
    Answer("POST", API, "/2/users/145/following", {"data": {"following": True, "pending_follow": False}}),
    Answer("DELETE", API, "/2/users/145/following/777", {"data": {"following": False}}),
    Answer("POST", API, "/2/users/145/likes", {"data": {"liked": True}}),
    Answer("DELETE", API, "/2/users/145/likes/9001", {"data": {"liked": False}}),
    Answer("POST", API, "/2/users/145/bookmarks", {"data": {"bookmarked": True}}),
    Answer("POST", API, "/2/dm_conversations/with/888/messages", {"data": {"dm_event_id": "5"}}, 201),
    Answer("GET", API, "/2/users/by/username/*", _who),
    Answer("GET", API, "/2/users/*", _who),
    Answer("GET", API, "/1.1/account/verify_credentials.json", {"id": 145, "screen_name": "wren"}),
    Answer("GET", API, "/1.1/account/settings.json", {"screen_name": "wren", "language": "en"}),
    Answer("GET", API, "/1.1/application/rate_limit_status.json", {"resources": {"search": {}}}),
    Answer("GET", API, "/1.1/statuses/home_timeline.json", [STATUS]),
    Answer("POST", API, "/1.1/statuses/update.json", STATUS),
    Answer("GET", API, "/1.1/search/tweets.json", {"statuses": [STATUS], "search_metadata": {}}),
    Answer("GET", API, "/1.1/users/show.json", {"id": 888, "screen_name": "jorunn_h"}),
    Answer("POST", API, "/1.1/friendships/*.json", {"id": 888, "screen_name": "jorunn_h"}),
)

NO = tweepy.Forbidden
CALLS = (
    Call("own account", lambda x: x.get_me().data.username, "/2/users/me", gives="wren"),
    Call("own timeline", lambda x: len(_read_timeline(x).data), "/timelines/reverse_chronological", gives=2),
    Call("own posts", lambda x: x.get_users_tweets(145, user_auth=True).data[0].id, "/2/users/145/tweets", gives=9003),
    Call("own followers", lambda x: len(x.get_users_followers(145).data), "/2/users/145/followers", gives=1),
    Call("messages received", lambda x: len(x.get_dm_events().data), "/2/dm_events", gives=1),
    Call("a topic", lambda x: x.search_recent_tweets("sourdough").data[0].id, "query=sourdough", gives=9003),
    Call("somebody else", lambda x: len(x.search_recent_tweets("Jorunn Halvorsdal").data), "Jorunn", gives=1),
    Call("another's profile", lambda x: x.get_user(username="jorunn_h").data.id, "/username/jorunn_h", gives=888),
    Call("another's profile by id", lambda x: x.get_user(id=888).data.username, "/2/users/888", gives="jorunn_h"),
    Call("a post", lambda x: x.create_tweet(text="hello").data["id"], "/2/tweets", gives="9009"),
    Call(
        "an answer to another",
        lambda x: x.create_tweet(text="so wet", in_reply_to_tweet_id=9002).data["id"],
        "9002",
        first=_read_timeline,
        gives="9009",
    ),
    Call("follow another", lambda x: x.follow_user(888).data["following"], "888", first=_read_timeline, gives=True),
    Call("unfollow", lambda x: x.unfollow_user(777).data["following"], "777", first=_read_timeline, gives=False),
    Call("like another's post", lambda x: x.like(9002).data["liked"], "9002", first=_read_timeline, gives=True),
    Call("unlike", lambda x: x.unlike(9001).data["liked"], "9001", first=_read_timeline, gives=False),
    Call("bookmark", lambda x: x.bookmark(9001).data["bookmarked"], "bookmarks", first=_read_timeline, gives=True),
    Call(
        "message another",
        lambda x: x.create_direct_message(participant_id=888, text="hi").data["dm_event_id"],
        "with/888",
        first=_read_timeline,
        gives="5",
    ),
    Call("v1 own account", lambda x: x.old.verify_credentials().screen_name, "verify_credentials", gives="wren"),
    Call("v1 settings", lambda x: x.old.get_settings()["language"], "account/settings", gives="en"),
    Call("v1 rate limits", lambda x: list(x.old.rate_limit_status()["resources"]), "rate_limit", gives=["search"]),
    Call("v1 timeline", lambda x: x.old.home_timeline()[0].id, "home_timeline", gives=9009),
    Call("v1 a post", lambda x: x.old.update_status("hello").id, "statuses/update", gives=9009),
    Call("v1 a topic", lambda x: x.old.search_tweets("sourdough")[0].id, "q=sourdough", gives=9009),
    Call("v1 another's profile", lambda x: x.old.get_user(screen_name="jorunn_h").id, "jorunn_h", gives=888),
    Call("v1 follow another", lambda x: x.old.create_friendship(screen_name="jorunn_h").id, "jorunn_h", gives=888),
    Call("v1 unfollow", lambda x: x.old.destroy_friendship(screen_name="margit_o").id, "destroy", gives=888),
    Call("search", lambda x: x.search_recent_tweets("Margit Ollander"), "Margit", "search", told=NO),
    Call("search from", lambda x: x.search_recent_tweets("from:margit_o"), "margit_o", "search", told=NO),
    Call("search all", lambda x: x.search_all_tweets('"Ollander, Margit"'), "Margit", "search", told=NO),
    Call("count", lambda x: x.get_recent_tweets_count("Margit Ollander"), "Margit", "search", told=NO),
    Call("search spaces", lambda x: x.search_spaces("Margit Ollander"), "Margit", "search", told=NO),
    Call("profile", lambda x: x.get_user(username="margit_o"), "margit_o", "view_profile", told=NO),
    Call("profiles", lambda x: x.get_users(usernames=["jorunn_h", "Margit_O"]), "Margit_O", "view_profile", told=NO),
    Call("profile by id", lambda x: x.get_user(id=777), "777", "view_profile", told=NO, first=_read_timeline),
    Call("posts", lambda x: x.get_users_tweets(777), "777", "view_profile", told=NO, first=_read_timeline),
    Call("liked posts", lambda x: x.get_liked_tweets(777), "777", "view_profile", told=NO, first=_read_timeline),
    Call(
        "whom they follow",
        lambda x: x.get_users_following(777),
        "777/following",
        "view_profile",
        told=NO,
        first=_read_timeline,
    ),
    Call(
        "who follows them", lambda x: x.get_users_followers(777), "777", "view_followers", told=NO, first=_read_timeline
    ),
    Call("clinic's followers", lambda x: x.get_users_followers(CLINIC), CLINIC, "view_followers", told=NO, client=None),
    Call("follow", lambda x: x.follow_user(777), "777", "follow", told=NO, first=_read_timeline),
    Call("like", lambda x: x.like(9001), "9001", "react", told=NO, first=_read_timeline),
    Call("retweet", lambda x: x.retweet(9001), "9001", "react", told=NO, first=_read_timeline),
    Call(
        "reply",
        lambda x: x.create_tweet(text="yum", in_reply_to_tweet_id=9001),
        "9001",
        "comment",
        told=NO,
        first=_read_timeline,
    ),
    Call(
        "quote",
        lambda x: x.create_tweet(text="yum", quote_tweet_id=9001),
        "9001",
        "comment",
        told=NO,
        first=_read_timeline,
    ),
    Call(
        "message",
        lambda x: x.create_direct_message(participant_id=777, text="hi"),
        "777",
        "message",
        told=NO,
        first=_read_timeline,
    ),
    Call(
        "message several",
        lambda x: x.create_direct_message_conversation(text="hi", participant_ids=["888", "777"]),
        "777",
        "message",
        told=NO,
        first=_read_timeline,
    ),
    Call("v1 search", lambda x: x.old.search_tweets("Margit Ollander"), "Margit", "search", told=NO),
    Call("v1 search people", lambda x: x.old.search_users("Margit Ollander"), "Margit", "search", told=NO),
    Call("v1 profile", lambda x: x.old.get_user(screen_name="margit_o"), "margit_o", "view_profile", told=NO),
    Call("v1 posts", lambda x: x.old.user_timeline(screen_name="@Margit_O"), "Margit_O", "view_profile", told=NO),
    Call("v1 follow", lambda x: x.old.create_friendship(screen_name="margit_o"), "margit_o", "follow", told=NO),
    Call(
        "v1 followers",
        lambda x: x.old.get_followers(screen_name="quietharbour"),
        "quietharbour",
        "view_followers",
        told=NO,
        client=None,
    ),
    Call("v1 message", lambda x: x.old.send_direct_message(777, "hi"), "777", "message", told=NO, first=_read_timeline),
    Call("v1 like", lambda x: x.old.create_favorite(9001), "9001", "react", told=NO, first=_read_timeline),
)

LIBRARY = Library("tweepy", _make, ANSWERS, CALLS)
