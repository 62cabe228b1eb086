"""The shapes in which the sites answer: what teaches identities, and what suggests names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from guardrail.practice.people import MARGIT

if TYPE_CHECKING:
    from tests.practice.conftest import Practice

FORM = "application/x-www-form-urlencoded"
GUEST = MARGIT


def _graphql(practice: Practice, name: str, variables: object) -> Any:
    body = urlencode({"fb_api_req_friendly_name": name, "variables": json.dumps(variables)})
    return practice.ask("www.facebook.com", "/api/graphql/", body, content_type=FORM).json()["data"]


def test_facebook_header_names_the_person(practice: Practice) -> None:
    """The profile header's answer carries id, name and address together."""
    data = _graphql(practice, "ProfileCometHeaderQuery", {"userID": GUEST.facebook_id})
    user = data["user"]["profile_header_renderer"]["user"]
    assert (user["id"], user["name"]) == (GUEST.facebook_id, GUEST.name)
    assert user["url"].endswith(f"/{GUEST.facebook}")


def test_facebook_suggests_and_finds(practice: Practice) -> None:
    """Suggestions and results name whoever's name begins so."""
    query = {"query": {"query_text": '["marg"]'}}
    (edge,) = _graphql(practice, "CometSearchKeywordDataSourceQuery", query)["search_keywords_suggestion"][
        "suggestions"
    ]["edges"]
    assert edge["node"]["structured_info"]["direct_nav_result"]["title"] == GUEST.name
    found = _graphql(practice, "SearchCometResultsInitialResultsQuery", {"args": {"text": GUEST.name}})
    profile = found["serpResponse"]["results"]["edges"][0]["rendering_strategy"]["view_model"]["profile"]
    assert profile["id"] == GUEST.facebook_id


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (f"/{GUEST.facebook}", GUEST.name),
        (f"/profile.php?id={GUEST.facebook_id}", GUEST.name),
        ("/search/top/?q=Margit", "Search results"),
        ("/nobody.at.all", "Home"),
    ],
)
def test_facebook_route_definitions_carry_the_view(practice: Practice, path: str, title: str) -> None:
    """Single-page navigation asks for a route and gets the view that belongs there."""
    answer = practice.ask("www.facebook.com", "/ajax/route-definition/", f"route_url={quote(path)}", content_type=FORM)
    assert answer.json()["payload"]["result"]["practice"]["title"] == title


def test_instagram_teaches_by_rest_and_graphql(practice: Practice) -> None:
    """Profile info, profile content and lists all carry id, user name and full name."""
    host = "www.instagram.com"
    info = practice.ask(host, f"/api/v1/users/web_profile_info/?username={GUEST.instagram}").json()["data"]["user"]
    body = urlencode({"variables": json.dumps({"id": GUEST.instagram_id})})
    content = practice.ask(host, "/graphql/query", body, content_type=FORM).json()["data"]["user"]
    listed = practice.ask(host, "/api/v1/friendships/58099887766/followers/").json()["users"][0]
    for user in (info, content, listed):
        assert (user["id"], user["username"], user["full_name"]) == (GUEST.instagram_id, GUEST.instagram, GUEST.name)


def test_linkedin_invitations_teach_who_stands_behind_a_number(practice: Practice) -> None:
    """The list of invitations ties each invitation's number to its sender."""
    included = practice.ask("www.linkedin.com", "/voyager/api/relationships/invitationViews").json()["included"]
    invitation = next(one for one in included if one.get("mailboxItemId", "").endswith(GUEST.linkedin_invitation))
    sender = next(one for one in included if one["entityUrn"] == invitation["*fromMember"])
    assert (sender["firstName"], sender["lastName"]) == (GUEST.given, GUEST.family)


def test_linkedin_typeahead_reads_the_tuple(practice: Practice) -> None:
    """The typed text is read out of Rest.li's tuple."""
    answer = practice.ask("www.linkedin.com", "/voyager/api/graphql?variables=(query:margit%20o)&queryId=x.1").json()
    assert answer["included"][0]["publicIdentifier"] == GUEST.linkedin


def test_x_profiles_and_timelines_carry_users(practice: Practice) -> None:
    """A profile and a list of followers carry rest_id, name and screen name."""
    variables = quote(json.dumps({"screen_name": GUEST.x}))
    answer = practice.ask("x.com", f"/i/api/graphql/a/UserByScreenName?variables={variables}").json()
    result = answer["data"]["user"]["result"]
    assert (result["rest_id"], result["core"]["name"]) == (GUEST.x_id, GUEST.name)
    assert practice.ask("x.com", "/i/api/graphql/a/Followers?variables=%7B%7D").status == 200
    assert "fetch" in practice.ask("x.com", "/sw.js").text


@pytest.mark.parametrize("host", ["www.google.com", "suggestqueries.google.com"])
def test_google_suggests(practice: Practice, host: str) -> None:
    """The suggestion service completes a name."""
    answer = practice.ask(host, "/complete/search?client=chrome&q=margit%20o").json()
    assert answer[1] == [GUEST.name.lower()]


def test_startpage_searches_by_post(practice: Practice) -> None:
    """The words stand in the body; a GET of that address has none and shows the start page."""
    answer = practice.ask("www.startpage.com", "/sp/search", "query=Margit+Ollander&cat=web", content_type=FORM)
    assert "Results for Margit Ollander" in answer.text
    assert "Welcome" in practice.ask("www.startpage.com", "/sp/search").text


def test_trustpilot_answers_the_preflight_of_its_own_page_only(practice: Practice) -> None:
    """Another host takes the business app's requests after a preflight; other pages get no leave."""
    path = "/v1/private/reviews/66aa/reply"
    ask = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    good = practice.ask(
        "api.trustpilot.com", path, method="OPTIONS", origin="https://businessapp.b2b.trustpilot.com", **ask
    )
    assert (good.status, good.headers["access-control-allow-credentials"]) == (200, "true")
    assert (
        practice.ask("api.trustpilot.com", path, method="OPTIONS", origin="https://evil.example", **ask).status == 400
    )


def test_a_flushed_page_waits_for_its_gate(practice: Practice) -> None:
    """With a gate the rest of the page follows only when the gate is opened, before or after it is asked for."""
    assert practice.ask("www.facebook.com", "/practice/open?gate=early", "").status == 204
    assert practice.ask("www.facebook.com", "/?practice_gate=early").text.rstrip().endswith("</html>")
